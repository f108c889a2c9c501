package rule_test

import (
	"testing"

	"bellwether/internal/rule"
	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/conformance"
	"bellwether/scoring/scoretest"
)

// TestAcceptedConform holds every condition that is accepted against the kit, on fewer customers.
func TestAcceptedConform(t *testing.T) {
	for _, when := range accepted {
		s, problems := rule.Compile(with(when), vocabulary())
		if len(problems) > 0 {
			t.Fatal(when, problems)
		}
		for _, found := range conformance.Check(t.Context(), s, conformance.Size(20), conformance.Requiring(rfm.New())) {
			t.Errorf("%s: %v", when, found)
		}
	}
}

// vocabulary is the catalogue, and rfm.
func vocabulary() rule.Vocabulary {
	return rule.Vocabulary{Facts: scoring.Facts(), Scorers: []*scoring.Manifest{rfm.New().Manifest()}}
}

// compiled is the scorer of a rule without problems.
func compiled(t testing.TB, text string) scoring.Scorer {
	t.Helper()
	d, problems := rule.Parse([]byte(text))
	s, more := rule.Compile(d, vocabulary())
	for _, p := range append(problems, more...) {
		t.Errorf("%v %d:%d %s", p.Path, p.Line, p.Column, p.Message.En)
	}
	if t.Failed() {
		t.FailNow()
	}
	return s
}

// The rules that the tests hold against the conformance kit.
const (
	ageing = `
name: ageing
titleEn: Ageing
docEn: How long since the last order?
labels:
  - {name: SOON, when: "days_since(facts.last_order_at) <= params.soon"}
  - {name: LATE, when: "days_since(facts.last_order_at) > 300.5 && !(facts.orders in [2, 3])"}
  - {name: NONE, when: "!has(facts.last_order_at)"}
  - {name: OTHER, when: true}
parameters:
  - {name: soon, default: 90, min: 0, max: 1000}
`
	computing = `
name: computing
titleEn: Computing
titleZh: 计算
docEn: Numbers of every kind.
labels:
  - name: RICH
    titleEn: Rich
    when: |
      numbers.order_value >= 20.50 ||
        facts.country in ["GB", "中国"]
  - {name: LATELY, when: 'facts.first_order_at >= timestamp("2025-01-01T00:00:00Z") && facts.kind.startsWith("PER")'}
  - {name: REST, when: "true"}
numbers:
  - {name: order_value, value: facts.net_revenue / facts.orders}
  - {name: age, value: "has(facts.registered_at) ? days_since(facts.registered_at) : -1"}
  - {name: strange, value: "(facts.orders - 3) * 2 / (facts.touchpoints - 1) + numbers.order_value"}
`
	tiers = `
name: tiers
titleEn: Tiers
docEn: How much?
labels:
  - {name: HIGH, when: "facts.orders > 0 && window(facts.net_revenue, params.days) >= quantiles.high"}
  - {name: MID, when: "facts.orders > 0 && window(facts.net_revenue, params.days) >= quantiles.mid"}
  - {name: LOW, when: "facts.orders > 0"}
  - {name: NONE, when: "true"}
quantiles:
  - {name: high, of: "window(facts.net_revenue, params.days)", q: 0.8, among: "facts.orders > 0"}
  - {name: mid, of: "window(facts.net_revenue, params.days)", q: 0.4, among: "facts.orders > 0"}
parameters:
  - {name: days, default: 365}
`
	lately = `
name: lately
titleEn: Lately
docEn: More than before?
labels:
  - {name: MORE, when: "window(facts.orders, params.days) > window(facts.orders, params.days, 90)"}
  - {name: RETURNED, when: "facts.return_rate > 0.2 || window(facts.complaints, 30) > 0"}
  - {name: VARIED, when: "facts.categories >= 3 && facts.units > 10 && facts.average_order_value < 50"}
  - {name: REST, when: "true"}
parameters:
  - {name: days, default: 90, min: 0, max: 400}
`
	requiring = `
name: requiring
titleEn: Requiring
docEn: Champions who are loyal.
labels:
  - {name: YES, when: 'scores.rfm.label == "CHAMPIONS" && scores.rfm.recency_days < 30 && facts.touchpoints != 1'}
  - {name: NO, when: true}
numbers:
  - {name: monetary, value: scores.rfm.monetary * 2}
`
)

func TestConformance(t *testing.T) {
	for _, text := range []string{ageing, computing, lately, tiers, requiring} {
		s := compiled(t, text)
		t.Run(s.Manifest().Name, func(t *testing.T) { scoretest.Run(t, s, scoretest.Requiring(rfm.New())) })
	}
}
