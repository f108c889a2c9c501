package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	sqlite3 "modernc.org/sqlite/lib"

	"bellwether/internal/fault"
)

// explain turns what a database says into an error for people, where a person can do something about it.
func explain(place string, err error) error {
	if err == nil || fault.Code(err) != "" {
		return err
	}
	if said := pq.As(err); said != nil {
		return explainPostgres(place, said, err)
	}
	var code interface{ Code() int }
	if errors.As(err, &code) {
		return explainSQLite(place, code.Code()&0xff, err)
	}
	return explainNetwork(place, err)
}

// Explain turns the error of a query that a caller built with [Store.Ent] into one for people, as the store's own are.
func (s *Store) Explain(err error) error { return explain(s.path, err) }

func explainSQLite(path string, code int, err error) error {
	switch code {
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

func explainPostgres(place string, said *pq.Error, err error) error {
	switch said.Code { //nolint:exhaustive // the rest is nothing that a person expects
	case pqerror.InvalidPassword, pqerror.InvalidAuthorizationSpecification:
		return fault.New(fault.Unavailable, "the server of %s refuses the user: %s (check the user and the password in the URL or in PGPASSWORD, and the server's pg_hba.conf)", place, said.Message)
	case pqerror.InvalidCatalogName:
		return fault.New(fault.NotFound, "there is no database %s (create it with createdb, or check its name)", place)
	case pqerror.InsufficientPrivilege:
		return fault.New(fault.Unavailable, "the user may not do this in %s: %s (make it the owner of the database)", place, said.Message)
	case pqerror.TooManyConnections:
		return fault.New(fault.Unavailable, "the server of %s has no connection left: %s (lower pool_max_conns of its clients, or raise the server's max_connections)", place, said.Message)
	case pqerror.QueryCanceled:
		return fault.New(fault.Unavailable, "the database %s took too long for a statement, or waited too long for another writer (try again, or ask for less)", place)
	case pqerror.ReadOnlySQLTransaction:
		return fault.New(fault.Unavailable, "the database %s is read-only (name the primary server, or add target_session_attrs=read-write to the URL)", place)
	case pqerror.DiskFull:
		return fault.New(fault.Unavailable, "the disk of %s is full: %s (free some space and try again)", place, said.Message)
	case pqerror.CannotConnectNow, pqerror.AdminShutdown, pqerror.CrashShutdown:
		return fault.New(fault.Unavailable, "the server of %s is starting or stopping: %s (try again in a moment)", place, said.Message)
	}
	return err
}

// explainNetwork explains what went wrong before a server answered, or when it stopped to.
func explainNetwork(place string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	unknown, isUnknown := errors.AsType[*net.DNSError](err)
	timeout, isNetwork := errors.AsType[net.Error](err)
	switch {
	case isUnknown:
		return fault.New(fault.Unavailable, "the host %s of %s is not known (check its name)", unknown.Name, place)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fault.New(fault.Unavailable, "no server answers at %s (start it, or check the host and the port)", place)
	case isNetwork && timeout.Timeout():
		return fault.New(fault.Unavailable, "the server of %s does not answer (check that it runs and can be reached, and try again)", place)
	case errors.Is(err, pq.ErrSSLNotSupported):
		return fault.New(fault.Unavailable, "the server of %s has no TLS (add sslmode=disable to the URL, or turn TLS on)", place)
	case isNetwork, errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fault.New(fault.Unavailable, "the connection to %s was lost (try again in a moment)", place)
	}
	return err
}
