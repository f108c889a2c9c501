// Command moody is a module that panics where a customer is called trigger, which no kit finds out.
package main

import (
	"bellwether/scoring"
	"bellwether/scoring/guest"
)

var words = scoring.Words{En: "Moody.", Zh: "喜怒无常。"}

var _ = guest.Serve(scoring.Define(scoring.Manifest{
	Name: "moody", Version: "1.0.0", Title: words, Doc: words,
	Facts:   []scoring.FactUse{{Name: "external_id"}},
	Outputs: []scoring.Output{{Name: "calm", Kind: scoring.Flag, Doc: words}},
	Reasons: []scoring.Reason{{Name: "calm", Fact: "external_id", Text: words}},
}, nil, func(c *scoring.Customer, _ struct{}) {
	if c.Fact(0).Text() == "trigger" {
		panic("moody")
	}
	c.Set(0, scoring.Bool(true))
	c.Because(0, c.Fact(0), 0.5, nil)
}))

func main() {}
