// Package tally counts orders: the smallest plugin that has an output of every kind.
package tally

import "bellwether/scoring"

// New is the scorer.
func New() scoring.Scorer {
	doc := func(s string) scoring.Words { return scoring.Words{En: s, Zh: s} }
	label := func(s string) scoring.LabelDoc {
		return scoring.LabelDoc{Name: s, Title: doc(s), Doc: doc(s), Advice: doc(s)}
	}
	return scoring.Define(scoring.Manifest{
		Name: "order_tally", Version: "0.1.0", Title: doc("Tally"), Doc: doc("How many orders?"),
		Facts: []scoring.FactUse{{Name: "orders"}, {Name: "net_revenue"}, {Name: "last_order_at"}, {Name: "external_id"}},
		Outputs: []scoring.Output{
			{Name: "size", Kind: scoring.Label, Doc: doc("Size"), Labels: []scoring.LabelDoc{label("FEW"), label("MANY")}},
			{Name: "order_count", Kind: scoring.Integer, Doc: doc("Orders")},
			{Name: "mean", Kind: scoring.Number, Doc: doc("Mean")},
			{Name: "spent", Kind: scoring.Money, Doc: doc("Spent")},
			{Name: "last_at", Kind: scoring.Moment, Doc: doc("Last")},
			{Name: "any", Kind: scoring.Flag, Doc: doc("Any")},
			{Name: "key", Kind: scoring.Text, Doc: doc("Key")},
		},
	}, nil, func(c *scoring.Customer, _ struct{}) {
		n := c.Fact(0).Int()
		c.SetLabel(0, min(int(n/3), 1))
		c.Set(1, scoring.Int(n))
		if n > 0 {
			c.Set(2, scoring.Float(c.Fact(1).Float()/float64(n)))
		}
		c.Set(3, c.Fact(1))
		c.Set(4, c.Fact(2))
		c.Set(5, scoring.Bool(n > 0))
		c.Set(6, c.Fact(3))
	})
}
