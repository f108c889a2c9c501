package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"bellwether/internal/pgtest"
)

// load imports a text, and returns what was printed and rejected.
func load(t testing.TB, want int, dsn, kind, text string, args ...string) (stdout, rejects string) {
	t.Helper()
	folder := t.TempDir()
	file, rejected := filepath.Join(folder, "file"), filepath.Join(folder, "rejects.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := run(t, append([]string{"import", kind, file, "--db", dsn, "-q", "--rejects", rejected}, args...)...)
	if code != want {
		t.Fatalf("import %s: exit code %d\n%s%s", kind, code, stdout, stderr)
	}
	raw, err := os.ReadFile(rejected)
	if err != nil {
		t.Fatal(err)
	}
	return stdout, strings.ReplaceAll(string(raw), file, "FILE")
}

func newDSN(t testing.TB) string { return pgtest.DSN(t) }

// contains fails the test for each text that is not there.
func contains(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}

// TestImportRecords: customers, products and touchpoints of CSV, with every way of writing a value.
func TestImportRecords(t *testing.T) {
	dsn := newDSN(t)
	const customers = "\ufeffexternal_id,Name,kind,birth date,employees,annual_turnover,resells,referred_by,registered_at,tags,attributes.colour,attributes,consent,updated_at\n" +
		"ann,Ann 安,business,1990-01-31,3,12.50,yes,bob,2024-01-02 03:04,a; b|c,red,\"{\"\"size\"\": 1.50}\",\"{\"\"mail\"\":true}\",\n" +
		"cleo,,,,,,,,,,,,,\n" +
		"bad1,,human,,,,,,,,,,,\n" +
		",,,,,,,,,,,,,\n" +
		"bad2,,,31.1.1990,,,,,,,,,,\n" +
		"bad3,,,,many,,,,,,,,,\n" +
		"bad4,,,,,,perhaps,,,,,,,\n" +
		"bad5,,,,,,,,soon,,,,,\n" +
		"ann,Anna,,,,,,,,,,,,\n"
	out, rejects := load(t, 3, dsn, "customers", customers, "--base-currency", "EUR", "--time-zone", "Europe/Vienna")
	contains(t, out, "read      9 rows", "customers 3, source import", "created   2\nupdated   1", "rejected  6 rows")
	if want := "file,row,column,value,reason\nFILE,4,kind,HUMAN,invalid\nFILE,5,external_id,,required\nFILE,6,birth date,31.1.1990,invalid\nFILE,7,employees,many,invalid\nFILE,8,resells,perhaps,invalid\nFILE,9,registered_at,soon,invalid\n"; rejects != want {
		t.Errorf("rejects\n%s\nwant\n%s", rejects, want)
	}
	out, _ = load(t, 0, dsn, "products", "SKU;Title;technology;launched_at\ns1;Lamp;1;2024-01-01\ns2;灯;否;\n", "--delimiter", "semicolon", "--map", "name=Title")
	contains(t, out, "products  2\n", "created   2")
	touches := "customer_id,at,kind,cost,rating\nann,2024-03-01,visit,0.25,\nann,2024-03-01,visit,0.25,\ndan,2024-03-02 10:00,call,,5\n"
	out, _ = load(t, 0, dsn, "touchpoints", touches)
	contains(t, out, "touchpoints 3, source import", "created   3")
	out, _ = load(t, 0, dsn, "touchpoints", "rating,kind,at,customer_id,cost\n5,call,2024-03-02 10:00,dan,\n,visit,2024-03-01,ann,0.25\n,visit,2024-03-01,ann,0.25\n")
	contains(t, out, "unchanged 3")

	s := open(t, dsn, nil)
	data := ask(t, s, `{ ann: customer(by: {external: {source: "import", externalId: "ann"}}) { name kind tags attributes registeredAt touchpoints { totalCount edges { node { kind externalId } } } } dan: customer(by: {external: {source: "import", externalId: "dan"}}) { touchpoints { edges { node { rating at } } } } customers { totalCount } }`, nil)
	expect(t, data, map[string]any{
		"ann.name": "Anna", "ann.kind": "BUSINESS", "ann.tags": []any{"a", "b", "c"}, "ann.attributes.colour": "red", "ann.registeredAt": "2024-01-02T02:04:00Z",
		"ann.touchpoints.totalCount": 2, "dan.touchpoints.edges.0.node.rating": 5, "customers.totalCount": 4,
	})
	if id := text(at(data, "ann.touchpoints.edges.0.node.externalId")); !strings.HasPrefix(id, "row-") {
		t.Errorf("a touchpoint without a key is %s", id)
	}
}

// TestNDJSON: all kinds in the shape of the inputs, found by their first character; the last of a key counts.
func TestNDJSON(t *testing.T) {
	dsn := newDSN(t)
	orders := `{"externalId":"o1","customer":{"externalId":"ann"},"placedAt":"2024-01-01T00:00:00Z","currency":"EUR","lines":[{"sku":"s1","name":"Lamp","quantity":2,"unitPrice":"1.5"}]}
{"externalId":"o1","customer":{"externalId":"ann"},"placedAt":"2024-01-01T00:00:00Z","channel":"web"}

{"externalId":"o2","customer":{"source":"crm","externalId":"x"},"placedAt":"2024-01-02T00:00:00+01:00","total":7.25,"lines":[{"sku":"s1","quantity":0,"unitPrice":"1"}]}
[1]
{"externalId":"o3"
{"externalId":"o4","customer":{"externalId":"ann"},"placedAt":"2024-01-01T00:00:00Z","total":"1","colour":1}
{"externalId":"o5","customer":{"externalId":"ann"},"placedAt":"2024-01-01T00:00:00Z","total":"1","currency":"USD"}
{"externalId":"o6","customer":{"source":"crm","externalId":"x"},"placedAt":"2024-01-02T00:00:00+01:00","total":7.25}`
	out, rejects := load(t, 3, dsn, "orders", orders)
	contains(t, out, "read      8 rows", "orders    3 with 1 lines", "created   2\nupdated   1", "rejected  5 rows")
	if want := "file,row,column,value,reason\nFILE,4,lines.0.quantity,0,out_of_range\nFILE,5,,[1],malformed_json\nFILE,6,,\"{\"\"externalId\"\":\"\"o3\"\"\",malformed_json\nFILE,7,colour,1,invalid\nFILE,8,rate,,unknown_currency\n"; rejects != want {
		t.Errorf("rejects\n%s\nwant\n%s", rejects, want)
	}
	load(t, 0, dsn, "customers", `{"externalId":"ann","name":"安","tags":[],"updatedAt":"2024-01-01T00:00:00Z"}`+"\n"+`{"externalId":"ann","name":null}`)
	load(t, 0, dsn, "products", `{"sku":"s1","category":"light"}`, "--format", "ndjson")
	load(t, 0, dsn, "touchpoints", `{"externalId":"t1","customer":{"externalId":"ann"},"at":"2024-01-01T00:00:00Z","kind":"visit","attributes":{"a":[1,null]}}`)
	if out, _ := load(t, 0, dsn, "customers", `{"externalId":"zoe"}`, "--dry-run"); !strings.Contains(out, "nothing written") {
		t.Error(out)
	}
	data := ask(t, open(t, dsn, nil), `{ customers(orderBy: {field: NAME}) { totalCount } customer(by: {external: {source: "import", externalId: "ann"}}) { name touchpoints { totalCount } orders { edges { node { channel total { amount currency } lines { name category } } } } } }`, nil)
	expect(t, data, map[string]any{
		"customers.totalCount": 2, "customer.name": nil, "customer.touchpoints.totalCount": 1, "customer.orders.edges.0.node.channel": "web",
		"customer.orders.edges.0.node.total": map[string]any{"amount": "3.00", "currency": "EUR"}, "customer.orders.edges.0.node.lines.0": map[string]any{"name": "Lamp", "category": "light"},
	})
}

// TestEncodings: files of Chinese spreadsheets, and those that are not what they are said to be.
func TestEncodings(t *testing.T) {
	const customers = "external_id,name,city\n甲,陈晓明,上海\n乙,𠮷田,\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(customers)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(customers)
	if err != nil {
		t.Fatal(err)
	}
	for encoding, file := range map[string]string{"gb18030": gb, "utf-16": wide, "utf-8": "\ufeff" + customers} {
		dsn := newDSN(t)
		load(t, 0, dsn, "customers", file, "--encoding", encoding)
		expect(t, ask(t, open(t, dsn, nil), `{ a: customer(by: {external: {source: "import", externalId: "甲"}}) { name city } b: customer(by: {external: {source: "import", externalId: "乙"}}) { name } }`, nil),
			map[string]any{"a.name": "陈晓明", "a.city": "上海", "b.name": "𠮷田"})
	}
	_, rejects := load(t, 3, newDSN(t), "customers", gb)
	contains(t, rejects, "invalid_utf8")
	_, rejects = load(t, 3, newDSN(t), "customers", "external_id,name\na,\xff\xff\n", "--encoding", "gb18030")
	contains(t, rejects, "invalid_encoding")
	if code, _, stderr := run(t, "import", "customers", "x.csv", "--encoding", "big5", "--db", newDSN(t)); code != 1 || !strings.Contains(stderr, "gb18030") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

// TestShopify: an export as Shopify writes them, with the rows after an order's first nearly empty.
func TestShopify(t *testing.T) {
	dsn := newDSN(t)
	for _, want := range []string{"created   3", "unchanged 3"} {
		code, out, stderr := run(t, "import", "orders", "internal/ingest/testdata/shopify_orders.csv", "--preset", "shopify-orders", "--db", dsn, "-q")
		if code != 0 {
			t.Fatal(out, stderr)
		}
		contains(t, out, "orders    3 with 4 lines, source shopify", want)
	}
	data := ask(t, open(t, dsn, nil), `{ ben: customer(by: {email: "ben@example.com"}) { name country orders { edges { node { externalId status channel placedAt paidAt total { amount } discount { amount } refunds { amount { amount } } lines { sku name quantity unitPrice { amount } } } } } }
		mei: customer(by: {email: "mei@example.com"}) { name country rfm { frequency } orders { edges { node { status cancelledAt } } } } ada: customer(by: {email: "ada@example.com"}) { rfm { monetary { amount currency } } orders { edges { node { channel } } } } }`, nil)
	order := at(data, "ben.orders.edges.0.node")
	expect(t, order, map[string]any{
		"externalId": "#1002", "status": "PARTIALLY_REFUNDED", "placedAt": "2024-03-02T23:00:00Z", "paidAt": "2024-03-02T23:00:05Z", "channel": "web", "total.amount": "43.60",
		"discount.amount": "5.00", "refunds.0.amount.amount": "16.00", "lines.*.sku": []any{"FERN-1", "BAG-1"}, "lines.0.quantity": 2,
	})
	expect(t, data, map[string]any{
		"ben.name": "Ben Placeholder", "ben.country": "US", "mei.name": "梅 Mei", "mei.orders.edges.0.node": map[string]any{"status": "CANCELLED", "cancelledAt": "2024-03-04T02:00:00Z"},
		"mei.rfm.frequency": 0, "ada.rfm.monetary": map[string]any{"amount": "25.00", "currency": "USD"}, "ada.orders.edges.0.node.channel": "pos",
	})
}
