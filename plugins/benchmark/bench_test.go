package benchmark_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"bellwether/plugins/benchmark"
	"bellwether/scoring"
)

// shop is a population as the engine hands it over, in batches: n customers of ten lines each, on the average, of whom
// eight in ten were referred and six in ten belong to an account.
type shop struct {
	customers int
	accounts  int  // how many
	herd      bool // everybody buys the same ten products within the same days
}

func (s shop) batches(purchases int) []*scoring.Batch {
	r, m := rand.New(rand.NewPCG(1, 1)), benchmark.New().Manifest()
	env := &scoring.Env{AsOf: asOf, Currency: "EUR", Exponent: 2, Location: time.UTC}
	for _, p := range m.Params {
		env.Params = append(env.Params, p.Default)
	}
	ids := make([]scoring.ID, s.customers)
	for i := range ids {
		ids[i] = scoring.ID{0: byte(i >> 24), 1: byte(i >> 16), 2: byte(i >> 8), 3: byte(i)}
	}
	skus := make([]string, 5000)
	for i := range skus {
		skus[i] = fmt.Sprintf("sku-%05d", i)
	}
	var out []*scoring.Batch
	for from := 0; from < s.customers; from += 2000 {
		to := min(from+2000, s.customers)
		b := &scoring.Batch{Env: env, IDs: ids[from:to], Orders: make([][]scoring.Order, to-from), Facts: make([]scoring.Column, len(m.Facts))}
		for i := range b.IDs {
			var account, by scoring.Value
			if r.IntN(10) < 6 {
				account = scoring.String(fmt.Sprint("account ", r.IntN(s.accounts)))
			}
			since := scoring.Never
			if r.IntN(10) < 8 {
				by, since = scoring.String(ids[int(float64(s.customers)*r.Float64()*r.Float64()*r.Float64())].String()), asOf-day*scoring.Instant(r.IntN(700))
			}
			for f, v := range []scoring.Value{account, scoring.String(fmt.Sprint("C-", from+i)), scoring.Time(since), by} {
				b.Facts[f].Kind = []scoring.Kind{scoring.Text, scoring.Text, scoring.Moment, scoring.Text}[f]
				b.Facts[f].Append(v)
			}
			for at := range purchases / s.customers {
				sku, when := skus[int(5000*r.Float64()*r.Float64())], asOf-scoring.Instant(r.Int64N(700*int64(day)))
				if s.herd {
					sku, when = skus[at], asOf-day*scoring.Instant(60*at)-scoring.Instant(r.Int64N(30*int64(day)))
				}
				if at%3 == 0 {
					b.Orders[i] = append(b.Orders[i], scoring.Order{PlacedAt: when})
				}
				o := &b.Orders[i][len(b.Orders[i])-1]
				o.Lines = append(o.Lines, scoring.Line{SKU: sku, Quantity: 1, Price: 1})
			}
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
	return scoring.NewPopulation(benchmark.New().Manifest(), batches[0].Env, source, func(scoring.ID, int, scoring.Value) {})
}

// BenchmarkRead only goes through a million purchases and looks at their products: what any fit takes at least.
func BenchmarkRead(b *testing.B) {
	batches := shop{customers: 100_000, accounts: 12_000}.batches(1_000_000)
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

// BenchmarkFit fits: ten times as many purchases take about ten times as long, whether accounts are small or huge.
func BenchmarkFit(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		for _, bench := range []struct {
			name string
			shop shop
		}{
			{"many accounts of five", shop{customers: n / 10, accounts: n * 6 / 500}},
			{"one account", shop{customers: n / 10, accounts: 1}},
			{"one account, a herd", shop{customers: n / 10, accounts: 1, herd: true}},
		} {
			b.Run(fmt.Sprintf("%d purchases, %s", n, bench.name), func(b *testing.B) {
				batches := bench.shop.batches(n)
				for b.Loop() {
					if _, err := benchmark.New().Fit(b.Context(), population(batches)); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/purchase")
			})
		}
	}
}

func BenchmarkScore(b *testing.B) {
	for _, n := range []int{50, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, ctx := benchmark.New(), context.Background()
			batch := &scoring.Batch{IDs: make([]scoring.ID, n), Env: shop{customers: 1, accounts: 1}.batches(10)[0].Env}
			for _, d := range s.Manifest().Derived {
				column := scoring.Column{Kind: d.Kind}
				for range n {
					column.Append(map[scoring.Kind]scoring.Value{scoring.Integer: scoring.Int(4), scoring.Number: scoring.Float(4), scoring.Text: scoring.String("")}[d.Kind])
				}
				batch.Derived = append(batch.Derived, column)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Score(ctx, struct{}{}, batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/customer")
		})
	}
}
