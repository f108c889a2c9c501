package plugin

import (
	"context"
	"math"
	"runtime"
	"time"

	"bellwether/scoring"
	"bellwether/scoring/conformance"
)

// Benchmark is what scoring costs in batches of one size.
type Benchmark struct {
	Batch     int     // customers
	Plugin    float64 // ns a customer
	Reference float64 // ns a customer, of the scorer that it is held against
	Bytes     float64 // allocated a customer by the plugin, in this process
}

// Sizes of the batches that are measured.
func Sizes() []int { return []int{1, 50, 1_000, 10_000} }

// Bench measures a scorer and a reference on the same made-up customers, in turns of some milliseconds, for about the given time a
// size. The least of the turns counts: what else the machine does only ever adds.
func Bench(ctx context.Context, s, reference scoring.Scorer, others []scoring.Scorer, each time.Duration) ([]Benchmark, error) {
	sizes := Sizes()
	d := conformance.Random(1, sizes[len(sizes)-1])
	d.Others = without(others, s.Manifest().Name)
	mine, err := ready(ctx, s, d)
	if err != nil {
		return nil, err
	}
	theirs, err := ready(ctx, reference, d)
	if err != nil {
		return nil, err
	}
	var out []Benchmark
	for _, n := range sizes {
		b := Benchmark{Batch: n, Plugin: math.Inf(1), Reference: math.Inf(1)}
		var before, after runtime.MemStats
		for end := time.Now().Add(each); ; {
			runtime.ReadMemStats(&before)
			took, customers, err := mine.turn(ctx, n, each/20)
			if err != nil {
				return nil, err
			}
			runtime.ReadMemStats(&after)
			b.Plugin = min(b.Plugin, took)
			b.Bytes = float64(after.TotalAlloc-before.TotalAlloc) / float64(customers)
			if took, _, err = theirs.turn(ctx, n, each/20); err != nil {
				return nil, err
			}
			if b.Reference = min(b.Reference, took); time.Now().After(end) {
				break
			}
		}
		out = append(out, b)
	}
	return out, nil
}

// runner has a fitted scorer and a batch for it.
type runner struct {
	scorer scoring.Scorer
	model  scoring.Model
	batch  *scoring.Batch
}

func ready(ctx context.Context, s scoring.Scorer, d *conformance.Data) (*runner, error) {
	f, err := conformance.Fit(ctx, s, d)
	if err != nil {
		return nil, err
	}
	b, err := f.Batch(ctx, d)
	return &runner{s, f.Model, b}, err
}

// turn scores batches of n customers for a while and returns the nanoseconds a customer, and how many customers there were.
func (r *runner) turn(ctx context.Context, n int, long time.Duration) (perCustomer float64, customers int, err error) {
	begin := time.Now()
	for at := 0; ; at += n {
		if at+n > r.batch.Len() {
			at = 0
		}
		if _, err := r.scorer.Score(ctx, r.model, r.batch.Slice(at, at+n)); err != nil {
			return 0, 0, err
		}
		customers += n
		if took := time.Since(begin); took >= long {
			return float64(took.Nanoseconds()) / float64(customers), customers, nil
		}
	}
}
