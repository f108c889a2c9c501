package main

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"
)

// admin is a test's own way into a database of PostgreSQL.
type admin struct {
	t testing.TB
	*sql.DB
}

func administer(t testing.TB, dsn string) admin {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return admin{t, db}
}

func (a admin) do(statements ...string) {
	a.t.Helper()
	for _, statement := range statements {
		if _, err := a.ExecContext(a.t.Context(), statement); err != nil {
			a.t.Fatalf("%s: %v", statement, err)
		}
	}
}

// text is the one value of a query.
func (a admin) text(query string, args ...any) string {
	a.t.Helper()
	var value sql.NullString
	if err := a.QueryRowContext(a.t.Context(), query, args...).Scan(&value); err != nil {
		a.t.Fatalf("%s: %v", query, err)
	}
	return value.String
}

// hold locks a table until the function that it returns is called.
func (a admin) hold(table, mode string) (release func()) {
	a.t.Helper()
	tx, err := a.BeginTx(a.t.Context(), nil)
	if err != nil {
		a.t.Fatal(err)
	}
	if _, err := tx.ExecContext(a.t.Context(), "LOCK TABLE "+table+" IN "+mode+" MODE"); err != nil {
		a.t.Fatal(err)
	}
	return func() {
		a.t.Helper()
		if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
			a.t.Fatal(err)
		}
	}
}

const waits = ` FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND l.locktype = 'relation'
	AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.relation = $1::regclass`

// waiter is the application that waits for a table.
func (a admin) waiter(table string) (name string) {
	a.t.Helper()
	eventually(a.t, "a statement that waits for "+table, func() bool {
		name = a.text("SELECT max(a.application_name)"+waits, table)
		return name != ""
	})
	return name
}

// waiters waits until so many wait for a table, or more: a server has work of its own.
func (a admin) waiters(table string, n int) {
	a.t.Helper()
	eventually(a.t, fmt.Sprint(n, " statements that wait for ", table), func() bool {
		return a.text("SELECT count(*) >= "+fmt.Sprint(n)+waits, table) == "true"
	})
}

// alone waits until no connection of the program is left in a database: what a killed one had begun is undone.
func (a admin) alone() {
	a.t.Helper()
	eventually(a.t, "the end of a killed process's connections", func() bool {
		return a.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> ''") == "0"
	})
}
