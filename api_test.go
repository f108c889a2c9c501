package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bellwether/internal/graphiql"
)

// firstQuery is the one that the README begins with.
const firstQuery = `{ customers(first: 5) { edges { node { externalId rfm { segment r f m evidence { reason } } orientation { orientation } } } } }`

func TestFirstQuery(t *testing.T) {
	data := ask(t, demoData(t), firstQuery, nil)
	for i := range 5 {
		node := at(data, "customers.edges").([]any)[i]
		if at(node, "node.externalId") == "" || at(node, "node.rfm.segment") == "NONE" || len(texts(node, "node.rfm.evidence.*.reason")) != 4 || at(node, "node.orientation.orientation") == nil {
			t.Errorf("customer %d: %s", i, text(node))
		}
	}
}

// TestExamples: those that GraphiQL opens with answer, and nothing in them is null at the top. TestBrowserLive runs the
// subscription.
func TestExamples(t *testing.T) {
	examples := graphiql.Examples()
	if len(examples) < 6 {
		t.Fatalf("only %d examples", len(examples))
	}
	for _, example := range examples {
		if strings.Contains(example.Query, "\nsubscription ") {
			continue
		}
		v := vars{}
		if example.Variables != "" {
			if err := json.Unmarshal([]byte(example.Variables), &v); err != nil {
				t.Fatal(err)
			}
		}
		for name, value := range ask(t, demoData(t), example.Query, v) {
			if value == nil {
				t.Errorf("%s: %s is null", example.Name, name)
			}
		}
	}
}

const ordersCSV = `order_id,customer_id,customer_name,email,country,placed_at,sku,product,category,quantity,unit_price,tax,discount,refunded,channel,status
1,ann,Ann,ann@example.com,DE,2024-06-01T10:00:00Z,A,Apple,fruit,2,1.005,0.10,0.20,,web,
1,ann,Ann,ann@example.com,DE,2024-06-01T10:00:00Z,B,Bread,,1,3,,,,web,
2,ann,Ann,ann@example.com,DE,2024-06-20T10:00:00Z,A,Apple,fruit,10,1,,,4,shop,PARTIALLY_REFUNDED
3,bob,Bob,SHARED@example.com,,2024-05-01T10:00:00Z,C,Cake,,1,20,,,,,
4,eve,Eve,shared@example.com,,2024-05-02T10:00:00Z,C,Cake,,-1,20,,,,,
`

// TestOrders: an order as it was imported, with its lines, refunds, money and customer.
func TestOrders(t *testing.T) {
	s := shop(t, ordersCSV, "--currency", "EUR", "--source", "till")
	data := ask(t, s, `{ customer(by: {external: {source: "till", externalId: "ann"}}) {
		id externalId name kind country identities { source externalId } tags attributes phone registeredAt
		orders { totalCount edges { node { id externalId placedAt paidAt cancelledAt status channel total { amount currency } discount { amount currency }
			refunds { id externalId at amount { amount currency } } lines { sku name category quantity unitPrice { amount currency } } customer { id } } } } } }`, nil)
	id := at(data, "customer.id")
	expect(t, data, map[string]any{
		"customer.externalId": "ann", "customer.kind": "PERSON", "customer.country": "DE", "customer.tags": []any{}, "customer.attributes": nil,
		"customer.identities":                                  []any{map[string]any{"source": "till", "externalId": "ann"}},
		"customer.orders.totalCount":                           2,
		"customer.orders.edges.*.node.externalId":              []any{"2", "1"},
		"customer.orders.edges.*.node.status":                  []any{"PARTIALLY_REFUNDED", "PAID"},
		"customer.orders.edges.*.node.channel":                 []any{"shop", "web"},
		"customer.orders.edges.*.node.customer.id":             []any{id, id},
		"customer.orders.edges.0.node.placedAt":                "2024-06-20T10:00:00Z",
		"customer.orders.edges.0.node.total":                   map[string]any{"amount": "10.00", "currency": "EUR"},
		"customer.orders.edges.0.node.refunds.*.amount.amount": []any{"4.00"},
		"customer.orders.edges.1.node.total.amount":            "5.01",
		"customer.orders.edges.1.node.discount.amount":         "0.20",
		"customer.orders.edges.1.node.refunds":                 []any{},
		"customer.orders.edges.1.node.lines": []any{
			map[string]any{"sku": "A", "name": "Apple", "category": "fruit", "quantity": 2, "unitPrice": map[string]any{"amount": "1.005", "currency": "EUR"}},
			map[string]any{"sku": "B", "name": "Bread", "category": nil, "quantity": 1, "unitPrice": map[string]any{"amount": "3.00", "currency": "EUR"}},
		},
	})
	refund, _ := at(data, "customer.orders.edges.0.node.refunds.0.id").(string)
	if !strings.HasPrefix(refund, "ref_") {
		t.Errorf("the refund's id is %q", refund)
	}
}

// TestMoney: amounts have the decimals of their currency, scores those of the base currency.
func TestMoney(t *testing.T) {
	for currency, want := range map[string][2]string{"JPY": {"1500", "1500"}, "KWD": {"1500.000", "1500.000"}, "USD": {"1500.00", "1500.00"}} {
		s := shop(t, "order_id,customer_id,placed_at,total,sku,quantity,unit_price\n1,a,2024-06-01,1500,x,1,1500\n", "--currency", currency)
		data := ask(t, s, `{ customers { edges { node { rfm { monetary { amount currency } evidence { fact value reason } }
			orders { edges { node { total { amount currency } lines { unitPrice { amount } } } } } } } }
			distribution(scorer: "rfm") { buckets { label revenue { amount currency } } } }`, nil)
		expect(t, data, map[string]any{
			"customers.edges.0.node.rfm.monetary":                                 map[string]any{"amount": want[1], "currency": currency},
			"customers.edges.0.node.orders.edges.0.node.total":                    map[string]any{"amount": want[0], "currency": currency},
			"customers.edges.0.node.orders.edges.0.node.lines.0.unitPrice.amount": want[0],
		})
		if !strings.Contains(text(data), `"value":"`+want[1]+`"`) || !strings.Contains(text(data), want[1]+" "+currency) {
			t.Errorf("%s: evidence of money: %s", currency, text(data))
		}
	}
}

// TestNodes: the object of an id, whatever its type; null for all that is no id of ours.
func TestNodes(t *testing.T) {
	s := shop(t, ordersCSV, "--currency", "EUR", "--source", "till")
	data := ask(t, s, `{ customers(search: "ann") { edges { node { id orders(first: 1) { edges { node { id } } } } } } scorer(name: "rfm") { id } }`, nil)
	cus, ord, sco := text(at(data, "customers.edges.0.node.id")), text(at(data, "customers.edges.0.node.orders.edges.0.node.id")), text(at(data, "scorer.id"))
	tou := addTouchpoint(t, s, "ann", "2024-06-01T00:00:00Z")
	list := []string{cus, "cus_" + strings.Repeat("0", 26), ord, "", "x", tou, sco, "ord_" + cus[4:], strings.ToUpper(cus), cus[:len(cus)-1], cus + "0", cus, other(cus), "ref_" + cus[4:], "cus_" + strings.Repeat("\u4e2d", 26)}
	const query = `query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Customer { externalId rfm { segment } } ... on Order { externalId customer { externalId rfm { segment } } } ... on Touchpoint { kind } ... on Scorer { name } } }`
	data = ask(t, s, query, vars{"ids": list})
	expect(t, data, map[string]any{
		"nodes.*.__typename": []any{"Customer", nil, "Order", nil, nil, "Touchpoint", "Scorer", nil, nil, nil, nil, "Customer", nil, nil, nil},
		"nodes.0.externalId": "ann", "nodes.2.customer.externalId": "ann", "nodes.5.kind": "visit", "nodes.6.name": "rfm",
		"nodes.0.id": cus, "nodes.2.id": ord, "nodes.5.id": tou, "nodes.6.id": sco,
	})
	if at(data, "nodes.0.rfm.segment") != at(data, "nodes.2.customer.rfm.segment") {
		t.Error("a customer has two segments")
	}
	for i, id := range list {
		one := ask(t, s, `query($id: ID!) { node(id: $id) { __typename id } }`, vars{"id": id})
		if at(one, "node.__typename") != at(at(data, "nodes").([]any)[i], "__typename") {
			t.Errorf("node(%q) is %s", id, text(one))
		}
	}
}

// other is the same id with another last letter that decodes to the same bytes.
func other(id string) string {
	const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	last := strings.IndexByte(alphabet, id[len(id)-1])
	return id[:len(id)-1] + string(alphabet[last^1])
}

// TestCatalogue: scorers and facts as the manifests have them, in both languages.
func TestCatalogue(t *testing.T) {
	s := demoData(t)
	data := ask(t, s, `{ scorers { id name version host enabled lastError title zh: title(locale: "zh-CN") hans: title(locale: "zh-Hans-CN") de: title(locale: "de")
			labels { name title advice(locale: "zh") } outputs { name kind doc } facts { name } requires parameters { name kind default value min max allowed } }
		facts { name kind unit title(locale: "zh-CN") doc } scorer(name: "rfm") { name host enabled lastError parameters { name kind default value min max allowed } } none: scorer(name: "RFM") { name } }`, nil)
	expect(t, data, map[string]any{"scorer.name": "rfm", "none": nil, "scorer.host": "BUILT_IN", "scorer.enabled": true, "scorer.lastError": nil})
	names := texts(data, "scorers.*.name")
	if !slices.IsSorted(names) || !slices.Contains(names, "orientation") || !slices.Contains(names, "rfm") {
		t.Errorf("the scorers are %v", names)
	}
	for _, scorer := range at(data, "scorers").([]any) {
		if at(scorer, "zh") != at(scorer, "hans") || at(scorer, "de") != at(scorer, "title") || at(scorer, "zh") == at(scorer, "title") {
			t.Errorf("titles: %s", text(scorer))
		}
		if !strings.HasPrefix(text(at(scorer, "id")), "sco_") || len(texts(scorer, "labels.*.name")) == 0 {
			t.Errorf("scorer: %s", text(scorer))
		}
	}
	expect(t, at(data, "scorer.parameters.0"), map[string]any{"name": "binning", "kind": "TEXT", "default": "RANK", "value": "RANK", "min": nil, "max": nil, "allowed": []any{"FIXED", "NTILE", "QUANTILE", "RANK"}})
	if names := texts(data, "facts.*.name"); !slices.IsSorted(names) || !slices.Contains(names, "net_revenue") {
		t.Errorf("the facts are %v", names)
	}
}

// TestDistribution equals counting the customers one by one.
func TestDistribution(t *testing.T) {
	s := demoData(t)
	for _, asOf := range []any{nil, "2011-06-01T00:00:00Z", "2010-01-01T00:00:00Z"} {
		for _, scorer := range []string{"rfm", "orientation"} {
			counts := map[string]int{}
			page := vars{"asOf": asOf, "names": []string{scorer}}
			for more := true; more; {
				data := ask(t, s, `query($after: String, $asOf: DateTime, $names: [String!]) { customers(first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges { node { scores(names: $names, asOf: $asOf) { label } } } } }`, page)
				for _, label := range texts(data, "customers.edges.*.node.scores.0.label") {
					counts[label]++
				}
				more, page["after"] = at(data, "customers.pageInfo.hasNextPage").(bool), at(data, "customers.pageInfo.endCursor")
			}
			data := ask(t, s, `query($asOf: DateTime, $scorer: String!) { distribution(scorer: $scorer, asOf: $asOf) { scorer asOf customers buckets { label title customers share revenue { amount } } } }`, vars{"asOf": asOf, "scorer": scorer})
			total := 0
			for _, b := range at(data, "distribution.buckets").([]any) {
				n := counts[text(at(b, "label"))]
				if text(at(b, "customers")) != strconv.Itoa(n) {
					t.Errorf("%s as of %v: %s, want %d", scorer, asOf, text(b), n)
				}
				total += n
			}
			expect(t, data, map[string]any{"distribution.customers": total, "distribution.scorer": scorer})
			if asOf != nil {
				expect(t, data, map[string]any{"distribution.asOf": asOf})
			}
		}
	}
}

// TestAliases: several scores of one customer as of different instants, in one request.
func TestAliases(t *testing.T) {
	s := demoData(t)
	data := ask(t, s, `query($then: DateTime) { customers(first: 3) { edges { node { now: rfm { segment recencyDays asOf modelAsOf } then: rfm(asOf: $then) { recencyDays asOf modelAsOf }
		zoned: rfm(asOf: "2011-06-01T02:00:00+02:00") { recencyDays asOf } generic: score(name: "rfm", asOf: $then) { label outputs(names: ["recency_days"]) { name number text } ... on RfmScore { recencyDays } } } } } }`, vars{"then": "2011-06-01T00:00:00Z"})
	for _, node := range at(data, "customers.edges.*.node").([]any) {
		expect(t, node, map[string]any{
			"then.asOf": "2011-06-01T00:00:00Z", "then.modelAsOf": "2011-06-01T00:00:00Z", "zoned": map[string]any{"recencyDays": at(node, "then.recencyDays"), "asOf": "2011-06-01T00:00:00Z"},
			"now.asOf": "2011-12-10T00:00:00Z", "generic.recencyDays": at(node, "then.recencyDays"), "generic.outputs.0.number": at(node, "then.recencyDays"),
		})
		if at(node, "now.recencyDays") == at(node, "then.recencyDays") {
			t.Errorf("the same as of different instants: %s", text(node))
		}
	}
}

// TestLocales: reasons and titles in both languages, on the same page.
func TestLocales(t *testing.T) {
	data := ask(t, demoData(t), `{ customers(first: 2) { edges { node { rfm { title zh: title(locale: "zh-TW") evidence { en: reason zh: reason(locale: "zh_CN") xx: reason(locale: "zhx") } } } } } }`, nil)
	for _, e := range at(data, "customers.edges.0.node.rfm.evidence").([]any) {
		if at(e, "en") != at(e, "xx") || at(e, "en") == at(e, "zh") || !strings.ContainsAny(text(at(e, "zh")), "为，") {
			t.Errorf("reasons %s", text(e))
		}
	}
}
