package sandbox_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"bellwether/internal/sandbox"
	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

// buyers are customers with their facts in memory, as rfm wants them or without external ids.
func buyers(m *scoring.Manifest, n int) *scoring.Batch {
	r := rand.New(rand.NewPCG(1, 1))
	asOf := scoring.Instant(1_800_000_000_000_000)
	d := &scoretest.Data{AsOf: asOf}
	b := &scoring.Batch{Env: d.Env(m), IDs: make([]scoring.ID, n)}
	for _, use := range m.Facts {
		fact, _ := scoring.FactNamed(use.Name)
		c := scoring.Column{Kind: fact.Kind}
		for i := range n {
			switch use.Name {
			case "external_id":
				c.Texts = append(c.Texts, fmt.Sprint("customer-", i))
			case "last_order_at":
				c.Ints = append(c.Ints, int64(asOf)-r.Int64N(700*86_400_000_000))
			case "net_revenue":
				c.Ints = append(c.Ints, r.Int64N(1_000_000))
			case "orders":
				c.Ints = append(c.Ints, r.Int64N(20))
			default:
				c.Append(scoring.Value{})
			}
		}
		b.Facts = append(b.Facts, c)
	}
	return b
}

// BenchmarkScore compares RFM compiled in, in a module of Go, and with given borders in a module of C, the hand-over to the
// worker included.
func BenchmarkScore(b *testing.B) {
	scorers := []struct {
		name string
		make func(b *testing.B) scoring.Scorer
	}{
		{"native", func(*testing.B) scoring.Scorer { return rfm.New() }},
		{"go", func(b *testing.B) scoring.Scorer { return load(b, "rfm") }},
		{"c", func(b *testing.B) scoring.Scorer { return load(b, "rfm_fixed") }},
	}
	for _, n := range []int{50, 10_000} {
		for _, s := range scorers {
			b.Run(fmt.Sprint(n, "/", s.name), func(b *testing.B) {
				scorer := s.make(b)
				batch := buyers(scorer.Manifest(), n)
				everybody := buyers(scorer.Manifest(), 10_000)
				p := scoring.NewPopulation(scorer.Manifest(), batch.Env, func(yield func(*scoring.Batch) error) error { return yield(everybody) }, nil)
				model, err := scorer.Fit(b.Context(), p)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				best := time.Hour // on a busy machine the best is nearer to the truth than the mean
				for b.Loop() {
					begun := time.Now()
					if _, err := scorer.Score(b.Context(), model, batch); err != nil {
						b.Fatal(err)
					}
					best = min(best, time.Since(begun))
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/customer")
				b.ReportMetric(float64(best.Nanoseconds())/float64(n), "best-ns/customer")
			})
		}
	}
}

// BenchmarkLoad is what a module costs that is compiled already: a process, the compiled code, the beginning of the guest.
func BenchmarkLoad(b *testing.B) {
	for _, name := range []string{"rfm", "rfm_fixed"} {
		b.Run(name, func(b *testing.B) {
			h, module := host(b, sandbox.Options{}), wasm(b, name)
			for b.Loop() {
				m, err := h.Load(b.Context(), name, module)
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := m.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}
