package orientation_test

import (
	"context"
	"fmt"
	"testing"

	"bellwether/plugins/orientation"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

func BenchmarkScore(b *testing.B) {
	for _, n := range []int{50, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, batch := orientation.New(), benchmarked(b, n)
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
	batch := benchmarked(b, 10_000)
	for b.Loop() {
		fitted(b, orientation.New(), batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch.Len()), "ns/customer")
}

// benchmarked are n customers of about twenty lines each.
func benchmarked(b *testing.B, n int) *scoring.Batch {
	m := newMarket(1)
	d := &scoretest.Data{AsOf: scoring.At(m.asOf)}
	for i := range n {
		d.Customers = append(d.Customers, m.customer(fmt.Sprint(i), average()))
	}
	batch, err := d.Batch(b.Context(), orientation.New().Manifest())
	if err != nil {
		b.Fatal(err)
	}
	return batch
}

func fitted(b *testing.B, s scoring.Scorer, batch *scoring.Batch) scoring.Model {
	m, err := s.Fit(b.Context(), scoring.NewPopulation(s.Manifest(), batch.Env, func(yield func(*scoring.Batch) error) error { return yield(batch) }, nil))
	if err != nil {
		b.Fatal(err)
	}
	return m
}
