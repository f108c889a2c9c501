package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file in testdata.
func golden(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run the test with -update and look at the difference):\n%s", file, diff(string(want), got))
	}
}

// diff are the lines of one text that the other lacks.
func diff(want, got string) string {
	var out strings.Builder
	has := func(text, line string) bool { return strings.Contains("\n"+text+"\n", "\n"+line+"\n") }
	for line := range strings.SplitSeq(want, "\n") {
		if !has(got, line) {
			fmt.Fprintf(&out, "- %s\n", line)
		}
	}
	for line := range strings.SplitSeq(got, "\n") {
		if !has(want, line) {
			fmt.Fprintf(&out, "+ %s\n", line)
		}
	}
	return out.String()
}

// secret stands in what is sent and must not come back from where nobody asked for it.
const secret = "s3cr3t"

// TestBadQueries: each has a code and a message with its cure, which clients may rely on.
func TestBadQueries(t *testing.T) {
	s := shop(t, ordersCSV, "--currency", "EUR")
	cursor := text(at(ask(t, s, `{ customers(first: 1, orderBy: {field: NAME}) { pageInfo { endCursor } } }`, nil), "customers.pageInfo.endCursor"))
	deep := strings.Repeat("orders { edges { node { customer { ", 30) + "id" + strings.Repeat(" } } } }", 30)
	queries := []struct {
		name, query string
		v           vars
	}{
		{"unknown id", `{ node(id: "cus_00000000000000000000000000") { id } }`, nil},
		{"page size 0", `{ customers(first: 0) { totalCount } }`, nil},
		{"page size 101", `{ customers(last: 101) { totalCount } }`, nil},
		{"page size -1 by a variable", `query($n: Int) { customers(first: $n) { totalCount } }`, vars{"n": -1}},
		{"page size too large for an Int", `query($n: Int) { customers(first: $n) { totalCount } }`, vars{"n": 1 << 40}},
		{"page size of orders", `{ customers(first: 1) { edges { node { orders(first: 1000) { totalCount } } } } }`, nil},
		{"first and last", `{ customers(first: 1, last: 1) { totalCount } }`, nil},
		{"cursor that is none", `{ customers(after: "nonsense!") { totalCount } }`, nil},
		{"cursor of another order", `query($c: String) { customers(before: $c) { totalCount } }`, vars{"c": cursor}},
		{"cursor of another list", `query($c: String) { customers(first: 1) { edges { node { orders(after: $c) { totalCount } } } } }`, vars{"c": cursor}},
		{"cursor with a forged value", `query($c: String) { customers(after: $c, orderBy: {field: REGISTERED_AT}) { totalCount } }`, vars{"c": "eyJpbiI6InJlZ2lzdGVyZWRfYXQiLCJ2IjoieCIsImlkIjoiMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwIn0"}},
		{"unknown scorer", `{ customers(first: 1) { edges { node { score(name: "rmf") { label } } } } }`, nil},
		{"unknown scorers", `{ customers(first: 1) { edges { node { scores(names: ["rfm", "rmf"]) { label } } } } }`, nil},
		{"unknown scorer of a distribution", `{ distribution(scorer: "") { customers } }`, nil},
		{"filter by an unknown scorer", `{ customers(where: {scores: [{scorer: "rmf"}]}) { totalCount } }`, nil},
		{"filter by an unknown label", `{ customers(where: {not: {scores: [{scorer: "rfm", labels: ["CHAMPION"]}]}}) { totalCount } }`, nil},
		{"filter by an unknown output", `{ customers(where: {scores: [{scorer: "rfm", output: "recency", max: 30}]}) { totalCount } }`, nil},
		{"filter with bounds of nothing", `{ customers(where: {scores: [{scorer: "rfm", min: 1}]}) { totalCount } }`, nil},
		{"filter by the flag of a number", `{ customers(where: {scores: [{scorer: "rfm", output: "frequency", flag: true}]}) { totalCount } }`, nil},
		{"filter by the instant of a number", `{ customers(where: {scores: [{scorer: "rfm", output: "monetary", at: {null: true}}]}) { totalCount } }`, nil},
		{"filter by the instant of nothing", `{ customers(where: {scores: [{scorer: "rfm", at: {gte: "2024-01-01T00:00:00Z"}}]}) { totalCount } }`, nil},
		{"sort by an unknown output", `{ customers(orderBy: {score: {scorer: "rfm", output: "money"}}) { totalCount } }`, nil},
		{"sort by a field and a score", `{ customers(orderBy: {field: NAME, score: {scorer: "rfm", output: "monetary"}}) { totalCount } }`, nil},
		{"cursor of a list in the order of a score", `query($c: String) { customers(after: $c, orderBy: {score: {scorer: "rfm", output: "monetary"}}) { totalCount } }`, vars{"c": cursor}},
		{"cursor of another feed", `query($c: String) { scoreChanges(after: $c) { edges { cursor } } }`, vars{"c": cursor}},
		{"page size of the feed", `{ scoreChanges(first: 101) { edges { cursor } } refreshes(first: 0) { edges { cursor } } }`, nil},
		{"changes of an unknown scorer", `{ scoreChanges(scorers: ["rmf"]) { edges { cursor } } }`, nil},
		{"history of an unknown scorer", `{ customers(first: 1) { edges { node { scoreHistory(scorer: "rmf") { edges { cursor } } } } } }`, nil},
		{"transitions back in time", `{ transitions(scorer: "rfm", from: "2024-01-02T00:00:00Z", to: "2024-01-01T00:00:00Z") { moves { customers } } }`, nil},
		{"subscription over plain HTTP", `subscription { scoreChanged { cursor } }`, nil},
		{"unknown output", `{ customers(first: 1) { edges { node { rfm { outputs(names: ["recency"]) { number } } } } } }`, nil},
		{"instant that is none", `{ distribution(scorer: "rfm", asOf: "yesterday") { customers } }`, nil},
		{"instant that is a date", `{ customers(first: 1) { edges { node { rfm(asOf: "2024-06-01") { segment } } } } }`, nil},
		{"instant that is a number", `{ distribution(scorer: "rfm", asOf: 1717200000) { customers } }`, nil},
		{"instant by a variable", `query($t: DateTime) { customers(first: 1) { edges { node { rfm(asOf: $t) { segment } } } } }`, vars{"t": "2024-13-01T00:00:00Z"}},
		{"instant in a filter", `query($w: CustomerWhere) { customers(where: $w) { totalCount } }`, vars{"w": vars{"registeredAt": vars{"gte": 5}}}},
		{"asOf in the future", `{ customers(first: 1) { edges { node { rfm(asOf: "2024-07-01T12:05:01Z") { segment } } } } }`, nil},
		{"asOf of a distribution in the future", `{ distribution(scorer: "rfm", asOf: "2999-01-01T00:00:00Z") { customers } }`, nil},
		{"no key", `query($by: CustomerBy!) { customer(by: $by) { id } }`, vars{"by": vars{}}},
		{"two keys", `query($by: CustomerBy!) { customer(by: $by) { id } }`, vars{"by": vars{"email": "a@example.com", "phone": "1"}}},
		{"a key and null", `query($by: CustomerBy!) { customer(by: $by) { id } }`, vars{"by": vars{"email": "nobody@example.com", "phone": nil}}},
		{"two keys, one by a variable", `query($e: String) { customer(by: {email: $e, phone: "1"}) { id } }`, vars{"e": "a@example.com"}},
		{"ambiguous e-mail", `{ customer(by: {email: "Shared@Example.com"}) { id } }`, nil},
		{"too many ids", `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, vars{"ids": make([]string, 101)}},
		{"unknown field", `{ customers { edges { node { externalID } } } }`, nil},
		{"unknown argument", `{ customers(limit: 5) { totalCount } }`, nil},
		{"unknown enum value", `{ customers(orderBy: {field: EMAIL}) { totalCount } }`, nil},
		{"missing argument", `{ node { id } }`, nil},
		{"variable of the wrong kind", `query($n: Int) { customers(first: $n) { totalCount } }`, vars{"n": secret}},
		{"unknown field of a variable", `query($w: CustomerWhere) { customers(where: $w) { totalCount } }`, vars{"w": vars{"surname": nil}}},
		{"syntax", `{ customers(first: 5 { totalCount }`, nil},
		{"no operation", ``, nil},
		{"mutation", `mutation { deleteEverything }`, nil},
		{"subscription", `subscription { customers }`, nil},
		{"too many tokens", "{ " + strings.Repeat("a: __typename ", 5000) + "}", nil},
		{"deep, for nobody", `{ customer(by: {email: "nobody@example.com"}) { ` + deep + ` } }`, nil},
	}
	var out strings.Builder
	for _, q := range queries {
		out.WriteString(report(q.name, try(t, s.Handler, q.query, q.v)))
	}
	golden(t, "bad_queries.golden", out.String())
}

// report is an answer in lines: status and data, then code, path and message of each error.
func report(name string, a answer) string {
	data, _ := json.Marshal(a.Data) //nolint:errchkjson // it came from JSON
	out := fmt.Sprintf("%s\n  %d %s\n", name, a.Status, data)
	var errs []string
	for _, e := range a.Errors {
		var path []string
		for _, p := range e.Path {
			path = append(path, text(p))
		}
		errs = append(errs, strings.TrimRight(fmt.Sprintf("  %s %s %s", e.Extensions.Code, strings.Join(path, "."), e.Message), " ")+"\n")
	}
	slices.Sort(errs) // fields of the query run side by side
	return anyScorers(out + strings.Join(errs, ""))
}

// anyScorers leaves out which scorers there are, so that another one changes no golden file.
func anyScorers(text string) string {
	return regexp.MustCompile(`\(the scorers are [a-z_, ]*\brfm\b[a-z_, ]*\)`).ReplaceAllString(text, "(the scorers are ...)")
}

// TestBadRequests: what is not a GraphQL request at all is refused without repeating it.
func TestBadRequests(t *testing.T) {
	s := demoData(t)
	const query = `{"query": "{ __typename }"}`
	requests := []struct {
		name, method, target, kind, body string
	}{
		{"not JSON", "POST", "", "application/json", `{"query": "` + secret},
		{"syntax of JSON", "POST", "", "application/json", `{"query": ` + secret + `}`},
		{"empty body", "POST", "", "application/json", ""},
		{"null", "POST", "", "application/json", "null"},
		{"an array", "POST", "", "application/json", "[" + query + "]"},
		{"a query that is a number", "POST", "", "application/json", `{"query": 5}`},
		{"variables that are an array", "POST", "", "application/json", `{"query": "{ __typename }", "variables": ["` + secret + `"]}`},
		{"no query", "POST", "", "application/json", `{"variables": {}}`},
		{"unknown operation", "POST", "", "application/json", `{"query": "query a { __typename }", "operationName": "b"}`},
		{"another type of content", "POST", "", "text/plain", query},
		{"no type of content", "POST", "", "", query},
		{"a form", "POST", "", "application/x-www-form-urlencoded", "query=" + secret},
		{"too large", "POST", "", "application/json", `{"query": "` + strings.Repeat(" ", 4<<20) + `"}`},
		{"GET without a query", "GET", "", "", ""},
		{"GET of a mutation", "GET", "?query=mutation%20%7BdeleteOrders(input%3A%7BexternalIds%3A%5B%5D%7D)%7BdeletedIds%7D%7D", "", ""},
		{"GET with variables that are not JSON", "GET", "?query=%7B__typename%7D&variables=" + secret, "", ""},
		{"PUT", "PUT", "", "application/json", query},
	}
	var out strings.Builder
	for _, test := range requests {
		r := httptest.NewRequestWithContext(t.Context(), test.method, "/graphql"+test.target, strings.NewReader(test.body))
		if test.kind != "" {
			r.Header.Set("Content-Type", test.kind)
		}
		out.WriteString(report(test.name, answered(t, s.Handler, r)))
	}
	if strings.Contains(out.String(), secret) {
		t.Errorf("what was sent comes back:\n%s", out.String())
	}
	golden(t, "bad_requests.golden", out.String())
}

// TestInternal: what only the operator can cure tells clients nothing but that it happened.
func TestInternal(t *testing.T) {
	s, err := NewServer(t.Context(), optionsOf(importCSV(t, ordersCSV, "--currency", "EUR")))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{`{ customers { totalCount } }`, `{ node(id: "cus_00000000000000000000000000") { id } }`, `{ distribution(scorer: "rfm") { customers } }`} {
		a := try(t, s.Handler, query, nil)
		if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "INTERNAL" || a.Errors[0].Message != "something went wrong on the server (its log says what)" || a.Status != http.StatusOK {
			t.Errorf("%s: %+v", query, a)
		}
	}
}
