package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRejectsOverwriteNothing: the reject file is neither an input nor the database, and is left alone until there is
// something to write.
func TestRejectsOverwriteNothing(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "orders.csv")
	const orders = "order_id,customer_id,placed_at,total\nA,c,2024-01-01,5\n"
	if err := os.WriteFile(file, []byte(orders), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder, "link.csv")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(folder, "shop.db")
	if code, _, stderr := run(t, "import", "orders", file, "--db", "sqlite:"+database, "--base-currency", "EUR", "-q"); code != 0 {
		t.Fatal(stderr)
	}
	for _, rejects := range []string{file, link, database} {
		code, _, stderr := run(t, "import", "orders", file, "--db", "sqlite:"+database, "-q", "--rejects", rejects)
		if code != 1 || !strings.Contains(stderr, "would overwrite") {
			t.Errorf("%s: exit code %d, %s", rejects, code, stderr)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != orders {
		t.Errorf("the input is now %q, %v", text, err)
	}
	older := filepath.Join(folder, "older.csv")
	if err := os.WriteFile(older, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := run(t, "import", "orders", filepath.Join(folder, "none.csv"), "--db", "sqlite:"+database, "-q", "--rejects", older); code != 1 {
		t.Errorf("exit code %d without an input", code)
	}
	if text, _ := os.ReadFile(older); string(text) != "kept" {
		t.Errorf("an import that could not begin made the reject file %q", text)
	}
}

// TestFailedImportRecordsNothing: a base currency is recorded with what counts in it, not before.
func TestFailedImportRecordsNothing(t *testing.T) {
	folder := t.TempDir()
	dsn := "sqlite:" + filepath.Join(folder, "shop.db")
	if code, _, _ := run(t, "import", "orders", filepath.Join(folder, "none.csv"), "--db", dsn, "--base-currency", "JPY", "-q"); code != 1 {
		t.Fatal("imported a file that is not there")
	}
	file := filepath.Join(folder, "orders.csv")
	if err := os.WriteFile(file, []byte("order_id,customer_id,placed_at,total\nA,c,2024-01-01,5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, "import", "orders", file, "--db", dsn, "--base-currency", "EUR", "-q"); code != 0 {
		t.Errorf("the failed import fixed the currency: %s", stderr)
	}
	if code, _, stderr := run(t, "import", "orders", file, "--db", dsn, "--base-currency", "JPY", "-q", "--dry-run"); code != 1 || !strings.Contains(stderr, "has the base currency EUR") {
		t.Errorf("a dry run in another currency: exit code %d, %s", code, stderr)
	}
}

// TestOnlyUnicode: keys that are not Unicode are refused, and not made one.
func TestOnlyUnicode(t *testing.T) {
	s := open(t, importCSV(t, "order_id,customer_id,placed_at,total\nA,c,2024-01-01,5\n", "--base-currency", "EUR"), nil)
	for _, key := range []string{"k\xff", `k\\ud800`, `k\\udc00\\ud800`} {
		body := `{"query": "mutation { upsertCustomers(input: {customers: [{externalId: \"` + key + `\"}]}) { outcomes } }"}`
		r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "not Unicode") {
			t.Errorf("%q: %d %s", key, w.Code, w.Body)
		}
	}
}

// TestHugeAmounts: one customer with impossible amounts breaks nobody's scores.
func TestHugeAmounts(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("customer_id,placed_at,total\nsmall,2024-01-01,5\n")
	for range 1100 {
		csv.WriteString("huge,2024-01-01,90071992547409.91\n")
	}
	s := open(t, importCSV(t, csv.String(), "--base-currency", "EUR"), nil)
	a := ask(t, s, `{ customers { edges { node { externalId rfm { monetary { amount } } } } } }`, nil)
	if text := text(a); !strings.Contains(text, "5.00") || !strings.Contains(text, "40000000000000000.00") {
		t.Error(text)
	}
}

// TestListFails: a list that cannot be answered is an error, and no empty table.
func TestListFails(t *testing.T) {
	dsn := importCSV(t, "customer_id,placed_at,total\nc,2024-01-01,5\n", "--base-currency", "EUR")
	code, stdout, stderr := run(t, "list", "--db", dsn, "--where", `{"registeredAt": {"gte": "2024-02-30"}}`)
	if code != 1 || stdout != "" || !strings.Contains(stderr, "is not an instant") {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
}

// TestTaxFits: what of an order is tax cannot be more than the order, or of the other sign.
func TestTaxFits(t *testing.T) {
	s := open(t, importCSV(t, "order_id,customer_id,placed_at,total\nA,c,2024-01-01,5\n", "--base-currency", "EUR"), nil)
	for tax, outcome := range map[string]string{"10": "CREATED", "10.01": "REJECTED", "-1": "REJECTED"} {
		a := ask(t, s, `mutation($tax: Decimal) { recordOrders(input: {orders: [{externalId: "o", customer: {externalId: "c"}, placedAt: "2024-01-01T00:00:00Z", total: "10", tax: $tax}]}) { outcomes errors { code path } } deleteOrders(input: {externalIds: ["o"]}) { errors { code } } }`, vars{"tax": tax})
		if text := text(a); !strings.Contains(text, outcome) || (outcome == "REJECTED") != strings.Contains(text, "OUT_OF_RANGE") {
			t.Errorf("tax %s: %s", tax, text)
		}
	}
}

// TestBoundedFilters: a filter or search larger than databases take is refused with a code, before one is asked.
func TestBoundedFilters(t *testing.T) {
	s := open(t, importCSV(t, "customer_id,placed_at,total\nc,2024-01-01,5\n", "--base-currency", "EUR"), nil)
	for name, v := range map[string]vars{
		"values": {"where": vars{"name": vars{"in": make([]string, 600)}}},
		"words":  {"search": strings.Repeat("a ", 60)},
	} {
		a := try(t, s.Handler, `query($where: CustomerWhere, $search: String) { customers(where: $where, search: $search) { totalCount } }`, v)
		if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "OUT_OF_RANGE" {
			t.Errorf("%s: %+v", name, a.Errors)
		}
	}
}
