package store_test

import (
	"context"
	"database/sql"
	"io"
	tcp "net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/pgtest"
	"bellwether/internal/store"
)

// changedURL is a URL with a part of it changed.
func changedURL(t *testing.T, dsn string, change func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	change(u)
	return u.String()
}

func execPostgres(t *testing.T, dsn string, queries ...string) {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range queries {
		if _, err := db.Exec(query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
}

// TestOpenPostgresFaults refuses what cannot be used, each with its reason and its cure.
func TestOpenPostgresFaults(t *testing.T) {
	dsn, foreign, newer, empty := pgtest.Database(t), pgtest.Database(t), pgtest.Database(t), pgtest.Database(t)
	if err := openAt(t, newer, store.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	execPostgres(t, newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99990101000000, true)")
	execPostgres(t, foreign, "CREATE TABLE bookmarks (url text)")
	role := "bellwether_stranger"
	execPostgres(t, empty, "DROP ROLE IF EXISTS "+role, "CREATE ROLE "+role+" LOGIN", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
	defer execPostgres(t, empty, "DROP ROLE "+role)
	with := func(change func(*url.URL)) string { return changedURL(t, dsn, change) }
	for _, c := range []struct {
		dsn, code, says string
		opts            store.Options
	}{
		{with(func(u *url.URL) { u.Host = "127.0.0.1:1" }), fault.Unavailable, "no server answers at postgres://127.0.0.1:1/", store.Options{}},
		{with(func(u *url.URL) { u.Host = "nowhere.invalid" }), fault.Unavailable, "the host nowhere.invalid of postgres://nowhere.invalid:5432/", store.Options{}},
		{with(func(u *url.URL) { u.Path = "/no_such" }), fault.NotFound, "/no_such (create it with createdb", store.Options{}},
		{with(func(u *url.URL) { u.User = url.UserPassword("nobody", "secret") }), fault.Unavailable, "refuses the user", store.Options{}},
		{with(func(u *url.URL) { u.RawQuery += "&search_path=none" }), fault.Invalid, "no schema of postgres://", store.Options{}},
		{with(func(u *url.URL) { u.RawQuery += "&pool_max_conns=many" }), fault.Invalid, "pool_max_conns is a number", store.Options{}},
		{"postgres://u:se%zzcret@host/x", fault.Invalid, "the database's URL is not understood: invalid URL escape", store.Options{}},
		{changedURL(t, empty, func(u *url.URL) { u.User = url.User(role) }), fault.Unavailable, "the user may not do this", store.Options{}},
		{foreign, fault.Invalid, "is a database of another program (check its name", store.Options{}},
		{newer, fault.Unavailable, "has schema version 99990101000000, and this program knows versions up to 2", store.Options{}},
		{newer, fault.Unavailable, "(use a newer bellwether, or another database)", store.Options{ReadOnly: true}},
		{empty, fault.Unavailable, "has schema version 0, older than this program's", store.Options{ReadOnly: true}},
	} {
		s, err := store.Open(t.Context(), c.dsn, c.opts)
		if err == nil {
			t.Errorf("%q was opened", c.dsn)
			err = s.Close()
		}
		wantFault(t, err, c.code, c.says)
		if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "se%zz")) {
			t.Errorf("the password shows: %v", err)
		}
	}
}

// proxy is a network between a client and a server, which can be cut.
type proxy struct {
	silent atomic.Bool
	mu     sync.Mutex
	open   []tcp.Conn
}

// through makes a proxy to the server of a URL, and the URL that goes through it.
func through(t *testing.T, dsn string) (*proxy, string) {
	t.Helper()
	l, err := (&tcp.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p, server := &proxy{}, ""
	out := changedURL(t, dsn, func(u *url.URL) { server, u.Host = u.Host, l.Addr().String() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			up, err := tcp.Dial("tcp", server)
			if err != nil {
				return
			}
			p.mu.Lock()
			p.open = append(p.open, client, up)
			p.mu.Unlock()
			go p.pump(up, client)
			go p.pump(client, up)
		}
	}()
	t.Cleanup(func() {
		l.Close() //nolint:errcheck // the test is over
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, c := range p.open {
			c.Close() //nolint:errcheck // the test is over
		}
	})
	return p, out
}

// pump copies; while the proxy is silent what comes is lost.
func (p *proxy) pump(to io.WriteCloser, from io.Reader) {
	defer to.Close() //nolint:errcheck // the other end is gone
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if p.silent.Load() {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// TestSilentServer cuts the network without a word: a request ends with its context, or else within ten seconds, and says
// why; when the network is back, everything works again.
func TestSilentServer(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a silence")
	}
	t.Parallel()
	cable, dsn := through(t, pgtest.Database(t))
	s := openAt(t, dsn, store.Options{})
	write(t, s, sale("1", "ann"))
	var warm sync.WaitGroup
	for range 8 { // several connections, all of which will be dead
		warm.Go(func() {
			if _, err := s.DB().ExecContext(t.Context(), "SELECT pg_sleep(0.2)"); err != nil {
				t.Error(err)
			}
		})
	}
	warm.Wait()
	cable.silent.Store(true)
	within := func(most time.Duration, what string, do func(context.Context) error, timeout time.Duration) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		if timeout > 0 {
			ctx, cancel = context.WithTimeout(t.Context(), timeout)
		}
		defer cancel()
		began := time.Now()
		err := do(ctx)
		if took := time.Since(began); err == nil || took > most {
			t.Errorf("%s: %v after %v", what, err, took)
		}
		if timeout == 0 {
			wantFault(t, err, fault.Unavailable, "")
		}
	}
	read := func(ctx context.Context) error { _, err := s.Revision(ctx); return err }
	change := func(ctx context.Context) error { _, err := s.Write(ctx, batchOf(sale("2", "ann"))); return err }
	within(6*time.Second, "a read with a deadline", read, time.Second)
	within(20*time.Second, "a read", read, 0)
	within(20*time.Second, "a write", change, 0)
	cable.silent.Store(false)
	if err := read(t.Context()); err != nil {
		t.Errorf("reading when the network is back: %v", err)
	}
	write(t, s, sale("2", "ann"))
}

// TestLostConnections ends all connections from the server's side, as a restart does: the next request finds new ones.
func TestLostConnections(t *testing.T) {
	dsn := pgtest.Database(t)
	s := openAt(t, dsn, store.Options{})
	write(t, s, sale("1", "ann"))
	for i := range 3 {
		execPostgres(t, dsn, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()")
		if _, err := s.Revision(t.Context()); err != nil {
			t.Errorf("reading: %v", err)
		}
		if i > 0 {
			write(t, s, sale("2", "bob"))
		}
	}
}

// TestStatementTimeout ends a statement that takes too long, and says so.
func TestStatementTimeout(t *testing.T) {
	s := openAt(t, changedURL(t, pgtest.Database(t), func(u *url.URL) { u.RawQuery += "&statement_timeout=100" }), store.Options{})
	_, err := s.DB().ExecContext(t.Context(), "SELECT pg_sleep(5)")
	wantFault(t, s.Explain(err), fault.Unavailable, "took too long for a statement")
	write(t, s, sale("1", "ann"))
}

// TestPostgresWriters: the writers of all processes wait for each other, so that their stamps grow as they commit.
func TestPostgresWriters(t *testing.T) {
	dsn := pgtest.Database(t)
	stores := []*store.Store{openAt(t, dsn, store.Options{}), openAt(t, dsn, store.Options{}), openAt(t, dsn, store.Options{})}
	last, seen := must(stores[0].Revision(t.Context())), 0
	done := make(chan struct{})
	var writers sync.WaitGroup
	for i, s := range stores {
		writers.Go(func() {
			for n := range 20 {
				write(t, s, sale(string(rune('a'+i))+string(rune('a'+n)), string(rune('a'+i))+string(rune('a'+n))))
			}
		})
	}
	go func() { writers.Wait(); close(done) }()
	for more := true; more; {
		select {
		case <-done:
			more = false
		default:
		}
		now := must(stores[0].Revision(t.Context()))
		var n int
		err := stores[1].DB().QueryRow("SELECT count(*) FROM customer_rollups WHERE data_changed_at > ? AND data_changed_at <= ?",
			max(last.At, 0).Time(), max(now.At, 0).Time()).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		seen, last = seen+n, now
	}
	if seen != 60 {
		t.Errorf("%d changes were seen, want 60", seen)
	}
}
