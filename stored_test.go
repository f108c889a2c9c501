package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"bellwether/internal/pgtest"
	"bellwether/plugins"
	"bellwether/plugins/orientation"
	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

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
