package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// TestCurrentModel: everybody is measured by the same model, however the data changes, until it is fitted again.
func TestCurrentModel(t *testing.T) {
	source := shop(4)
	e := newEngine(t, source, nil, ranking("ranking"))
	before := score(t, e, "ranking", 3, nil)
	source.add(person{id: id(9), orders: make([]scoring.Order, 50)})
	now := day(10).Time()
	if s := score(t, e, "ranking", 3, nil); s.Output(0) != before.Output(0) || s.Output(1).Int() != 6 {
		t.Errorf("a write moved the borders: rank %v of %v", s.Output(0), s.Output(1))
	}
	if s := score(t, e, "ranking", 9, nil); s.Output(0).Ok() || s.Output(1).Int() != 6 {
		t.Errorf("a customer newer than the model has the rank %v", s.Output(0))
	}
	if s := score(t, e, "ranking", 9, &now); s.Output(0).Int() != 1 || s.Output(1).Int() != 56 {
		t.Errorf("with asOf the model is not fitted exactly then: rank %v of %v", s.Output(0), s.Output(1))
	}
	if s := score(t, e, "ranking", 3, nil); s.Output(1).Int() != 6 {
		t.Errorf("an exact model became the current one")
	}
	if err := e.Refit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := score(t, e, "ranking", 9, nil); s.Output(0).Int() != 1 || s.Output(1).Int() != 56 {
		t.Errorf("fitted again on demand: rank %v of %v", s.Output(0), s.Output(1))
	}
}

// TestExactModels are kept as long as the data stays, and by instant.
func TestExactModels(t *testing.T) {
	source := shop(4)
	e := newEngine(t, source, nil, ranking("ranking"), plus("sum", "ranking", 1))
	scans := func(want int, what string) {
		t.Helper()
		if _, n := source.counts(); n != want {
			t.Errorf("%s: %d scans, want %d", what, n, want)
		}
	}
	first, second := day(1).Time(), day(2).Time()
	score(t, e, "ranking", 1, &first)
	scans(2, "one fit of two passes")
	score(t, e, "ranking", 2, &first)
	scans(2, "the same instant again")
	score(t, e, "sum", 2, &first)
	scans(3, "one that requires it, of one pass")
	score(t, e, "ranking", 2, &second)
	scans(5, "another instant")
	source.add(person{id: id(9)})
	score(t, e, "ranking", 2, &second)
	scans(7, "other data")
	for i := range 100 {
		at := day(1).Add(time.Duration(i) * time.Minute).Time()
		score(t, e, "ranking", 1, &at)
	}
	scans(207, "a hundred instants")
	score(t, e, "ranking", 2, &second)
	scans(209, "one that was forgotten")
}

// TestShared: those who ask at once wait for one fit, and one of them going away does not end it.
func TestShared(t *testing.T) {
	for name, asOf := range map[string]*time.Time{"current": nil, "exact": new(day(3).Time())} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source := shop(4)
				source.hold = make(chan struct{})
				e := newEngine(t, source, nil, ranking("ranking"))
				first, leave := context.WithCancel(t.Context())
				var answered, gone atomic.Int32
				var wg sync.WaitGroup
				for i := range 20 {
					wg.Go(func() {
						ctx := t.Context()
						if i == 0 {
							ctx = first
						} else {
							time.Sleep(time.Millisecond) // after the first
						}
						switch answers, err := e.Score(ctx, ids(1), wants("ranking"), asOf); {
						case errors.Is(err, context.Canceled):
							gone.Add(1)
						case err == nil && answers["ranking"].Err == nil:
							answered.Add(1)
						}
					})
				}
				time.Sleep(time.Second)
				leave()
				synctest.Wait()
				close(source.hold)
				wg.Wait()
				if _, scans := source.counts(); scans != 2 || answered.Load() != 19 || gone.Load() != 1 {
					t.Errorf("%d scans, %d answered, %d gone; want one fit of 2, 19 and 1", scans, answered.Load(), gone.Load())
				}
			})
		})
	}
}

// TestRefitSeesLatest: a refit on demand does not make do with one that began before it was asked for.
func TestRefitSeesLatest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := shop(4)
		source.hold = make(chan struct{})
		e := newEngine(t, source, nil, ranking("ranking"))
		go e.Refit(t.Context()) //nolint:errcheck // only to be under way
		synctest.Wait()
		source.add(person{id: id(9), orders: make([]scoring.Order, 50)})
		done := make(chan error)
		go func() { done <- e.Refit(t.Context()) }()
		synctest.Wait()
		close(source.hold)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if s := score(t, e, "ranking", 9, nil); s.Output(1).Int() != 56 {
			t.Errorf("the model has %d orders, want 56", s.Output(1).Int())
		}
	})
}

// TestRun fits at the start, when 1 % of the customers changed, and when a day has passed; never for one of many.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := shop(3)
		source.revision.Customers = 500
		e, err := engine.New(engine.Config{Scorers: []scoring.Scorer{ranking("ranking"), counting("count", 0, 0)}, Source: source})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			e.Run(ctx, 2*time.Second, func(err error) { t.Error(err) })
		}()
		for _, step := range []struct {
			what    string
			wait    time.Duration
			changed int
			fits    int
		}{
			{"at the start", time.Second, 0, 1},
			{"nothing changed", time.Hour, 0, 1},
			{"one of 500", time.Hour, 1, 1},
			{"four of 500", time.Hour, 4, 1},
			{"five of 500", 3 * time.Second, 5, 2},
			{"again nothing", 23 * time.Hour, 0, 2},
			{"a day passed", 70 * time.Minute, 0, 3},
		} {
			source.mu.Lock()
			if step.changed > 0 {
				source.changed = step.changed
				source.revision.At++
			}
			source.mu.Unlock()
			time.Sleep(step.wait)
			synctest.Wait()
			if _, scans := source.counts(); scans != 2*step.fits { // a fit has two passes
				t.Errorf("%s: %d fits, want %d", step.what, scans/2, step.fits)
			}
		}
		stop()
		<-done
	})
}

// TestRunReports: a model that cannot be fitted is reported by name, and the others are.
func TestRunReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failing := &raw{manifest: described("broken"), fit: func(context.Context, *scoring.Population) (scoring.Model, error) {
			return nil, errors.New("too little data")
		}}
		source := shop(3)
		e := newEngine(t, source, nil, failing, ranking("ranking"))
		ctx, stop := context.WithCancel(t.Context())
		reports := make(chan error, 10)
		go e.Run(ctx, time.Hour, func(err error) { reports <- err })
		synctest.Wait()
		stop()
		if err := <-reports; err.Error() != "refit broken: scorer broken failed: too little data" {
			t.Error(err)
		}
		if _, scans := source.counts(); scans != 2 {
			t.Errorf("%d scans, want 2 of the sound one", scans)
		}
	})
}

// BenchmarkScore is a page of 50 customers with two scorers.
func BenchmarkScore(b *testing.B) {
	source, page := bench(50)
	e := newEngine(b, source, nil, ranking("ranking"), counting("count", 0, 0))
	for b.Loop() {
		if _, err := e.Score(b.Context(), page, wants("ranking", "count"), nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWalk is everybody of 100,000.
func BenchmarkWalk(b *testing.B) {
	source, page := bench(100_000)
	e := newEngine(b, source, nil, counting("count", 0, 0))
	for b.Loop() {
		n := 0
		err := e.Walk(b.Context(), engine.Want{Name: "count"}, nil, nil, func(s *engine.Scores, _ []scoring.Column) error {
			n += len(s.IDs)
			return nil
		})
		if err != nil || n != len(page) {
			b.Fatal(fmt.Errorf("%d customers: %w", n, err))
		}
	}
	b.ReportMetric(float64(len(page)*b.N)/b.Elapsed().Seconds(), "customers/s")
}

// prepared answers every query with the same frames, so that the engine alone is measured.
type prepared struct {
	*memory
	chunks []*engine.Frame
}

func (p *prepared) Frame(context.Context, engine.Query) (*engine.Frame, error) {
	return p.chunks[0], nil
}

func (p *prepared) Scan(_ context.Context, _ engine.Query, yield func(*engine.Frame) error) error {
	for _, c := range p.chunks {
		if err := yield(c); err != nil {
			return err
		}
	}
	return nil
}

func bench(n int) (engine.Source, []scoring.ID) {
	p := &prepared{memory: shop(1)}
	all := make([]scoring.ID, n)
	for i := range all {
		all[i] = id(i)
	}
	for from := 0; from < n; from += 2000 {
		f := &engine.Frame{IDs: all[from:min(n, from+2000)], Facts: []scoring.Column{scoring.MakeColumn(scoring.Integer, 0), scoring.MakeColumn(scoring.Text, 0)}}
		for i := range f.IDs {
			f.Facts[0].Append(scoring.Int(int64(i)))
			f.Facts[1].Append(scoring.String("x"))
		}
		p.chunks = append(p.chunks, f)
	}
	return p, all
}
