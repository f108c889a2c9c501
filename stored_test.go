package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"bellwether/internal/pgtest"
	"bellwether/internal/record"
	"bellwether/internal/store"
	"bellwether/plugins"
	"bellwether/plugins/orientation"
	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// process is one of several on a database: a store and an engine that refreshes scores.
type process struct {
	*store.Store
	*engine.Engine
	stop func()
}

// begin opens a database as a process does, with its own connections.
func begin(t *testing.T, dsn string, params engine.Params, scorers ...scoring.Scorer) *process {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(engine.Config{Scorers: scorers, Source: s.Facts(), Stored: s.Stored(), Params: params})
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Store: s, Engine: e, stop: func() {}}
	t.Cleanup(func() {
		p.stop()
		if err := s.Close(); err != nil {
			t.Log(err) // a connection whose query was cut off cannot say good-bye
		}
	})
	return p
}

// run refreshes in the background until stop.
func (p *process) run(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Run(ctx, time.Second, func(err error) { t.Log("refresh:", err) })
	}()
	p.stop = func() {
		cancel()
		<-done
	}
}

// settled waits until the stored scores have seen all data and nothing is under way.
func (p *process) settled(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(2 * patiently); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		r, err := p.Revision(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		states, err := p.Stored().States(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		open, err := p.Stored().Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		done := len(open) == 0 && len(states) == len(p.Manifests())
		for _, s := range states {
			n, err := p.ChangedSince(t.Context(), s.Data.At)
			if err != nil {
				t.Fatal(err)
			}
			refit := n > 0 && n*100 >= s.Data.Customers
			done = done && s.Seen.At >= r.At && s.Checked == s.Model && s.Model > 0 && !refit && s.Version == p.Version(s.Scorer)
		}
		if done {
			if err := p.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("the stored scores did not catch up in time")
}

// sell writes orders of random customers; the same numbers are sent again, changed, now and then.
func sell(t *testing.T, r *rand.Rand, s *store.Store, customers, orders int) {
	t.Helper()
	var b record.Batch
	for range orders {
		customer := record.Key{Source: "api", ExternalID: fmt.Sprintf("c-%d", r.IntN(customers))}
		price, quantity := int64(1+r.IntN(500))*1_000_000, 1+r.IntN(3)
		b.Orders = append(b.Orders, record.Order{
			Key: record.Key{Source: "api", ExternalID: strconv.Itoa(r.IntN(4 * customers))}, Customer: customer, Currency: "EUR",
			PlacedAt: time.Now().Add(-time.Duration(1+r.IntN(700*24)) * time.Hour),
			Lines:    record.Set([]record.Line{{SKU: fmt.Sprintf("sku-%d", r.IntN(20)), Quantity: quantity, UnitPrice: price}}),
		})
	}
	if _, err := s.WriteOrders(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// everyone are the ids of all customers.
func everyone(t *testing.T, s *store.Store) []scoring.ID {
	t.Helper()
	all, err := s.Stored().Everybody(t.Context(), scoring.ID{}, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]scoring.ID, len(all))
	for i, c := range all {
		ids[i] = c.ID
	}
	return ids
}

// same compares what is stored of everybody with what is computed from the facts with the same models.
func same(t *testing.T, p *process) {
	t.Helper()
	ids := everyone(t, p.Store)
	var stored, computed []engine.Want
	for _, m := range p.Manifests() {
		stored, computed = append(stored, engine.Want{Name: m.Name}), append(computed, engine.Want{Name: m.Name, Explain: true})
	}
	got, err := p.Score(t.Context(), ids, stored, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := p.Score(t.Context(), ids, computed, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range p.Manifests() {
		if err := errors.Join(got[m.Name].Err, want[m.Name].Err); err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			g, ok := got[m.Name].Of(id)
			w, known := want[m.Name].Of(id)
			if !ok || !known {
				t.Fatalf("%s of %v: stored %t, computed %t", m.Name, id, ok, known)
			}
			if g.AsOf >= w.AsOf {
				t.Errorf("%s of %v was not stored: as of %v", m.Name, id, g.AsOf.Time())
			}
			for o := range m.Outputs {
				if g.Output(o) != w.Output(o) && (g.Output(o).Ok() || w.Output(o).Ok()) {
					t.Errorf("%s.%s of %v is stored as %v, computed %v", m.Name, m.Outputs[o].Name, id, g.Output(o), w.Output(o))
				}
			}
			if g.ModelAsOf != w.ModelAsOf {
				t.Errorf("%s of %v: model of %v, computed with that of %v", m.Name, id, g.ModelAsOf.Time(), w.ModelAsOf.Time())
			}
		}
	}
}

// gapless checks that the changes are numbered without gaps, and lead to the stored labels.
func gapless(t *testing.T, p *process) {
	t.Helper()
	labels := map[string]string{}
	next := int64(1)
	for {
		page, err := p.Changes(t.Context(), engine.ChangeFilter{}, next-1, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			key := c.Scorer + c.Customer.String()
			if c.Seq != next || c.From != labels[key] || c.From == c.To {
				t.Fatalf("change %d, want %d: %s moves from %q to %q, its label was %q", c.Seq, next, c.Scorer, c.From, c.To, labels[key])
			}
			labels[key], next = c.To, next+1
		}
	}
	rows, err := p.Stored().Scores(t.Context(), everyone(t, p.Store), []string{"rfm"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows.Rows {
		if was := labels[r.Scorer+rows.IDs[r.Customer].String()]; was != r.Label {
			t.Fatalf("the feed leads to %q, stored is %q", was, r.Label)
		}
	}
}

// TestRefreshIsScoringAfresh writes at random, merges and starts processes anew: what is stored is what scoring everybody
// from scratch gives, and the feed has no gap.
func TestRefreshIsScoringAfresh(t *testing.T) {
	dsn, r := pgtest.DSN(t), rand.New(rand.NewPCG(1, 7))
	p := begin(t, dsn, nil, plugins.All()...)
	sell(t, r, p.Store, 80, 250)
	p.run(t)
	p.settled(t)
	same(t, p)
	for round := range 4 {
		for range 3 {
			sell(t, r, p.Store, 80+20*round, 1+r.IntN(30))
		}
		if ids := everyone(t, p.Store); round%2 == 1 {
			if _, _, err := p.Merge(t.Context(), [16]byte(ids[r.IntN(len(ids))]), [16]byte(ids[0])); err != nil && round > 1 {
				t.Log(err) // into itself
			}
		}
		if round == 2 { // in the middle of the work, whatever it is
			p.stop()
			p = begin(t, dsn, nil, plugins.All()...)
			p.run(t)
		}
		p.settled(t)
		same(t, p)
		gapless(t, p)
	}
	var rows int
	if err := p.DB().QueryRow("SELECT count(*) FROM scores").Scan(&rows); err != nil || rows != len(everyone(t, p.Store))*len(plugins.All()) {
		t.Errorf("%d rows of scores, %v: want one a customer and scorer, and none of merged ones", rows, err)
	}
}

// TestTwoRefreshers: of two processes one works; when it is gone without a word, the other takes over, and what the first
// still writes is refused.
func TestTwoRefreshers(t *testing.T) {
	dsn, r := pgtest.DSN(t), rand.New(rand.NewPCG(2, 7))
	a, b := begin(t, dsn, nil, rfm.New()), begin(t, dsn, nil, rfm.New())
	sell(t, r, a.Store, 50, 150)
	dead, held, err := a.Stored().Acquire(t.Context(), "dead", 2*time.Second)
	if err != nil || !held {
		t.Fatalf("the lease was not to be had: %v", err)
	}
	if _, held, err := b.Stored().Acquire(t.Context(), "other", time.Second); err != nil || held {
		t.Fatalf("two have the lease: %v", err)
	}
	a.run(t)
	b.run(t)
	a.settled(t)
	if _, err := a.Stored().Write(t.Context(), dead, engine.Chunk{}); !errors.Is(err, engine.ErrLost) {
		t.Errorf("a lost lease writes: %v", err)
	}
	for range 5 {
		sell(t, r, a.Store, 60, 20)
		sell(t, r, b.Store, 60, 20)
	}
	a.settled(t)
	same(t, a)
	gapless(t, b)
}

// moody is rfm that fails at times, stored like any other.
type moody struct {
	scoring.Scorer
	fails *atomic.Bool
}

func (m moody) Score(ctx context.Context, model scoring.Model, b *scoring.Batch) (*scoring.Results, error) {
	if m.fails.Load() {
		panic("out of sorts")
	}
	return m.Scorer.Score(ctx, model, b)
}

func (m moody) EncodeModel(model scoring.Model) ([]byte, error) {
	return m.Scorer.(scoring.Codec).EncodeModel(model)
}

func (m moody) DecodeModel(data []byte) (scoring.Model, error) {
	return m.Scorer.(scoring.Codec).DecodeModel(data)
}

// TestFailingScorerKeepsItsScores: it is named in the refresh, the others go on, and it catches up when it is well again.
func TestFailingScorerKeepsItsScores(t *testing.T) {
	r, fails := rand.New(rand.NewPCG(3, 7)), &atomic.Bool{}
	p := begin(t, pgtest.DSN(t), nil, moody{rfm.New(), fails}, orientation.New())
	sell(t, r, p.Store, 40, 120)
	p.run(t)
	p.settled(t)
	before := stateOf(t, p, "rfm")
	fails.Store(true)
	sell(t, r, p.Store, 40, 60)
	for end := time.Now().Add(patiently); stateOf(t, p, "rfm").Failures == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the failure was not noticed")
		}
	}
	if got := stateOf(t, p, "rfm"); got.Seen != before.Seen || got.Error != "panic: out of sorts" {
		t.Errorf("it has seen %v after %v, error %q", got.Seen, before.Seen, got.Error)
	}
	answers, err := p.Score(t.Context(), everyone(t, p.Store)[:5], []engine.Want{{Name: "rfm"}}, nil)
	if err != nil || answers["rfm"].Err != nil {
		t.Errorf("the last good scores are gone: %v, %v", err, answers["rfm"].Err)
	}
	for end := time.Now().Add(patiently); !failureNamed(t, p); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no refresh names the failure")
		}
	}
	fails.Store(false)
	p.settled(t)
	same(t, p)
}

// failureNamed tells whether a refresh says that rfm failed.
func failureNamed(t *testing.T, p *process) bool {
	t.Helper()
	refreshes, err := p.Refreshes(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(refreshes, func(r engine.Refresh) bool {
		return slices.Contains(r.Errors, engine.RefreshError{Scorer: "rfm", Code: "SCORER_FAILED", Message: "panic: out of sorts"})
	})
}

func stateOf(t *testing.T, p *process, scorer string) engine.ScorerState {
	t.Helper()
	states, err := p.Stored().States(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(states, func(s engine.ScorerState) bool { return s.Scorer == scorer })
	if i < 0 {
		return engine.ScorerState{}
	}
	return states[i]
}

// TestOtherParameters: a parameter is part of the version, so that everybody is scored anew.
func TestOtherParameters(t *testing.T) {
	dsn, r := pgtest.DSN(t), rand.New(rand.NewPCG(4, 7))
	p := begin(t, dsn, nil, rfm.New())
	sell(t, r, p.Store, 40, 120)
	p.run(t)
	p.settled(t)
	p.stop()
	q := begin(t, dsn, engine.Params{"rfm": {"binning": "FIXED"}}, rfm.New())
	q.run(t)
	q.settled(t)
	same(t, q)
	var versions, untils int
	if err := q.DB().QueryRow("SELECT count(DISTINCT version), count(until) FROM scores").Scan(&versions, &untils); err != nil || versions != 1 || untils == 0 {
		t.Errorf("%d versions and %d ends, %v: want the new version alone, and ends of ages", versions, untils, err)
	}
	gapless(t, q)
}
