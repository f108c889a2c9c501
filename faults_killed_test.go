package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellwether/internal/pgtest"
	"bellwether/internal/store"
)

// loaded is a load of writes that keeps account of what was acknowledged.
type loaded struct {
	t       testing.TB
	name    string
	ended   atomic.Bool
	writers sync.WaitGroup

	mu           sync.Mutex
	calls        []*writeCall
	acknowledged int
	failed       []int // by writer
}

// writeCall is a call of recordOrders.
type writeCall struct {
	vars         vars
	acknowledged bool
}

// ordersACall is how many orders a call of the load has.
const ordersACall = 5

const recordSome = `mutation($orders: [OrderInput!]!) { recordOrders(input: {orders: $orders}) { outcomes errors { message } } }`

// burden writes orders, each once, until the load ends, and hands over the calls that fail.
func burden(p *program, name string, failed func(asked)) *loaded {
	l := &loaded{t: p.t, name: name, failed: make([]int, 4)}
	for w := range l.failed {
		l.writers.Go(func() {
			for n := 0; !l.ended.Load(); n++ {
				c := l.call(w, n)
				a := p.try(recordSome, c.vars)
				if l.account(w, c, a); !a.ok() && !l.ended.Load() {
					failed(a)
					time.Sleep(20 * time.Millisecond)
				}
			}
		})
	}
	l.t.Cleanup(l.end)
	return l
}

func (l *loaded) account(writer int, c *writeCall, a asked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !a.ok() {
		l.failed[writer]++
		return
	}
	if outcomes := strings.Join(texts(a.Data, "recordOrders.outcomes"), " "); outcomes != all("CREATED") {
		l.t.Errorf("new orders are %s: %s", outcomes, text(a.Data))
	}
	c.acknowledged = true
	l.acknowledged++
}

// all is an outcome of each order of a call.
func all(outcome string) string { return strings.TrimSpace(strings.Repeat(outcome+" ", ordersACall)) }

func (l *loaded) call(writer, n int) *writeCall {
	orders := make([]any, ordersACall)
	for i := range orders {
		orders[i] = map[string]any{
			"externalId": fmt.Sprintf("%s: %d-%d-%d", l.name, writer, n, i), "customer": map[string]any{"externalId": fmt.Sprint("c", (writer*7+n+i)%20)},
			"placedAt": "2024-01-02T00:00:00Z", "total": fmt.Sprint(1 + i),
		}
	}
	c := &writeCall{vars: vars{"orders": orders}}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, c)
	return c
}

// acknowledges waits for some more acknowledged calls.
func (l *loaded) acknowledges(n int) {
	l.t.Helper()
	count := func() int { l.mu.Lock(); defer l.mu.Unlock(); return l.acknowledged }
	before := count()
	eventually(l.t, fmt.Sprint(n, " acknowledged writes"), func() bool { return count() >= before+n })
}

// fails waits until each writer has had a further call that failed.
func (l *loaded) fails() {
	l.t.Helper()
	l.mu.Lock()
	before := append([]int(nil), l.failed...)
	l.mu.Unlock()
	eventually(l.t, "failed writes", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for w, n := range l.failed {
			if n == before[w] {
				return false
			}
		}
		return true
	})
}

func (l *loaded) end() {
	l.ended.Store(true)
	l.writers.Wait()
}

// repeat sends every call again: what was acknowledged is there, the rest is there as a whole or not at all.
func (l *loaded) repeat(p *program) {
	l.t.Helper()
	for _, c := range l.calls {
		outcomes := strings.Join(texts(p.ask(recordSome, c.vars), "recordOrders.outcomes"), " ")
		switch {
		case outcomes == all("UNCHANGED"):
		case outcomes == all("CREATED") && !c.acknowledged:
		default:
			l.t.Errorf("a call (acknowledged: %v) that is repeated is %s", c.acknowledged, outcomes)
		}
	}
	l.t.Logf("%d of %d calls were acknowledged", l.acknowledged, len(l.calls))
}

// stored compares the database with what was sent: every order once, and the rollups of its customers.
func (l *loaded) stored(db admin) {
	l.t.Helper()
	want := fmt.Sprint(len(l.calls) * ordersACall)
	if n := db.text("SELECT count(*) || ' ' || count(DISTINCT external_id) FROM orders WHERE external_id LIKE $1", l.name+": %"); n != want+" "+want {
		l.t.Errorf("%s orders are there, want %s", n, want)
	}
	summedUp(db)
}

// summedUp fails the test where the rollup of a customer is not what the orders come to.
func summedUp(db admin) {
	db.t.Helper()
	const wrong = `SELECT count(*) FROM (SELECT customer_id, count(*) n, sum(net) net FROM orders GROUP BY customer_id) o
		FULL JOIN customer_rollups r USING (customer_id) WHERE o.n IS DISTINCT FROM r.orders OR o.net IS DISTINCT FROM r.net`
	if n := db.text(wrong); n != "0" {
		db.t.Errorf("%s customers have wrong rollups", n)
	}
}

// TestKilledUnderLoad kills a server under a load of writes, again and again.
func TestKilledUnderLoad(t *testing.T) {
	heavy(t)
	t.Parallel()
	dsn := pgtest.Database(t)
	db := administer(t, dsn)
	var loads []*loaded
	for round := range 3 {
		p := started(t, dsn, "--base-currency", "EUR")
		l := burden(p, fmt.Sprint("round ", round), func(asked) {})
		l.acknowledges(5)
		p.kill()
		l.fails()
		l.end()
		loads = append(loads, l)
		db.alone()
	}
	p := started(t, dsn)
	for _, l := range loads {
		l.repeat(p)
		l.stored(db)
	}
}

// TestKilledWithinWrite kills a server in the middle of a transaction: what was not acknowledged has not happened, and
// happens when it is sent again.
func TestKilledWithinWrite(t *testing.T) {
	heavy(t)
	t.Parallel()
	dsn, db := shopOf(t, 20, 2)
	const merge = `mutation { mergeCustomers(input: {from: {external: {source: "import", externalId: "c1"}}, into: {external: {source: "import", externalId: "c2"}}}) { customer { externalId orders { totalCount } } errors { message } } }`
	for _, query := range []string{strings.Replace(recordOrder, "$id: String!", `$id: String! = "killed"`, 1), merge} {
		p, before := started(t, dsn), contents(db)
		release := db.hold("customer_rollups", "SHARE")
		answered := make(chan asked, 1)
		go func() { answered <- p.try(query, nil) }()
		db.waiter("customer_rollups")
		p.kill()
		if a := <-answered; a.err == nil {
			t.Errorf("a write that was killed is acknowledged: %+v", a)
		}
		release()
		db.alone()
		if now := contents(db); now != before {
			t.Errorf("something of a killed write is stored")
		}
		p = started(t, dsn)
		first, after := text(p.ask(query, nil)), contents(db)
		if again := text(p.ask(query, nil)); after == before || contents(db) != after || strings.ReplaceAll(first, "CREATED", "UNCHANGED") != again {
			t.Errorf("repeated: %s, then %s", first, again)
		}
		if strings.Contains(query, "merge") && !strings.Contains(first, `"totalCount":4`) {
			t.Errorf("merged: %s", first)
		}
		summedUp(db)
		p.kill()
		db.alone()
	}
}

// contents is a digest of everything that was written but for the instants at which it was.
func contents(db admin) string {
	db.t.Helper()
	var all strings.Builder
	for _, table := range []string{"customers", "orders", "order_lines", "products"} {
		all.WriteString(db.text("SELECT md5(string_agg(row, ',' ORDER BY row)) FROM (SELECT (to_jsonb(t) - 'created_at' - 'updated_at')::text AS row FROM " + table + " t) rows"))
	}
	return all.String()
}

// TestKilledImport kills an import in its first batch, and in the middle of a later one; the next run ends as one that nobody disturbed.
func TestKilledImport(t *testing.T) {
	heavy(t)
	t.Parallel()
	file := t.TempDir() + "/orders.csv"
	clean, dsn := pgtest.Database(t), pgtest.Database(t)
	s, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := s.Batch() * 11 / 10 / 5 * 5
	if err := errors.Join(s.Close(), os.WriteFile(file, []byte(ordersOf(all/5, 5)), 0o600)); err != nil {
		t.Fatal(err)
	}
	imported := func(dsn string) {
		t.Helper()
		if code, stdout, stderr := run(t, "import", "orders", file, "--db", dsn, "--currency", "EUR", "-q"); code != 0 {
			t.Errorf("import: exit code %d\n%s%s", code, stdout, stderr)
		}
	}
	imported(clean)
	db := administer(t, dsn)
	for batches := range 2 {
		release := db.hold("customer_rollups", "SHARE")
		p := launch(t, "import", "orders", file, "--db", dsn, "--currency", "EUR", "-q")
		db.waiter("customer_rollups")
		for range batches { // let one pass, and stop the next
			next := make(chan func(), 1)
			go func() { next <- db.hold("customer_rollups", "SHARE") }()
			db.waiters("customer_rollups", 2)
			release()
			release = <-next
			db.waiter("customer_rollups")
		}
		p.kill()
		release()
		db.alone()
		if n := db.text("SELECT count(*) FROM orders"); (n == "0") != (batches == 0) || n == fmt.Sprint(all) {
			t.Errorf("killed after %d batches, %s orders are there", batches, n)
		}
		summedUp(db)
	}
	imported(dsn)
	if contents(db) != contents(administer(t, clean)) {
		t.Error("an import after killed ones ends otherwise")
	}
	summedUp(db)
}
