package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"bellwether/internal/fault"
)

//go:generate go run ./migrate -dir migrations change

// The migrations: a folder for each dialect, written by the command in ./migrate.
//
//go:embed migrations/*/*.sql
var migrations embed.FS

// Migration is a step of a database's schema.
type Migration struct {
	Version   int64     // the instant when it was written, as yyyymmddhhmmss
	Name      string    // what it does, such as initial
	AppliedAt time.Time // when it was applied to the database; zero: it is pending
}

// Migrations lists the migrations that this program knows, oldest first, and tells which of them a database has. It
// changes nothing; the errors are those of [Open] for reading, but that an older database is not refused.
func Migrations(ctx context.Context, dsn string) ([]Migration, error) {
	s := &Store{}
	db, err := s.openUnmigrated(ctx, dsn)
	if err != nil {
		return nil, explain(s.path, err)
	}
	defer db.Close()
	all, err := s.migrations(ctx, db)
	return all, explain(s.path, err)
}

// Migrate brings a database up to date, as [Open] does, creates it where Open would, and lists the migrations that it
// applied.
func Migrate(ctx context.Context, dsn string) ([]Migration, error) {
	var pending []Migration
	before, err := Migrations(ctx, dsn)
	if err != nil && fault.Code(err) != fault.NotFound {
		return nil, err
	}
	s, err := Open(ctx, dsn, Options{})
	if err != nil {
		return nil, err
	}
	after, err := s.migrations(ctx, s.reads)
	for i, m := range after {
		if i >= len(before) || before[i].AppliedAt.IsZero() {
			pending = append(pending, m)
		}
	}
	return pending, errors.Join(err, s.Close())
}

// openUnmigrated opens a database as it is, for reading.
func (s *Store) openUnmigrated(ctx context.Context, dsn string) (*sql.DB, error) {
	if isPostgres(dsn) {
		server, err := parsePostgres(dsn)
		if err != nil {
			return nil, err
		}
		s.path, s.dialect = server.place, newPostgresDialect()
		return server.connector(brief(), Options{ReadOnly: true}).open(1), nil
	}
	file, err := parseDSN(dsn)
	if err != nil {
		return nil, err
	}
	s.path, s.dialect = file, sqliteDialect{}
	if file == memory {
		return nil, fault.New(fault.NotFound, "a database in memory is new each time (name a file, such as sqlite:shop.db)")
	}
	mode, err := inspectFile(file, true, true)
	if err != nil {
		return nil, err
	}
	if _, _, err := versions(ctx, file, mode); err != nil && immutableIsSafe(file) {
		mode = immutable
	}
	return openPool(file, mode, 1, nil)
}

// migrations lists the migrations that are known, and when a database got them.
func (s *Store) migrations(ctx context.Context, db *sql.DB) ([]Migration, error) {
	version := schemaVersion
	if _, ok := s.dialect.(postgresDialect); ok {
		version = postgresVersion
	}
	have, err := version(ctx, db, s.path)
	if err != nil {
		return nil, err
	}
	provider, err := newProvider(gooseDialect(s.dialect), db)
	if err != nil {
		return nil, err
	}
	if err := refuseNewer(s.path, have, latest(provider)); err != nil {
		return nil, err
	}
	applied := map[int64]time.Time{}
	if have > 0 {
		if applied, err = appliedAt(ctx, db); err != nil {
			return nil, fmt.Errorf("read the migrations of %s: %w", s.path, err)
		}
	}
	var all []Migration
	for _, source := range provider.ListSources() {
		_, name, _ := strings.Cut(strings.TrimSuffix(path.Base(source.Path), ".sql"), "_")
		if source.Type == goose.TypeGo {
			name = "fill_search"
		}
		all = append(all, Migration{Version: source.Version, Name: name, AppliedAt: applied[source.Version]})
	}
	return all, nil
}

func appliedAt(ctx context.Context, db *sql.DB) (map[int64]time.Time, error) {
	rows, err := db.QueryContext(ctx, "SELECT version_id, CAST(tstamp AS text) FROM goose_db_version WHERE is_applied ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	applied := map[int64]time.Time{}
	for rows.Next() {
		var version int64
		var text string
		if err := rows.Scan(&version, &text); err != nil {
			return nil, err
		}
		// Both databases write UTC, PostgreSQL with a fraction.
		if applied[version], err = time.Parse(time.DateTime, text); err != nil {
			return nil, err
		}
	}
	return applied, rows.Err()
}

func gooseDialect(d dialect) goose.Dialect {
	if _, ok := d.(postgresDialect); ok {
		return goose.DialectPostgres
	}
	return goose.DialectSQLite3
}

func newProvider(dialect goose.Dialect, db *sql.DB) (*goose.Provider, error) {
	folder, fill := "migrations/sqlite", fillSearch(sqliteDialect{})
	if dialect == goose.DialectPostgres {
		folder, fill = "migrations/postgres", fillSearch(newPostgresDialect())
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()), goose.WithGoMigrations(fill))
}

// latest is the version that this program knows.
func latest(p *goose.Provider) int64 {
	sources := p.ListSources()
	return sources[len(sources)-1].Version
}

// appliedVersion is the version of a database that has had a migration.
func appliedVersion(ctx context.Context, db *sql.DB, place string) (int64, error) {
	var version int64
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&version); err != nil {
		return 0, fmt.Errorf("read the version of %s: %w", place, err)
	}
	return version, nil
}

func refuseNewer(place string, have, want int64) error {
	if have <= want {
		return nil
	}
	return fault.New(fault.Unavailable,
		"the database %s has schema version %d, and this program knows versions up to %d (use a newer bellwether, or another database)", place, have, want)
}

func refuseOlder(place string, have, want int64) error {
	if have >= want {
		return nil
	}
	return fault.New(fault.Unavailable,
		"the database %s has schema version %d, older than this program's %d (open it for writing once, such as with serve)", place, have, want)
}
