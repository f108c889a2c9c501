package rule_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"bellwether/internal/rule"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

// TestUntil: an answer about ages holds until the day on which the first comparison turns, in the business's time zone.
func TestUntil(t *testing.T) {
	day := func(text string) scoring.Instant {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return scoring.At(at)
	}
	tests := []struct {
		when string
		want scoring.Instant // of bo, whose last order is 12 days old
	}{
		{`facts.orders > 1`, scoring.Never},
		{`days_since(facts.last_order_at) <= 30`, day("2026-02-20T00:00:00Z")},
		{`days_since(facts.last_order_at) < 30`, day("2026-02-19T00:00:00Z")},
		{`days_since(facts.last_order_at) < 29.5`, day("2026-02-19T00:00:00Z")},
		{`days_since(facts.last_order_at) <= 12`, day("2026-02-02T00:00:00Z")},
		{`days_since(facts.last_order_at) < 12`, scoring.Never}, // for good
		{`days_since(facts.last_order_at) == 12`, day("2026-02-02T00:00:00Z")},
		{`days_since(facts.last_order_at) != 30`, day("2026-02-19T00:00:00Z")},
		{`facts.net_revenue < days_since(facts.last_order_at)`, day("2026-03-02T00:00:00Z")},
		{`days_since(facts.last_order_at) <= 11`, scoring.Never},
		{`100 > days_since(facts.last_order_at)`, day("2026-04-29T23:00:00Z")}, // summer time
		{`days_since(facts.last_order_at) > 30 && days_since(facts.first_order_at) > 20`, day("2026-02-10T00:00:00Z")},
		{`days_since(facts.last_order_at) in [1, 30]`, day("2026-02-02T00:00:00Z")},
		{`days_since(facts.last_order_at) * 2 > 30`, day("2026-02-02T00:00:00Z")},
		{`days_since(facts.registered_at) > 30`, scoring.Never}, // not known
		{`window(facts.orders, 90) > 0 && days_since(facts.last_order_at) > 5`, scoring.Never},
	}
	for _, tt := range tests {
		s, problems := rule.Compile(with(tt.when), vocabulary())
		if len(problems) > 0 {
			t.Fatal(tt.when, problems)
		}
		answers, err := scoretest.Score(s, shop(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := answers.Until("bo"); got != tt.want {
			t.Errorf("%s: until %v, want %v", tt.when, got.Time(), tt.want.Time())
		}
	}
}

// TestUntilOfRandomRules scores random rules on every one of the next days: until the instant that an answer names, nothing
// changes; without one, nothing does at all.
func TestUntilOfRandomRules(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 20, 23, 30, 0, 0, time.UTC) // the clocks change on the 29th
	env := func(at time.Time) *scoring.Env {
		return &scoring.Env{AsOf: scoring.At(at), Currency: "GBP", Exponent: 2, Location: london, Params: []scoring.Value{scoring.Float(2)}}
	}
	named, moved := 0, 0
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 5))
		g := terms{random}
		age := "days_since(facts.last_order_at) " + g.pick("<", "<=", ">", ">=", "==", "!=") + fmt.Sprint(" ", random.IntN(900)-20, g.pick("", ".5"))
		when := age + g.pick(" && ", " || ") + g.condition(2).rule
		if strings.Contains(when, "window(") {
			continue
		}
		s, problems := rule.Compile(rule.Definition{
			Name: "random", TitleEn: "Random", DocEn: "Random.", Labels: []rule.Label{{Name: "YES", When: when}, {Name: "NO", When: "true"}},
			Quantiles: []rule.Quantile{{Name: "top", Of: "facts.net_revenue", Q: .6}}, Parameters: []rule.Parameter{{Name: "least", Default: 2}},
		}, vocabulary())
		if len(problems) > 0 {
			t.Fatal(when, problems)
		}
		b := customers(random, s.Manifest(), env(at), 40)
		model, err := s.Fit(t.Context(), scoring.NewPopulation(s.Manifest(), b.Env, func(yield func(*scoring.Batch) error) error { return yield(b) }, nil))
		if err != nil {
			t.Fatal(err)
		}
		first, err := s.Score(t.Context(), model, b)
		if err != nil {
			t.Fatal(err)
		}
		for day := range 40 {
			b.Env = env(at.AddDate(0, 0, day))
			later, err := s.Score(t.Context(), model, b)
			if err != nil {
				t.Fatal(err)
			}
			for i, until := range first.Until {
				was, is := first.Outputs[0].At(i).Text(), later.Outputs[0].At(i).Text()
				if holds := until == scoring.Never || b.Env.AsOf < until; holds && was != is {
					t.Fatalf("seed %d: %s is %s on day %d, but was to stay %s until %v", seed, when, is, day, was, until.Time())
				} else if !holds && was != is {
					moved++
				}
				if until != scoring.Never && day == 0 {
					named++
				}
			}
		}
	}
	if named < 500 || moved < 100 {
		t.Errorf("%d answers end some day, and %d were others later (make up other rules)", named, moved)
	}
}
