package store_test

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"bellwether/internal/pgtest"
	"bellwether/internal/record"
	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

var epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// hour is n hours after the beginning of 2024.
func hour(n int) time.Time { return epoch.Add(time.Duration(n) * time.Hour) }

// world is random data, as it was written, by customer.
type world struct {
	keys        []record.Key
	orders      map[record.Key][]record.Order
	touchpoints map[record.Key][]touch
}

type touch struct {
	at   time.Time
	kind string
}

var currencies = map[string]struct {
	rate     string
	exponent int
}{"EUR": {"1", 2}, "USD": {"0.9137", 2}, "JPY": {"0.0061", 0}, "KWD": {"3.015", 3}}

// makeWorld makes customers with every kind of order: paid later, called off, given back in part or wholly, credit
// notes, free ones, in other currencies, with tax, many of them at the same instants.
func makeWorld(random *rand.Rand, customers int) *world {
	w := &world{orders: map[record.Key][]record.Order{}, touchpoints: map[record.Key][]touch{}}
	at := func() time.Time { return hour(random.IntN(200)) }
	maybe := func(one int) record.Field[time.Time] {
		if random.IntN(one) > 0 {
			return record.Field[time.Time]{}
		}
		return record.Set(at())
	}
	codes := []string{"EUR", "USD", "JPY", "KWD"}
	for c := range customers {
		key := record.Key{Source: "test", ExternalID: fmt.Sprintf("c%02d", c)}
		w.keys = append(w.keys, key)
		for range random.IntN(9) {
			o := record.Order{
				Key: record.Key{Source: "test", ExternalID: fmt.Sprint("o", random.Uint64())}, Customer: key, PlacedAt: at(),
				PaidAt: maybe(3), DeliveredAt: maybe(3), CancelledAt: maybe(8), DueAt: maybe(4), Currency: codes[random.IntN(len(codes))],
				Status: record.Set(record.Statuses()[random.IntN(6)]), Total: record.Set(int64(random.IntN(3000) - 500)),
			}
			if random.IntN(10) == 0 {
				o.Total = record.Set[int64](0)
			}
			if o.Currency != "EUR" {
				o.Rate = decimal.RequireFromString(currencies[o.Currency].rate)
			}
			if o.Total.Value != 0 && random.IntN(2) == 0 {
				o.Tax = record.Set(o.Total.Value * int64(random.IntN(30)) / 100)
			}
			for r := range random.IntN(3) {
				if o.Total.Value > 0 {
					refund := record.Refund{ExternalID: fmt.Sprint(r), At: at(), Amount: 1 + int64(random.IntN(int(o.Total.Value)))}
					if random.IntN(4) == 0 {
						refund.Amount = o.Total.Value
					}
					o.Refunds = record.Set(append(o.Refunds.Value, refund))
				}
			}
			for range random.IntN(3) {
				o.Lines = record.Set(append(o.Lines.Value, record.Line{SKU: fmt.Sprint("s", random.IntN(5)), Quantity: []int{1, 2, 3, 4, -1}[random.IntN(5)], UnitPrice: int64(random.IntN(9_000_000))}))
			}
			w.orders[key] = append(w.orders[key], o)
		}
		for range random.IntN(6) {
			w.touchpoints[key] = append(w.touchpoints[key], touch{at(), []string{"visit", "demo", "spec_view", "tech_event", "feature_question", "call", "complaint"}[random.IntN(7)]})
		}
	}
	return w
}

// write puts a world into a database. The orders of all customers are shuffled.
func (w *world) write(t testing.TB, s *store.Store, random *rand.Rand) {
	t.Helper()
	if err := s.Configure(t.Context(), "EUR", ""); err != nil {
		t.Fatal(err)
	}
	var b record.Batch
	for i := range 5 {
		hint := record.ProductHint{SKU: fmt.Sprint("s", i)}
		if category := categoryOf(hint.SKU); category != "" {
			hint.Category = &category
		}
		b.Products = append(b.Products, hint)
	}
	for _, key := range w.keys {
		b.Customers = append(b.Customers, record.CustomerHint{Key: key})
		b.Orders = append(b.Orders, w.orders[key]...)
	}
	random.Shuffle(len(b.Orders), func(i, j int) { b.Orders[i], b.Orders[j] = b.Orders[j], b.Orders[i] })
	if _, err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	var touchpoints []record.Touchpoint
	for _, key := range w.keys {
		for i, p := range w.touchpoints[key] {
			k := record.Key{Source: "test", ExternalID: fmt.Sprint(key.ExternalID, i)}
			touchpoints = append(touchpoints, record.Touchpoint{Key: k, Customer: key, At: p.at, Kind: p.kind})
		}
	}
	writeTouchpoints(t, s, touchpoints...)
}

// counts tells whether an order counts at an instant, by the words of the reference: placed by then; paid or fulfilled;
// not called off; not wholly given back. What happened to it before it was placed happened with it.
func counts(o record.Order, asOf time.Time) bool {
	by := func(f record.Field[time.Time], unknown bool) bool {
		if f.State != record.Present {
			return unknown
		}
		return !f.Value.After(asOf)
	}
	fulfilled := o.Status.Value == "FULFILLED" && by(o.DeliveredAt, false)
	switch {
	case o.PlacedAt.After(asOf), o.Status.Value == "PENDING", !by(o.PaidAt, true) && !fulfilled:
		return false
	case o.Status.Value == "CANCELLED" && by(o.CancelledAt, true), by(o.CancelledAt, false):
		return false
	case o.Status.Value == "REFUNDED" && len(o.Refunds.Value) == 0:
		return false
	}
	return o.Total.Value <= 0 || refundedBy(o, asOf) < o.Total.Value
}

func refundedBy(o record.Order, asOf time.Time) (sum int64) {
	for _, r := range o.Refunds.Value {
		if !r.At.After(asOf) {
			sum += r.Amount
		}
	}
	return sum
}

// net is (total - refunds) * (total - tax) / total at the order's rate, in cents, halves to the even one.
func net(o record.Order, asOf time.Time) int64 {
	if o.Total.Value == 0 {
		return 0
	}
	x := new(big.Rat).SetFrac64((o.Total.Value-refundedBy(o, asOf))*(o.Total.Value-o.Tax.Value), 1)
	x.Quo(x, new(big.Rat).SetInt64(o.Total.Value))
	rate, _ := new(big.Rat).SetString(currencies[o.Currency].rate)
	x.Mul(x, rate)
	for e := currencies[o.Currency].exponent; e != 2; {
		if e < 2 {
			x.Mul(x, big.NewRat(10, 1))
			e++
		} else {
			x.Mul(x, big.NewRat(1, 10))
			e--
		}
	}
	whole := new(big.Int).Div(x.Num(), x.Denom()) // towards minus infinity
	half := new(big.Rat).Sub(x, new(big.Rat).SetInt(whole)).Cmp(big.NewRat(1, 2))
	if half > 0 || half == 0 && whole.Bit(0) == 1 {
		whole.Add(whole, big.NewInt(1))
	}
	return whole.Int64()
}

// categoryOf is the category of a product; two have one together, and two have none.
func categoryOf(sku string) string {
	return map[string]string{"s0": "books", "s1": "garden", "s2": "books"}[sku]
}

// average is money by a number, halves away from 0.
func average(money, number int64) scoring.Value {
	if number == 0 {
		return scoring.Value{}
	}
	x := new(big.Rat).SetFrac64(money, number)
	x.Abs(x).Add(x, big.NewRat(1, 2))
	n := new(big.Int).Quo(x.Num(), x.Denom()).Int64()
	if money < 0 {
		n = -n
	}
	return scoring.Minor(n)
}

// share is a part of the whole, at most 1.
func share(part, whole int64) scoring.Value {
	if whole <= 0 {
		return scoring.Value{}
	}
	x, _ := new(big.Rat).SetFrac64(part, whole).Float64()
	return scoring.Float(min(1, x))
}

// fact is a fact of a customer, worked out from what was written.
func (w *world) fact(key record.Key, q engine.FactQuery, asOf time.Time) scoring.Value {
	inside := func(t time.Time) bool { return scoring.At(t) > q.Span.From && scoring.At(t) <= q.Span.To }
	var orders, touches, technology, revenue, bought, back, units, complaints int64
	categories := map[string]bool{}
	first, last, touched := scoring.Never, scoring.Never, scoring.Never
	for _, o := range w.orders[key] {
		if !inside(o.PlacedAt) || !counts(o, asOf) {
			continue
		}
		revenue += net(o, asOf)
		if o.Total.Value <= 0 {
			back -= net(o, asOf)
		} else {
			before := net(o, epoch.AddDate(-1, 0, 0)) // before any refund
			bought += before
			back += before - net(o, asOf)
			for _, l := range o.Lines.Value {
				if l.Quantity > 0 {
					units += int64(l.Quantity)
					categories[categoryOf(l.SKU)] = true
				}
			}
		}
		if at := scoring.At(o.PlacedAt); o.Total.Value > 0 {
			orders++
			last = max(last, at)
			if first == scoring.Never || at < first {
				first = at
			}
		}
	}
	for _, p := range w.touchpoints[key] {
		if inside(p.at) {
			touches++
			touched = max(touched, scoring.At(p.at))
			switch p.kind {
			case "complaint":
				complaints++
			case "visit", "call":
			default:
				technology++
			}
		}
	}
	delete(categories, "")
	return map[string]scoring.Value{
		"country": {}, "external_id": scoring.String(key.ExternalID), "first_order_at": scoring.Time(first), "kind": scoring.String("PERSON"),
		"last_order_at": scoring.Time(last), "last_touchpoint_at": scoring.Time(touched), "net_revenue": scoring.Minor(revenue), "orders": scoring.Int(orders),
		"registered_at": {}, "technology_touchpoints": scoring.Int(technology), "touchpoints": scoring.Int(touches),
		"average_order_value": average(revenue, orders), "categories": scoring.Int(int64(len(categories))), "complaints": scoring.Int(complaints),
		"return_rate": share(back, bought), "units": scoring.Int(units),
	}[q.Name]
}

// randomQuery asks for every fact of the catalogue, over all history and over random spans.
func randomQuery(random *rand.Rand, asOf time.Time) engine.Query {
	at := scoring.At(asOf)
	q := engine.Query{AsOf: at}
	for _, f := range scoring.Facts() {
		q.Facts = append(q.Facts, engine.FactQuery{Name: f.Name, Span: engine.Span{From: scoring.Never, To: at}})
		if f.Windowed {
			for range 2 {
				to := at.Add(-time.Duration(random.IntN(50)) * time.Hour)
				q.Facts = append(q.Facts, engine.FactQuery{Name: f.Name, Span: engine.Span{From: to.Add(-time.Duration(random.IntN(100)) * time.Hour), To: to}})
			}
		}
	}
	random.Shuffle(len(q.Facts), func(i, j int) { q.Facts[i], q.Facts[j] = q.Facts[j], q.Facts[i] })
	if random.IntN(2) == 0 {
		q.Orders = &engine.Span{From: at.Add(-time.Duration(random.IntN(200)) * time.Hour), To: at}
		q.Lines = random.IntN(2) == 0
	}
	return q
}

// TestFacts holds every fact of the catalogue, and the orders, against the reference taken word by word.
func TestFacts(t *testing.T) {
	for seed := range uint64(3) {
		random := rand.New(rand.NewPCG(seed, 7))
		w, now := makeWorld(random, 30), hour(random.IntN(220)-10)
		s := openAt(t, pgtest.DSN(t), store.Options{Now: func() time.Time { return now }})
		w.write(t, s, random)
		merged := w.keys[3]
		if err := s.Ent().Customer.UpdateOneID(store.CustomerID(merged)).SetMergedInto(store.CustomerID(w.keys[4])).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		source := s.Facts()
		for range 12 {
			asOf := hour(random.IntN(220) - 10)
			if random.IntN(3) > 0 {
				asOf = w.event(random) // borders matter
			}
			q := randomQuery(random, asOf)
			asked := slices.DeleteFunc(slices.Clone(w.keys), func(record.Key) bool { return random.IntN(3) == 0 })
			q.IDs = []scoring.ID{{1, 2, 3}} // nobody's
			for _, key := range append(asked, merged) {
				q.IDs = append(q.IDs, scoring.ID(store.CustomerID(key)))
			}
			asked = slices.DeleteFunc(asked, func(k record.Key) bool { return k == merged })
			frame, err := source.Frame(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			w.check(t, q, frame, asked)
			everybody := slices.DeleteFunc(slices.Clone(w.keys), func(k record.Key) bool { return k == merged })
			err = source.Scan(t.Context(), q, func(frame *engine.Frame) error {
				w.check(t, q, frame, everybody)
				return nil
			})
			if err != nil || t.Failed() {
				t.Fatalf("seed %d, as of %s: %v", seed, asOf, err)
			}
		}
	}
}

// check compares a frame with what was written, for the customers that it has to have.
func (w *world) check(t *testing.T, q engine.Query, frame *engine.Frame, keys []record.Key) {
	t.Helper()
	keys = slices.Clone(keys)
	slices.SortFunc(keys, func(a, b record.Key) int {
		return strings.Compare(store.CustomerID(a).String(), store.CustomerID(b).String())
	})
	if len(frame.IDs) != len(keys) {
		t.Fatalf("%d customers, want %d", len(frame.IDs), len(keys))
	}
	for row, key := range keys {
		if frame.IDs[row] != scoring.ID(store.CustomerID(key)) {
			t.Fatalf("customer %d is %x, want %s", row, frame.IDs[row], store.CustomerID(key))
		}
		for i, fq := range q.Facts {
			known, _ := scoring.FactNamed(fq.Name)
			got, want := frame.Facts[i].At(row), w.fact(key, fq, q.AsOf.Time())
			if got.Kind() != known.Kind || got.Ok() != want.Ok() || got.Ok() && got != want {
				t.Errorf("%s of %s over (%s, %s] as of %s is %v, want %v", fq.Name, key.ExternalID, fq.Span.From.Time(), fq.Span.To.Time(), q.AsOf.Time(), got, want)
			}
		}
		if q.Orders != nil {
			if got, want := fmt.Sprint(frame.Orders[row]), fmt.Sprint(w.within(key, q)); got != want {
				t.Errorf("orders of %s as of %s:\ngot  %s\nwant %s", key.ExternalID, q.AsOf.Time(), got, want)
			}
		}
	}
}

// TestScanInChunks: a scan goes through all customers once, in the order of ids, whatever their number, and stops when
// it is told to.
func TestScanInChunks(t *testing.T) {
	s := open(t)
	var b record.Batch
	for i := range 4500 {
		b.Customers = append(b.Customers, record.CustomerHint{Key: record.Key{Source: "test", ExternalID: fmt.Sprint(i)}})
	}
	if _, err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	source, q := s.Facts(), engine.Query{Facts: []engine.FactQuery{{Name: "orders"}}}
	n, frames, last := 0, 0, ""
	err := source.Scan(t.Context(), q, func(f *engine.Frame) error {
		frames++
		for _, id := range f.IDs {
			if next := fmt.Sprintf("%x", id); next <= last {
				t.Fatalf("%s after %s", next, last)
			} else {
				last = next
			}
			n++
		}
		return nil
	})
	if err != nil || n != 4500 || frames != 3 {
		t.Errorf("%d customers in %d frames, %v", n, frames, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = source.Scan(ctx, q, func(*engine.Frame) error { cancel(); return nil })
	if err == nil {
		t.Error("a scan goes on after its context ended")
	}
}
