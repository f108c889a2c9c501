package conformance_test

import (
	"math"
	"strings"
	"testing"

	"bellwether/scoring"
	"bellwether/scoring/conformance"
)

// counted tells how many orders a customer has, and their share of a given number.
func counted() scoring.Scorer {
	words := scoring.Words{En: "Orders", Zh: "订单"}
	return scoring.Define(scoring.Manifest{
		Name: "counted", Version: "1.0.0", Title: words, Doc: words,
		Facts:   []scoring.FactUse{{Name: "orders"}},
		Params:  []scoring.Param{{Name: "of", Kind: scoring.Number, Default: scoring.Float(3), Min: 1, Max: 10, Doc: words}},
		Outputs: []scoring.Output{{Name: "orders", Kind: scoring.Integer, Doc: words}, {Name: "share", Kind: scoring.Number, Doc: words}},
		Reasons: []scoring.Reason{{Name: "orders", Fact: "orders", Text: scoring.Words{En: "{value}", Zh: "{value}"}}},
	}, nil, func(c *scoring.Customer, _ struct{}) {
		c.Set(0, c.Fact(0))
		c.Set(1, scoring.Float(c.Fact(0).Float()/c.Param(0).Float()))
		c.Because(0, c.Fact(0), math.NaN(), nil)
	})
}

func TestExamplesOfAREADME(t *testing.T) {
	const orders = "```csv orders as_of=2026-01-31\ncustomer,placed_at,net\na,2026-01-01,1\na,2026-01-02,1\n```\n"
	tests := []struct{ name, text, want string }{
		{"right", orders + "```csv expected\ncustomer,orders,share\na,2,0.6667\n```\n", ""},
		{"rounded further", orders + "```csv expected\ncustomer,share\na,0.67\n```\n", ""},
		{"with a parameter", strings.Replace(orders, "-31", "-31 of=4", 1) + "```csv expected\ncustomer,share\na,0.5\n```\n", ""},
		{"wrong count", orders + "```csv expected\ncustomer,orders\na,3\n```\n", `orders is "2", expected "3"`},
		{"wrong decimal", orders + "```csv expected\ncustomer,share\na,0.6666\n```\n", `expected "0.6666"`},
		{"unknown output", orders + "```csv expected\ncustomer,sum\na,2\n```\n", `unknown output "sum"`},
		{"unknown setting", strings.Replace(orders, "as_of", "today", 1), "setting today"},
		{"parameter out of range", strings.Replace(orders, "-31", "-31 of=40", 1), "out of range"},
		{"unknown table", "```csv lines as_of=2026-01-31\ncustomer\na\n```\n", "unknown table"},
		{"no example", "Nothing to see.", "no worked example"},
		{"expects nothing", orders, "nothing is expected"},
		{"nothing expected", orders + "```csv expected\ncustomer,orders\n```\n", "is empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := conformance.Examples(t.Context(), counted(), "# counted\n"+tt.text)
			switch {
			case tt.want == "" && len(found) > 0:
				t.Error(found)
			case tt.want != "" && (len(found) != 1 || found[0].Rule != "examples" || !strings.Contains(found[0].Problem, tt.want)):
				t.Errorf("got %v, want one of rule examples with %q", found, tt.want)
			}
		})
	}
}
