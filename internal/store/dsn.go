package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"bellwether/internal/fault"
)

const memory = ":memory:"

// parseDSN is the path that a DSN of SQLite names.
func parseDSN(dsn string) (string, error) {
	scheme, path, _ := strings.Cut(dsn, ":")
	switch {
	case scheme != "sqlite" || strings.HasPrefix(path, "//"):
		return "", fault.New(fault.Invalid, "%q names no database (write sqlite:PATH, such as sqlite:shop.db, or postgres://USER@HOST/DATABASE)", dsn)
	case path == "":
		return "", fault.New(fault.Invalid, "%q names no file (write sqlite:PATH, such as sqlite:shop.db)", dsn)
	case path == memory:
		return memory, nil
	}
	return filepath.Clean(path), nil
}

// inspectFile refuses what SQLite would answer with "unable to open database file", and says which it is.
func inspectFile(path string, readOnly, existing bool) (accessMode, error) {
	mode := readWrite
	if readOnly {
		mode = readOnlyMode
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return mode, fault.New(fault.Invalid, "%s is a folder (name a file in it, such as sqlite:%s)", path, filepath.Join(path, "bellwether.db"))
	case err == nil:
		return mode, nil
	case !errors.Is(err, fs.ErrNotExist):
		return mode, fault.New(fault.Unavailable, "%s cannot be opened: %w (check its path and permissions)", path, err)
	}
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return mode, fault.New(fault.NotFound, "the folder %s of the database does not exist (create it, or check the path)", folder)
	}
	if existing {
		return mode, fault.New(fault.NotFound, "there is no database %s (check the path, or import something into it first)", path)
	}
	return mode, nil
}

// immutableIsSafe tells whether a file can be read without its write-ahead log: there is none, or nothing in it.
func immutableIsSafe(path string) bool {
	info, err := os.Stat(path + "-wal")
	return errors.Is(err, fs.ErrNotExist) || (err == nil && info.Size() == 0)
}

// accessMode is how a connection is opened.
type accessMode uint8

const (
	readWrite accessMode = iota
	writing              // as readWrite, with a cache that holds the inner pages of all indexes
	readOnlyMode
	immutable   // a read-only file in a folder where SQLite may not even keep its lock files
	migrateMode // read and write without foreign keys, for rebuilding tables
)

// driverDSN is what modernc.org/sqlite is given. Text times with offsets would sort wrongly, so times are integers of
// microseconds; transactions take the write lock when they begin, since a read lock that is upgraded later can fail
// without waiting.
func driverDSN(path string, mode accessMode) string {
	q := url.Values{
		"_inttotime":           {"1"},
		"_time_integer_format": {"unix_micro"},
		"_timezone":            {"UTC"},
		"_txlock":              {"immediate"},
		"_pragma":              {fmt.Sprintf("busy_timeout(%d)", busyTimeout(mode).Milliseconds()), "synchronous(NORMAL)"},
	}
	if mode == migrateMode {
		q.Add("_pragma", "foreign_keys(0)")
	} else {
		q.Add("_pragma", "foreign_keys(1)")
	}
	switch mode {
	case writing:
		q.Add("_pragma", "journal_mode(WAL)")
		q.Add("_pragma", "cache_size(-32768)")
	case readWrite, migrateMode:
		q.Add("_pragma", "journal_mode(WAL)")
	case readOnlyMode:
		q.Set("mode", "ro")
	case immutable:
		q.Set("mode", "ro")
		q.Set("immutable", "1")
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a Windows drive
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

// connector opens connections to a file as driverDSN says, and waits where SQLite does not: it refuses at once to turn a
// database to write-ahead logging while another process does.
func connector(path string, mode accessMode) (driver.Connector, error) {
	c, err := sqlite.NewConnector(driverDSN(path, mode))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return patient{c, busyTimeout(mode)}, nil
}

// busyTimeout is how long a connection waits for a lock.
func busyTimeout(mode accessMode) time.Duration {
	if mode == migrateMode { // another process may be migrating: a start can wait longer than a request
		return time.Minute
	}
	return 5 * time.Second
}

// patient opens connections again and again while the database is locked.
type patient struct {
	driver.Connector
	wait time.Duration
}

// Connect opens a connection.
func (p patient) Connect(ctx context.Context) (driver.Conn, error) {
	for began := time.Now(); ; {
		conn, err := p.Connector.Connect(ctx)
		var code *sqlite.Error
		if err == nil || time.Since(began) >= p.wait || !errors.As(err, &code) || code.Code()&0xff != sqlite3.SQLITE_BUSY {
			return conn, err
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Path is the file of a DSN; "" where it names none.
func Path(dsn string) string {
	path, err := parseDSN(dsn)
	if err != nil || path == memory {
		return ""
	}
	return path
}
