// Command migrate writes the next migration of each dialect: the SQL that takes a database from what the migrations of
// its folder make to what ent/schema says. It writes nothing where they agree.
//
//	go run ./internal/store/migrate add_wishlists
//
// The files are in goose's format and the folders carry Atlas's checksums (atlas.sum), so that a migration that was
// edited after the fact is noticed here. Migrations are replayed on empty databases: SQLite's in memory, PostgreSQL's on
// a server as tests have it (see internal/pgtest).
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"modernc.org/sqlite"

	tables "bellwether/ent/migrate"
	"bellwether/internal/pgtest"
)

func main() {
	dir := flag.String("dir", "internal/store/migrations", "folder with one folder of migrations for each dialect")
	flag.Parse()
	if err := run(context.Background(), *dir, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "migrate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, args []string) error {
	if len(args) != 1 || !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(args[0]) {
		return errors.New("one argument is needed: what the migration does, in snake case (such as add_wishlists)")
	}
	agree := true
	for _, d := range dialects() {
		err := d.diff(ctx, filepath.Join(dir, d.folder), args[0])
		switch {
		case err == nil:
			agree = false
		case !errors.Is(err, migrate.ErrNoPlan):
			return fmt.Errorf("%s: %w", d.folder, err)
		}
	}
	if agree {
		fmt.Fprintln(os.Stdout, "ent/schema and the migrations agree; nothing written")
	}
	return nil
}

// target is a database that migrations are written for.
type target struct {
	folder, dialect string
	tables          func() ([]*schema.Table, error)
	open            func(context.Context) (db *sql.DB, done func() error, err error)
}

func dialects() []target {
	return []target{
		{"postgres", dialect.Postgres, postgresTables, openPostgres},
		{"sqlite", dialect.SQLite, func() ([]*schema.Table, error) { return tables.Tables, nil }, openSQLite},
	}
}

// diff replays the migrations of a folder on an empty database and writes what is missing to a new file, or answers
// migrate.ErrNoPlan.
func (t target) diff(ctx context.Context, dir, name string) error {
	files, err := sqltool.NewGooseDir(dir)
	if err != nil {
		return fmt.Errorf("open %s: %w", dir, err)
	}
	want, err := t.tables()
	if err != nil {
		return err
	}
	db, done, err := t.open(ctx)
	if err != nil {
		return err
	}
	plan, err := schema.NewMigrate(entsql.OpenDB(t.dialect, db),
		schema.WithDir(files),
		schema.WithDropColumn(true),
		schema.WithDropIndex(true),
		schema.WithErrNoPlan(true),
		schema.WithFormatter(sqltool.GooseFormatter),
		schema.WithMigrationMode(schema.ModeReplay),
	)
	if err == nil {
		err = plan.NamedDiff(ctx, name, want...)
	}
	return errors.Join(err, done())
}

// postgresTables are the tables as PostgreSQL gets them: texts sort by code point whatever the database's locale is, as
// they do on SQLite, and JSON comes back byte for byte, which jsonb does not.
func postgresTables() ([]*schema.Table, error) {
	all, err := schema.CopyTables(tables.Tables)
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		if unlinked(t.Name) {
			t.ForeignKeys = nil
		}
		for _, c := range t.Columns {
			switch c.Type { //nolint:exhaustive // others are as ent has them
			case field.TypeString, field.TypeEnum:
				c.Type, c.SchemaType, c.Collation = field.TypeString, map[string]string{dialect.Postgres: "text"}, "C"
			case field.TypeJSON:
				c.SchemaType = map[string]string{dialect.Postgres: "json"}
			}
		}
	}
	return all, nil
}

// unlinked are the tables without foreign keys on PostgreSQL: those of the children of customers. Checking the keys takes
// longer than writing the rows, customers and products are never deleted, and tables that are distributed by customer
// cannot keep them.
func unlinked(table string) bool {
	return slices.Contains([]string{"order_lines", "orders", "refunds", "touchpoints"}, table)
}

func openSQLite(context.Context) (*sql.DB, func() error, error) {
	connector, err := sqlite.NewConnector("file::memory:?_pragma=foreign_keys(1)")
	if err != nil {
		return nil, nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1) // each connection to :memory: is a database of its own
	return db, db.Close, nil
}

func openPostgres(ctx context.Context) (*sql.DB, func() error, error) {
	server, err := pgtest.Start(ctx)
	if err != nil {
		return nil, nil, err
	}
	dsn, err := server.Create(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, server.Close())
	}
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return nil, nil, errors.Join(err, server.Close())
	}
	return db, func() error { return errors.Join(db.Close(), server.Drop(ctx, dsn), server.Close()) }, nil
}
