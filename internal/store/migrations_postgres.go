package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"

	"bellwether/internal/fault"
)

// migratePostgres brings a database up to date under a lock that all processes share: of several that start at once one
// migrates, each file in a transaction, and the others wait and find it done. A database that is only read is checked.
func migratePostgres(ctx context.Context, server postgresServer, opts Options) error {
	db := server.connector(long(), Options{ReadOnly: opts.ReadOnly}).open(2) // one holds the lock
	defer db.Close()
	provider, err := newProvider(goose.DialectPostgres, db)
	if err != nil {
		return err
	}
	have, err := postgresVersion(ctx, db, server.place)
	if err != nil {
		return err
	}
	want := latest(provider)
	if opts.ReadOnly || have >= want {
		return errors.Join(refuseNewer(server.place, have, want), refuseOlder(server.place, have, want))
	}
	lock, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer lock.Close()
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_lock("+migrateLock+")"); err != nil {
		return fmt.Errorf("wait for another process that migrates %s: %w", server.place, err)
	}
	_, err = provider.Up(ctx)
	_, unlock := lock.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock("+migrateLock+")")
	if err = errors.Join(err, unlock); err != nil {
		return fmt.Errorf("migrate %s from version %d to %d: %w", server.place, have, want, err)
	}
	return nil
}

// oldestPostgres is the oldest version of PostgreSQL that is supported, as server_version_num.
const oldestPostgres = 150000

// postgresVersion is the version of the schema a database has; 0 for an empty one.
func postgresVersion(ctx context.Context, db *sql.DB, place string) (int64, error) {
	var server, tables, ours int
	var schema sql.NullString
	err := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_schema(), count(c.oid),
		count(c.oid) FILTER (WHERE c.relname = 'goose_db_version')
		FROM (SELECT 1) one LEFT JOIN pg_class c ON c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')`).
		Scan(&server, &schema, &tables, &ours)
	switch {
	case err != nil:
		return 0, fmt.Errorf("read the schema of %s: %w", place, err)
	case server < oldestPostgres:
		return 0, fault.New(fault.Unavailable, "the server of %s is PostgreSQL %d (use PostgreSQL 15 or newer)", place, server/10000)
	case !schema.Valid:
		return 0, fault.New(fault.Invalid, "no schema of %s can be used (create the one that search_path names, or leave it out)", place)
	case ours == 0 && tables > 0:
		return 0, fault.New(fault.Invalid, "%s is a database of another program (check its name, or create an empty one for Bellwether)", place)
	case ours == 0:
		return 0, nil
	}
	return appliedVersion(ctx, db, place)
}
