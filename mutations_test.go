package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"bellwether/internal/pgtest"
)

// empty serves a database without records whose base currency is EUR.
func empty(t testing.TB) *Server {
	t.Helper()
	o := optionsOf(pgtest.DSN(t))
	o.BaseCurrency = "EUR"
	s, err := NewServer(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

const (
	upsertCustomers = `mutation($in: UpsertCustomersInput!) { out: upsertCustomers(input: $in) { items: customers { id externalId kind name email phone country city tags attributes registeredAt identities { source externalId } } outcomes errors { __typename code message zh: message(locale: "zh-CN") path index } } }`
	upsertProducts  = `mutation($in: UpsertProductsInput!) { out: upsertProducts(input: $in) { items: products { sku name category kind launchedAt technology } outcomes errors { code path index } } }`
	recordOrders    = `mutation($in: RecordOrdersInput!) { out: recordOrders(input: $in) { items: orders { id externalId placedAt status channel paidAt cancelledAt total { amount currency } discount { amount } customer { externalId } refunds { externalId at amount { amount } } lines { sku name quantity unitPrice { amount } } } outcomes errors { code message zh: message(locale: "zh") path index } } }`
	recordTouches   = `mutation($in: RecordTouchpointsInput!) { out: recordTouchpoints(input: $in) { items: touchpoints { id externalId at kind channel campaign topic rating sku } outcomes errors { code path index } } }`
	mergeCustomers  = `mutation($in: MergeCustomersInput!) { out: mergeCustomers(input: $in) { customer { id externalId name identities { externalId } orders { totalCount } } mergedId errors { code message zh: message(locale: "zh") path } } }`
)

// write sends a mutation and returns its payload.
func write(t testing.TB, s *Server, mutation string, in vars) map[string]any {
	t.Helper()
	out, ok := ask(t, s, mutation, vars{"in": in})["out"].(map[string]any)
	if !ok {
		t.Fatalf("%s: no payload", mutation)
	}
	return out
}

func key(id string) vars { return vars{"externalId": id} }

// TestUpsert: left out is unchanged, null is cleared, lists are replaced; repeating changes nothing; stale ones neither.
func TestUpsert(t *testing.T) {
	s := empty(t)
	full := vars{
		"externalId": "ann", "name": "Ann 安", "kind": "BUSINESS", "email": "ann@example.com", "phone": "1", "birthDate": "1990-01-31", "employees": 3, "annualTurnover": "12.50",
		"country": "AT", "city": "Wien", "resells": true, "account": "Group", "referredBy": key("bob"), "registeredAt": "2024-01-02T03:04:05.678901+02:00",
		"consent": vars{"mail": true}, "tags": []string{"a", "b"}, "attributes": vars{"x": []int{1}, "y": nil}, "updatedAt": "2024-02-01T00:00:00Z",
	}
	for _, outcome := range []string{"CREATED", "UNCHANGED"} {
		out := write(t, s, upsertCustomers, vars{"customers": []vars{full}})
		expect(t, out, map[string]any{
			"outcomes": []any{outcome}, "errors": []any{}, "items.0.kind": "BUSINESS", "items.0.registeredAt": "2024-01-02T01:04:05.678901Z",
			"items.0.tags": []any{"a", "b"}, "items.0.attributes": map[string]any{"x": []any{1}, "y": nil}, "items.0.identities": []any{map[string]any{"source": "api", "externalId": "ann"}},
		})
	}
	out := write(t, s, upsertCustomers, vars{"customers": []vars{
		{"externalId": "ann", "phone": nil, "kind": nil, "tags": []string{"c"}, "updatedAt": "2024-02-02T00:00:00Z"}, {"externalId": "cleo"},
	}})
	expect(t, out, map[string]any{"outcomes": []any{"UPDATED", "CREATED"}, "items.0.name": "Ann 安", "items.0.phone": nil, "items.0.kind": "PERSON", "items.0.tags": []any{"c"}, "items.1.externalId": "cleo"})
	out = write(t, s, upsertCustomers, vars{"customers": []vars{{"externalId": "ann", "name": "Old", "updatedAt": "2024-02-01T23:59:59Z"}}})
	expect(t, out, map[string]any{"outcomes": []any{"STALE"}, "items.0.name": "Ann 安", "errors": []any{}})
	expect(t, ask(t, s, `{ customer(by: {external: {externalId: "bob"}}) { externalId kind } }`, nil), map[string]any{"customer.externalId": "bob"})

	product := vars{"sku": "s1", "name": "Lamp", "kind": "SERVICE", "technology": true, "launchedAt": "2024-01-01T00:00:00Z"}
	expect(t, write(t, s, upsertProducts, vars{"products": []vars{product, {"sku": "s2"}}}), map[string]any{"outcomes": []any{"CREATED", "CREATED"}, "items.0.technology": true, "items.1.kind": "GOODS"})
	expect(t, write(t, s, upsertProducts, vars{"products": []vars{{"sku": "s1", "name": nil}}}), map[string]any{"outcomes": []any{"UPDATED"}, "items.0.name": nil, "items.0.kind": "SERVICE"})
	touch := vars{"externalId": "t1", "customer": key("dan"), "at": "2024-03-01T00:00:00Z", "kind": "visit", "side": "ONLINE", "cost": "0.25", "sentiment": -0.5, "impact": 3, "rating": 5, "initiatedBy": "CUSTOMER"}
	for _, outcome := range []string{"CREATED", "UNCHANGED"} {
		expect(t, write(t, s, recordTouches, vars{"touchpoints": []vars{touch}}), map[string]any{"outcomes": []any{outcome}, "items.0.rating": 5})
	}
}

// TestRecordOrders: lines, refunds, unknown customers, moves, corrections and deletion.
func TestRecordOrders(t *testing.T) {
	s := empty(t)
	first := vars{"externalId": "o1", "customer": key("ann"), "placedAt": "2024-01-01T00:00:00Z", "lines": []vars{{"sku": "s1", "name": "Lamp", "quantity": 2, "unitPrice": "1.005"}, {"sku": "s2", "quantity": -1, "unitPrice": 0.5}}}
	for _, outcome := range []string{"CREATED", "UNCHANGED"} {
		out := write(t, s, recordOrders, vars{"orders": []vars{first}})
		expect(t, out, map[string]any{"outcomes": []any{outcome}, "items.0.status": "PAID", "items.0.total": map[string]any{"amount": "1.51", "currency": "EUR"}, "items.0.lines.0.name": "Lamp", "items.0.customer.externalId": "ann"})
	}
	correction := vars{"externalId": "o1", "customer": key("bob"), "placedAt": "2024-01-01T00:00:00Z", "status": "PARTIALLY_REFUNDED", "refunds": []vars{{"externalId": "r1", "at": "2024-01-02T00:00:00Z", "amount": "0.51"}}}
	expect(t, write(t, s, recordOrders, vars{"orders": []vars{correction}}), map[string]any{"outcomes": []any{"UPDATED"}, "items.0.customer.externalId": "bob", "items.0.refunds.0.amount.amount": "0.51", "items.0.lines.1.quantity": -1})
	counts := `{ ann: customer(by: {external: {externalId: "ann"}}) { orders { totalCount } rfm { frequency } } bob: customer(by: {external: {externalId: "bob"}}) { orders { totalCount } rfm { frequency monetary { amount } } } }`
	expect(t, ask(t, s, counts, nil), map[string]any{"ann.orders.totalCount": 0, "ann.rfm.frequency": 0, "bob.orders.totalCount": 1, "bob.rfm.frequency": 1, "bob.rfm.monetary.amount": "1.00"})
	expect(t, write(t, s, recordOrders, vars{"orders": []vars{{"externalId": "o1", "customer": key("bob"), "placedAt": "2024-01-01T00:00:00Z", "lines": []vars{}, "refunds": nil, "total": "7"}}}), map[string]any{"outcomes": []any{"UPDATED"}, "items.0.lines": []any{}, "items.0.refunds": []any{}, "items.0.total.amount": "7.00"})
	foreign := vars{"externalId": "o2", "customer": key("bob"), "placedAt": "2024-02-01T00:00:00Z", "currency": "JPY", "total": "1000"}
	expect(t, write(t, s, recordOrders, vars{"orders": []vars{foreign}}), map[string]any{"outcomes": []any{"REJECTED"}, "errors.0.code": "UNKNOWN_CURRENCY", "errors.0.index": 0})
	foreign["rate"] = "0.006"
	expect(t, write(t, s, recordOrders, vars{"orders": []vars{foreign}}), map[string]any{"outcomes": []any{"CREATED"}, "items.0.total": map[string]any{"amount": "1000", "currency": "JPY"}})

	remove := `mutation($in: DeleteInput!) { out: deleteOrders(input: $in) { deletedIds errors { code path } } }`
	out := write(t, s, remove, vars{"externalIds": []string{"o1", "nobody", "o1"}})
	if ids := texts(out, "deletedIds"); len(ids) != 1 || !strings.HasPrefix(ids[0], "ord_") {
		t.Errorf("deleted %v", ids)
	}
	expect(t, write(t, s, remove, vars{"externalIds": []string{"o1"}}), map[string]any{"deletedIds": []any{}, "errors": []any{}})
	expect(t, write(t, s, remove, vars{"externalIds": make501(func(i int) any { return fmt.Sprint(i) })}), map[string]any{"errors.0.code": "TOO_MANY", "errors.0.path": []any{"externalIds"}})
	expect(t, ask(t, s, counts, nil), map[string]any{"bob.orders.totalCount": 1})
}

func make501(item func(i int) any) []any {
	items := make([]any, 501)
	for i := range items {
		items[i] = item(i)
	}
	return items
}

// TestUserErrors: what is wrong with items is said by place, code and language; the call is rejected, or the items are.
func TestUserErrors(t *testing.T) {
	s := empty(t)
	good := func(id string) vars {
		return vars{"externalId": id, "customer": key("c"), "placedAt": "2024-01-01T00:00:00Z", "total": "1"}
	}
	bad := func(id, field string, value any) vars {
		o := good(id)
		o[field] = value
		return o
	}
	line := func(field string, value any) vars {
		l := vars{"sku": "s", "quantity": 1, "unitPrice": "1"}
		l[field] = value
		return bad("x", "lines", []vars{l})
	}
	for _, test := range []struct {
		order vars
		code  string
		path  string
	}{
		{bad("x", "placedAt", "yesterday"), "INVALID", "placedAt"},
		{bad("x", "placedAt", "2024-02-30T00:00:00Z"), "INVALID", "placedAt"},
		{bad("x", "total", "1.001"), "INVALID", "total"},
		{bad("x", "total", "a lot"), "INVALID", "total"},
		{bad("x", "total", "99999999999999999"), "INVALID", "total"},
		{bad("x", "currency", "EURO"), "UNKNOWN_CURRENCY", "currency"},
		{bad("", "total", "1"), "REQUIRED", "externalId"},
		{bad(strings.Repeat("k", 256), "total", "1"), "OUT_OF_RANGE", "externalId"},
		{line("quantity", 0), "OUT_OF_RANGE", "lines.0.quantity"},
		{line("unitPrice", "-1"), "OUT_OF_RANGE", "lines.0.unitPrice"},
		{line("unitPrice", "0.0000001"), "INVALID", "lines.0.unitPrice"},
		{bad("x", "refunds", []vars{{"externalId": "r", "at": "2024-01-01T00:00:00Z", "amount": "0"}}), "OUT_OF_RANGE", "refunds.0.amount"},
	} {
		out := write(t, s, recordOrders, vars{"orders": []vars{good("a"), test.order}})
		path := append([]any{"orders", "1"}, anys(strings.Split(test.path, "."))...)
		expect(t, out, map[string]any{"outcomes": []any{"REJECTED", "REJECTED"}, "items": []any{nil, nil}, "errors.0.code": test.code, "errors.0.path": path, "errors.0.index": 1})
		if en, zh := text(at(out, "errors.0.message")), text(at(out, "errors.0.zh")); en == zh || zh == "" {
			t.Errorf("%v: messages %q and %q", test.order, en, zh)
		}
	}
	if n := text(at(ask(t, s, `{ customers { totalCount } }`, nil), "customers.totalCount")); n != "0" {
		t.Errorf("rejected calls have made %s customers", n)
	}
	mixed := []vars{good("a"), bad("b", "placedAt", "x"), good("c"), good("a"), line("quantity", 0)}
	out := write(t, s, recordOrders, vars{"onError": "SKIP_ITEM", "orders": mixed})
	expect(t, out, map[string]any{"outcomes": []any{"CREATED", "REJECTED", "CREATED", "REJECTED", "REJECTED"}, "items.*.externalId": []any{"a", nil, "c", nil, nil}, "errors.*.code": []any{"INVALID", "DUPLICATE", "OUT_OF_RANGE"}, "errors.1.path": []any{"orders", "3", "externalId"}})
	out = write(t, s, recordOrders, vars{"orders": make501(func(i int) any { return good(fmt.Sprint(i)) })})
	expect(t, out, map[string]any{"errors.0.code": "TOO_MANY", "errors.0.path": []any{"orders"}, "errors.0.index": nil, "outcomes.500": "REJECTED"})
	expect(t, write(t, s, recordOrders, vars{"source": "", "orders": []vars{good("a")}}), map[string]any{"errors.0.code": "REQUIRED", "errors.0.path": []any{"source"}})
	if a := try(t, s.Handler, recordOrders, vars{"in": vars{"source": strings.Repeat("x", 4<<20), "orders": []vars{}}}); a.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("more than 4 MB: %+v", a)
	}
	// GraphQL itself checks names, enums and what is required, in variables and in documents.
	for _, wrong := range []vars{{"externalId": "x", "colour": "y"}, {"externalId": "x", "kind": "HUMAN"}, {"name": "y"}, {"externalId": nil}, {"externalId": "x", "employees": "many"}} {
		if a := try(t, s.Handler, upsertCustomers, vars{"in": vars{"customers": []vars{wrong}}}); len(a.Errors) == 0 || a.Data != nil {
			t.Errorf("%v: %+v", wrong, a)
		}
	}
	for _, wrong := range []string{`{externalId: "x", colour: "y"}`, `{externalId: "x", kind: HUMAN}`, `{name: "y"}`, `{externalId: "x", employees: "many"}`} {
		if a := try(t, s.Handler, `mutation { upsertCustomers(input: {customers: [`+wrong+`]}) { outcomes } }`, nil); len(a.Errors) == 0 || a.Data != nil {
			t.Errorf("%s: %+v", wrong, a)
		}
	}
	single := good("single")
	single["lines"] = vars{"sku": "s", "quantity": 1, "unitPrice": "1"}
	expect(t, write(t, s, recordOrders, vars{"orders": single}), map[string]any{"outcomes": []any{"CREATED"}, "items.0.lines.0.sku": "s"})
	expect(t, write(t, s, upsertCustomers, vars{"customers": vars{"externalId": "single", "tags": "one"}}), map[string]any{"items.0.tags": []any{"one"}})
	literal := `mutation($name: String) { out: upsertCustomers(input: {customers: [{externalId: "l", name: $name, kind: CHANNEL, tags: "one", annualTurnover: 12.5}, {externalId: "l2", birthDate: "31.1.1990"}], onError: SKIP_ITEM}) { customers { name tags } outcomes errors { path } } }`
	expect(t, ask(t, s, literal, nil), map[string]any{"out.outcomes": []any{"CREATED", "REJECTED"}, "out.customers.0.tags": []any{"one"}, "out.errors.0.path": []any{"customers", "1", "birthDate"}})
}

func anys(texts []string) []any {
	out := make([]any, len(texts))
	for i, s := range texts {
		out[i] = s
	}
	return out
}

// TestMerge: children move, old keys resolve and accept writes, chains and cycles end, and there is no way back.
func TestMerge(t *testing.T) {
	s := empty(t)
	var orders []vars
	for _, c := range []string{"a", "b", "c"} {
		orders = append(orders, vars{"externalId": "o" + c, "customer": key(c), "placedAt": "2024-01-01T00:00:00Z", "total": "1"})
	}
	write(t, s, recordOrders, vars{"orders": orders})
	write(t, s, upsertCustomers, vars{"customers": []vars{{"externalId": "d", "email": "same@example.com"}, {"externalId": "e", "email": "same@example.com"}}})
	merge := func(from, into any) map[string]any {
		return write(t, s, mergeCustomers, vars{"from": from, "into": into})
	}
	external := func(id string) vars { return vars{"external": key(id)} }
	for range 2 {
		out := merge(external("a"), external("b"))
		expect(t, out, map[string]any{"customer.externalId": "b", "customer.orders.totalCount": 2, "errors": []any{}, "customer.identities.*.externalId": []any{"b", "a"}})
		if id := text(at(out, "mergedId")); !strings.HasPrefix(id, "cus_") || at(ask(t, s, `query($id: ID!) { node(id: $id) { id } }`, vars{"id": id}), "node") != nil {
			t.Errorf("merged %s", id)
		}
	}
	expect(t, merge(external("b"), external("a")), map[string]any{"customer": nil, "mergedId": nil, "errors.0.code": "CONFLICT"})
	expect(t, merge(external("c"), external("c")), map[string]any{"errors.0.code": "CONFLICT"})
	expect(t, merge(external("a"), external("c")), map[string]any{"customer.externalId": "c", "customer.orders.totalCount": 3, "errors": []any{}})
	expect(t, merge(external("nobody"), external("c")), map[string]any{"errors.0.code": "NOT_FOUND", "errors.0.path": []any{"from"}})
	expect(t, merge(external("c"), vars{"email": "SAME@example.com"}), map[string]any{"errors.0.code": "AMBIGUOUS", "errors.0.path": []any{"into"}})
	expect(t, merge(vars{"id": "nonsense"}, vars{}), map[string]any{"errors.*.code": []any{"NOT_FOUND", "INVALID"}})
	write(t, s, recordOrders, vars{"orders": []vars{{"externalId": "late", "customer": key("a"), "placedAt": "2024-02-01T00:00:00Z", "total": "1"}}})
	out := write(t, s, upsertCustomers, vars{"customers": []vars{{"externalId": "a", "name": "Name"}}})
	expect(t, out, map[string]any{"items.0.externalId": "c", "items.0.name": "Name", "outcomes": []any{"UPDATED"}})
	expect(t, ask(t, s, `{ customer(by: {external: {externalId: "b"}}) { externalId orders { totalCount } } }`, nil), map[string]any{"customer.externalId": "c", "customer.orders.totalCount": 4})
}

// TestMutationStatements: a call costs the same few statements for 5 orders and for 500, and reading back one for each
// kind of record that is selected.
func TestMutationStatements(t *testing.T) {
	s, c := counted(t, pgtest.DSN(t))
	call := func(name string, n, from int) int {
		orders := make([]vars, n)
		for i := range orders {
			lines := make([]vars, 5)
			for j := range lines {
				lines[j] = vars{"sku": fmt.Sprint("s", (i+j)%50), "quantity": 1 + j, "unitPrice": "1.5"}
			}
			orders[i] = vars{"externalId": fmt.Sprint(name, from+i), "customer": key(fmt.Sprint("c", i%100)), "placedAt": "2024-01-01T00:00:00Z", "currency": "EUR", "lines": lines}
		}
		return len(c.during(func() { write(t, s, recordOrders, vars{"orders": orders}) }))
	}
	call("warm", 500, 0)
	few, many := call("a", 5, 0), call("b", 500, 0)
	if many > few+6 || many > 40 {
		t.Errorf("5 orders take %d statements, 500 take %d", few, many)
	}
	in := vars{"orders": []vars{{"externalId": "b1", "customer": key("c1"), "placedAt": "2024-01-01T00:00:00Z"}}}
	without := len(c.during(func() {
		ask(t, s, `mutation($in: RecordOrdersInput!) { recordOrders(input: $in) { outcomes } }`, vars{"in": in})
	}))
	with := len(c.during(func() {
		ask(t, s, `mutation($in: RecordOrdersInput!) { recordOrders(input: $in) { outcomes orders { id } } }`, vars{"in": in})
	}))
	if with != without+1 {
		t.Errorf("%d statements without reading back, %d with", without, with)
	}
	// Customers; orders, with the last stamp; the order's row and the rollup, on PostgreSQL in one.
	want := 4
	if pgtest.Postgres() {
		want = 3
	}
	one := vars{"orders": []vars{{"externalId": "single", "customer": key("c1"), "placedAt": "2024-01-01T00:00:00Z", "total": "1"}}}
	single := c.during(func() {
		ask(t, s, `mutation($in: RecordOrdersInput!) { recordOrders(input: $in) { outcomes } }`, vars{"in": one})
	})
	if len(single) != want {
		t.Errorf("an order takes %d statements, want %d:\n%s", len(single), want, strings.Join(single, "\n"))
	}
}

// TestMutationOverGET: a GET writes nothing.
func TestMutationOverGET(t *testing.T) {
	s := empty(t)
	query := url.Values{"query": {`mutation { upsertCustomers(input: {customers: [{externalId: "x"}]}) { outcomes } }`}}
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/graphql?"+query.Encode(), nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "OPTIONS, POST" {
		t.Errorf("status %d, %v %s", w.Code, w.Header(), w.Body)
	}
	expect(t, ask(t, s, `{ customers { totalCount } }`, nil), map[string]any{"customers.totalCount": 0})
}
