package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"

	"bellwether/internal/fault"
)

// migrateSQLite brings a database up to date. The write lock is held from before the version is read until all is done, so
// that of several processes starting at once one migrates and the others find it done; a process that dies leaves
// either the old schema or the new one.
func migrateSQLite(ctx context.Context, path string) error {
	c, err := connector(path, migrateMode)
	if err != nil {
		return err
	}
	db := sql.OpenDB(nesting{c})
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := checkWritable(ctx, db, path); err != nil {
		return err
	}
	provider, err := newProvider(goose.DialectSQLite3, db)
	if err != nil {
		return err
	}
	have, err := schemaVersion(ctx, db, path)
	if err != nil {
		return err
	}
	want := latest(provider)
	if have >= want {
		return refuseNewer(path, have, want) // without waiting for a writer
	}
	if err := underLock(ctx, db, func() error { _, err := provider.Up(ctx); return err }); err != nil {
		return fmt.Errorf("migrate %s from version %d to %d: %w", path, have, want, err)
	}
	return nil
}

// underLock runs a function within a transaction of the pool's only connection that holds the write lock. (goose's own
// locks are taken after it has looked at the version, and made the table for it.) Foreign keys are off while tables
// are rebuilt - with them, dropping a parent would delete its children - so they are checked at the end.
func underLock(ctx context.Context, db *sql.DB, do func() error) error {
	if _, err := db.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := do()
	var broken int
	if err == nil {
		err = db.QueryRowContext(ctx, "SELECT count(*) FROM pragma_foreign_key_check").Scan(&broken)
	}
	if err == nil && broken > 0 {
		err = fmt.Errorf("%d rows would refer to rows that are missing", broken)
	}
	if err == nil {
		_, err = db.ExecContext(ctx, "COMMIT")
		return err
	}
	_, rollback := db.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	return errors.Join(err, rollback)
}

// schemaVersion is the version of the schema a database has; 0 for an empty one.
func schemaVersion(ctx context.Context, db *sql.DB, path string) (int64, error) {
	var tables, ours int
	err := db.QueryRowContext(ctx,
		"SELECT count(*), count(*) FILTER (WHERE name = 'goose_db_version') FROM sqlite_schema WHERE type = 'table'").Scan(&tables, &ours)
	if err != nil {
		return 0, fmt.Errorf("read the schema of %s: %w", path, err)
	}
	if ours == 0 {
		if tables > 0 {
			return 0, fault.New(fault.Invalid, "%s is a database of another program (check the path, or name a new file)", path)
		}
		return 0, nil
	}
	return appliedVersion(ctx, db, path)
}

// checkWritable refuses a file that SQLite could open for reading alone: better now than with the first write.
func checkWritable(ctx context.Context, db *sql.DB, path string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		if n, ok := c.(nestingConn); ok {
			if ro, err := n.IsReadOnly("main"); err != nil || ro {
				return errors.Join(err, readOnlyFault(path))
			}
		}
		return nil
	})
}

// checkReadable refuses a database that cannot be read as it is, and finds the mode in which it can.
func checkReadable(ctx context.Context, path string, mode accessMode) (accessMode, error) {
	have, want, err := versions(ctx, path, mode)
	if err != nil && immutableIsSafe(path) {
		mode = immutable
		have, want, err = versions(ctx, path, mode)
	}
	switch {
	case err != nil:
		return mode, err
	case have > want:
		return mode, refuseNewer(path, have, want)
	}
	return mode, refuseOlder(path, have, want)
}

func versions(ctx context.Context, path string, mode accessMode) (have, want int64, err error) {
	db, err := openPool(path, mode, 1, nil)
	if err != nil {
		return 0, 0, err
	}
	defer db.Close()
	provider, err := newProvider(goose.DialectSQLite3, db)
	if err != nil {
		return 0, 0, err
	}
	have, err = schemaVersion(ctx, db, path)
	return have, latest(provider), err
}

// nesting makes connections whose transactions are savepoints, so that goose can give each file its own within the
// one that holds the lock.
type nesting struct{ driver.Connector }

// Connect opens a connection.
func (n nesting) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := connect(ctx, n.Connector)
	if err != nil {
		return nil, err
	}
	return nestingConn{conn}, nil
}

type nestingConn struct{ sqliteConn }

// BeginTx begins a savepoint.
func (c nestingConn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	_, err := c.ExecContext(ctx, "SAVEPOINT migration", nil)
	return savepoint{c}, err
}

type savepoint struct{ conn nestingConn }

// Commit keeps what was done since the savepoint.
func (s savepoint) Commit() error {
	_, err := s.conn.ExecContext(context.Background(), "RELEASE migration", nil)
	return err
}

// Rollback takes it back.
func (s savepoint) Rollback() error {
	_, err := s.conn.ExecContext(context.Background(), "ROLLBACK TO migration; RELEASE migration", nil)
	return err
}
