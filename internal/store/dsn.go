package store

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

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
		"_pragma":              {"busy_timeout(5000)", "synchronous(NORMAL)"},
	}
	if mode == migrateMode { // another process may be migrating: a start can wait longer than a request
		q["_pragma"][0] = "busy_timeout(60000)"
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

// Path is the file of a DSN; "" where it names none.
func Path(dsn string) string {
	path, err := parseDSN(dsn)
	if err != nil || path == memory {
		return ""
	}
	return path
}
