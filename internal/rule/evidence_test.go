package rule_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwether/internal/rule"
	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

// shop are four customers with what evidence is about.
func shop(t *testing.T) *scoretest.Data {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	d := &scoretest.Data{AsOf: scoring.At(time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)), Currency: "GBP", Exponent: 2, Location: london}
	if err := d.AddCustomers("customer,country\nanna,GB\nbo,FR\ncarl,\ndora,GB\n"); err != nil {
		t.Fatal(err)
	}
	err = d.AddOrders(`customer,placed_at,net
anna,2026-01-30T10:00:00Z,1000.00
anna,2025-12-30T10:00:00Z,234.50
bo,2026-01-20T10:00:00Z,40.00
carl,2024-11-01T10:00:00Z,300.00
`)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestEvidence writes down, in both languages, why customers have their labels.
func TestEvidence(t *testing.T) {
	d := shop(t)
	d.Others = []scoring.Scorer{rfm.New()}
	var out strings.Builder
	for _, when := range []string{
		`facts.net_revenue >= 1000`, `facts.net_revenue >= 1000.005`, `1000.00 <= facts.net_revenue && facts.orders > 1`, `facts.orders > 5 || facts.country == "GB"`, `!(facts.country in ["GB", "IE"])`,
		`facts.net_revenue >= quantiles.top`, `facts.orders >= params.least`, `window(facts.orders, 30) > window(facts.orders, params.days, 30)`, `numbers.order_value > 100`,
		`days_since(facts.last_order_at) <= 30`, `facts.last_order_at >= timestamp("2026-01-25T00:00:00Z")`, `has(facts.country) && facts.country.startsWith("G")`,
		`scores.rfm.label == "CHAMPIONS" && scores.rfm.r >= 4`, `(facts.orders - 1) * 2 / (facts.orders + 1) > 0.5`, `facts.orders > 1 ? facts.country == "GB" : facts.country != "GB"`, `true`, `false`,
		`facts.country == "GB"`, `facts.country != "GB"`, `facts.country == facts.region`, `facts.orders < 1`, `facts.orders <= 1`, `facts.orders != 1`, `facts.last_order_at < timestamp("2026-01-25T00:00:00Z")`,
		`window(facts.orders, params.days) > window(facts.orders, 90, 30)`, `facts.orders > facts.net_revenue / facts.touchpoints`, `has(facts.referred_by)`,
		`-facts.net_revenue < -100`, `facts.orders in [1, 2]`, `facts.net_revenue > 2 * quantiles.top`, `facts.net_revenue / facts.net_revenue == 1`,
	} {
		s, problems := rule.Compile(with(when), vocabulary())
		if len(problems) > 0 {
			t.Fatal(when, problems)
		}
		answers, err := scoretest.Score(s, d)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&out, when)
		for _, id := range []string{"anna", "bo", "carl", "dora"} {
			fmt.Fprintf(&out, "  %s %s\n", id, answers.Value(id, "label").Text())
			zh := answers.Reasons(id, "zh-CN")
			for i, en := range answers.Reasons(id, "en") {
				fmt.Fprintf(&out, "    %s\n    %s\n", en, zh[i])
			}
		}
	}
	golden(t, "testdata/evidence.golden", []byte(out.String()))
}

// TestEvidenceIsTheDeciding: of && and ||, only the sides that mattered are named.
func TestEvidenceIsTheDeciding(t *testing.T) {
	tests := []struct {
		when string
		want []string // facts looked at, of anna
	}{
		{`facts.orders > 1 && facts.net_revenue > 1`, []string{"orders", "net_revenue"}},
		{`facts.orders > 1 || facts.net_revenue > 1`, []string{"orders"}},
		{`facts.orders > 9 || facts.net_revenue > 1`, []string{"net_revenue"}},
		{`facts.orders > 9 && facts.net_revenue > 1`, []string{"orders"}},
		{`facts.orders > 1 && facts.net_revenue > 9999`, []string{"net_revenue"}},
		{`facts.orders > 9 || facts.net_revenue > 9999`, []string{"orders", "net_revenue"}},
		{`!(facts.orders > 9 || facts.net_revenue > 9999)`, []string{"orders", "net_revenue"}},
		{`!(facts.orders > 9 && facts.touchpoints > 9)`, []string{"orders"}},
		{`facts.orders > 1 && facts.orders > 1`, []string{"orders"}},
		{`facts.orders > 1 ? facts.country == "GB" : facts.kind == "PERSON"`, []string{"orders", "country"}},
		{`true`, []string{"label"}},
	}
	for _, tt := range tests {
		s, problems := rule.Compile(with(tt.when), vocabulary())
		if len(problems) > 0 {
			t.Fatal(tt.when, problems)
		}
		answers, err := scoretest.Score(s, shop(t))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range answers.Evidence("anna") {
			got = append(got, s.Manifest().Reasons[e.Reason].Fact)
		}
		if strings.Join(got, " ") != strings.Join(tt.want, " ") {
			t.Errorf("%s: %v, want %v", tt.when, got, tt.want)
		}
	}
}

// TestEvidenceOfTheLabelsBefore: a label in the middle is explained by what held, and by what kept those before it from being
// the answer, of which there are not too many.
func TestEvidenceOfTheLabelsBefore(t *testing.T) {
	d := shop(t)
	tiers := rule.Definition{Name: "basket", TitleEn: "Basket", TitleZh: "basket 评分", DocEn: "Tiers.", Labels: []rule.Label{
		{Name: "HIGH", When: "facts.orders > 0 && facts.net_revenue >= 1000"}, {Name: "LOW", When: "facts.orders > 0"}, {Name: "NONE", When: "true"},
	}}
	basket := scorerOf(t, tiers, vocabulary())
	sayings(t, basket, d, map[string][]string{
		"anna": {"Orders: 2 > 0.", "订单数：2 > 0。", "Net revenue: 1234.50 GBP ≥ 1000.00 GBP.", "净收入：1234.50 GBP ≥ 1000.00 GBP。"},
		"bo":   {"Orders: 1 > 0.", "订单数：1 > 0。", "Net revenue: 40.00 GBP is below 1000.00 GBP.", "净收入：40.00 GBP 低于 1000.00 GBP。"},
		"dora": {"Orders: 0 is at most 0.", "订单数：0 不高于 0。"},
	})
	v := vocabulary()
	v.Scorers = append(v.Scorers, basket.Manifest())
	d.Others = []scoring.Scorer{basket}
	after := rule.Definition{Name: "after", TitleEn: "After", DocEn: "Of another's label.", Labels: []rule.Label{{Name: "YES", When: `scores.basket.label == "HIGH"`}, {Name: "NO", When: "true"}}}
	sayings(t, scorerOf(t, after, v), d, map[string][]string{
		"anna": {"Basket is HIGH.", "basket 评分为 HIGH。"}, "bo": {"Basket is LOW, not HIGH.", "basket 评分为 LOW，而非 HIGH。"},
	})
	many := rule.Definition{Name: "many", TitleEn: "Many", DocEn: "Many labels."}
	for i := range 20 {
		many.Labels = append(many.Labels, rule.Label{Name: fmt.Sprint("L", i), When: fmt.Sprint("facts.orders > ", 100-i)})
	}
	many.Labels = append(many.Labels, rule.Label{Name: "MIDDLE", When: "facts.orders > 0 && facts.net_revenue > 0"}, rule.Label{Name: "REST", When: "true"})
	answers, err := scoretest.Score(scorerOf(t, many, vocabulary()), d)
	if err != nil {
		t.Fatal(err)
	}
	if got := answers.Reasons("anna", "en"); len(got) != 2+8 || got[1] != "Net revenue: 1234.50 GBP > 0.00 GBP." || got[2] != "Orders: 2 is at most 100." {
		t.Errorf("%d pieces: %q, want what held, and 8 of the labels before", len(got), got)
	}
}

// scorerOf is the scorer of a definition without problems.
func scorerOf(t *testing.T, d rule.Definition, v rule.Vocabulary) scoring.Scorer {
	t.Helper()
	s, problems := rule.Compile(d, v)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return s
}

// sayings compares the reasons of customers, a sentence in each language in turn.
func sayings(t *testing.T, s scoring.Scorer, d *scoretest.Data, want map[string][]string) {
	t.Helper()
	answers, err := scoretest.Score(s, d)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range want {
		var got []string
		zh := answers.Reasons(id, "zh-CN")
		for i, en := range answers.Reasons(id, "en") {
			got = append(got, en, zh[i])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

// TestEvidenceOfQuantiles: the percentile is that of the average rank among those who count.
func TestEvidenceOfQuantiles(t *testing.T) {
	s, problems := rule.Compile(with(`facts.net_revenue >= quantiles.top`), vocabulary())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	answers, err := scoretest.Score(s, shop(t)) // 1234.50, 40, 300, 0
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]float64{"anna": .875, "bo": .375, "carl": .625, "dora": .125} {
		e := answers.Evidence(id)[0]
		if e.Percentile != want || len(e.Threshold) != 1 || e.Threshold[0] != scoring.Minor(123450) {
			t.Errorf("%s: percentile %v of %v, want %v of 1234.50", id, e.Percentile, e.Threshold, want)
		}
	}
	if e := answers.Evidence("anna")[0]; math.IsNaN(e.Percentile) || e.Value != scoring.Minor(123450) {
		t.Errorf("anna's value is %v", e.Value)
	}
}
