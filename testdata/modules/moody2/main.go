// Command moody2 is the module moody without its moods.
package main

import (
	"bellwether/scoring"
	"bellwether/scoring/guest"
)

var words = scoring.Words{En: "Moody.", Zh: "喜怒无常。"}

var _ = guest.Serve(scoring.Define(scoring.Manifest{
	Name: "moody", Version: "1.0.1", Title: words, Doc: words,
	Facts:   []scoring.FactUse{{Name: "external_id"}},
	Outputs: []scoring.Output{{Name: "calm", Kind: scoring.Flag, Doc: words}},
	Reasons: []scoring.Reason{{Name: "calm", Fact: "external_id", Text: words}},
}, nil, func(c *scoring.Customer, _ struct{}) {
	c.Set(0, scoring.Bool(true))
	c.Because(0, c.Fact(0), 0.5, nil)
}))

func main() {}
