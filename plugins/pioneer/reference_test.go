package pioneer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"bellwether/plugins/pioneer"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

const day = scoring.Instant(24 * 60 * 60 * 1_000_000)

// reference takes the definition word by word, looking at every pair of customers. It shares nothing with the scorer.
type reference struct {
	people  []scoretest.Customer
	first   []map[string]scoring.Instant // by customer and sku; "": of anything
	started scoring.Instant
}

func newReference(d *scoretest.Data) *reference {
	r := &reference{people: d.Customers, started: math.MaxInt64}
	for _, c := range d.Customers {
		first := map[string]scoring.Instant{}
		for _, o := range c.Orders {
			for _, l := range o.Lines {
				if o.Credit || l.Quantity < 1 || o.PlacedAt > d.AsOf {
					continue
				}
				for _, sku := range []string{l.SKU, ""} {
					if at, known := first[sku]; !known || o.PlacedAt < at {
						first[sku] = o.PlacedAt
					}
				}
				r.started = min(r.started, o.PlacedAt)
			}
		}
		r.first = append(r.first, first)
	}
	return r
}

func (r *reference) fact(i int, name string) string { return r.people[i].Facts[name].Text() }

// rank is the mid-rank and the number of adopters of a customer's cell of a product.
func (r *reference) rank(i int, sku string) (rank float64, adopters int) {
	before, equal := 0, 0
	for j := range r.people {
		at, bought := r.first[j][sku]
		if !bought || r.fact(i, "region") != r.fact(j, "region") || r.fact(i, "industry") != r.fact(j, "industry") {
			continue
		}
		adopters++
		switch {
		case at < r.first[i][sku]:
			before++
		case at == r.first[i][sku]:
			equal++
		}
	}
	return float64(before) + float64(equal+1)/2, adopters // the mean of before+1, ..., before+equal
}

// fresh tells whether nobody bought a product in the first days of the data.
func (r *reference) fresh(sku string, days int64) bool {
	for j := range r.people {
		if at, bought := r.first[j][sku]; bought && at < r.started+scoring.Instant(days)*day {
			return false
		}
	}
	return true
}

// opened tells whether a customer was among the first three buyers of what a fact says, which has reached least buyers
// and had none in the first days.
func (r *reference) opened(i int, fact string, least int, days int64) bool {
	mine, bought := r.first[i][""]
	if !bought || r.fact(i, fact) == "" {
		return false
	}
	before, buyers := 0, 0
	for j := range r.people {
		at, bought := r.first[j][""]
		if !bought || r.fact(j, fact) != r.fact(i, fact) {
			continue
		}
		if at < r.started+scoring.Instant(days)*day {
			return false
		}
		if buyers++; at < mine {
			before++
		}
	}
	return before < 3 && buyers >= least
}

// town makes up a small population full of coincidences: few instants, few products, few regions.
func town(seed uint64) *scoretest.Data {
	r := rand.New(rand.NewPCG(seed, 77))
	d := &scoretest.Data{AsOf: scoring.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), Params: map[string]scoring.Value{}}
	people, products, span := 1+r.IntN(60), 1+r.IntN(10), 100+r.IntN(200)
	for i := range people {
		c := scoretest.Customer{ID: fmt.Sprint("c", i), Facts: map[string]scoring.Value{}}
		if r.IntN(4) > 0 {
			c.Facts["region"] = scoring.String([]string{"N", "S", "W"}[r.IntN(1+r.IntN(3))])
		}
		if r.IntN(4) == 0 {
			c.Facts["industry"] = scoring.String([]string{"bakery", "school"}[r.IntN(2)])
		}
		early := r.Float64() // the earlier, the earlier it buys what is new
		for range r.IntN(16) {
			p := r.IntN(products + 1)
			since := 0
			if p%3 > 0 {
				since = span * p / (products + 1)
			}
			after := since + int(float64(span-since)*early*r.Float64())
			o := scoring.Order{PlacedAt: d.AsOf - scoring.Instant(span-after)*day, Credit: r.IntN(9) == 0, Net: 100}
			for range 1 + r.IntN(2) {
				sku := fmt.Sprint("p", p)
				if r.IntN(20) == 0 {
					sku = ""
				}
				o.Lines = append(o.Lines, scoring.Line{SKU: sku, Quantity: int64(3 - r.IntN(5)), Price: 1})
			}
			c.Orders = append(c.Orders, o)
		}
		slices.SortStableFunc(c.Orders, func(a, b scoring.Order) int { return int((a.PlacedAt - b.PlacedAt) / day) })
		d.Customers = append(d.Customers, c)
	}
	return d
}

// TestAgainstTheDefinition compares the scorer with the definition in 600 made-up populations.
func TestAgainstTheDefinition(t *testing.T) {
	adopters, openers := map[string]int{}, 0
	for seed := range uint64(600) {
		d := town(seed)
		days, openerDays, least := []int64{0, 30, 90}[seed%3], []int64{0, 10}[seed%2], []int64{2, 5, 10}[seed%3]
		d.Params["warmup_days"], d.Params["opener_warmup_days"] = scoring.Int(days), scoring.Int(openerDays)
		d.Params["min_adopters"] = scoring.Int(least)
		answers, err := scoretest.Score(pioneer.New(), d)
		if err != nil {
			t.Fatal(err)
		}
		r := newReference(d)
		for i, c := range r.people {
			cells, sum, shares := 0, 0.0, []float64{}
			for sku := range r.first[i] {
				if rank, n := r.rank(i, sku); sku != "" && n >= int(least) && r.fresh(sku, days) {
					cells++
					sum += rank / float64(n)
					shares = append(shares, rank/float64(n))
				}
			}
			opener := r.opened(i, "region", 10, openerDays) || r.opened(i, "industry", 10, openerDays)
			if opener {
				openers++
			}
			where := fmt.Sprintf("town %d, %s", seed, c.ID)
			compare(t, where, answers, c.ID, cells, sum/float64(cells), opener)
			adopters[answers.Value(c.ID, "adopter").Text()]++
			slices.Sort(shares)
			named(t, where, answers, c.ID, shares[:min(5, len(shares))])
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%v, %d openers", adopters, openers)
	// An innovator would need larger towns; TestCells has one.
	for _, label := range []string{"EARLY_ADOPTER", "EARLY_MAJORITY", "LATE_MAJORITY", "LAGGARD", "INSUFFICIENT_DATA"} {
		if adopters[label] == 0 {
			t.Errorf("no %s: the populations are too tame", label)
		}
	}
	if openers == 0 {
		t.Error("no opener: the populations are too tame")
	}
}

func compare(t *testing.T, where string, answers *scoretest.Answers, id string, cells int, mean float64, opener bool) {
	t.Helper()
	label, adopter, strength := "INSUFFICIENT_DATA", "INSUFFICIENT_DATA", 0.0
	if cells >= 3 {
		label, strength = "NO", 100*(1-mean)
		switch mean -= 1e-10; { // sums may miss a border by a hair
		case mean <= .025:
			adopter, label = "INNOVATOR", "YES"
		case mean <= .16:
			adopter = "EARLY_ADOPTER"
		case mean <= .5:
			adopter = "EARLY_MAJORITY"
		case mean <= .84:
			adopter = "LATE_MAJORITY"
		default:
			adopter = "LAGGARD"
		}
		if got := answers.Value(id, "mean_rank").Float(); math.Abs(got-mean) > 1e-9 {
			t.Errorf("%s: mean_rank is %v, want %v", where, got, mean)
		}
	} else if answers.Value(id, "mean_rank").Ok() {
		t.Errorf("%s: mean_rank of %d cells", where, cells)
	}
	if opener {
		label = "YES"
	}
	got := fmt.Sprint(answers.Value(id, "pioneer").Text(), answers.Value(id, "flag").Bool(), answers.Value(id, "adopter").Text(), answers.Value(id, "opener").Bool(), answers.Value(id, "cells").Int())
	if want := fmt.Sprint(label, label == "YES", adopter, opener, cells); got != want {
		t.Errorf("%s: got %s, want %s", where, got, want)
	}
	if got := answers.Value(id, "strength").Float(); math.Abs(got-strength) > 1e-6 {
		t.Errorf("%s: strength is %v, want %v", where, got, strength)
	}
}

// named holds the evidence against the places in which the customer came earliest.
func named(t *testing.T, where string, answers *scoretest.Answers, id string, want []float64) {
	t.Helper()
	var got []float64
	for _, e := range answers.Evidence(id) {
		if answers.Manifest.Reasons[e.Reason].Name == "cell" {
			got = append(got, e.Value.Float()/e.Args[3].Float())
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: evidence names places %v, want %v", where, got, want)
	}
}
