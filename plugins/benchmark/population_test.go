package benchmark_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"bellwether/plugins/benchmark"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

// market makes up a growing shop of 1,500 customers within two years: each joins at some time, most by referral of one
// who is there already, begins to buy on joining, and buys popular products more often. leaders of them are followed by
// those whom they referred, in two of three products.
func market(seed uint64, leaders int) (*scoretest.Data, map[string]bool) {
	const customers, span = 1500, 730 * day
	r := rand.New(rand.NewPCG(seed, 3))
	d, planted := &scoretest.Data{AsOf: asOf}, map[string]bool{}
	joined := make([]scoring.Instant, customers)
	for i := range joined {
		joined[i] = asOf - span + scoring.Instant(r.Int64N(int64(span)*9/10))
	}
	slices.Sort(joined)
	for i := range customers {
		c := scoretest.Customer{ID: fmt.Sprint("c", i), Facts: map[string]scoring.Value{}}
		switch {
		case i < leaders:
			planted[c.ID] = true
		case i < 12*leaders && i%12 < 8 || i >= 12*leaders && r.IntN(2) == 0:
			by := i % max(1, leaders)
			if i >= 12*leaders {
				by = leaders + int(float64(i-leaders)*r.Float64()*r.Float64()) // some refer very many
			}
			c.Facts["referred_by"] = scoring.String(scoretest.IDOf(fmt.Sprint("c", by)).String())
			c.Facts["referred_at"] = scoring.Time(joined[i])
		}
		if r.IntN(3) == 0 {
			c.Facts["account"] = scoring.String(fmt.Sprint("a", r.IntN(customers/12)))
		}
		for range 3 + r.IntN(12) {
			at := joined[i] + scoring.Instant(r.Float64()*r.Float64()*float64(asOf-joined[i]))
			c.Orders = append(c.Orders, bought(r, at, ""))
		}
		d.Customers = append(d.Customers, c)
	}
	for i := range leaders {
		for p := range 8 {
			at, sku := joined[12*leaders]+scoring.Instant(p*20)*day, fmt.Sprintf("new %d %d", i%5, p)
			d.Customers[i].Orders = append(d.Customers[i].Orders, bought(r, at, sku))
			for j := leaders; j < 12*leaders; j++ {
				if j%12 < 8 && j%leaders == i && r.IntN(3) > 0 {
					after := at + scoring.Instant(1+r.Int64N(int64(20*day)))
					d.Customers[j].Orders = append(d.Customers[j].Orders, bought(r, after, sku))
				}
			}
		}
	}
	for _, c := range d.Customers {
		slices.SortFunc(c.Orders, func(a, b scoring.Order) int { return int((a.PlacedAt - b.PlacedAt) / 1e6) })
	}
	return d, planted
}

// bought is an order of a product, any if none is named.
func bought(r *rand.Rand, at scoring.Instant, sku string) scoring.Order {
	if sku == "" {
		sku = fmt.Sprint("p", int(200*r.Float64()*r.Float64()))
	}
	return scoring.Order{PlacedAt: at, Net: 100, Lines: []scoring.Line{{SKU: sku, Quantity: 1, Price: 1}}}
}

// TestNobodyFollows has links, referrers of very many among them, and nobody who follows: hardly anybody is a benchmark.
func TestNobodyFollows(t *testing.T) {
	for seed := range uint64(3) {
		d, _ := market(seed, 0)
		answers, err := scoretest.Score(benchmark.New(), d)
		if err != nil {
			t.Fatal(err)
		}
		got := answers.Counts("benchmark")
		t.Logf("seed %d: %v", seed, got)
		if got["YES"]*50 > len(d.Customers) {
			t.Errorf("seed %d: %d of %d are benchmark customers, want 2 %% at most", seed, got["YES"], len(d.Customers))
		}
	}
}

// TestPlantedLeaders finds the customers whom others were made to follow.
func TestPlantedLeaders(t *testing.T) {
	for seed := range uint64(3) {
		d, planted := market(seed, 30)
		answers, err := scoretest.Score(benchmark.New(), d)
		if err != nil {
			t.Fatal(err)
		}
		found, alarms := 0, 0
		for _, c := range d.Customers {
			switch yes := answers.Value(c.ID, "flag").Bool(); {
			case yes && planted[c.ID]:
				found++
			case yes:
				alarms++
			}
		}
		t.Logf("seed %d: %d of %d found, %d false alarms", seed, found, len(planted), alarms)
		if found*20 < len(planted)*19 || alarms*20 > len(d.Customers) {
			t.Errorf("seed %d: %d of %d found, %d false alarms among %d", seed, found, len(planted), alarms, len(d.Customers))
		}
	}
}
