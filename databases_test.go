package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"bellwether/internal/pgtest"
)

// oddities are what the documents below read beside the real orders: what sorts, compares and is stored otherwise by default
// on one database or the other.
const oddities = `mutation {
  upsertCustomers(input: {source: "crm", customers: [
    {externalId: "1", name: "Ångström", email: "Å@example.com", registeredAt: "2005-01-02T03:04:05.678901Z", tags: ["b", "a"], attributes: {z: 1.50, a: "\u2028 x", list: [1e2, null]}}
    {externalId: "2", name: "zoë", country: "DE", city: "", employees: 3, annualTurnover: "12345678.90", kind: BUSINESS}
    {externalId: "3", name: "Zoe", country: "de", referredBy: {source: "crm", externalId: "1"}, registeredAt: "1999-12-31T23:59:59Z"}
    {externalId: "4", name: "王小明", phone: "138%_\\", attributes: "{\"not\": \"an object\"}"}
    {externalId: "5", name: "_", account: "O'Neill \\ \"Co\" {1}"}
    {externalId: "6", name: "😀"}
    {externalId: "7"}
    {externalId: "8", name: "%"}
    {externalId: "9", name: "a\\b, \"c\" {d}", consent: {mail: true}}
  ]}) { outcomes customers { id name attributes tags } errors { code path } }
  recordOrders(input: {source: "crm", orders: [
    {externalId: "o1", customer: {source: "crm", externalId: "1"}, placedAt: "2006-03-04T05:06:07.000001Z", lines: [{sku: "tea, \"green\"", quantity: 3, unitPrice: "0.001", name: "Tea"}, {sku: "pot", quantity: 1, unitPrice: "9.5", condition: USED}]}
    {externalId: "o2", customer: {source: "crm", externalId: "2"}, placedAt: "2006-03-04T05:06:07Z", total: "90000000000.00", refunds: [{externalId: "b", at: "2006-03-05T00:00:00Z", amount: "0.01"}, {externalId: "B", at: "2006-03-05T00:00:00Z", amount: "5"}]}
    {externalId: "o3", customer: {source: "crm", externalId: "2"}, placedAt: "2006-03-04T05:06:07Z", currency: "JPY", rate: "0.0087", total: "1001", status: CANCELLED, cancelledAt: "2006-04-01T00:00:00Z"}
    {externalId: "o4", customer: {source: "crm", externalId: "3"}, placedAt: "2006-03-04T05:06:08Z", total: "-5"}
  ]}) { outcomes orders { id } errors { code path } }
  recordTouchpoints(input: {source: "crm", touchpoints: [
    {externalId: "t1", customer: {source: "crm", externalId: "4"}, at: "2006-05-05T05:05:05Z", kind: "demo", sentiment: -0.30000000000000004, rating: 4, topic: "价格", attributes: [1, {b: 2, a: 1}]}
    {externalId: "t2", customer: {source: "crm", externalId: "4"}, at: "2006-05-05T05:05:05Z", kind: "visit", cost: "1.25"}
  ]}) { outcomes touchpoints { id } errors { code path } }
  mergeCustomers(input: {from: {external: {source: "crm", externalId: "9"}}, into: {external: {source: "crm", externalId: "8"}}}) { customer { externalId identities { source externalId } } errors { code } }
}`

// TestDatabases asks the same of the same data on both databases: the answers are equal to the last byte, cursors too.
func TestDatabases(t *testing.T) {
	var servers [2]*Server
	for i, dsn := range []string{"sqlite:" + filepath.Join(t.TempDir(), "shop.db"), pgtest.Database(t)} {
		code, stdout, stderr := run(t, "import", "orders", "testdata/rfm_data_orders.csv.gz", "--map", "placed_at=order_date,total=revenue", "--currency", "USD", "--db", dsn, "-q")
		if code != 0 {
			t.Fatal(stdout, stderr)
		}
		servers[i] = open(t, dsn, nil)
	}
	const crm = `{ customer(by: {external: {source: "crm", externalId: "ID"}}) { id name email phone country city kind tags attributes registeredAt
		identities { source externalId } orders { totalCount edges { cursor node { externalId placedAt status total { amount currency }
		refunds { externalId at amount { amount } } lines { sku name quantity unitPrice { amount } } } } }
		touchpoints { totalCount edges { cursor node { externalId at kind topic rating } } } scores { scorer ... on RfmScore { r f m evidence { reason } } ... on OrientationScore { label evidence { reason } } } } }`
	for i, document := range []string{
		oddities,
		oddities, // again: nothing changes
		strings.Replace(crm, "ID", "1", 1),
		strings.Replace(crm, "ID", "2", 1),
		strings.Replace(crm, "ID", "4", 1),
		strings.Replace(crm, "ID", "9", 1),
		`{ customers(first: 30) { totalCount pageInfo { endCursor hasNextPage } edges { cursor node { externalId rfm { r f m label monetary { amount } recencyDays } orders(first: 3) { edges { node { total { amount } placedAt } } } } } } }`,
		`{ customers(first: 9, orderBy: {field: NAME}) { edges { node { externalId last: orders(last: 1) { pageInfo { hasPreviousPage startCursor } edges { node { externalId customer { id country } lines { sku name quantity unitPrice { amount } } } } }
			one: orders(first: 1) { edges { node { externalId } } } again: orders(first: 1) { pageInfo { hasNextPage } edges { node { channel cancelledAt discount { amount } } } }
			touchpoints(first: 1) { edges { cursor node { at channel kind sku topic rating campaign } } } } } } }`,
		`{ customers(last: 12) { edges { node { ...spread ... on Customer { orders(first: 2) { edges { node { status } } } } touchpoints(first: 1) @skip(if: true) { edges { node { id } } } } } } }
			fragment spread on Customer { orders(first: 2) { edges { node { placedAt lines { sku } } } } }`,
		`{ customers(first: 2) { edges { node { externalId orders(first: 0) { edges { node { id } } } touchpoints(after: "nonsense") { edges { node { id } } } } } } }`,
		`{ customers(first: 20, orderBy: {field: NAME}) { edges { cursor node { name externalId } } } }`,
		`{ customers(first: 20, orderBy: {field: NAME, direction: DESC}) { edges { cursor node { name externalId } } } }`,
		`{ customers(last: 20, orderBy: {field: REGISTERED_AT}) { pageInfo { hasPreviousPage startCursor } edges { cursor node { externalId registeredAt } } } }`,
		`{ customers(first: 20, orderBy: {field: REGISTERED_AT, direction: DESC}) { edges { cursor node { externalId registeredAt } } } }`,
		`{ a: customers(search: "ZO") { edges { node { name } } } b: customers(search: "%") { edges { node { name } } } c: customers(search: "小明") { edges { node { name } } } d: customers(search: "å@EX") { edges { node { name } } } e: customers(search: "b, \"c\"") { edges { node { name } } } }`,
		`{ a: customers(where: {name: {startsWith: "Z"}}) { edges { node { name } } } b: customers(where: {not: {country: {eq: "DE"}}, name: {null: false}}) { edges { node { name } } } c: customers(where: {or: [{kind: {in: [BUSINESS]}}, {registeredAt: {lt: "2000-01-01T00:00:00Z"}}]}) { totalCount edges { node { name } } } d: customers(where: {city: {eq: ""}}) { totalCount } e: customers(where: {phone: {startsWith: "138%"}}) { totalCount } }`,
		`{ a: distribution(scorer: "rfm") { asOf customers buckets { label customers revenue { amount } } } b: distribution(scorer: "rfm", asOf: "2005-12-31T00:00:00Z") { customers buckets { label customers revenue { amount } } } c: distribution(scorer: "orientation") { customers buckets { label customers revenue { amount } } } d: distribution(scorer: "benchmark") { customers buckets { label customers revenue { amount } } } }`,
		`{ customers(first: 100) { edges { node { score(name: "pioneer", asOf: "2006-12-31T00:00:00Z") { scorer evidence { reason } } benchmark(asOf: "2006-06-30T00:00:00Z") { evidence { reason } } } } } }`,
		`mutation { deleteOrders(input: {source: "crm", externalIds: ["o4", "o2", "none", "o4"]}) { deletedIds errors { code path } } deleteTouchpoints(input: {source: "crm", externalIds: ["t1"]}) { deletedIds } }`,
		`{ customers(first: 2, after: "nonsense") { edges { node { id } } } }`,
	} {
		first, second := body(t, servers[0].Handler, document), body(t, servers[1].Handler, document)
		if first != second {
			t.Errorf("%s\nSQLite     %s\nPostgreSQL %s", document, first, second)
		}
		if i == 0 && (strings.Contains(first, `"code"`) || strings.Count(first, "CREATED") != 15) {
			t.Errorf("not all was written: %s", first)
		}
		if strings.Contains(first, `VALIDATION_FAILED`) || strings.Contains(first, "INTERNAL") {
			t.Errorf("%s\n%s", document, first)
		}
	}
}

// body is the text of an answer.
func body(t *testing.T, h http.Handler, query string) string {
	t.Helper()
	text, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(string(text)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.String()
}
