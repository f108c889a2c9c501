package rule_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"bellwether/internal/rule"
	"bellwether/plugins/rfm"
	"bellwether/scoring"
)

// twoComparisons is the rule that figures are about.
const twoComparisons = `
name: two
titleEn: Two
docEn: Two comparisons.
labels:
  - {name: YES, when: "facts.net_revenue >= 1000.50 && facts.orders > 3"}
  - {name: NO, when: true}
`

// million are buyers for a manifest, in batches.
func million(m *scoring.Manifest, n, size int) []*scoring.Batch {
	random := rand.New(rand.NewPCG(1, 1))
	env := &scoring.Env{AsOf: scoring.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), Currency: "EUR", Exponent: 2, Location: time.UTC}
	for i := range m.Params {
		env.Params = append(env.Params, m.Params[i].Default)
	}
	whole := &scoring.Batch{Env: env, IDs: make([]scoring.ID, n)}
	for _, use := range m.Facts {
		f, _ := scoring.FactNamed(use.Name)
		c := scoring.MakeColumn(f.Kind, n)
		for i := range n {
			switch use.Name {
			case "external_id", "country":
				c.Set(i, scoring.String(fmt.Sprint("c", i%100)))
			case "last_order_at":
				c.Set(i, scoring.Time(env.AsOf-scoring.Instant(random.Int64N(3*365*scoring.Day.Microseconds()))))
			case "net_revenue":
				c.Set(i, scoring.Minor(random.Int64N(300_000)))
			default:
				c.Set(i, scoring.Int(1+int64(random.ExpFloat64()*4)))
			}
		}
		whole.Facts = append(whole.Facts, c)
	}
	var batches []*scoring.Batch
	for from := 0; from < n; from += size {
		batches = append(batches, whole.Slice(from, from+size))
	}
	return batches
}

// BenchmarkRule compares rules with native RFM in one run, a million customers in batches and a single page.
func BenchmarkRule(b *testing.B) {
	for _, size := range []int{10_000, 50} {
		n := 1_000_000
		if size == 50 {
			n = 50
		}
		for _, s := range []scoring.Scorer{rfm.New(), compiled(b, twoComparisons), compiled(b, tiers), compiled(b, ageing)} {
			b.Run(fmt.Sprintf("%s/%d", s.Manifest().Name, size), func(b *testing.B) {
				batches := million(s.Manifest(), n, size)
				model, err := s.Fit(b.Context(), scoring.NewPopulation(s.Manifest(), batches[0].Env, func(yield func(*scoring.Batch) error) error { return yield(batches[0]) }, nil))
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					for _, batch := range batches {
						if _, err := s.Score(b.Context(), model, batch); err != nil {
							b.Fatal(err)
						}
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/customer")
			})
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	d, _ := rule.Parse([]byte(tiers))
	v := vocabulary()
	for b.Loop() {
		if _, problems := rule.Compile(d, v); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}
