package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwether/internal/pgtest"
	"bellwether/internal/record"
	"bellwether/plugins/rfm"
)

// documents are what applications ask, and how many statements each may cost, whatever the size of its page. On PostgreSQL
// what belongs to a page's customers comes with them.
var documents = []struct {
	name, query      string
	sqlite, postgres int
}{
	{"customers", `{ customers(first: 50) { edges { node { id externalId name email country registeredAt } } pageInfo { hasNextPage endCursor } } }`, 1, 1},
	{"with a count", `{ customers(first: 50) { totalCount edges { node { id } } } }`, 2, 2},
	{"by name", `{ customers(first: 50, orderBy: {field: NAME}) { edges { node { name } } } }`, 2, 2}, // with names, without
	{"backwards by instant", `{ customers(last: 50, orderBy: {field: REGISTERED_AT, direction: DESC}) { edges { node { registeredAt } } } }`, 1, 1},
	{"orders and touchpoints", `{ customers(first: 50) { edges { node { name orders(first: 5) { edges { node { placedAt total { amount } } } } touchpoints(first: 5) { edges { node { at kind } } } } } } }`, 3, 1},
	{"counts of children", `{ customers(first: 50) { edges { node { orders { totalCount } touchpoints { totalCount } } } } }`, 3, 3},
	{"orders with all", `{ customers(first: 20) { edges { node { identities { source } orders(first: 5) { edges { node { refunds { id } customer { name } lines { sku name quantity } } } } } } } }`, 5, 3}, // identities and refunds by themselves
	{"rare words", `{ customers(search: "c4321") { edges { node { name } } } }`, 2, 2},
	{"common words", `{ customers(first: 20, search: "c1") { edges { node { name } } } }`, 2, 2},
	{"a filter", `{ customers(first: 20, where: {email: {eq: "nobody@example.com"}}) { edges { node { name } } } }`, 1, 1},
	{"one by key", `{ customer(by: {external: {source: "import", externalId: "c7"}}) { name orders(first: 20) { edges { node { lines { sku } } } } touchpoints(first: 20) { edges { node { kind } } } } }`, 4, 1},
	{"one by e-mail", `{ customer(by: {email: "Someone@Example.com"}) { name } }`, 2, 2},
	{"nodes", `{ nodes(ids: ["cus_00000000000000000000000000", "ord_00000000000000000000000000", "tou_00000000000000000000000000"]) { id } }`, 3, 3},
	{"champions by revenue", `{ customers(first: 50, where: {scores: [{scorer: "rfm", labels: ["CHAMPIONS"]}]}, orderBy: {score: {scorer: "rfm", output: "monetary"}, direction: DESC}) { edges { node { externalId name rfm { segment monetary { amount } } } } } }`, 3, 2}, // customers in order, scores; once the business
	{"with stored scores", `{ customers(first: 50) { edges { node { externalId rfm { segment monetary { amount } } orders(first: 1) { edges { node { placedAt } } } } } } }`, 3, 1},
}

// TestDocuments pins the statements of typical documents on both databases, and refuses to read a large table from end
// to end in any of them.
func TestDocuments(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of customers, twice")
	}
	for kind, dsn := range map[string]string{"SQLite": "sqlite:" + t.TempDir() + "/shop.db", "PostgreSQL": pgtest.Database(t)} {
		t.Run(kind, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "orders.csv")
			if err := os.WriteFile(file, []byte(manyOrders(5000)), 0o600); err != nil {
				t.Fatal(err)
			}
			if code, _, stderr := run(t, "import", "orders", file, "--db", dsn, "-q", "--currency", "EUR"); code != 0 {
				t.Fatal(stderr)
			}
			s, c := counted(t, dsn)
			var visits []record.Touchpoint
			for i := range 5000 {
				visits = append(visits, record.Touchpoint{
					Key: record.Key{Source: "import", ExternalID: fmt.Sprint(i)}, Customer: record.Key{Source: "import", ExternalID: fmt.Sprint("c", i)},
					At: time.Date(2024, 1, 1+i%28, 0, 0, 0, 0, time.UTC), Kind: "visit",
				})
			}
			if _, err := s.Store.WriteTouchpoints(t.Context(), visits); err != nil {
				t.Fatal(err)
			}
			if _, err := begin(t, dsn, nil, rfm.New()).RefreshScores(t.Context(), nil, nil, true); err != nil {
				t.Fatal(err)
			}
			if err := s.Live.Engine().Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, statement := range []string{"VACUUM", "ANALYZE"} { // as autovacuum does: what is counted is read from an index
				if _, err := s.Store.DB().ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			for _, d := range documents {
				statements := c.during(func() { ask(t, s, d.query, nil) })
				want := d.sqlite
				if kind == "PostgreSQL" {
					want = d.postgres
				}
				if len(statements) != want {
					t.Errorf("%s: %d statements, want %d:\n%s", d.name, len(statements), want, strings.Join(statements, "\n"))
				}
				if kind != "PostgreSQL" {
					continue // TestPlans
				}
				for _, statement := range statements {
					if plan := postgresPlan(t, s, statement); readsTable(plan) {
						t.Errorf("%s: %s\nof %s", d.name, plan, statement)
					}
				}
			}
		})
	}
}

// readsTable tells whether a plan of PostgreSQL reads a table that grows from end to end.
func readsTable(plan string) bool {
	return regexp.MustCompile(`Seq Scan on (customers|orders|order_lines|touchpoints|scores|score_changes)\b`).MatchString(plan)
}

// postgresPlan is how PostgreSQL runs a statement, whatever its parameters. What counts is planned as of a table too large to
// be read from end to end: of few customers, the table and its index are as quickly read.
func postgresPlan(t *testing.T, s *Server, statement string) string {
	t.Helper()
	conn, err := s.Store.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	statement, parameters := numbered(statement)
	scans := "on"
	if strings.HasPrefix(statement, "SELECT COUNT(") {
		scans = "off"
	}
	for _, query := range []string{"SET plan_cache_mode = force_generic_plan", "SET enable_seqscan = " + scans, "PREPARE document AS " + statement} {
		if _, err := conn.ExecContext(t.Context(), query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	explain := "EXPLAIN EXECUTE document"
	if parameters > 0 {
		explain += "(" + strings.Join(slices.Repeat([]string{"NULL"}, parameters), ", ") + ")"
	}
	rows, err := conn.QueryContext(t.Context(), explain)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"DEALLOCATE document", "RESET plan_cache_mode", "RESET enable_seqscan"} {
		if _, err := conn.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	return plan.String()
}

// numbered gives a statement's placeholders numbers, as the store does on the way, and counts them.
func numbered(statement string) (string, int) {
	last := 0
	statement = regexp.MustCompile(`\?|\$\d+`).ReplaceAllStringFunc(statement, func(mark string) string {
		n := last + 1
		if mark != "?" {
			_, _ = fmt.Sscan(mark[1:], &n)
		}
		last = max(last, n)
		return fmt.Sprint("$", n)
	})
	return statement, last
}
