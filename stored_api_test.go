package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bellwether/internal/pgtest"
)

// TestStoredScores: filters, sorting, the grid, the distribution and transitions say the same as the scores themselves.
func TestStoredScores(t *testing.T) {
	dsn := importCSV(t, manyOrders(60), "--currency", "EUR")
	s := open(t, dsn, nil)
	refreshed(t, s)
	all := ask(t, s, `{ customers(first: 100) { edges { node { id externalId rfm { segment monetary { amount } r fm frequency } scores { scorer label } } } } }`, nil)
	bySegment, cells := map[string][]string{}, map[string]int{}
	for _, e := range at(all, "customers.edges").([]any) {
		segment := text(at(e, "node.rfm.segment"))
		bySegment[segment] = append(bySegment[segment], text(at(e, "node.externalId")))
		cells[text(at(e, "node.rfm.r"))+"/"+text(at(e, "node.rfm.fm"))]++
	}
	for segment, want := range bySegment {
		data := ask(t, s, `query($l: [String!]) { customers(first: 100, where: {scores: [{scorer: "rfm", labels: $l}]}) { totalCount edges { node { externalId } } }
			others: customers(where: {not: {scores: [{scorer: "rfm", labels: $l}]}}) { totalCount } }`, vars{"l": []string{segment}})
		got := texts(data, "customers.edges.*.node.externalId")
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) || text(at(data, "others.totalCount")) != strconv.Itoa(60-len(want)) {
			t.Errorf("%s: %v, others %s; want %v", segment, got, text(at(data, "others.totalCount")), want)
		}
	}
	grid := ask(t, s, `{ rfmGrid { customers cells { r fm segment customers revenue { amount currency } } } }`, nil)
	if n := len(texts(grid, "rfmGrid.cells.*.r")); n != 25 || text(at(grid, "rfmGrid.customers")) != "60" {
		t.Errorf("the grid has %d cells of %s customers", n, text(at(grid, "rfmGrid.customers")))
	}
	for _, c := range at(grid, "rfmGrid.cells").([]any) {
		if want := cells[text(at(c, "r"))+"/"+text(at(c, "fm"))]; text(at(c, "customers")) != strconv.Itoa(want) {
			t.Errorf("%s, want %d", text(c), want)
		}
	}
	spread := ask(t, s, `{ distribution(scorer: "rfm") { customers buckets { label customers } } }`, nil)
	for _, b := range at(spread, "distribution.buckets").([]any) {
		if want := len(bySegment[text(at(b, "label"))]); text(at(b, "customers")) != strconv.Itoa(want) {
			t.Errorf("the distribution has %s, want %d", text(b), want)
		}
	}
	moves := ask(t, s, `{ transitions(scorer: "rfm", from: "2020-01-01T00:00:00Z", to: "2024-07-02T00:00:00Z") { moves { from to customers } } }`, nil)
	for _, m := range at(moves, "transitions.moves").([]any) {
		if want := len(bySegment[text(at(m, "to"))]); at(m, "from") != nil || text(at(m, "customers")) != strconv.Itoa(want) {
			t.Errorf("the move %s, want %d", text(m), want)
		}
	}
}

// TestSortByScore: pages in the order of an output, both ways, are the whole list in that order.
func TestSortByScore(t *testing.T) {
	s := shop(t, manyOrders(60), "--currency", "EUR")
	refreshed(t, s)
	for _, direction := range []string{"ASC", "DESC"} {
		for _, output := range []string{"monetary", "recency_days", "segment", "r"} {
			var amounts, seen []string
			var after any
			for more := any(true); more == true; {
				data := ask(t, s, `query($o: CustomerSort, $after: String) { customers(first: 7, after: $after, orderBy: $o) {
					pageInfo { hasNextPage endCursor } edges { node { externalId rfm { monetary { amount } } } } } }`,
					vars{"after": after, "o": vars{"score": vars{"scorer": "rfm", "output": output}, "direction": direction}})
				seen = append(seen, texts(data, "customers.edges.*.node.externalId")...)
				amounts = append(amounts, texts(data, "customers.edges.*.node.rfm.monetary.amount")...)
				more, after = at(data, "customers.pageInfo.hasNextPage"), at(data, "customers.pageInfo.endCursor")
			}
			unique := slices.Compact(slices.Sorted(slices.Values(seen)))
			if len(seen) != 60 || len(unique) != 60 {
				t.Errorf("%s %s: %d customers, %d different", output, direction, len(seen), len(unique))
			}
			sorted := slices.IsSortedFunc(amounts, func(a, b string) int {
				x, _ := strconv.ParseFloat(a, 64)
				y, _ := strconv.ParseFloat(b, 64)
				if direction == "DESC" {
					x, y = y, x
				}
				return int(100*x - 100*y)
			})
			if output == "monetary" && !sorted {
				t.Errorf("%s %s: %v", output, direction, amounts)
			}
		}
	}
}

// TestFilterByInstant: an output that counts days is filtered by its instant, too, whole days or not, and by whether there
// is one.
func TestFilterByInstant(t *testing.T) {
	s := shop(t, ordersCSV, "--currency", "EUR") // last orders: ann's on 2024-06-20T10:00, bob's on 2024-05-01T10:00; eve has a credit note
	refreshed(t, s)
	for _, test := range []struct {
		where vars
		want  string
	}{
		{vars{"at": vars{"gte": "2024-06-20T10:00:00Z"}}, "ann"},
		{vars{"at": vars{"gte": "2024-06-20T10:00:00.000001Z"}}, ""},
		{vars{"at": vars{"lt": "2024-06-20T10:00:00Z"}}, "bob"},
		{vars{"at": vars{"lt": "2024-06-20T10:00:00.000001Z"}}, "ann bob"},
		{vars{"at": vars{"gte": "2024-05-01T12:00:00+02:00", "lt": "2024-06-01T00:00:00Z"}}, "bob"},
		{vars{"at": vars{"null": true}}, "eve"},
		{vars{"at": vars{"null": false}}, "ann bob"},
		{vars{"at": vars{"null": true, "lt": "2024-06-01T00:00:00Z"}}, ""},
		{vars{"at": vars{"gte": "2024-01-01T00:00:00Z"}, "max": 30}, "ann"},
		{vars{"at": vars{"lt": "2024-06-01T00:00:00Z"}, "max": 30}, ""},
		{vars{"at": vars{"lt": "2024-07-01T00:00:00Z"}, "min": 30}, "bob"},
		{vars{"at": vars{}}, "ann bob eve"},
	} {
		test.where["scorer"], test.where["output"] = "rfm", "recency_days"
		data := ask(t, s, `query($w: ScoreWhere!) { customers(where: {scores: [$w]}) { edges { node { externalId } } } }`, vars{"w": test.where})
		got := texts(data, "customers.edges.*.node.externalId")
		slices.Sort(got)
		if strings.Join(got, " ") != test.want {
			t.Errorf("%v: %v, want %q", test.where, got, test.want)
		}
	}
}

// TestNewerData: what was written after the last refresh counts at once in the scores of its customer.
func TestNewerData(t *testing.T) {
	s := shop(t, manyOrders(10), "--currency", "EUR")
	ask(t, s, `mutation { recordOrders(input: { source: "crm", orders: [{ externalId: "1", customer: { source: "crm", externalId: "ann" }, placedAt: "2024-01-05T10:00:00Z", total: "5" }] }) { outcomes } }`, nil)
	refreshed(t, s)
	frequency := func() string {
		return fmt.Sprint(at(ask(t, s, `{ customer(by: { external: { source: "crm", externalId: "ann" } }) { rfm { frequency } } }`, nil), "customer.rfm.frequency"))
	}
	if n := frequency(); n != "1" {
		t.Errorf("stored: %s orders, want 1", n)
	}
	ask(t, s, `mutation { recordOrders(input: { source: "crm", orders: [{ externalId: "2", customer: { source: "crm", externalId: "ann" }, placedAt: "2024-01-06T10:00:00Z", total: "5" }] }) { outcomes } }`, nil)
	if n := frequency(); n != "2" {
		t.Errorf("after another order: %s orders, want 2", n)
	}
}

// TestSortWithinLabels: the labels of the order's own scorer choose the customers, those without a value too, and a label
// given twice counts once.
func TestSortWithinLabels(t *testing.T) {
	s := shop(t, manyOrders(40), "--currency", "EUR")
	ask(t, s, `mutation { upsertCustomers(input: { source: "crm", customers: [{ externalId: "new-1" }, { externalId: "new-2" }] }) { outcomes } }`, nil)
	refreshed(t, s)
	for _, labels := range [][]string{{"NONE", "CHAMPIONS", "LOST", "LOST"}, {"NONE"}, {"LOST"}, {}} {
		where := vars{"scores": []any{vars{"scorer": "rfm", "labels": labels}}}
		want := texts(ask(t, s, `query($w: CustomerWhere) { customers(first: 100, where: $w) { edges { node { externalId } } } }`, vars{"w": where}), "customers.edges.*.node.externalId")
		var seen []string
		var after any
		for more := any(true); more == true; {
			data := ask(t, s, `query($w: CustomerWhere, $after: String) { customers(first: 3, after: $after, where: $w, orderBy: { score: { scorer: "rfm", output: "recency_days" }, direction: DESC }) {
				totalCount pageInfo { hasNextPage endCursor } edges { node { externalId } } } }`, vars{"w": where, "after": after})
			expect(t, data, map[string]any{"customers.totalCount": float64(len(want))})
			seen = append(seen, texts(data, "customers.edges.*.node.externalId")...)
			more, after = at(data, "customers.pageInfo.hasNextPage"), at(data, "customers.pageInfo.endCursor")
		}
		slices.Sort(want)
		if got := slices.Sorted(slices.Values(seen)); !slices.Equal(got, want) {
			t.Errorf("%v: %v, without the order %v", labels, got, want)
		}
	}
}

// TestHistory: of a customer, by id, in refreshes; and a page of histories is one statement.
func TestHistory(t *testing.T) {
	s, statements := counted(t, importCSV(t, manyOrders(30), "--currency", "EUR"))
	refreshed(t, s)
	var data map[string]any
	ran := statements.during(func() {
		data = ask(t, s, `{ customers(first: 30) { edges { node { id scoreHistory(scorer: "rfm", first: 2) { pageInfo { hasNextPage } edges { cursor node { id at from to customerId customer { id } } } } } } } }`, nil)
	})
	if len(ran) != 2 {
		t.Errorf("a page with histories took %d statements: %s", len(ran), strings.Join(ran, "\n"))
	}
	for _, e := range at(data, "customers.edges").([]any) {
		if n := texts(e, "node.scoreHistory.edges.*.node.id"); len(n) != 1 || at(e, "node.scoreHistory.edges.0.node.customer.id") != at(e, "node.id") || at(e, "node.scoreHistory.edges.0.node.customerId") != at(e, "node.id") {
			t.Errorf("the history is %s", text(e))
		}
	}
	change := at(data, "customers.edges.0.node.scoreHistory.edges.0.node.id")
	refreshes := ask(t, s, `{ refreshes { edges { node { id asOf startedAt finishedAt scorers customers changed incremental errors { code } } } } scorers { name lastError } }`, nil)
	refresh := at(refreshes, "refreshes.edges.0.node.id")
	nodes := ask(t, s, `query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on ScoreChange { scorer from to } ... on Refresh { customers } } }`, vars{"ids": []any{change, refresh, "chg_zzzzzzzzzzzzzzzzzzzzzzzzzw"}})
	expect(t, nodes, map[string]any{"nodes.0.__typename": "ScoreChange", "nodes.0.scorer": "rfm", "nodes.0.from": nil, "nodes.1.__typename": "Refresh", "nodes.2": nil})
	expect(t, refreshes, map[string]any{"scorers.0.lastError": nil})
	page := statements.during(func() {
		ask(t, s, `{ customers(first: 30) { edges { node { id scores { scorer label } rfm { monetary { amount } } } } } }`, nil)
	})
	want := 2
	if pgtest.Postgres() { // where the scores come with the customers
		want = 1
	}
	if len(page) != want {
		t.Errorf("a page with scores took %d statements, not %d: %s", len(page), want, strings.Join(page, "\n"))
	}
}

// TestRefreshErrors: what is wrong with a refresh is a typed error.
func TestRefreshErrors(t *testing.T) {
	s := shop(t, ordersCSV, "--currency", "EUR")
	for _, c := range map[string]struct {
		in   vars
		want []any
	}{
		"an unknown scorer": {vars{"scorers": []string{"rfm", "rmf"}}, []any{"NOT_FOUND", []any{"scorers", "1"}, `there is no scorer "rmf" (the nearest is rfm)`, `没有名为 "rmf" 的评分器（最接近的是 rfm）`}},
		"no scorer":         {vars{"scorers": []string{}}, []any{"REQUIRED", []any{"scorers"}, "no scorer is named (name one, or leave scorers out for all)", "未指定评分器（请至少指定一个，或省略 scorers 表示全部）"}},
		"as of the future":  {vars{"asOf": "2024-07-02T00:00:00Z"}, []any{"OUT_OF_RANGE", []any{"asOf"}, "asOf 2024-07-02T00:00:00Z lies in the future (it is 2024-07-01T12:00:00Z; leave asOf out for now)", "asOf 2024-07-02T00:00:00Z 在未来（现在是 2024-07-01T12:00:00Z；省略 asOf 即为现在）"}},
	} {
		data := ask(t, s, `mutation($in: RefreshScoresInput!) { refreshScores(input: $in) { refresh { id } errors { code path message zh: message(locale: "zh") } } }`, vars{"in": c.in})
		expect(t, data, map[string]any{
			"refreshScores.refresh": nil, "refreshScores.errors.0.code": c.want[0], "refreshScores.errors.0.path": c.want[1],
			"refreshScores.errors.0.message": c.want[2], "refreshScores.errors.0.zh": c.want[3],
		})

	}
	past := ask(t, s, `mutation { refreshScores(input: {asOf: "2024-06-10T00:00:00Z", scorers: ["rfm"], wait: true}) { refresh { asOf finishedAt errors { code } } errors { code } } }`, nil)
	expect(t, past, map[string]any{"refreshScores.refresh.asOf": "2024-06-10T00:00:00Z", "refreshScores.errors": []any{}})
}
