package store_test

import (
	"testing"

	"bellwether/internal/record"
	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// TestFactsOfNothing: a customer without orders has earned 0, at no time, whether a rollup answers or rows are added up; what
// comes later is added to that, and nothing is left when it is called off. (PostgreSQL's GREATEST and LEAST pass over
// nulls, SQLite's do not.)
func TestFactsOfNothing(t *testing.T) {
	s := open(t)
	writeCustomers(t, s, record.Customer{Key: key("none")}, record.Customer{Key: key("later")})
	nothing := []scoring.Value{
		scoring.Int(0), scoring.Minor(0), scoring.Time(scoring.Never), scoring.Time(scoring.Never), scoring.Int(0), scoring.Time(scoring.Never),
		{},
		scoring.Int(0), scoring.Int(0),
		{},
		scoring.Int(0),
	}
	check := func(when, customer string, want []scoring.Value) {
		t.Helper()
		for how, from := range map[string]scoring.Instant{"rollup": scoring.Never, "rows": scoring.At(at(-5))} {
			q := engine.Query{AsOf: scoring.At(at(5)), IDs: []scoring.ID{scoring.ID(store.CustomerID(key(customer)))}}
			for _, name := range []string{
				"orders", "net_revenue", "first_order_at", "last_order_at", "touchpoints", "last_touchpoint_at",
				"average_order_value", "categories", "complaints", "return_rate", "units",
			} {
				q.Facts = append(q.Facts, engine.FactQuery{Name: name, Span: engine.Span{From: from, To: q.AsOf}})
			}
			frame := must(s.Facts().Frame(t.Context(), q))
			for i, c := range frame.Facts {
				if got := c.At(0); got.Ok() != want[i].Ok() || got.Ok() && got != want[i] {
					t.Errorf("%s, %s of %s by %s: %v, want %v", when, q.Facts[i].Name, customer, how, got, want[i])
				}
			}
		}
	}
	check("before", "none", nothing)
	check("before", "later", nothing)
	write(t, s, sale("1", "later"))
	first := scoring.Time(scoring.At(day))
	check("after", "later", []scoring.Value{
		scoring.Int(1), scoring.Minor(700), first, first, scoring.Int(0), nothing[5],
		scoring.Minor(700), scoring.Int(0), scoring.Int(0), scoring.Float(0), scoring.Int(2),
	})
	write(t, s, sale("1", "later", func(o *record.Order) { o.Status = record.Set("CANCELLED") }))
	check("called off", "later", nothing)
	check("called off", "none", nothing)
}
