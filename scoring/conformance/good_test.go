package conformance_test

import (
	"math"
	"testing"

	"bellwether/scoring"
	"bellwether/scoring/conformance"
)

// The indices of the scorers in these tests.
const (
	factOrders = iota
	factRevenue
)

const (
	outLabel = iota
	outNumber
)

// described is a manifest that keeps all rules.
func described() scoring.Manifest {
	words := func(s string) scoring.Words { return scoring.Words{En: s, Zh: s} }
	label := func(name string) scoring.LabelDoc {
		return scoring.LabelDoc{Name: name, Title: words(name), Doc: words(name), Advice: words(name)}
	}
	return scoring.Manifest{
		Name: "good", Version: "1.0.0", Title: words("Good"), Doc: words("Is it good?"),
		Facts:   []scoring.FactUse{factOrders: {Name: "orders"}, factRevenue: {Name: "net_revenue"}},
		Orders:  &scoring.OrderUse{Lines: true},
		Derived: []scoring.Derived{{Name: "doubled", Kind: scoring.Integer}},
		Params: []scoring.Param{
			{Name: "least", Kind: scoring.Integer, Default: scoring.Int(2), Max: 100, Doc: words("least")},
			{Name: "mode", Kind: scoring.Text, Default: scoring.String("PLAIN"), Allowed: []string{"ODD", "PLAIN"}, Doc: words("mode")},
		},
		Outputs: []scoring.Output{
			outLabel:  {Name: "size", Kind: scoring.Label, Doc: words("size"), Labels: []scoring.LabelDoc{label("BIG"), label("SMALL")}},
			outNumber: {Name: "share", Kind: scoring.Number, Doc: words("share")},
		},
		Reasons: []scoring.Reason{{
			Name: "orders", Fact: "orders", Args: []scoring.Arg{{Name: "least", Kind: scoring.Integer}},
			Text: scoring.Words{En: "{value} orders of {least}", Zh: "{value} 笔订单，至少 {least}"},
		}},
	}
}

type total struct {
	Orders float64
	hidden float64 // from whoever stores the model
}

func goodFit(p *scoring.Population) (*total, error) {
	m := &total{}
	for c := range p.Customers() {
		m.Orders += c.Fact(factOrders).Float()
		c.Derive(0, scoring.Int(2*c.Fact(factOrders).Int()))
	}
	return m, nil
}

func goodScore(c *scoring.Customer, m *total) {
	n := c.Fact(factOrders)
	if c.SetLabel(outLabel, 1); n.Int() >= c.Param(0).Int() {
		c.SetLabel(outLabel, 0)
	}
	if m.Orders > 0 {
		c.Set(outNumber, scoring.Float(n.Float()/m.Orders))
	}
	c.Because(0, n, math.NaN(), nil, c.Param(0))
}

// good is a scorer that keeps all rules, but for what change does to its manifest, fit or score.
func good(change func(m *scoring.Manifest, fit *func(*scoring.Population) (*total, error), score *func(*scoring.Customer, *total))) scoring.Scorer {
	m, fit, score := described(), goodFit, goodScore
	if change != nil {
		change(&m, &fit, &score)
	}
	return scoring.Define(m, fit, score)
}

func TestGoodScorerPasses(t *testing.T) {
	for _, f := range conformance.Check(t.Context(), good(nil), conformance.Seed(3), conformance.Size(60), conformance.On(conformance.Random(7, 40))) {
		t.Error(f)
	}
}
