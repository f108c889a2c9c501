// Package engine runs scorers over a source of data: it decides which facts to read, keeps the models, and hands
// batches to the scorers. Start with [New]; [Engine.Score] answers for some customers, [Engine.Walk] for everybody.
package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"bellwether/scoring"
)

// Config is what an engine is made of.
type Config struct {
	Scorers []scoring.Scorer
	Source  Source
	Stored  Stored // nil: nothing is kept
	Params  Params
	Now     func() time.Time // nil: the wall clock
}

// Engine runs scorers. It is safe for concurrent use.
type Engine struct {
	scorers   []scoring.Scorer
	manifests []*scoring.Manifest
	order     []int // in which every scorer comes after those it requires
	byName    map[string]int
	params    [][]scoring.Value
	versions  []string
	source    Source
	stored    Stored
	states    states
	counts    labelCounts
	nudged    chan struct{}
	running   atomic.Int32 // refreshers in the background
	now       func() time.Time
	models    *models
}

// New checks the scorers and their parameters and makes an engine of them.
func New(c Config) (*Engine, error) {
	e := &Engine{scorers: c.Scorers, source: c.Source, stored: c.Stored, now: c.Now, nudged: make(chan struct{}, 1), byName: map[string]int{}, models: newModels()}
	if e.now == nil {
		e.now = time.Now
	}
	for i, s := range c.Scorers {
		e.manifests = append(e.manifests, s.Manifest())
		e.byName[s.Manifest().Name] = i
	}
	var err error
	if e.order, err = scoring.ValidateAll(e.manifests); err != nil {
		return nil, err
	}
	if e.params, err = c.Params.resolve(e.manifests); err != nil {
		return nil, err
	}
	for i := range e.manifests {
		e.versions = append(e.versions, version(e.manifests[i], e.params[i]))
	}
	return e, nil
}

// Manifests are the scorers, by name.
func (e *Engine) Manifests() []*scoring.Manifest {
	ms := slices.Clone(e.manifests)
	slices.SortFunc(ms, func(a, b *scoring.Manifest) int { return strings.Compare(a.Name, b.Name) })
	return ms
}

// Manifest is the scorer of a name.
func (e *Engine) Manifest(name string) (*scoring.Manifest, error) {
	i, ok := e.byName[name]
	if !ok {
		return nil, e.unknown(name)
	}
	return e.manifests[i], nil
}

// Params are the values of a scorer's parameters, by the index of its manifest.
func (e *Engine) Params(name string) []scoring.Value { return e.params[e.byName[name]] }

// Version is a scorer's version, with a digest of its parameters where they are not the defaults: "1.0.0+a1b2c3d4".
func (e *Engine) Version(name string) string { return e.versions[e.byName[name]] }

func (e *Engine) names() []string {
	var names []string
	for _, m := range e.Manifests() {
		names = append(names, m.Name)
	}
	return names
}

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

// runModels keeps the models of this process current.
func (e *Engine) runModels(ctx context.Context, every time.Duration, report func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := e.refitStale(ctx); err != nil && ctx.Err() == nil {
			report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
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
		stale, err := e.stale(ctx, e.models.currentOf(i))
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
