package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwether/internal/fault"
	"bellwether/internal/pgtest"
	"bellwether/internal/store"
)

// TestOpenFaults refuses what is no database of ours, each with its reason and its cure.
func TestOpenFaults(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is a text, not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dsn, code, says string
		opts            store.Options
	}{
		{"shop.db", fault.Invalid, `"shop.db" names no database (write sqlite:PATH`, store.Options{}},
		{"sqlite://shop.db", fault.Invalid, `"sqlite://shop.db" names no database (write sqlite:PATH`, store.Options{}},
		{"sqlite:", fault.Invalid, `"sqlite:" names no file`, store.Options{}},
		{"", fault.Invalid, `"" names no database`, store.Options{}},
		{"sqlite:" + dir, fault.Invalid, dir + " is a folder (name a file in it", store.Options{}},
		{"sqlite:" + dir + "/no/shop.db", fault.NotFound, "the folder " + dir + "/no of the database does not exist (create it", store.Options{}},
		{"sqlite:" + dir + "/no.db", fault.NotFound, "there is no database " + dir + "/no.db (check the path", store.Options{ReadOnly: true}},
		{"sqlite:" + text, fault.Invalid, text + " is not a database (check the path", store.Options{}},
		{"sqlite:" + text, fault.Invalid, text + " is not a database (check the path", store.Options{ReadOnly: true}},
		{"sqlite:" + text + "/shop.db", fault.Unavailable, "cannot be opened", store.Options{}},
		{"sqlite:" + foreign(t, dir), fault.Invalid, "is a database of another program (check the path", store.Options{}},
		{"sqlite:" + newer(t, dir), fault.Unavailable, "has schema version 99990101000000, and this program knows versions up to 2", store.Options{}},
		{"sqlite:" + newer(t, dir), fault.Unavailable, "(use a newer bellwether, or another database)", store.Options{ReadOnly: true}},
		{"sqlite:" + empty(t, dir), fault.Unavailable, "has schema version 0, older than this program's", store.Options{ReadOnly: true}},
	} {
		s, err := store.Open(t.Context(), c.dsn, c.opts)
		if err == nil {
			t.Errorf("%q was opened", c.dsn)
			err = s.Close()
		}
		wantFault(t, err, c.code, c.says)
	}
	if left, err := os.ReadFile(text); err != nil || !strings.HasPrefix(string(left), "this is a text") {
		t.Errorf("the text was changed: %v", err)
	}
}

// foreign is a database of another program.
func foreign(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "foreign.db")
	execAt(t, path, "CREATE TABLE bookmarks (url TEXT)")
	return path
}

// newer is a database that a later version migrated.
func newer(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "newer.db")
	s, err := store.Open(t.Context(), "sqlite:"+path, store.Options{})
	if errors.Is(err, nil) {
		err = s.Close()
	} else if strings.Contains(err.Error(), "99990101000000") {
		return path
	}
	if err != nil {
		t.Fatal(err)
	}
	execAt(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99990101000000, 1)")
	return path
}

func empty(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "empty.db")
	execAt(t, path, "VACUUM")
	return path
}

func execAt(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
}

// TestOpenPaths opens files whose names mean something in a URL, and databases that are there already.
func TestOpenPaths(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, path := range []string{"shop.db", "./a b?c#d%20é.db", filepath.Join(t.TempDir(), "王小明.db")} {
		for range 2 {
			s := openAt(t, "sqlite:"+path, store.Options{})
			write(t, s, sale("1", "ann"))
			if err := s.Ping(t.Context()); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

// TestMemory opens private databases, which leave nothing behind.
func TestMemory(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	a, b := openAt(t, "sqlite::memory:", store.Options{}), openAt(t, "sqlite::memory:", store.Options{})
	write(t, a, sale("1", "ann"))
	if r, err := b.Revision(t.Context()); r.Customers != 0 || err != nil {
		t.Errorf("the other has %d customers, %v", r.Customers, err)
	}
	if err := errors.Join(a.Close(), b.Close()); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(os.TempDir()); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestReadOnly opens a database for reading alone.
func TestReadOnly(t *testing.T) {
	dsn := pgtest.DSN(t)
	write(t, openAt(t, dsn, store.Options{}), sale("1", "ann"))
	s := openAt(t, dsn, store.Options{ReadOnly: true})
	if r, err := s.Revision(t.Context()); r.Customers != 1 || err != nil {
		t.Errorf("%+v, %v", r, err)
	}
	_, err := s.Write(t.Context(), batchOf(sale("2", "bob")))
	wantFault(t, err, fault.Unavailable, "was opened for reading alone")
	if err := s.Configure(t.Context(), "EUR", ""); err != nil {
		t.Errorf("the recorded currency is refused: %v", err)
	}
}

// TestLocked waits for another writer, and gives up with a cure.
func TestLocked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	s := openAt(t, "sqlite:"+path, store.Options{})
	write(t, s, sale("1", "ann"))
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	conn, err := other.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	_, err = s.Write(t.Context(), batchOf(sale("2", "bob")))
	wantFault(t, err, fault.Unavailable, "is locked by another process (wait for it")
	again := openAt(t, "sqlite:"+path, store.Options{}) // reading goes on
	if r, err := again.Revision(t.Context()); r.Customers != 1 || err != nil {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	write(t, s, sale("2", "bob"))
}
