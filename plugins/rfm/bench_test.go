package rfm_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"bellwether/plugins/rfm"
	"bellwether/scoring"
)

// columns are n buyers, as the engine hands them over.
func columns(n int) *scoring.Batch {
	r, s := rand.New(rand.NewPCG(1, 1)), rfm.New()
	env := &scoring.Env{AsOf: scoring.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), Currency: "EUR", Exponent: 2, Location: time.UTC}
	for _, p := range s.Manifest().Params {
		env.Params = append(env.Params, p.Default)
	}
	id, last := scoring.Column{Kind: scoring.Text}, scoring.Column{Kind: scoring.Moment}
	revenue, orders := scoring.Column{Kind: scoring.Money}, scoring.Column{Kind: scoring.Integer}
	for i := range n {
		id.Append(scoring.String(fmt.Sprint("c", i)))
		last.Append(scoring.Time(env.AsOf - scoring.Instant(r.Int64N(3*365*scoring.Day.Microseconds()))))
		revenue.Append(scoring.Minor(r.Int64N(1_000_000)))
		orders.Append(scoring.Int(1 + int64(r.ExpFloat64()*4)))
	}
	return &scoring.Batch{Env: env, IDs: make([]scoring.ID, n), Facts: []scoring.Column{id, last, revenue, orders}}
}

func fitted(b *testing.B, s scoring.Scorer, batch *scoring.Batch) scoring.Model {
	m, err := s.Fit(b.Context(), scoring.NewPopulation(s.Manifest(), batch.Env, func(yield func(*scoring.Batch) error) error { return yield(batch) }, nil))
	if err != nil {
		b.Fatal(err)
	}
	return m
}

func BenchmarkScore(b *testing.B) {
	for _, n := range []int{50, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, batch := rfm.New(), columns(n)
			m, ctx := fitted(b, s, batch), context.Background()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Score(ctx, m, batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/customer")
		})
	}
}

func BenchmarkFit(b *testing.B) {
	batch := columns(1_000_000)
	for _, binning := range []string{"NTILE", "QUANTILE", "RANK"} {
		b.Run(binning, func(b *testing.B) {
			batch.Env.Params[rfm.New().Manifest().Param("binning")] = scoring.String(binning)
			for b.Loop() {
				fitted(b, rfm.New(), batch)
			}
		})
	}
}
