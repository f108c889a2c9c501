// Package engine runs scorers over a source of data: it decides which facts to read, keeps the models, and hands
// batches to the scorers. Start with [New]; [Engine.Score] answers for some customers, [Engine.Walk]
// for everybody.
package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"bellwether/scoring"
)

// Config is what an engine is made of.
type Config struct {
	Scorers []scoring.Scorer // that are compiled in
	Source  Source
	Stored  Stored // nil: nothing is kept
	Params  Params
	Open    bool             // scorers come later, by [Engine.With]: the parameters of those not known yet are kept
	Now     func() time.Time // nil: the wall clock
}

// Engine runs a set of scorers, which never changes: [Engine.With] makes an engine of another set, and [Live] has the one
// of the moment. It is safe for concurrent use.
type Engine struct {
	*shared
	set
}

// shared is what the engines of all sets on the same data have in common.
type shared struct {
	source  Source
	stored  Stored
	config  Params
	states  states
	counts  labelCounts
	nudged  chan struct{}
	running atomic.Int32 // refreshers in the background
	now     func() time.Time
	models  *models
}

// New checks the scorers and their parameters and makes an engine of them.
func New(c Config) (*Engine, error) {
	shared := &shared{source: c.Source, stored: c.Stored, config: c.Params, now: c.Now, nudged: make(chan struct{}, 1), models: newModels()}
	if shared.now == nil {
		shared.now = time.Now
	}
	entries := make([]Entry, len(c.Scorers))
	for i, s := range c.Scorers {
		entries[i] = Entry{Scorer: s, Host: BuiltIn}
	}
	set, err := newSet(entries, c.Params)
	if err != nil {
		return nil, err
	}
	e := &Engine{shared, set}
	if c.Open {
		return e, nil
	}
	return e, e.Unused()
}

// With is an engine of other scorers on the same data. What answers already keeps its models. A scorer that was not
// compiled in and is not fit for use - its manifest, its parameters, what it requires - is taken in switched off.
func (e *Engine) With(entries []Entry) (*Engine, error) {
	set, err := newSet(entries, e.config)
	if err != nil {
		return nil, err
	}
	return &Engine{e.shared, set}, nil
}

// Unused is an error where there are parameters of scorers that there are not, nor among others.
func (e *Engine) Unused(others ...string) error {
	known := slices.Clone(others)
	for _, entry := range e.Entries() {
		known = append(known, entry.name())
	}
	return e.config.unknown(known)
}

// Trial fits a scorer now, so that it has a model before it answers, and lets it score some customers.
func (e *Engine) Trial(ctx context.Context, name string) error {
	i, err := e.index(name)
	if err != nil {
		return err
	}
	if !scoring.Fitless(e.scorers[i]) {
		if _, _, err := e.fitCurrent(ctx, i); err != nil {
			return err
		}
	}
	if e.stored == nil {
		return nil
	}
	some, err := e.stored.Everybody(ctx, scoring.ID{}, trialSize)
	if err != nil {
		return err
	}
	ids := make([]scoring.ID, len(some))
	for i := range some {
		ids[i] = some[i].ID
	}
	answers, err := e.compute(ctx, ids, []Want{{Name: name, Explain: true}}, nil)
	if err != nil {
		return err
	}
	return answers[name].Err
}

// trialSize is how many customers a trial scores.
const trialSize = 100

// Ahead is how far ahead of the clock an asOf may lie and still mean now: clocks differ.
const Ahead = 5 * time.Minute

// moment resolves an asOf: nil, and up to Ahead from now, is now with the current models.
func (e *Engine) moment(asOf *time.Time) (at scoring.Instant, current bool, err error) {
	now := e.now()
	switch {
	case asOf == nil:
		return scoring.At(now), true, nil
	case asOf.After(now.Add(Ahead)):
		return 0, false, errorf("OUT_OF_RANGE", "asOf %s lies in the future (it is %s; leave asOf out for now)", asOf.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	case asOf.After(now):
		return scoring.At(now), true, nil
	}
	return scoring.At(*asOf), false, nil
}

// Refit fits the current models again, on demand.
func (e *Engine) Refit(ctx context.Context) error {
	var errs []error
	for _, i := range e.order {
		if scoring.Fitless(e.scorers[i]) {
			continue
		}
		_, joined, err := e.fitCurrent(ctx, i)
		if joined && ctx.Err() == nil {
			_, _, err = e.fitCurrent(ctx, i) // one that began after the call
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (e *Engine) refitStale(ctx context.Context) error {
	var errs []error
	for _, i := range e.order {
		if scoring.Fitless(e.scorers[i]) {
			continue
		}
		stale, err := e.stale(ctx, e.models.currentOf(e.keys[i]))
		if err == nil && stale {
			_, _, err = e.fitCurrent(ctx, i)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("refit %s: %w", e.manifests[i].Name, err))
		}
	}
	return errors.Join(errs...)
}

// stale tells whether a current model has to be fitted again.
func (e *Engine) stale(ctx context.Context, f *fitted) (bool, error) {
	if f == nil || e.now().Sub(f.asOf.Time()) >= 24*time.Hour {
		return true, nil
	}
	changed, err := e.source.ChangedSince(ctx, f.revision.At)
	return changed > 0 && changed*100 >= f.revision.Customers, err
}
