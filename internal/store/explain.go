package store

import (
	"errors"

	sqlite3 "modernc.org/sqlite/lib"

	"bellwether/internal/fault"
)

// explain turns what SQLite says into an error for people, where a person can do something about it.
func explain(path string, err error) error {
	var code interface{ Code() int }
	if err == nil || fault.Code(err) != "" || !errors.As(err, &code) {
		return err
	}
	switch primary := code.Code() & 0xff; primary {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fault.New(fault.Unavailable, "the database %s is locked by another process (wait for it to finish or stop it, and try again)", path)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return readOnlyFault(path)
	case sqlite3.SQLITE_NOTADB:
		return fault.New(fault.Invalid, "%s is not a database (check the path, or name a new file)", path)
	case sqlite3.SQLITE_CORRUPT:
		return fault.New(fault.Unavailable, "the database %s is damaged: %w (restore it from a backup)", path, err)
	case sqlite3.SQLITE_FULL:
		return fault.New(fault.Unavailable, "the disk of %s is full: %w (free some space and try again)", path, err)
	case sqlite3.SQLITE_CANTOPEN:
		return fault.New(fault.Unavailable, "%s cannot be opened: %w (check that it and its folder may be read and written)", path, err)
	}
	return err
}

func readOnlyFault(path string) error {
	return fault.New(fault.Unavailable,
		"the database %s is read-only (give write permission to it and its folder, or write into another database)", path)
}
