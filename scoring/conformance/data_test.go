package conformance_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"bellwether/scoring"
	"bellwether/scoring/conformance"
)

// TestFactsAreWorkedOut asks for every fact of the catalogue that follows from orders and touchpoints.
func TestFactsAreWorkedOut(t *testing.T) {
	d := &conformance.Data{AsOf: scoring.At(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)), Params: map[string]scoring.Value{"days": scoring.Int(30)}}
	for _, err := range []error{
		d.AddCustomers("customer,country,registered_at\na,CN,2025-01-01\nb,,\n"),
		d.AddOrders("customer,order,placed_at,net,credit,quantity,price,discount\na,1,2026-01-30,,,2,10,5\na,1,2026-01-30,,,1,1,\na,2,2025-12-01,7.50,,,,\na,3,2026-01-29,-2,yes,,,\na,4,2026-02-01,99,,,,\n"),
		d.AddTouchpoints("customer,at,kind\na,2026-01-30T12:00:00Z,demo\na,2026-01-01,visit\na,2025-01-01,visit\n"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		fact         string
		all, in30    string
		withoutOrder string
	}{
		{"country", "CN", "CN", "unknown"},
		{"external_id", "a", "a", "b"},
		{"first_order_at", "2025-12-01", "2026-01-30", "unknown"},
		{"last_order_at", "2026-01-30", "2026-01-30", "unknown"},
		{"last_touchpoint_at", "2026-01-30", "2026-01-30", "unknown"},
		{"net_revenue", "21.50 EUR", "14.00 EUR", "0.00 EUR"},
		{"orders", "2", "1", "0"},
		{"registered_at", "2025-01-01", "2025-01-01", "unknown"},
		{"technology_touchpoints", "1", "1", "0"},
		{"touchpoints", "3", "1", "0"},
	}
	for _, tt := range tests {
		m := &scoring.Manifest{
			Facts:  []scoring.FactUse{{Name: tt.fact}, {Name: tt.fact, Window: scoring.Window{Param: "days"}}},
			Params: []scoring.Param{{Name: "days", Kind: scoring.Integer}},
		}
		batch, err := d.Batch(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		for row, id := range batch.IDs {
			all, in30 := tt.all, tt.in30
			if id == conformance.IDOf("b") {
				all, in30 = tt.withoutOrder, tt.withoutOrder
			}
			for i, want := range []string{all, in30} {
				if got := d.Formatter("en").Value(batch.Facts[i].At(row)); got != want {
					t.Errorf("%s, window %d, row %d: %s, want %s", tt.fact, i, row, got, want)
				}
			}
		}
	}
}

func TestOrdersOfABatch(t *testing.T) {
	d := &conformance.Data{AsOf: scoring.At(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))}
	if err := d.AddOrders("customer,order,placed_at,quantity,price\na,2,2026-01-30,1,5\na,1,2025-06-01,1,5\na,1,2025-06-01,-1,5\n"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		use           scoring.OrderUse
		orders, lines int
	}{{scoring.OrderUse{Lines: true}, 2, 3}, {scoring.OrderUse{}, 2, 0}, {scoring.OrderUse{Lines: true, Window: scoring.Window{Days: 30}}, 1, 1}} {
		batch, err := d.Batch(t.Context(), &scoring.Manifest{Orders: &tt.use})
		if err != nil {
			t.Fatal(err)
		}
		orders, lines := batch.Orders[0], 0
		for i, o := range orders {
			if lines += len(o.Lines); i > 0 && o.PlacedAt < orders[i-1].PlacedAt {
				t.Error("orders are not oldest first")
			}
			for _, l := range o.Lines {
				if !math.IsNaN(l.Cost) || l.LaunchedAt != scoring.Never {
					t.Error("what a table leaves out is not unknown")
				}
			}
		}
		if len(orders) != tt.orders || lines != tt.lines {
			t.Errorf("%+v: %d orders and %d lines, want %d and %d", tt.use, len(orders), lines, tt.orders, tt.lines)
		}
	}
}

func TestTablesSayWhatIsWrong(t *testing.T) {
	d := &conformance.Data{}
	tests := []struct {
		name, want string
		err        error
	}{
		{"fact", "unknown fact", d.AddCustomers("customer,shoe_size\na,43\n")},
		{"number", "row 1 of customer a: orders", d.AddCustomers("customer,orders\na,many\n")},
		{"instant", "write 2026-01-31", d.AddTouchpoints("customer,at,kind\na,yesterday,visit\n")},
		{"empty", "write CSV", d.AddOrders("")},
		{"price", "row 2 of customer a", d.AddOrders("customer,placed_at,price\na,2026-01-01,1\na,2026-01-01,dear\n")},
	}
	for _, tt := range tests {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("%s: got %v, want something with %q", tt.name, tt.err, tt.want)
		}
	}
}

func TestRequiredScorersAnswerFirst(t *testing.T) {
	d := conformance.Random(1, 30)
	words := scoring.Words{En: "Doubled", Zh: "加倍"}
	second := scoring.Define(scoring.Manifest{
		Name: "second", Version: "1.0.0", Title: words, Doc: words,
		Requires: []scoring.OutputUse{{Scorer: "good", Output: "share"}},
		Outputs:  []scoring.Output{{Name: "doubled", Kind: scoring.Number, Doc: words}},
		Reasons:  []scoring.Reason{{Name: "share", Fact: "share", Text: scoring.Words{En: "{value}", Zh: "{value}"}}},
	}, nil, func(c *scoring.Customer, _ struct{}) {
		if share := c.Required(0); share.Ok() {
			c.Set(0, scoring.Float(2*share.Float()))
		}
		c.Because(0, c.Required(0), math.NaN(), nil)
	})
	if _, err := conformance.Score(t.Context(), second, d); err == nil || !strings.Contains(err.Error(), "give it among the others") {
		t.Errorf("without the other: %v", err)
	}
	for _, f := range conformance.Check(t.Context(), second, conformance.Requiring(good(nil))) {
		t.Error(f)
	}
	first, err := conformance.Score(t.Context(), good(nil), d)
	if err != nil {
		t.Fatal(err)
	}
	d.Others = []scoring.Scorer{good(nil)}
	answers, err := conformance.Score(t.Context(), second, d)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range d.Customers {
		if got, want := answers.Value(c.ID, "doubled").Float(), 2*first.Value(c.ID, "share").Float(); got != want {
			t.Errorf("%s: %v, want %v", c.ID, got, want)
		}
	}
}

func TestRandomIsTheSameForASeed(t *testing.T) {
	m := good(nil).Manifest()
	text := func(seed uint64) string {
		answers, err := conformance.Score(t.Context(), good(nil), conformance.Random(seed, 50))
		if err != nil {
			t.Fatal(err)
		}
		return answers.CSV(m.Outputs[outNumber].Name)
	}
	first, again, other := text(1), text(1), text(2)
	if first != again || first == other {
		t.Error("the population does not depend on the seed alone")
	}
}
