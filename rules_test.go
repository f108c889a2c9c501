package main

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// regulars is a rule over a fact, another scorer and a quantile of the population.
func regulars(changes vars) vars {
	rule := vars{
		"name": "regulars", "titleEn": "Regulars", "titleZh": "常客", "docEn": "Who orders again and again?", "docZh": "谁经常下单？",
		"labels": []vars{
			{"name": "REGULAR", "titleZh": "常客", "adviceEn": "Thank them.", "adviceZh": "表示感谢。", "when": `window(facts.orders, 100) >= params.least && scores.rfm.label != "LOST"`},
			{"name": "SPENDER", "when": "facts.net_revenue >= quantiles.top"},
			{"name": "OTHER", "when": "true"},
		},
		"numbers":    []vars{{"name": "per_order", "value": "facts.net_revenue / facts.orders"}},
		"quantiles":  []vars{{"name": "top", "of": "facts.net_revenue", "q": 0.8, "among": "facts.orders > 0"}},
		"parameters": []vars{{"name": "least", "default": 2, "min": 1, "max": 100}},
	}
	maps.Copy(rule, changes)
	return vars{"input": rule}
}

const saveRule = `mutation($input: SaveRuleInput!) { saveRule(input: $input) { scorer { name version host enabled } errors { __typename code message zh: message(locale: "zh") path ... on ExpressionError { line column suggestion } } } }`

// save saves a rule and returns its version.
func save(t *testing.T, s *Server, rule vars) string {
	t.Helper()
	data := ask(t, s, saveRule, rule)
	if errors := at(data, "saveRule.errors"); len(errors.([]any)) > 0 {
		t.Fatalf("refused: %s", text(errors))
	}
	return text(at(data, "saveRule.scorer.version"))
}

// TestRule: a rule that is saved is listed, answers, is stored, filters, sorts, counts and looks back like a scorer that is
// compiled in.
func TestRule(t *testing.T) {
	s := shop(t, manyOrders(60), "--currency", "EUR")
	preview := ask(t, s, `query($input: SaveRuleInput!) { previewRule(input: $input) { customers population buckets { label title customers share } moves { from to customers } errors { message } } }`, regulars(nil))
	if known := texts(ask(t, s, `{ scorers { name } }`, nil), "scorers.*.name"); slices.Contains(known, "regulars") {
		t.Fatal("a preview stored the rule")
	}
	version := save(t, s, regulars(nil))
	if again := save(t, s, regulars(nil)); again != version || !strings.HasPrefix(version, "1.0.0+") {
		t.Errorf("versions %s, and %s when nothing changed", version, again)
	}
	refreshed(t, s)
	listed := ask(t, s, `{ scorer(name: "regulars") { host enabled lastError title(locale: "zh") labels { name advice(locale: "zh") } outputs { name kind } facts { name } requires parameters { name value min max } ruleVersions { version definition } } }`, nil)
	for path, want := range map[string]string{
		"scorer.host": "RULE", "scorer.title": "常客", "scorer.labels.0.advice": "表示感谢。", "scorer.requires": `["rfm"]`, "scorer.parameters.0.value": "2",
		"scorer.outputs.*.kind": `["LABEL","NUMBER"]`, "scorer.facts.*.name": `["net_revenue","orders"]`, "scorer.ruleVersions.*.version": `["1.0.0"]`, "scorer.lastError": "null",
	} {
		got := at(listed, path)
		if list, ok := got.([]any); ok && path == "scorer.facts.*.name" {
			slices.SortFunc(list, func(a, b any) int { return cmp.Compare(text(a), text(b)) })
		}
		if text(got) != want {
			t.Errorf("%s is %s, want %s", path, text(got), want)
		}
	}
	all := ask(t, s, `{ customers(first: 100) { edges { node { externalId
		score(name: "regulars") { __typename label title(locale: "zh") version modelAsOf outputs { name number text } }
		scores(names: ["rfm", "regulars"]) { scorer } rfm { segment frequency monetary { amount } } orders { edges { node { placedAt } } } scoreHistory(scorer: "regulars") { edges { node { from to version } } } } } } }`, nil)
	byLabel, perOrder := map[string][]string{}, map[string]float64{}
	for _, e := range at(all, "customers.edges").([]any) {
		id, label := text(at(e, "node.externalId")), text(at(e, "node.score.label"))
		byLabel[label] = append(byLabel[label], id)
		orders, _ := strconv.Atoi(text(at(e, "node.rfm.frequency")))
		spent, _ := strconv.ParseFloat(text(at(e, "node.rfm.monetary.amount")), 64)
		got, _ := strconv.ParseFloat(text(at(e, "node.score.outputs.1.number")), 64)
		if perOrder[id] = got; got != spent/float64(orders) {
			t.Errorf("%s: per_order %v, want %v / %d", id, got, spent, orders)
		}
		lately := 0
		for _, at := range texts(e, "node.orders.edges.*.node.placedAt") {
			if at > "2024-03-23T12:00:00Z" { // 100 days ago
				lately++
			}
		}
		if regular := lately >= 2 && text(at(e, "node.rfm.segment")) != "LOST"; regular != (label == "REGULAR") {
			t.Errorf("%s with %d orders lately is %s", id, lately, label)
		}
		if got := text(at(e, "node.scoreHistory.edges.*.node")); got != `[{"from":null,"to":"`+label+`","version":"`+version+`"}]` {
			t.Errorf("%s is %s, its history %s", id, label, got)
		}
		if text(at(e, "node.score.__typename")) != "RuntimeScore" || text(at(e, "node.score.version")) != version || at(e, "node.score.modelAsOf") == nil {
			t.Errorf("%s: %s", id, text(at(e, "node.score")))
		}
	}
	if len(byLabel) != 3 {
		t.Fatalf("the labels are %v: the data shows too little", byLabel)
	}
	// The preview said the same, and the store answers the same.
	spread := ask(t, s, `{ distribution(scorer: "regulars") { buckets { label title customers share } } transitions(scorer: "regulars", from: "2020-01-01T00:00:00Z", to: "2024-07-02T00:00:00Z") { moves { from to customers } } }`, nil)
	if a, b := text(at(preview, "previewRule.buckets")), text(at(spread, "distribution.buckets")); a != b || text(at(preview, "previewRule.errors")) != "[]" {
		t.Errorf("the preview has %s, the distribution %s", a, b)
	}
	if a, b := len(texts(preview, "previewRule.moves.*.to")), len(texts(spread, "transitions.moves.*.to")); a != 3 || b != 3 {
		t.Errorf("moves %s and %s", text(at(preview, "previewRule.moves")), text(at(spread, "transitions.moves")))
	}
	for label, want := range byLabel {
		data := ask(t, s, `query($l: [String!]) { customers(first: 100, where: {scores: [{scorer: "regulars", labels: $l}]}, orderBy: {score: {scorer: "regulars", output: "per_order"}, direction: DESC}) { totalCount edges { node { externalId } } } }`, vars{"l": []string{label}})
		got := texts(data, "customers.edges.*.node.externalId")
		if !slices.IsSortedFunc(got, func(a, b string) int { return cmp.Compare(perOrder[b], perOrder[a]) }) {
			t.Errorf("%s in the order of per_order: %v", label, got)
		}
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%s: %v, want %v", label, got, want)
		}
	}
}

// TestRuleEvidence: the comparisons that decided, in both languages.
func TestRuleEvidence(t *testing.T) {
	s := shop(t, manyOrders(60), "--currency", "EUR")
	save(t, s, regulars(nil))
	all := ask(t, s, `{ customers(first: 100) { edges { node { score(name: "regulars") { label evidence { fact value threshold percentile reason zh: reason(locale: "zh") } } } } } }`, nil)
	found := map[string]bool{}
	for _, e := range at(all, "customers.edges").([]any) {
		found[text(at(e, "node.score.label"))] = true
		for _, evidence := range at(e, "node.score.evidence").([]any) {
			en, zh := text(at(evidence, "reason")), text(at(evidence, "zh"))
			if en == "" || zh == "" || en == zh || strings.ContainsAny(en+zh, "{}") || at(evidence, "value") == nil {
				t.Errorf("%s", text(evidence))
			}
		}
		if text(at(e, "node.score.label")) == "REGULAR" && !slices.Contains(texts(e, "node.score.evidence.*.fact"), "orders") {
			t.Errorf("the orders decided, but the evidence is %s", text(at(e, "node.score.evidence")))
		}
	}
	if len(found) != 3 {
		t.Errorf("labels %v: the data shows too little", found)
	}
}

// TestRuleVersions: a change makes a new version, moves those whose label changed, and the old version still explains what
// it said.
func TestRuleVersions(t *testing.T) {
	s := shop(t, manyOrders(60), "--currency", "EUR")
	first := save(t, s, regulars(nil))
	refreshed(t, s)
	changed := regulars(vars{"labels": []vars{
		{"name": "OFTEN", "when": "window(facts.orders, 90) >= 2.0"}, {"name": "OTHER", "when": "true"},
	}})
	preview := ask(t, s, `query($input: SaveRuleInput!) { previewRule(input: $input) { moves { from to customers } } }`, changed)
	second := save(t, s, changed)
	if first == second || !strings.HasPrefix(second, "2.0.0+") {
		t.Fatalf("versions %s and %s", first, second)
	}
	if got := text(at(ask(t, s, `{ customers(where: {scores: [{scorer: "regulars", output: "per_order", min: 0}]}) { totalCount } }`, nil), "customers.totalCount")); got != "0" {
		t.Errorf("%s customers are found by what an old version stored", got)
	}
	refreshed(t, s)
	moves := map[string]int{}
	all := ask(t, s, `{ customers(first: 100) { edges { node { score(name: "regulars") { label version } scoreHistory(scorer: "regulars") { edges { node { from to version } } } } } } }`, nil)
	for _, e := range at(all, "customers.edges").([]any) {
		history := at(e, "node.scoreHistory.edges").([]any)
		if len(history) == 2 {
			moves[text(at(history[0], "node.from"))+">"+text(at(history[0], "node.to"))]++
			if v := text(at(history[0], "node.version")); v != second {
				t.Errorf("the move was made by %s, want %s", v, second)
			}
		}
		if v := text(at(history[len(history)-1], "node.version")); v != first {
			t.Errorf("the first label is of %s, want %s", v, first)
		}
		if v := text(at(e, "node.score.version")); v != second {
			t.Errorf("version %s, want %s", v, second)
		}
	}
	for _, m := range at(preview, "previewRule.moves").([]any) {
		if want := text(at(m, "from")) + ">" + text(at(m, "to")); strconv.Itoa(moves[want]) != text(at(m, "customers")) {
			t.Errorf("the preview said %s, %d moved", text(m), moves[want])
		}
		delete(moves, text(at(m, "from"))+">"+text(at(m, "to")))
	}
	if len(moves) > 0 {
		t.Errorf("the preview did not say %v", moves)
	}
	versions := ask(t, s, `{ scorer(name: "regulars") { ruleVersions { version savedAt definition } } }`, nil)
	if got := texts(versions, "scorer.ruleVersions.*.definition.labels.0.name"); !slices.Equal(got, []string{"OFTEN", "REGULAR"}) {
		t.Errorf("the versions' first labels are %v", got)
	}
}

// TestRuleEnds: what others require stays; what nobody requires can be switched off and on, and deleted.
func TestRuleEnds(t *testing.T) {
	s := shop(t, manyOrders(20), "--currency", "EUR")
	save(t, s, regulars(nil))
	save(t, s, vars{"input": vars{"name": "best", "titleEn": "Best", "docEn": "?", "labels": []vars{{"name": "BEST", "when": "scores.regulars.per_order > 100"}, {"name": "OTHER", "when": "true"}}}})
	for name, query := range map[string]string{
		"delete":     `mutation { done: deleteRule(input: {name: "regulars"}) { errors { code message } } }`,
		"switch off": `mutation { done: setScorerEnabled(input: {name: "regulars", enabled: false}) { errors { code message } } }`,
		"rfm off":    `mutation { done: setScorerEnabled(input: {name: "rfm", enabled: false}) { errors { code message } } }`,
	} {
		got := at(ask(t, s, query, nil), "done.errors.0")
		if text(at(got, "code")) != "CONFLICT" || !strings.Contains(text(at(got, "message")), "best") && !strings.Contains(text(at(got, "message")), "regulars") {
			t.Errorf("%s: %s", name, text(got))
		}
	}
	lost := ask(t, s, saveRule, regulars(vars{"numbers": nil}))
	if got := text(at(lost, "saveRule.errors.0.message")); !strings.Contains(got, "scorer best requires") {
		t.Errorf("taking away an output that is required: %s", text(at(lost, "saveRule")))
	}
	circle := ask(t, s, saveRule, regulars(vars{"labels": []vars{{"name": "A", "when": `scores.best.label == "BEST"`}, {"name": "B", "when": "true"}}}))
	if got := text(at(circle, "saveRule.errors.0.message")); !strings.Contains(got, "regulars -> best -> regulars") {
		t.Errorf("a cycle: %s", got)
	}
	off := ask(t, s, `mutation { setScorerEnabled(input: {name: "best", enabled: false}) { scorer { enabled lastError } errors { message } } }`, nil)
	if text(at(off, "setScorerEnabled.scorer.enabled")) != "false" {
		t.Errorf("switched off: %s", text(off))
	}
	answers := try(t, s.Handler, `{ customers(first: 1) { edges { node { score(name: "best") { label } all: scores { scorer } } } } }`, nil)
	if len(answers.Errors) != 1 || answers.Errors[0].Extensions.Code != "SCORER_DISABLED" || slices.Contains(texts(answers.Data, "customers.edges.0.node.all.*.scorer"), "best") {
		t.Errorf("a scorer that is off answers %s, %+v", text(answers.Data), answers.Errors)
	}
	on := ask(t, s, `mutation { setScorerEnabled(input: {name: "best", enabled: true}) { scorer { enabled lastError } } deleteRule(input: {name: "best"}) { deleted } }`, nil)
	if text(at(on, "setScorerEnabled.scorer.enabled")) != "true" || text(at(on, "deleteRule.deleted")) != "true" {
		t.Errorf("switched on, then deleted: %s", text(on))
	}
	if got := ask(t, s, `mutation { deleteRule(input: {name: "regulars"}) { deleted } }`, nil); text(at(got, "deleteRule.deleted")) != "true" {
		t.Errorf("deleted: %s", text(got))
	}
	if v := save(t, s, regulars(nil)); !strings.HasPrefix(v, "3.0.0+") {
		t.Errorf("a rule that was deleted comes back as %s, want version 3: 1 and 2 are taken", v)
	}
}

// TestRefusedRules: what is wrong with a rule is said at its place, with the cure, in both languages.
func TestRefusedRules(t *testing.T) {
	s := shop(t, manyOrders(5), "--currency", "EUR")
	when := func(condition string) vars {
		return regulars(vars{"labels": []vars{{"name": "A", "when": condition}, {"name": "B", "when": "true"}}})
	}
	var out strings.Builder
	for _, c := range []struct {
		name string
		rule vars
	}{
		{"a name that is compiled in", regulars(vars{"name": "rfm"})},
		{"a name that is not snake_case", regulars(vars{"name": "My Rule"})},
		{"an unknown fact", when("facts.net_revenu > 100")},
		{"an unknown scorer", when(`scores.rmf.label == "LOST"`)},
		{"an unknown output", when("scores.rfm.frequence > 3")},
		{"an unknown label", when(`scores.rfm.label == "CHAMPION"`)},
		{"a type error", when(`facts.orders == "three"`)},
		{"a syntax error", when("facts.orders >")},
		{"a loop", when("[1, 2].all(x, x > 0)")},
		{"itself", when(`scores.regulars.label == "A"`)},
		{"no last label", regulars(vars{"labels": []vars{{"name": "A", "when": "facts.orders > 1"}}})},
		{"no label", regulars(vars{"labels": []vars{}})},
		{"a quantile beyond 1", regulars(vars{"quantiles": []vars{{"name": "top", "of": "facts.net_revenue", "q": 80}}})},
		{"a default beyond its bounds", regulars(vars{"parameters": []vars{{"name": "least", "default": 0, "min": 1}}})},
		{"an expression that is too long", when(strings.Repeat("facts.orders > 1 && ", 200) + "true")},
	} {
		out.WriteString(c.name + "\n")
		for _, e := range at(ask(t, s, saveRule, c.rule), "saveRule.errors").([]any) {
			out.WriteString("  " + text(at(e, "__typename")) + " " + text(at(e, "code")) + " " + text(at(e, "path")))
			if line := at(e, "line"); line != nil {
				out.WriteString(" " + text(line) + ":" + text(at(e, "column")) + " suggestion " + text(at(e, "suggestion")))
			}
			out.WriteString("\n    " + text(at(e, "message")) + "\n    " + text(at(e, "zh")) + "\n")
		}
	}
	golden(t, "refused_rules.golden", out.String())
}
