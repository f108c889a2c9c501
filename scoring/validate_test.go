package scoring_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"bellwether/scoring"
)

func same(s string) scoring.Words { return scoring.Words{En: s, Zh: s} }

// valid is a manifest without faults that uses everything.
func valid() *scoring.Manifest {
	return &scoring.Manifest{
		Name: "value_tier", Version: "1.2.3", Title: same("Value tier"), Doc: same("How much is the customer worth?"),
		Facts: []scoring.FactUse{
			{Name: "orders", Window: scoring.Window{Days: 30, Ago: 30}},
			{Name: "net_revenue", Window: scoring.Window{Param: "window"}},
			{Name: "not_in_the_catalogue", Optional: true},
		},
		Orders:  &scoring.OrderUse{Lines: true, Window: scoring.Window{Param: "window"}},
		Derived: []scoring.Derived{{Name: "rank", Kind: scoring.Number}},
		Params: []scoring.Param{
			{Name: "window", Kind: scoring.Integer, Doc: same("Days"), Default: scoring.Int(365), Max: 3650, Fit: true},
			{Name: "borders", Kind: scoring.Number, Doc: same("Borders"), Default: scoring.Numbers([]float64{.4, .8}), Max: 1, Size: 2},
			{Name: "mode", Kind: scoring.Text, Doc: same("Mode"), Default: scoring.String("A"), Allowed: []string{"A", "B"}},
			{Name: "strict", Kind: scoring.Flag, Doc: same("Strict"), Default: scoring.Bool(false)},
			{Name: "cap", Kind: scoring.Number, Doc: same("Cap"), Default: scoring.Float(9), Max: 9},
		},
		Outputs: []scoring.Output{
			{Name: "tier", Kind: scoring.Label, Doc: same("Tier"), Labels: []scoring.LabelDoc{
				{Name: "HIGH", Title: same("High"), Doc: same("Above"), Advice: same("Thank them")},
				{Name: "LOW", Title: same("Low"), Doc: same("Below"), Advice: same("Wait")},
			}},
			{Name: "share", Kind: scoring.Number, Doc: same("Share")},
		},
		Reasons: []scoring.Reason{{
			Name: "worth", Fact: "net_revenue", Text: same("{value} against {threshold}, {percentile}, {n}"),
			Args: []scoring.Arg{{Name: "n", Kind: scoring.Integer}},
		}},
	}
}

func TestValidate(t *testing.T) {
	if err := valid().Validate(); err != nil {
		t.Fatalf("a valid manifest is refused: %v", err)
	}
	tests := []struct {
		name   string
		change func(m *scoring.Manifest)
		want   string
	}{
		{"name", func(m *scoring.Manifest) { m.Name = "ValueTier" }, "write it like value_tier"},
		{"version", func(m *scoring.Manifest) { m.Version = "1.0" }, "write it like 1.0.0"},
		{"title", func(m *scoring.Manifest) { m.Title.Zh = " " }, "title lacks a language (write both En and Zh)"},
		{"doc", func(m *scoring.Manifest) { m.Doc = scoring.Words{} }, "doc lacks a language"},
		{"no outputs", func(m *scoring.Manifest) { m.Outputs = nil }, "declare at least one"},
		{"unknown fact", func(m *scoring.Manifest) { m.Facts[0].Name = "shoe_size" }, "(the catalogue has "},
		{"window of a fact without", func(m *scoring.Manifest) { m.Facts[0].Name = "country" }, "knows no window (drop it)"},
		{"negative window", func(m *scoring.Manifest) { m.Facts[0].Window.Days = -1 }, "count them back from asOf"},
		{"unknown window parameter", func(m *scoring.Manifest) { m.Orders.Window.Param = "span" }, "declare an Integer parameter of that name"},
		{"window parameter of a kind", func(m *scoring.Manifest) { m.Orders.Window.Param = "borders" }, "declare an Integer parameter of that name"},
		{"window parameter without fit", func(m *scoring.Manifest) { m.Params[0].Fit = false }, "set Fit"},
		{"derived twice", func(m *scoring.Manifest) { m.Derived = append(m.Derived, m.Derived[0]) }, "declared twice (rename one)"},
		{"derived name", func(m *scoring.Manifest) { m.Derived[0].Name = "Rank" }, "write it like order_count"},
		{"parameter twice", func(m *scoring.Manifest) { m.Params[1].Name = "window" }, "parameter window is declared twice (rename one)"},
		{"parameter without doc", func(m *scoring.Manifest) { m.Params[0].Doc.En = "" }, "parameter window lacks a language"},
		{"parameter without bounds", func(m *scoring.Manifest) { m.Params[4].Max = math.Inf(1) }, "set Min and Max"},
		{"parameter with bounds swapped", func(m *scoring.Manifest) { m.Params[4].Min = 10 }, "set Min and Max"},
		{"text without words", func(m *scoring.Manifest) { m.Params[2].Allowed = nil }, "list them"},
		{"kind of a parameter", func(m *scoring.Manifest) { m.Params[4].Kind = scoring.Money }, "use NUMBER, INTEGER, FLAG or TEXT"},
		{"list of texts", func(m *scoring.Manifest) { m.Params[2].Size = 2 }, "only lists of NUMBER are known"},
		{"default out of range", func(m *scoring.Manifest) { m.Params[0].Default = scoring.Int(9999) }, "give a whole number from 0 to 3650"},
		{"default of another kind", func(m *scoring.Manifest) { m.Params[0].Default = scoring.Float(3) }, "give a whole number"},
		{"default not allowed", func(m *scoring.Manifest) { m.Params[2].Default = scoring.String("C") }, "give one of A, B"},
		{"list not ascending", func(m *scoring.Manifest) { m.Params[1].Default = scoring.Numbers([]float64{.8, .4}) }, "give 2 ascending numbers from 0 to 1"},
		{"list too short", func(m *scoring.Manifest) { m.Params[1].Default = scoring.Numbers([]float64{.8}) }, "give 2 ascending numbers"},
		{"scalar for a list", func(m *scoring.Manifest) { m.Params[1].Default = scoring.Float(.8) }, "give 2 ascending numbers"},
		{"list for a scalar", func(m *scoring.Manifest) { m.Params[4].Default = scoring.Numbers([]float64{1}) }, "give a number from 0 to 9"},
		{"null", func(m *scoring.Manifest) { m.Params[4].Default = scoring.Value{} }, "give a number from 0 to 9"},
		{"NaN", func(m *scoring.Manifest) { m.Params[4].Default = scoring.Float(math.NaN()) }, "give a number"},
		{"output twice", func(m *scoring.Manifest) { m.Outputs[1].Name = "tier" }, "output tier is declared twice"},
		{"output without doc", func(m *scoring.Manifest) { m.Outputs[1].Doc.Zh = "" }, "output share lacks a language"},
		{"labels of a number", func(m *scoring.Manifest) { m.Outputs[1].Labels = m.Outputs[0].Labels }, "labels belong to kind LABEL"},
		{"label without labels", func(m *scoring.Manifest) { m.Outputs[0].Labels = nil }, "labels belong to kind LABEL"},
		{"label name", func(m *scoring.Manifest) { m.Outputs[0].Labels[0].Name = "High" }, "write it like HIGH_VALUE"},
		{"label twice", func(m *scoring.Manifest) { m.Outputs[0].Labels[0].Name = "LOW" }, "label LOW is declared twice"},
		{"label without advice", func(m *scoring.Manifest) { m.Outputs[0].Labels[0].Advice.En = "" }, "advice of label HIGH lacks a language"},
		{"label without title", func(m *scoring.Manifest) { m.Outputs[0].Labels[0].Title.En = "" }, "title of label HIGH"},
		{"label without doc", func(m *scoring.Manifest) { m.Outputs[0].Labels[0].Doc.En = "" }, "doc of label HIGH"},
		{"reason twice", func(m *scoring.Manifest) { m.Reasons = append(m.Reasons, m.Reasons[0]) }, "reason worth is declared twice"},
		{"reason without a language", func(m *scoring.Manifest) { m.Reasons[0].Text.Zh = "" }, "reason worth lacks a language"},
		{"reason without fact", func(m *scoring.Manifest) { m.Reasons[0].Fact = "" }, "say what was looked at"},
		{"unknown blank", func(m *scoring.Manifest) { m.Reasons[0].Text.Zh = "{vlaue}" }, "uses {vlaue} (it knows value, threshold, percentile, n)"},
		{"brace too many", func(m *scoring.Manifest) { m.Reasons[0].Text.En = "{value} {n" }, "write a blank like {value}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := valid()
			tt.change(m)
			err := m.Validate()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want something with %q", err, tt.want)
			}
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !strings.HasPrefix(line, "scorer "+m.Name+": ") || !strings.HasSuffix(line, ")") {
					t.Errorf("%q does not name the scorer and end in the cure", line)
				}
			}
		})
	}
}

func named(name string, requires ...string) *scoring.Manifest {
	m := valid()
	m.Name = name
	for _, r := range requires {
		scorer, output, _ := strings.Cut(r, ".")
		m.Requires = append(m.Requires, scoring.OutputUse{Scorer: scorer, Output: output})
	}
	return m
}

func TestValidateAll(t *testing.T) {
	order, err := scoring.ValidateAll([]*scoring.Manifest{named("a", "c.share", "b.tier"), named("b", "c.share"), named("c"), named("d")})
	if err != nil || !slices.Equal(order, []int{2, 1, 0, 3}) {
		t.Errorf("order %v, %v", order, err)
	}
	broken := named("a")
	broken.Version = ""
	tests := []struct {
		name string
		all  []*scoring.Manifest
		want string
	}{
		{"one is invalid", []*scoring.Manifest{broken}, "write it like 1.0.0"},
		{"twice", []*scoring.Manifest{named("a"), named("a")}, "the name is used twice (rename one)"},
		{"unknown scorer", []*scoring.Manifest{named("a", "x.share")}, "add it to the list of plugins, or drop the requirement"},
		{"unknown output", []*scoring.Manifest{named("a", "b.size"), named("b")}, "it has tier, share"},
		{"itself", []*scoring.Manifest{named("a", "a.share")}, "a -> a (drop one"},
		{"cycle", []*scoring.Manifest{named("x", "a.share"), named("a", "b.share"), named("b", "c.share"), named("c", "a.share")}, "a -> b -> c -> a (drop one"},
	}
	for _, tt := range tests {
		if _, err := scoring.ValidateAll(tt.all); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want something with %q", tt.name, err, tt.want)
		}
	}
}

// TestCatalogue holds the catalogue of facts to its own rules.
func TestCatalogue(t *testing.T) {
	var names []string
	for _, f := range scoring.Facts() {
		names = append(names, f.Name)
		if f.Title.En == "" || f.Title.Zh == "" || f.Doc.En == "" || f.Doc.Zh == "" {
			t.Errorf("fact %s lacks a title or a doc in a language", f.Name)
		}
		if got, known := scoring.FactNamed(f.Name); !known || got != f {
			t.Errorf("fact %s is not found by its name", f.Name)
		}
	}
	if !slices.IsSorted(names) || len(slices.Compact(names)) != len(scoring.Facts()) {
		t.Errorf("the catalogue is not in alphabetical order, each once: %v", names)
	}
}
