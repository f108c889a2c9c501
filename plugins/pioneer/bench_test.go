package pioneer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"bellwether/plugins/pioneer"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

// batches are n/10 customers of ten purchases each, as the engine hands them over.
func batches(purchases int) []*scoring.Batch {
	r, m, d := rand.New(rand.NewPCG(1, 1)), pioneer.New().Manifest(), &scoretest.Data{AsOf: asOf}
	env, customers := d.Env(m), purchases/10
	skus := make([]string, 5000)
	for i := range skus {
		skus[i] = fmt.Sprintf("sku-%05d", i)
	}
	var out []*scoring.Batch
	for from := 0; from < customers; from += 2000 {
		b := &scoring.Batch{Env: env, Facts: []scoring.Column{{Kind: scoring.Text}, {Kind: scoring.Text}}}
		for i := from; i < min(from+2000, customers); i++ {
			b.IDs = append(b.IDs, scoring.ID{0: byte(i >> 24), 1: byte(i >> 16), 2: byte(i >> 8), 3: byte(i)})
			b.Facts[0].Append(scoring.String(fmt.Sprint("industry ", r.IntN(5))))
			b.Facts[1].Append(scoring.String(fmt.Sprint("region ", r.IntN(20))))
			var orders []scoring.Order
			for at := range 10 {
				if at%3 == 0 {
					orders = append(orders, scoring.Order{})
				}
				// Four in five products are launched some time after the data begin.
				o, p := &orders[len(orders)-1], int(5000*r.Float64()*r.Float64())
				launched := int64(p%5) * 120
				o.PlacedAt = asOf - day*700 + scoring.Instant(launched+r.Int64N(700-launched))*day
				o.Lines = append(o.Lines, scoring.Line{SKU: skus[p], Quantity: 1, Price: 1})
			}
			b.Orders = append(b.Orders, orders)
		}
		out = append(out, b)
	}
	return out
}

func population(batches []*scoring.Batch) *scoring.Population {
	source := func(yield func(*scoring.Batch) error) error {
		for _, b := range batches {
			if err := yield(b); err != nil {
				return err
			}
		}
		return nil
	}
	return scoring.NewPopulation(pioneer.New().Manifest(), batches[0].Env, source, func(scoring.ID, int, scoring.Value) {})
}

// BenchmarkRead only goes through a million purchases and looks at their products: what any fit takes at least.
func BenchmarkRead(b *testing.B) {
	batches := batches(1_000_000)
	for b.Loop() {
		letters := 0
		for c := range population(batches).Customers() {
			for _, o := range c.Orders() {
				for i := range o.Lines {
					letters += len(o.Lines[i].SKU)
				}
			}
		}
		if letters == 0 {
			b.Fatal("nothing read")
		}
	}
}

func BenchmarkFit(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n, " purchases"), func(b *testing.B) {
			batches := batches(n)
			for b.Loop() {
				if _, err := pioneer.New().Fit(b.Context(), population(batches)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/purchase")
		})
	}
}

func BenchmarkScore(b *testing.B) {
	for _, n := range []int{50, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, ctx := pioneer.New(), context.Background()
			fitted, err := s.Fit(ctx, population(batches(10)))
			if err != nil {
				b.Fatal(err)
			}
			batch := &scoring.Batch{IDs: make([]scoring.ID, n), Env: (&scoretest.Data{AsOf: asOf}).Env(s.Manifest())}
			for _, d := range s.Manifest().Derived {
				column := scoring.Column{Kind: d.Kind}
				for range n {
					column.Append(map[scoring.Kind]scoring.Value{scoring.Integer: scoring.Int(4), scoring.Number: scoring.Float(.3), scoring.Text: scoring.String("")}[d.Kind])
				}
				batch.Derived = append(batch.Derived, column)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Score(ctx, fitted, batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/customer")
		})
	}
}
