package main

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"bellwether/internal/pgtest"
)

// page is a query of several statements.
const page = `{ customers(first: 50, orderBy: {field: NAME}) { totalCount edges { node { externalId orders(first: 5) { edges { node { externalId } } } rfm { segment } } } } }`

// TestStatementTimeout: a statement that takes too long after some of its rows have arrived makes an error of its
// list, not a short list; its connection goes on.
func TestStatementTimeout(t *testing.T) {
	heavy(t)
	t.Parallel()
	dsn, db := shopOf(t, 100, 1)
	for name, value := range map[string]string{"statement_timeout": "1500", "enable_sort": "off", "enable_seqscan": "off", "pool_max_conns": "1"} {
		dsn = with(t, dsn, name, value) // without sorting, rows are sent as they are found
	}
	p := started(t, dsn)
	const query = `{ customers(first: 100, orderBy: {field: NAME}) { edges { node { externalId name attributes } } } }`
	db.do("UPDATE customers SET name = repeat('x', 1000) || lpad(external_id, 3)") // so long that the server sends rows before it has all
	whole := texts(p.ask(query, nil), "customers.edges.*.node.externalId")
	const backends = "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'bellwether'"
	before := strings.Fields(db.text(backends))
	db.do("ALTER TABLE customers RENAME TO kept", `CREATE VIEW customers AS SELECT * FROM kept WHERE CASE WHEN external_id = 'c98' THEN pg_sleep(60) IS NOT NULL ELSE true END`)
	a := p.try(query, nil)
	p.clear(a)
	if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "UNAVAILABLE" || at(a.Data, "customers") != nil {
		t.Errorf("half a page: %d errors, %.300s", len(a.Errors), text(a.Data))
	}
	db.do("DROP VIEW customers", "ALTER TABLE kept RENAME TO customers")
	if got := texts(p.ask(query, nil), "customers.edges.*.node.externalId"); fmt.Sprint(got) != fmt.Sprint(whole) || len(got) != 100 {
		t.Errorf("afterwards %d customers: %v", len(got), got)
	}
	after := strings.Fields(db.text(backends))
	for _, pid := range before {
		if !slices.Contains(after, pid) {
			t.Errorf("of the connections %v there are %v", before, after)
		}
	}
}

// TestFullPool: more requests than connections wait for one; where none comes free, they say so in time.
func TestFullPool(t *testing.T) {
	heavy(t)
	t.Parallel()
	dsn, db := shopOf(t, 20, 2)
	p := started(t, with(t, dsn, "pool_max_conns", "3"))
	p.ask(page, nil)
	together := func(meanwhile func(done <-chan struct{})) []asked {
		all := make([]asked, 15)
		var requests sync.WaitGroup
		done := make(chan struct{})
		for i := range all {
			requests.Go(func() { all[i] = p.try(page, nil) })
		}
		go func() { requests.Wait(); close(done) }()
		meanwhile(done)
		<-done
		return all
	}
	release := db.hold("orders", "ACCESS EXCLUSIVE")
	for _, a := range together(func(<-chan struct{}) { db.waiters("orders", 3); release() }) {
		if p.clear(a); !a.ok() {
			t.Errorf("a request that could wait got %v", a.Errors)
		}
	}
	release = db.hold("orders", "ACCESS EXCLUSIVE")
	for _, a := range together(func(done <-chan struct{}) { <-done }) {
		if p.clear(a); a.ok() {
			t.Error("a request was answered without the orders")
		}
	}
	release()
	p.ask(page, nil)
}

// TestSilence: when nothing comes from the database any more, not even an end of the connection, requests say so in time;
// when it is back, they are answered.
func TestSilence(t *testing.T) {
	heavy(t)
	t.Parallel()
	dsn, db := shopOf(t, 20, 2)
	proxy, dsn := between(t, dsn)
	p := started(t, dsn)
	p.ask(page, nil)
	p.ask(recordOrder, vars{"id": "before"})
	for _, direction := range []string{"upstream", "downstream"} {
		if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(`{"type":"timeout","stream":"` + direction + `","attributes":{"timeout":0}}`)); err != nil {
			t.Fatal(err)
		}
	}
	var requests sync.WaitGroup
	for i := range 12 { // the later ones meet a pool whose connections were found dead
		requests.Go(func() {
			time.Sleep(time.Duration(i) * time.Second / 2)
			query, v := page, vars(nil)
			if i%3 == 0 {
				query, v = recordOrder, vars{"id": fmt.Sprint("silent ", i)}
			}
			a := p.try(query, v)
			if p.clear(a); a.ok() {
				t.Error("a request was answered without a database")
			}
		})
	}
	requests.Wait()
	proxy.Toxics.ResetToxics(t.Context())
	eventually(t, "an answer after the silence", func() bool {
		a := p.try(page, nil)
		p.clear(a)
		b := p.try(recordOrder, vars{"id": "after"})
		p.clear(b)
		return a.ok() && b.ok()
	})
	p.lives()
	if n := db.text("SELECT count(*) FROM orders WHERE external_id IN ('before', 'after')"); n != "2" {
		t.Errorf("%s of 2 acknowledged orders are there", n)
	}
}

const recordOrder = `mutation($id: String!) { recordOrders(input: {orders: [{externalId: $id, customer: {externalId: "c"}, placedAt: "2024-01-02T00:00:00Z", total: "10"}]}) { outcomes errors { message } } }`

// between puts a proxy between a server and its database.
func between(t testing.TB, dsn string) (proxy *toxiproxy.Proxy, through string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy = toxiproxy.NewProxy(server, "database", "127.0.0.1:0", u.Host)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	if _, _, err := net.SplitHostPort(proxy.Listen); err != nil {
		t.Fatal(err)
	}
	u.Host = proxy.Listen
	return proxy, u.String()
}

// TestCrashOfDatabase: the database crashes under load and comes back. Nothing that was acknowledged is lost, requests
// fail clearly and in time, and the same server goes on.
func TestCrashOfDatabase(t *testing.T) {
	heavy(t)
	t.Parallel()
	cluster, err := pgtest.Private(t.Context(), "synchronous_commit = on")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Close(); err != nil {
			t.Error(err)
		}
	})
	dsn, err := cluster.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := started(t, dsn, "--base-currency", "EUR")
	p.ask(recordOrder, vars{"id": "first"})
	l := burden(p, "crash", p.clear)
	for range 2 {
		read := p.try(page, nil)
		p.clear(read)
		l.acknowledges(5)
		if err := cluster.Crash(t.Context()); err != nil {
			t.Fatal(err)
		}
		l.fails()
		p.clear(p.try(page, nil))
		if err := cluster.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		l.acknowledges(5)
		eventually(t, "a page after the crash", func() bool {
			a := p.try(page, nil)
			p.clear(a)
			return a.ok()
		})
	}
	l.end()
	p.lives()
	l.repeat(p)
	l.stored(administer(t, dsn))
}
