package benchmark_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"bellwether/plugins/benchmark"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

const day = scoring.Instant(24 * 60 * 60 * 1_000_000)

// reference takes the definition word by word, looking at every pair of customers. It shares nothing with the scorer.
type reference struct {
	asOf   scoring.Instant
	window scoring.Instant
	people []scoretest.Customer
	first  []map[string]scoring.Instant // by customer and sku
	buyers int
}

func newReference(d *scoretest.Data, days int64) *reference {
	r := &reference{asOf: d.AsOf, window: scoring.Instant(days) * day, people: d.Customers}
	for _, c := range d.Customers {
		first, bought := map[string]scoring.Instant{}, false
		for _, o := range c.Orders {
			for _, l := range o.Lines {
				if o.Credit || l.Quantity < 1 || o.PlacedAt > d.AsOf {
					continue
				}
				bought = true
				if at, known := first[l.SKU]; l.SKU != "" && (!known || o.PlacedAt < at) {
					first[l.SKU] = o.PlacedAt
				}
			}
		}
		if bought {
			r.buyers++
		}
		r.first = append(r.first, first)
	}
	return r
}

// linked tells whether two customers are linked at some instant, by what had happened by asOf.
func (r *reference) linked(a, b int, at scoring.Instant) bool {
	x, y := r.people[a], r.people[b]
	if account := x.Facts["account"]; a != b && account.Text() != "" && account == y.Facts["account"] {
		return true
	}
	return r.referred(x, y, at) || r.referred(y, x, at)
}

func (r *reference) referred(x, by scoretest.Customer, at scoring.Instant) bool {
	since := x.Facts["referred_at"]
	return x.ID != by.ID && x.Facts["referred_by"] == scoring.String(scoretest.IDOf(by.ID).String()) &&
		(!since.Ok() || since.Instant() <= min(at, r.asOf))
}

// leaders are those whom v follows in buying a product at t.
func (r *reference) leaders(v int, sku string) []int {
	t := r.first[v][sku]
	var out []int
	for u := range r.people {
		if at, bought := r.first[u][sku]; bought && at < t && at >= t-r.window && r.linked(u, v, t) {
			out = append(out, u)
		}
	}
	return out
}

type expectation struct {
	credit, expected, lag float64
	followings, links     int
	followers, products   map[string]bool
	soonest               map[string]float64 // by follower
}

func (r *reference) all() []expectation {
	out := make([]expectation, len(r.people))
	for u := range out {
		out[u] = expectation{followers: map[string]bool{}, products: map[string]bool{}, soonest: map[string]float64{}}
		for v := range r.people {
			if r.linked(u, v, r.asOf) {
				out[u].links++
			}
		}
		for sku, at := range r.first[u] {
			for v := range r.people {
				has, ever := r.first[v][sku]
				if r.linked(u, v, at+r.window) && (!ever || has > at) {
					out[u].expected += r.share(sku, at)
				}
			}
		}
	}
	for v := range r.people {
		for sku, at := range r.first[v] {
			leaders := r.leaders(v, sku)
			for _, u := range leaders {
				e, id := &out[u], r.people[v].ID
				lag := float64(at-r.first[u][sku]) / float64(day)
				e.credit += 1 / float64(len(leaders))
				e.lag += lag
				e.followings++
				if before, known := e.soonest[id]; !known || lag < before {
					e.soonest[id] = lag
				}
				e.followers[id], e.products[sku] = true, true
			}
		}
	}
	return out
}

// share of all buyers without a product at some instant who first bought it within the window after.
func (r *reference) share(sku string, at scoring.Instant) float64 {
	without, then := r.buyers, 0
	for _, first := range r.first {
		switch t, bought := first[sku]; {
		case bought && t <= at:
			without--
		case bought && t <= at+r.window:
			then++
		}
	}
	if without == 0 {
		return 0
	}
	return float64(then) / float64(without)
}

// village makes up a small population full of coincidences: few instants, few products, circles of referrals.
func village(seed uint64) *scoretest.Data {
	r := rand.New(rand.NewPCG(seed, 99))
	d := &scoretest.Data{AsOf: scoring.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), Params: map[string]scoring.Value{}}
	people, products, span := 2+r.IntN(50), 1+r.IntN(6), 20+r.IntN(200)
	when := func() scoring.Instant { return d.AsOf - scoring.Instant(r.IntN(span))*day }
	for i := range people {
		c := scoretest.Customer{ID: fmt.Sprint("c", i), Facts: map[string]scoring.Value{}}
		if r.IntN(3) > 0 {
			c.Facts["account"] = scoring.String(fmt.Sprint("a", r.IntN(1+people/4)))
		}
		if r.IntN(3) > 0 { // perhaps by itself, by somebody of the same account, by nobody known, or in a circle
			c.Facts["referred_by"] = scoring.String(scoretest.IDOf(fmt.Sprint("c", r.IntN(min(people+1, 8)))).String())
		}
		if r.IntN(3) > 0 {
			c.Facts["referred_at"] = scoring.Time(when() + day*scoring.Instant(r.IntN(3)))
		}
		for range r.IntN(6) {
			o := scoring.Order{PlacedAt: when(), Credit: r.IntN(9) == 0, Net: 100}
			for range 1 + r.IntN(4) {
				sku := fmt.Sprint("p", r.IntN(products+1))
				if r.IntN(20) == 0 {
					sku = ""
				}
				o.Lines = append(o.Lines, scoring.Line{SKU: sku, Quantity: int64(3 - r.IntN(5)), Price: 1})
			}
			c.Orders = append(c.Orders, o)
		}
		d.Customers = append(d.Customers, c)
	}
	if seed%2 == 0 {
		flock(r, d)
	}
	for _, c := range d.Customers {
		slices.SortStableFunc(c.Orders, func(a, b scoring.Order) int { return int((a.PlacedAt - b.PlacedAt) / day) })
	}
	return d
}

// flock lets most of those whom c0 referred, and some of the rest, buy what c0 has bought, some days later.
func flock(r *rand.Rand, d *scoretest.Data) {
	leader := &d.Customers[0]
	for i := range 12 {
		o := scoring.Order{PlacedAt: d.AsOf - scoring.Instant(40+10*i)*day, Net: 100, Lines: []scoring.Line{{SKU: fmt.Sprint("q", i), Quantity: 1, Price: 1}}}
		leader.Orders = append(leader.Orders, o)
		for j := 1; j < len(d.Customers); j++ {
			c := &d.Customers[j]
			led := c.Facts["referred_by"] == scoring.String(scoretest.IDOf("c0").String())
			if led && r.IntN(4) > 0 || r.IntN(8) == 0 {
				o.PlacedAt = leader.Orders[len(leader.Orders)-1].PlacedAt + scoring.Instant(1+r.IntN(6))*day
				c.Orders = append(c.Orders, o)
			}
		}
	}
}

// TestAgainstTheDefinition compares the scorer with the definition in 300 made-up populations.
func TestAgainstTheDefinition(t *testing.T) {
	followings, yes := 0, 0
	for seed := range uint64(300) {
		d := village(seed)
		days := []int64{1, 7, 30}[seed%3]
		d.Params["follow_days"] = scoring.Int(days)
		answers, err := scoretest.Score(benchmark.New(), d)
		if err != nil {
			t.Fatal(err)
		}
		r := newReference(d, days)
		for i, want := range r.all() {
			id := r.people[i].ID
			followings += want.followings
			compare(t, fmt.Sprintf("village %d, %s", seed, id), answers, id, &want, len(r.first[i]))
			if answers.Value(id, "flag").Bool() {
				yes++
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d followings, %d benchmark customers", followings, yes)
	if followings < 3_000 || yes < 20 {
		t.Errorf("only %d followings and %d benchmark customers: the populations are too tame", followings, yes)
	}
}

func compare(t *testing.T, where string, answers *scoretest.Answers, id string, want *expectation, bought int) {
	t.Helper()
	number := func(output string, w float64) {
		t.Helper()
		if got := answers.Value(id, output).Float(); math.Abs(got-w) > 1e-6 {
			t.Errorf("%s: %s is %v, want %v", where, output, got, w)
		}
	}
	number("credit", want.credit)
	number("expected_credit", want.expected)
	number("followers", float64(len(want.followers)))
	number("products", float64(len(want.products)))
	strength := 0.0
	if want.credit-want.expected > 1e-9 {
		strength = 100 * (1 - want.expected/want.credit)
	}
	number("strength", strength)
	if want.followings > 0 {
		number("mean_lag_days", want.lag/float64(want.followings))
	} else if answers.Value(id, "mean_lag_days").Ok() {
		t.Errorf("%s: mean_lag_days without a follower", where)
	}
	label := "NO"
	if excess := (want.credit - want.expected) / math.Sqrt(math.Max(want.expected, 1)); len(want.followers) >= 3 && excess >= 2-1e-9 {
		label = "YES"
	}
	if bought == 0 || want.links == 0 {
		label = "INSUFFICIENT_DATA"
	}
	if got := answers.Value(id, "benchmark").Text(); got != label {
		t.Errorf("%s: %s, want %s", where, got, label)
	}
	// The evidence names the five who followed soonest.
	var got []float64
	for _, e := range answers.Evidence(id) {
		if answers.Manifest.Reasons[e.Reason].Name == "follower" {
			lag := e.Args[1].Float()
			if soonest, follows := want.soonest[e.Value.Text()]; !follows || math.Abs(soonest-lag) > .001 || !want.products[e.Args[0].Text()] {
				t.Errorf("%s: evidence names %v, after %v days", where, e.Value.Text(), lag)
			}
			got = append(got, math.Round(lag*1000))
		}
	}
	var lags []float64
	if label != "INSUFFICIENT_DATA" {
		for _, lag := range slices.Sorted(maps.Values(want.soonest)) {
			lags = append(lags, math.Round(lag*1000))
		}
	}
	if lags = lags[:min(5, len(lags))]; !slices.Equal(got, lags) {
		t.Errorf("%s: evidence names followers after %v, want %v", where, got, lags)
	}
}
