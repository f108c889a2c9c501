// Package careless breaks rules of the conformance kit: it counts on facts, knows the other customers of its batch, and has
// no evidence.
package careless

import "bellwether/scoring"

// New is the scorer.
func New() scoring.Scorer {
	words := scoring.Words{En: "Careless", Zh: "粗心"}
	return scoring.Define(scoring.Manifest{
		Name: "careless", Version: "1.0.0", Title: words, Doc: words,
		Facts:   []scoring.FactUse{{Name: "last_order_at"}},
		Outputs: []scoring.Output{{Name: "silent_days", Kind: scoring.Integer, Doc: words}},
	}, nil, func(c *scoring.Customer, _ struct{}) {
		at := c.Fact(0)
		if at.Instant() == scoring.Never && c.Explaining() {
			panic("when was that?")
		}
		c.Set(0, scoring.Int(c.Today()-c.Env().Day(at.Instant())))
	})
}
