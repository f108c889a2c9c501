package conformance

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"time"

	"bellwether/scoring"
)

// Data is a population in memory, as a store would know it, with the environment it is scored in. The zero values of the
// environment mean EUR with two decimals, UTC and the defaults of all parameters.
type Data struct {
	AsOf      scoring.Instant
	Currency  string
	Exponent  int // of the currency; 0 is 2 while Currency is empty
	Location  *time.Location
	Params    map[string]scoring.Value
	Customers []Customer
	Others    []scoring.Scorer // scorers that the scorer under test requires, and those that they require
}

// Customer is one customer. Facts about orders and touchpoints are worked out from these, in the window that a manifest
// asks for, unless Facts says something else.
type Customer struct {
	ID          string                   // the external id, unique
	Facts       map[string]scoring.Value // by the catalogue's name
	Orders      []scoring.Order          // oldest first
	Touchpoints []Touchpoint
}

// Touchpoint is what the catalogue's facts need of one.
type Touchpoint struct {
	At   scoring.Instant
	Kind string
}

// IDOf is the id in the store that a customer gets.
func IDOf(external string) scoring.ID {
	sum := sha256.Sum256([]byte(external))
	return scoring.ID(sum[:16])
}

// Env is the environment of a call to a scorer with this manifest.
func (d *Data) Env(m *scoring.Manifest) *scoring.Env {
	e := &scoring.Env{AsOf: d.AsOf, Currency: d.Currency, Exponent: d.Exponent, Location: d.Location, Params: make([]scoring.Value, len(m.Params))}
	if e.Currency == "" {
		e.Currency, e.Exponent = "EUR", 2
	}
	if e.Location == nil {
		e.Location = time.UTC
	}
	for i := range m.Params {
		e.Params[i] = m.Params[i].Default
		if v, given := d.Params[m.Params[i].Name]; given {
			e.Params[i] = v
		}
	}
	return e
}

// Formatter words values of this data.
func (d *Data) Formatter(locale string) scoring.Formatter {
	e := d.Env(&scoring.Manifest{})
	return scoring.Formatter{Locale: locale, Currency: e.Currency, Exponent: e.Exponent, Location: e.Location}
}

// Batch is everybody, in the order of their ids, with what a manifest asks for; without derived columns.
func (d *Data) Batch(ctx context.Context, m *scoring.Manifest) (*scoring.Batch, error) {
	env := d.Env(m)
	customers := slices.Clone(d.Customers)
	slices.SortFunc(customers, func(a, b Customer) int {
		x, y := IDOf(a.ID), IDOf(b.ID)
		return cmp.Or(bytes.Compare(x[:], y[:]), cmp.Compare(a.ID, b.ID))
	})
	b := &scoring.Batch{Env: env, IDs: make([]scoring.ID, len(customers)), Facts: make([]scoring.Column, len(m.Facts))}
	for i := range customers {
		b.IDs[i] = IDOf(customers[i].ID)
	}
	for i, use := range m.Facts {
		fact, known := scoring.FactNamed(use.Name)
		if !known {
			fact.Kind = scoring.Text
		}
		span := spanOf(use.Window, env, m)
		b.Facts[i] = scoring.MakeColumn(fact.Kind, len(customers))
		for row := range customers {
			v := customers[row].fact(use.Name, span)
			if v.Ok() && v.Kind() != fact.Kind {
				return nil, fmt.Errorf("customer %s: fact %s is %s (give %s)", customers[row].ID, use.Name, v.Kind(), fact.Kind)
			}
			b.Facts[i].Set(row, v)
		}
	}
	if m.Orders != nil {
		b.Orders = make([][]scoring.Order, len(customers))
		for row := range customers {
			b.Orders[row] = customers[row].orders(spanOf(m.Orders.Window, env, m), m.Orders.Lines)
		}
	}
	return b, d.require(ctx, m, b)
}

// require answers what a manifest requires of other scorers, fitted on the same data.
func (d *Data) require(ctx context.Context, m *scoring.Manifest, b *scoring.Batch) error {
	if err := d.required(m); err != nil {
		return err
	}
	for _, use := range m.Requires {
		other := d.other(use.Scorer)
		answers, err := Score(ctx, other, d)
		if err != nil {
			return err
		}
		b.Requires = append(b.Requires, answers.Results.Outputs[other.Manifest().Output(use.Output)])
	}
	return nil
}

// required tells whether the others have what a manifest requires of them.
func (d *Data) required(m *scoring.Manifest) error {
	for _, use := range m.Requires {
		switch other := d.other(use.Scorer); {
		case other == nil:
			return fmt.Errorf("scorer %s requires %s (give it among the others)", m.Name, use.Scorer)
		case other.Manifest().Output(use.Output) < 0:
			return fmt.Errorf("scorer %s requires output %s of %s, which has none of that name (rename it)", m.Name, use.Output, use.Scorer)
		}
	}
	return nil
}

// other is the scorer of a name among the others; nil without one.
func (d *Data) other(name string) scoring.Scorer {
	for _, s := range d.Others {
		if s.Manifest().Name == name {
			return s
		}
	}
	return nil
}

// span is (from, to].
type span struct{ from, to scoring.Instant }

func (s span) has(at scoring.Instant) bool { return at > s.from && at <= s.to }

func spanOf(w scoring.Window, env *scoring.Env, m *scoring.Manifest) span {
	days := w.Days
	if w.Param != "" {
		days = int(env.Params[m.Param(w.Param)].Int())
	}
	s := span{from: scoring.Never, to: env.AsOf.Add(-time.Duration(w.Ago) * scoring.Day)}
	if days > 0 {
		s.from = s.to.Add(-time.Duration(days) * scoring.Day)
	}
	return s
}

func (c *Customer) orders(s span, lines bool) []scoring.Order {
	var out []scoring.Order
	for _, o := range c.Orders {
		if !s.has(o.PlacedAt) {
			continue
		}
		if !lines {
			o.Lines = nil
		}
		out = append(out, o)
	}
	return out
}

// sums are what a customer's orders and touchpoints in a span come to.
type sums struct {
	orders, net, bought, units, touchpoints, technology, complaints int64
	categories                                                      map[string]bool
	first, last, touched                                            scoring.Instant
}

func (c *Customer) sums(s span) sums {
	t := sums{categories: map[string]bool{}, first: scoring.Never, last: scoring.Never, touched: scoring.Never}
	for _, o := range c.Orders {
		if s.has(o.PlacedAt) {
			t.order(&o)
		}
	}
	for _, p := range c.Touchpoints {
		if !s.has(p.At) {
			continue
		}
		t.touchpoints++
		t.touched = max(t.touched, p.At)
		switch p.Kind {
		case "complaint":
			t.complaints++
		case "demo", "feature_question", "spec_view", "tech_event":
			t.technology++
		}
	}
	return t
}

func (t *sums) order(o *scoring.Order) {
	t.net += o.Net
	if o.Credit {
		return
	}
	t.orders++
	t.bought += o.Net
	if t.last = max(t.last, o.PlacedAt); t.first == scoring.Never || o.PlacedAt < t.first {
		t.first = o.PlacedAt
	}
	for _, l := range o.Lines {
		if l.Quantity <= 0 {
			continue
		}
		t.units += l.Quantity
		if l.Category != "" {
			t.categories[l.Category] = true
		}
	}
}

// fact works out one fact in a span, or null where it is not known.
func (c *Customer) fact(name string, s span) scoring.Value {
	if v, given := c.Facts[name]; given {
		return v
	}
	t := c.sums(s)
	switch name {
	case "average_order_value":
		if t.orders > 0 {
			return scoring.Minor(int64(math.Round(float64(t.net) / float64(t.orders))))
		}
	case "categories":
		return scoring.Int(int64(len(t.categories)))
	case "complaints":
		return scoring.Int(t.complaints)
	case "external_id":
		return scoring.String(c.ID)
	case "first_order_at":
		return scoring.Time(t.first)
	case "last_order_at":
		return scoring.Time(t.last)
	case "last_touchpoint_at":
		return scoring.Time(t.touched)
	case "net_revenue":
		return scoring.Minor(t.net)
	case "orders":
		return scoring.Int(t.orders)
	case "return_rate":
		if t.bought > 0 {
			return scoring.Float(min(1, float64(t.bought-t.net)/float64(t.bought)))
		}
	case "technology_touchpoints":
		return scoring.Int(t.technology)
	case "touchpoints":
		return scoring.Int(t.touchpoints)
	case "units":
		return scoring.Int(t.units)
	}
	return scoring.Value{}
}
