package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"

	"bellwether/internal/fault"
)

//go:generate go run ./migrate -dir migrations change

// The migrations: a folder for each dialect, written by the command in ./migrate.
//
//go:embed migrations/sqlite/*.sql
var migrations embed.FS

// migrate brings a database up to date. The write lock is held from before the version is read until all is done, so
// that of several processes starting at once one migrates and the others find it done; a process that dies leaves
// either the old schema or the new one.
func migrate(ctx context.Context, path string) error {
	connector, err := sqlite.NewConnector(driverDSN(path, migrateMode))
	if err != nil {
		return err
	}
	db := sql.OpenDB(nesting{connector})
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := checkWritable(ctx, db, path); err != nil {
		return err
	}
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	have, err := schemaVersion(ctx, db, path)
	if err != nil {
		return err
	}
	want := latest(provider)
	if have > want {
		return newerFault(path, have, want)
	}
	if have == want {
		return nil // without waiting for a writer
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

func newProvider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
}

// latest is the version that this program knows.
func latest(p *goose.Provider) int64 {
	sources := p.ListSources()
	return sources[len(sources)-1].Version
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
	var version int64
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&version); err != nil {
		return 0, fmt.Errorf("read the version of %s: %w", path, err)
	}
	return version, nil
}

func newerFault(path string, have, want int64) error {
	return fault.New(fault.Unavailable,
		"the database %s has schema version %d, and this program knows versions up to %d (use a newer bellwether, or another database)", path, have, want)
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
		return mode, newerFault(path, have, want)
	case have < want:
		return mode, fault.New(fault.Unavailable,
			"the database %s has schema version %d, older than this program's %d (open it for writing once, such as with serve)", path, have, want)
	}
	return mode, nil
}

func versions(ctx context.Context, path string, mode accessMode) (have, want int64, err error) {
	db, err := openPool(path, mode, 1, nil)
	if err != nil {
		return 0, 0, err
	}
	defer db.Close()
	provider, err := newProvider(db)
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
