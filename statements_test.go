package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"bellwether/internal/pgtest"
	"bellwether/internal/store"
)

// counter counts the statements that a database runs.
type counter struct {
	mu   sync.Mutex
	seen []string
}

func (c *counter) trace(query string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, query)
}

// during are the statements that a function runs.
func (c *counter) during(do func()) []string {
	c.mu.Lock()
	c.seen = nil
	c.mu.Unlock()
	do()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}

// counted serves a database and counts its statements.
func counted(t testing.TB, dsn string) (*Server, *counter) {
	t.Helper()
	c := &counter{}
	opened, err := store.Open(t.Context(), dsn, store.Options{Trace: c.trace})
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Store: opened}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.prepare(t.Context(), optionsOf(dsn)); err != nil {
		t.Fatal(err)
	}
	return s, c
}

// manyOrders are orders of a number of customers, each with two orders of two lines.
func manyOrders(customers int) string {
	var csv strings.Builder
	csv.WriteString("order_id,customer_id,placed_at,sku,quantity,unit_price\n")
	for i := range customers {
		for order := range 2 {
			for sku := range 2 {
				fmt.Fprintf(&csv, "%d-%d,c%d,2024-%02d-%02d,s%d,%d,%d\n", i, order, i, 1+order*3+i%3, 1+i%28, (i+sku)%9, 1+i%4, 1+i%7)
			}
		}
	}
	return csv.String()
}

// TestStatements: a page of customers with both scores and evidence costs the same few statements, whatever its size,
// however many customers there are, and as of any instant.
func TestStatements(t *testing.T) {
	sizes := []int{500, 5000}
	if testing.Short() {
		sizes = sizes[:1]
	}
	const scores = `rfm(asOf: $asOf) { segment r f m evidence { reason } } orientation(asOf: $asOf) { orientation evidence { reason } }`
	for _, customers := range sizes {
		s, c := counted(t, importCSV(t, manyOrders(customers), "--currency", "EUR"))
		ask(t, s, `{ customers(first: 1) { edges { node { rfm { r } orientation { label } } } } }`, nil) // the current models
		for _, test := range []struct {
			name, query string
			most        int
		}{
			{"typed", `query($first: Int, $asOf: DateTime) { customers(first: $first) { edges { node { ` + scores + ` } } pageInfo { hasNextPage } } }`, 5}, // customers, revision (of asOf), facts, orders with lines, their products
			{"generic", `query($first: Int, $asOf: DateTime) { customers(first: $first) { edges { node { scores(asOf: $asOf) { label evidence { reason } } } } } }`, 5},
			{"with a count", `query($first: Int, $asOf: DateTime) { customers(first: $first) { totalCount edges { node { ` + scores + ` } } } }`, 6},
			{"with orders and lines", `query($first: Int, $asOf: DateTime) { customers(first: $first) { edges { node { ` + scores + ` orders(first: 5) { totalCount edges { node { refunds { id } customer { id } lines { sku } } } } touchpoints { edges { node { kind } } } identities { source } } } } }`, 12},
		} {
			for _, asOf := range []any{nil, "2024-05-01T00:00:00Z"} {
				var before []string
				for _, first := range []int{5, 50, 100} {
					v := vars{"first": first, "asOf": asOf}
					ask(t, s, test.query, v) // fits the model as of then
					statements := c.during(func() { ask(t, s, test.query, v) })
					if n := len(statements); n > test.most || n < 3 || before != nil && n != len(before) {
						t.Errorf("%d customers, %s, asOf %v, first %d: %d statements, with fewer %d:\n%s", customers, test.name, asOf, first, n, len(before), strings.Join(statements, "\n"))
					}
					before = statements
				}
			}
		}
	}
}

// TestCountedWhenSelected: a total is counted only for those who ask.
func TestCountedWhenSelected(t *testing.T) {
	s, c := counted(t, importCSV(t, manyOrders(50), "--currency", "EUR"))
	counts := func(query string) (n int) {
		for _, statement := range c.during(func() { ask(t, s, query, nil) }) {
			if strings.Contains(strings.ToUpper(statement), "COUNT(") {
				n++
			}
		}
		return n
	}
	for query, want := range map[string]int{
		`{ customers { pageInfo { hasNextPage } edges { node { id } } } }`:                               0,
		`{ customers { totalCount } }`:                                                                   1,
		`{ customers { edges { node { orders { pageInfo { hasNextPage } edges { node { id } } } } } } }`: 0,
		`{ customers { edges { node { orders { totalCount } touchpoints { totalCount } } } } }`:          2,
		`query { customers { totalCount @skip(if: true) edges { node { id } } } }`:                       0,
	} {
		if n := counts(query); n != want {
			t.Errorf("%s: %d statements count, want %d", query, n, want)
		}
	}
}

// TestPlans: SQLite finds what a page and a scan need in indexes, and reads no table from end to end.
func TestPlans(t *testing.T) {
	if pgtest.Postgres() {
		t.Skip("these are SQLite's plans")
	}
	s, c := counted(t, importCSV(t, manyOrders(200), "--currency", "EUR"))
	for _, query := range []string{
		`{ customers(first: 50) { edges { node { rfm { r evidence { reason } } orientation { label } identities { source } orders(first: 5) { totalCount edges { node { refunds { id } lines { sku } } } } touchpoints { edges { node { id } } } } } } }`,
		`{ customers(orderBy: {field: NAME}) { edges { node { id } } } }`,
		`{ customers(orderBy: {field: REGISTERED_AT, direction: DESC}) { edges { node { id } } } }`,
		`{ distribution(scorer: "orientation") { customers } }`,
		`{ nodes(ids: ["cus_00000000000000000000000000", "ord_00000000000000000000000000", "tou_00000000000000000000000000"]) { id } }`,
		`{ customer(by: {external: {source: "import", externalId: "c7"}}) { rfm(asOf: "2024-01-01T00:00:00Z") { r } } }`,
		`{ customer(by: {phone: "1"}) { id } }`,
	} {
		ask(t, s, query, nil)
		for _, statement := range c.during(func() { ask(t, s, query, nil) }) {
			for _, step := range plan(t, s, statement) {
				if readsAll(step, statement) {
					t.Errorf("%s\nof %s\nin %s", step, statement, query)
				}
			}
		}
	}
}

// readsAll tells whether a step of a plan reads a table from end to end.
func readsAll(step, statement string) bool {
	words := strings.Fields(step)
	if words[0] != "SCAN" {
		// Nearly all customers share this value; counting them is all that the index may be used for.
		return strings.Contains(step, "USING INDEX customer_merged_into (merged_into=?)") && !strings.Contains(statement, "`merged_into` IN (")
	}
	switch words[1] {
	case "chosen", "held", "lapsed", "j", "each", "CONSTANT":
		return false
	case "c":
		return !strings.Contains(statement, " FROM held c ") // the chosen ones
	case "customers", "first":
		return !strings.Contains(statement, "LIMIT") || !strings.Contains(step, "USING INDEX") // a page follows its list's index
	}
	return true
}

// plan is how SQLite would run a statement.
func plan(t *testing.T, s *Server, statement string) (steps []string) {
	t.Helper()
	args := make([]any, strings.Count(statement, "?"))
	for i := range args {
		args[i] = "[]"
	}
	rows, err := s.Store.DB().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement, args...)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
