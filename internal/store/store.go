// Package store keeps everything in a database: it opens and migrates one, writes records into it, and answers what a
// query needs. Start with [Open]; write with [Store.Write]; read entities through [Store.Ent].
//
// Only this package and its migrations know which database is used: see dialect.go. Every error that a person can cure is a
// [bellwether/internal/fault.Error].
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"bellwether/ent"
)

// Options say how a database is opened.
type Options struct {
	// Bulk opens it for statements that may take minutes, as those of an import; others end within ten seconds.
	Bulk bool
	// Existing refuses to create a file that is not there.
	Existing bool
	// ReadOnly opens an existing database for reading alone: nothing is created or migrated, and writing is refused.
	ReadOnly bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Trace is called with each statement that is run, for tests that count them; BEGIN and COMMIT are not reported.
	Trace func(query string)
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	dialect   dialect
	path      string
	temporary string // folder to remove on Close
	now       func() time.Time
	readOnly  bool
	trace     func(query string)
	client    *ent.Client
	reads     *sql.DB // many connections
	scans     *sql.DB // for statements that may take minutes
	writer    *sql.DB // one connection: there is one writer at a time, and here they queue without polling

	statements *statements // of the writer; nil where connections keep their own
	selects    selects
	queue      queue
	changes    changeHub
	counted    counted
	recorded   atomic.Pointer[businessRow] // once there is a base currency: see business
}

// Open opens the database that a DSN names, creates it when it is missing, and brings its schema up to date:
//
//	sqlite:shop.db                    a file, relative or absolute
//	sqlite::memory:                   a private database that is gone when it is closed
//	postgres://user@host:5432/shop    a database of a PostgreSQL server, 15 or newer
//
// The errors are faults: the folder is missing, the file is not a database or not one of ours, is read-only, locked, or
// of a newer version; the server cannot be reached, does not know the user, or has no such database.
func Open(ctx context.Context, dsn string, opts Options) (*Store, error) {
	s := &Store{now: opts.Now, readOnly: opts.ReadOnly, trace: opts.Trace}
	if s.now == nil {
		s.now = time.Now
	}
	open := s.openSQLite
	if isPostgres(dsn) {
		open = s.openPostgres
	}
	if err := open(ctx, dsn, opts); err != nil {
		return nil, errors.Join(explain(s.path, err), s.Close())
	}
	s.client = ent.NewClient(ent.Driver(entsql.OpenDB(s.dialect.name(), s.reads)))
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) openSQLite(ctx context.Context, dsn string, opts Options) error {
	var err error
	s.dialect = sqliteDialect{}
	if s.path, err = parseDSN(dsn); err != nil {
		return err
	}
	if s.path == memory {
		if s.temporary, err = os.MkdirTemp("", "bellwether-"); err != nil {
			return fmt.Errorf("make a folder for a temporary database: %w", err)
		}
		s.path = s.temporary + "/bellwether.db"
	}
	mode, err := inspectFile(s.path, s.readOnly, s.readOnly || opts.Existing)
	if err != nil {
		return err
	}
	if !s.readOnly {
		err = migrateSQLite(ctx, s.path)
	} else {
		mode, err = checkReadable(ctx, s.path, mode)
	}
	if err != nil {
		return err
	}
	if s.reads, err = openPool(s.path, mode, max(4, 2*runtime.GOMAXPROCS(0)), s.trace); err != nil {
		return err
	}
	if mode == readWrite {
		mode = writing
	}
	if s.writer, err = openPool(s.path, mode, 1, s.trace); err != nil {
		return err
	}
	s.scans, s.statements = s.reads, &statements{}
	return nil
}

// openPool opens a pool of at most n connections, all kept: opening one costs more than most queries.
func openPool(path string, mode accessMode, n int, trace func(string)) (*sql.DB, error) {
	c, err := connector(path, mode)
	if err != nil {
		return nil, err
	}
	if trace != nil {
		c = tracing{c, trace}
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// Ent reads and writes entities.
func (s *Store) Ent() *ent.Client { return s.client }

// DB is the pool of connections for SQL by hand.
func (s *Store) DB() *sql.DB { return s.reads }

// Ping is nil when the database answers a query.
func (s *Store) Ping(ctx context.Context) error {
	var n int
	if err := s.reads.QueryRowContext(ctx, "SELECT count(*) FROM business").Scan(&n); err != nil {
		return explain(s.path, fmt.Errorf("read the database: %w", err))
	}
	return nil
}

// Close closes the database; a private one is gone then.
func (s *Store) Close() error {
	errs := []error{s.selects.close()}
	if s.statements != nil {
		errs = append(errs, s.statements.close())
	}
	for _, db := range []*sql.DB{s.writer, s.scans, s.reads} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.temporary != "" {
		errs = append(errs, os.RemoveAll(s.temporary))
	}
	return errors.Join(errs...)
}
