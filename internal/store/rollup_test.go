package store_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"bellwether/ent/customer"
	"bellwether/ent/order"
	"bellwether/ent/touchpoint"
	"bellwether/internal/pgtest"
	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// TestRollups makes random calls while a clock runs over the dates of what they write, so that some of it lies ahead:
// rollups are always what one gets from all rows, and facts from rollups equal facts from rows as of any moment.
func TestRollups(t *testing.T) {
	calls := 1200
	if testing.Short() {
		calls = 200
	}
	for seed := range uint64(2) {
		random, now := rand.New(rand.NewPCG(seed, 30)), day
		s, shop := openAt(t, pgtest.DSN(t), store.Options{Now: func() time.Time { return now }}), newShop()
		if err := s.Configure(t.Context(), "EUR", ""); err != nil {
			t.Fatal(err)
		}
		for n := range calls {
			call(t, random, s, shop)
			now = now.Add(time.Duration(random.IntN(2*120*3600/calls)) * time.Second)
			if n%10 == 0 {
				rolledUp(t, s)
				sameFacts(t, random, s, now)
			}
		}
	}
}

// rollup is what the orders and touchpoints of a customer come to, and how long.
type rollup struct {
	since, until                              time.Time
	orders, net, refunded, touchpoints, demos int64
	firstOrder, lastOrder, lastTouchpoint     time.Time
}

// passes tells whether a moment has come at another, and how far the rollup holds then.
func (r *rollup) passes(moment, now time.Time) bool {
	if moment.After(now) {
		if moment.Before(r.until) {
			r.until = moment
		}
		return false
	}
	if moment.After(r.since) {
		r.since = moment
	}
	return true
}

// rolledUp compares the rollup of each customer with what all its rows come to from when on it holds.
func rolledUp(t *testing.T, s *store.Store) {
	t.Helper()
	got := map[uuid.UUID]rollup{}
	for _, r := range must(s.Ent().Rollup.Query().All(t.Context())) {
		got[r.ID] = rollup{
			r.HoldsFrom.UTC(), r.HoldsUntil.UTC(), r.Orders, r.Net, r.Refunded, r.Touchpoints, r.TechnologyTouchpoints,
			timeOf(r.FirstOrderAt), timeOf(r.LastOrderAt), timeOf(r.LastTouchpointAt),
		}
	}
	want := map[uuid.UUID]rollup{}
	for _, c := range must(s.Ent().Customer.Query().Where(customer.MergedIntoIsNil()).IDs(t.Context())) {
		want[c] = summedUp(t, s, c, got[c].since)
	}
	for id, r := range want {
		if got[id] != r {
			t.Fatalf("rollup of %s:\ngot  %v\nwant %v", id, got[id], r)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d rollups of %d customers", len(got), len(want))
	}
}

// summedUp is what the rows of a customer come to.
func summedUp(t *testing.T, s *store.Store, c uuid.UUID, now time.Time) rollup {
	t.Helper()
	r := rollup{since: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), until: time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)}
	for _, o := range must(s.Ent().Order.Query().Where(order.CustomerID(c), order.ValidFromNotNil()).WithRefunds().All(t.Context())) {
		counts := r.passes(o.PlacedAt.UTC(), now)
		counts = r.passes(o.ValidFrom.UTC(), now) && counts
		if o.ValidUntil != nil {
			counts = !r.passes(o.ValidUntil.UTC(), now) && counts
		}
		for _, f := range o.Edges.Refunds {
			if r.passes(f.At.UTC(), now) && counts {
				r.refunded += f.Net
			}
		}
		if !counts {
			continue
		}
		r.net += o.Net
		if o.Total > 0 {
			r.orders++
			if r.firstOrder.IsZero() || o.PlacedAt.Before(r.firstOrder) {
				r.firstOrder = o.PlacedAt.UTC()
			}
			if o.PlacedAt.After(r.lastOrder) {
				r.lastOrder = o.PlacedAt.UTC()
			}
		}
	}
	for _, p := range must(s.Ent().Touchpoint.Query().Where(touchpoint.CustomerID(c)).All(t.Context())) {
		if !r.passes(p.At.UTC(), now) {
			continue
		}
		r.touchpoints++
		if p.Kind == "demo" {
			r.demos++
		}
		if p.At.After(r.lastTouchpoint) {
			r.lastTouchpoint = p.At.UTC()
		}
	}
	return r
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// sameFacts compares facts over all history, which may come from rollups, with those since the year 1, which do not.
func sameFacts(t *testing.T, random *rand.Rand, s *store.Store, now time.Time) {
	t.Helper()
	for _, asOf := range []time.Time{now, now.Add(-time.Microsecond), at(random.IntN(140) - 10), at(24 * 365)} {
		var lines [2][]string
		for i, from := range []scoring.Instant{scoring.Never, scoring.Instant(time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC).UnixMicro())} {
			q := engine.Query{AsOf: scoring.Instant(asOf.UnixMicro()), Orders: &engine.Span{From: 0, To: 0}}
			for _, f := range scoring.Facts() {
				q.Facts = append(q.Facts, engine.FactQuery{Name: f.Name, Span: engine.Span{From: from, To: q.AsOf}})
			}
			lines[i] = scan(t, s, q)
		}
		if !slices.Equal(lines[0], lines[1]) {
			t.Fatalf("as of %s\nrollups %v\nrows    %v", asOf, lines[0], lines[1])
		}
	}
}
