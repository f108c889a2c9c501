package rule_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"bellwether/internal/rule"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file that -update writes.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is not up to date (look at the difference, and run the test with -update):\n%s", path, got)
	}
}

// with is a rule whose first label has a condition, with one of everything to refer to.
func with(when string) rule.Definition {
	low, high := 0.0, 10.0
	return rule.Definition{
		Name: "tried", TitleEn: "Tried", DocEn: "Tried.",
		Labels:     []rule.Label{{Name: "YES", When: when}, {Name: "NO", When: "true"}},
		Numbers:    []rule.Number{{Name: "order_value", Value: "facts.net_revenue / facts.orders"}},
		Quantiles:  []rule.Quantile{{Name: "top", Of: "facts.net_revenue", Q: .8}},
		Parameters: []rule.Parameter{{Name: "least", Default: 5, Min: &low, Max: &high}, {Name: "days", Default: 90}},
	}
}

var accepted = []string{
	`facts.orders > 3`, `facts.net_revenue >= 100.50`, `3 < facts.orders`, `facts.orders > params.least`, `facts.orders in [1, 2, 3.5]`,
	`facts.country == "GB"`, `facts.country in ["GB", "中国"]`, `facts.country.startsWith("G") || facts.country.endsWith("B") || facts.country.contains("-")`,
	`has(facts.country) && has(scores.rfm.monetary)`, `!has(facts.referred_by)`, `facts.country != facts.region`,
	`facts.net_revenue >= quantiles.top`, `numbers.order_value > 20`, `scores.rfm.label in ["CHAMPIONS", "LOYAL"]`, `scores.rfm.segment != "LOST"`, `scores.rfm.r >= 4`,
	`window(facts.orders, 90) > window(facts.orders, 90, 90)`, `window(facts.net_revenue, params.days) > 0.0`, `days_since(window(facts.last_order_at, 365)) < 30`,
	`days_since(facts.last_order_at) < 30`, `facts.first_order_at < facts.last_order_at`, `facts.registered_at >= timestamp("2025-01-01T00:00:00+08:00")`,
	`(facts.orders > 3) == (facts.touchpoints > 3)`, `(facts.orders > 3 ? facts.touchpoints : -facts.orders) * 2 - 1 > 0`, `facts.orders > 1 ? facts.country == "GB" : false`, "true", "false",
	"facts.orders > 3 // three\n&& true", "facts.orders > 3" + strings.Repeat(" && facts.orders > 3", 90), strings.Repeat("!", 200) + "true",
}

func TestAccepted(t *testing.T) {
	for _, when := range accepted {
		if s, problems := rule.Compile(with(when), vocabulary()); s == nil || len(problems) > 0 {
			t.Errorf("%s: %v", when, problems)
		}
	}
}

// refused are conditions, and changes to a whole rule, that are refused.
var refused = []string{
	``, `facts.orders >`, `facts.orders > 3)`, "facts.orders > 3 &&\n  facts.ordrs < 5", `facts.net_revenu > 1`, `net_revenue > 1`, `fact.orders > 1`, `facts > 1`, `facts.orders.count > 1`, `facts.xyzzyplugh > 1`,
	`facts.revenue > 1`, `facts.total_net_revenue > 1`, `facts.last_order > 1`, `facts.rate > 1`,
	`scores.rmf.label == "LOST"`, `scores.rfm.labl == "LOST"`, `scores.rfm == "LOST"`, `scores.rfm.label == "CHAMPION"`, `scores.rfm.label in ["LOYAL", "LOSED"]`, `scores.tried.label == "YES"`,
	`params.leest > 1`, `quantiles.tpo > 1`, `numbers.ordervalue > 1`,
	`facts.orders`, `facts.country`, `"GB"`, `facts.country > "GB"`, `facts.country == 3`, `facts.orders == "3"`, `facts.orders && true`, `!facts.orders`, `facts.last_order_at > 30`,
	`facts.orders + facts.country > 1`, `facts.orders % 2 == 0`, `facts.orders == null`, `b"x" == b"x"`, `facts["orders"] > 1`, `{"a": 1}.a > 1`, `[1, 2][0] > 1`,
	`[facts.orders].exists(x, x > 3)`, `size(facts.country) > 3`, `facts.country.matches("^G")`, `facts.country.startWith("G")`, `day_since(facts.last_order_at) > 3`, `has(facts)`, `has(params.least)`, `has(facts.orders > 3)`,
	`facts.orders in []`, `facts.orders in facts.touchpoints`, `facts.country in ["GB", 3]`, `facts.country in [facts.region]`, `facts.orders in ["1"]`, `"GB" == "GB"`, `"GB".startsWith("G")`, `"G" in ["G"]`,
	`window(facts.orders) > 1`, `window(facts.country, 90) == "GB"`, `window(facts.orders, 0) > 1`, `window(facts.orders, -90) > 1`, `window(facts.orders, 1.5) > 1`, `window(facts.orders, facts.orders) > 1`,
	`window(facts.orders, 90, params.days) > 1`, `window(3, 90) > 1`, `window(facts.orders, params.dyas) > 1`, `days_since(facts.orders) > 1`, `days_since(3) > 1`, `timestamp("yesterday") < facts.last_order_at`,
	`days_since(timestamp("2025-01-01T00:00:00Z")) > 1`, `facts.orders > 1 ? 1 : "a"`, `facts.orders > 1 ? "a" == facts.country : 1`,
	`facts.orders > 3 and true or facts.orders > 5 AND not has(facts.country)`, `not (facts.orders > 3)`, `facts.orders between 1 and 3`, `facts.country not in ["GB"]`, `facts.country is null`, `facts.country like "G%"`,
	`if facts.orders > 3 then true`, `facts.orders > 3 且 facts.orders < 9`, `facts.country = "A=B" && facts.orders = 3`, `facts.orders => 3`, `facts.orders <> 3`, `facts.orders === 3`, `facts.orders > 3 | true`,
	`facts.return_rate > 30%`, `facts.return_rate > 12.5 % && true`, `facts.return_rate > 2,5`, `facts.net_revenue > 1,000,000 or facts.orders in [1,2]`, `facts.net_revenue > 1_000`, `facts.net_revenue > £100`,
	`facts.orders ＞ 3 && facts.orders ＜ ９ ＆＆ facts.touchpoints ＞ 0`, `facts.country == “中，国”`, `facts.orders ≥ 3`, `(window（facts.orders，90） > 1)`, `facts.country in 【'GB'】`, `facts.return_rate > ３０％`, "facts.orders\u00a0> 3",
	`10 < facts.orders < 30`, `(facts.orders > 3`, `window(facts.orders, 90 > 1`, `facts.country in ["GB", "IE"`, `has(facts.country && true`, `facts.orders > 3]`, `(facts.orders > 3]`, "facts.orders > 3 &&\n  facts.country == 'GB",
	`facts.orders 3`, `facts.country == GB`, `True`, `facts.orders > > 3`, `facts.orders > 3;`,
	strings.Repeat("(", 100) + "true" + strings.Repeat(")", 100), strings.Repeat("-(", 60) + "1" + strings.Repeat(")", 60) + " > 1", strings.Repeat("x", 2001), `facts.orders > 3 & true`, `facts.orders = 3`, `facts.country == "GB`,
}

// TestRefused writes down what every refusal says, in both languages.
func TestRefused(t *testing.T) {
	var out strings.Builder
	say := func(what string, problems []rule.Problem) {
		if len(what) > 80 {
			what = what[:40] + "..."
		}
		fmt.Fprintf(&out, "%s\n", what)
		for _, p := range problems {
			fmt.Fprintf(&out, "  %s %d:%d %s\n    %s\n    %s\n", strings.Join(p.Path, "."), p.Line, p.Column, p.Code, p.Message.En, p.Message.Zh)
			if p.Suggestion != "" {
				fmt.Fprintf(&out, "    -> %s\n", p.Suggestion)
			}
			if text := p.Message.En + p.Message.Zh; strings.Contains(text, "%!") || !strings.HasSuffix(p.Message.En, ")") || !strings.HasSuffix(p.Message.Zh, "）") {
				t.Errorf("%s: %q and %q do not end in the cure", what, p.Message.En, p.Message.Zh)
			}
		}
	}
	for _, when := range refused {
		s, problems := rule.Compile(with(when), vocabulary())
		if s != nil || len(problems) == 0 {
			t.Errorf("%q is accepted", when)
		}
		say(when, problems)
	}
	for _, change := range changes {
		d := with("true")
		change.to(&d)
		s, problems := rule.Compile(d, vocabulary())
		if s != nil || len(problems) == 0 {
			t.Errorf("%s: accepted", change.name)
		}
		say("a rule: "+change.name, problems)
	}
	golden(t, "testdata/refused.golden", []byte(out.String()))
}

var changes = []struct {
	name string
	to   func(d *rule.Definition)
}{
	{"no name", func(d *rule.Definition) { d.Name = "" }},
	{"name", func(d *rule.Definition) { d.Name = "Tried" }},
	{"version", func(d *rule.Definition) { d.Version = "1" }},
	{"texts", func(d *rule.Definition) {
		d.TitleEn, d.DocEn, d.TitleZh, d.DocZh = " ", "", strings.Repeat("长", 201), "\x00"
	}},
	{"no labels", func(d *rule.Definition) { d.Labels = nil }},
	{"no rest", func(d *rule.Definition) { d.Labels = d.Labels[:1]; d.Labels[0].When = "facts.orders > 1" }},
	{"no condition of the rest", func(d *rule.Definition) { d.Labels[1].When = " " }},
	{"label", func(d *rule.Definition) { d.Labels[0].Name = "yes" }},
	{"label twice", func(d *rule.Definition) { d.Labels[0].Name = "NO" }},
	{"33 labels", func(d *rule.Definition) {
		d.Labels = slices.Repeat(d.Labels[1:], 33)
		for i := range d.Labels {
			d.Labels[i].Name = fmt.Sprint("L", i)
		}
	}},
	{"number called label", func(d *rule.Definition) { d.Numbers[0].Name = "label" }},
	{"number that is none", func(d *rule.Definition) { d.Numbers[0].Value = "facts.orders > 3" }},
	{"number of later ones", func(d *rule.Definition) {
		d.Numbers = append(d.Numbers, rule.Number{Name: "second", Value: "1"})
		d.Numbers[0].Value = "numbers.second"
	}},
	{"number of itself", func(d *rule.Definition) { d.Numbers[0].Value = "numbers.order_value + 1" }},
	{"quantile of a quantile", func(d *rule.Definition) {
		d.Numbers[0].Value = "facts.net_revenue / quantiles.top"
		d.Quantiles = append(d.Quantiles, rule.Quantile{Name: "second", Of: "numbers.order_value", Q: .5})
	}},
	{"quantile of itself", func(d *rule.Definition) {
		d.Numbers[0].Value = "quantiles.top"
		d.Quantiles[0].Of = "numbers.order_value"
	}},
	{"quantile out of range", func(d *rule.Definition) { d.Quantiles[0].Q = 80 }},
	{"quantile among a number", func(d *rule.Definition) { d.Quantiles[0].Among = "facts.orders" }},
	{"bounds", func(d *rule.Definition) { d.Parameters[0].Default = 11 }},
	{"bounds exchanged", func(d *rule.Definition) {
		d.Parameters[0].Min = d.Parameters[0].Max
		low := 0.0
		d.Parameters[0].Max = &low
	}},
	{"no bounds", func(d *rule.Definition) { d.Parameters[0].Max = nil; d.Parameters[0].Default = 1e300 }},
	{"window of half a day", func(d *rule.Definition) {
		d.Parameters[1].Default = 90.5
		d.Labels[0].When = "window(facts.orders, params.days) > 1"
	}},
	{"too many terms", func(d *rule.Definition) {
		for i := range 14 {
			d.Numbers = append(d.Numbers, rule.Number{Name: fmt.Sprint("n", i), Value: "1" + strings.Repeat(" + facts.orders", 48)})
		}
	}},
}
