package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"bellwether/scoring"
)

// fitted is a model with what it was fitted on.
type fitted struct {
	number   int64 // as it is stored; 0: it is not
	model    scoring.Model
	asOf     scoring.Instant
	revision Revision
	derived  *derived
}

// models keeps the current model of every scorer and the latest exact ones.
type models struct {
	mu      sync.Mutex
	current map[string]*fitted
	exact   map[modelKey]*fit
	recent  []modelKey // of exact, the least recently used first
}

// modelKey is everything that an exact model depends on.
type modelKey struct {
	scorer   string          // by its key
	asOf     scoring.Instant // Never: the current model
	revision Revision
	number   int64 // of a stored model that is being read; 0: of one that is fitted
}

// fit is a fit under way or done; what it holds may be read once done is closed.
type fit struct {
	done   chan struct{}
	fitted *fitted
	err    error
}

// keep is how many exact models are remembered.
const keep = 64

func newModels() *models {
	return &models{current: map[string]*fitted{}, exact: map[modelKey]*fit{}}
}

func (m *models) currentOf(key string) *fitted {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.current[key]
}

func (m *models) setCurrent(key string, f *fitted) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current[key] = f
}

// retain forgets the current models of other keys.
func (m *models) retain(keys []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.current, func(key string, _ *fitted) bool { return !slices.Contains(keys, key) })
}

// once fits a model unless it is known, letting those who ask meanwhile wait for the same fit. The fit outlives the
// request that began it, because others may be waiting. joined tells that it was known or under way already.
func (m *models) once(ctx context.Context, key modelKey, do func(context.Context) (*fitted, error)) (model *fitted, joined bool, err error) {
	m.mu.Lock()
	f, known := m.exact[key]
	if !known {
		f = &fit{done: make(chan struct{})}
		m.exact[key] = f
		go func() {
			defer close(f.done)
			f.fitted, f.err = do(context.WithoutCancel(ctx))
			if f.err != nil || key.asOf == scoring.Never {
				m.forget(key)
			}
		}()
	}
	m.touch(key)
	m.mu.Unlock()
	select {
	case <-f.done:
		return f.fitted, known, f.err
	case <-ctx.Done():
		return nil, known, ctx.Err()
	}
}

// touch makes a key the most recently used one and drops the oldest when there are too many.
func (m *models) touch(key modelKey) {
	m.drop(key)
	m.recent = append(m.recent, key)
	for len(m.recent) > keep {
		delete(m.exact, m.recent[0])
		m.recent = m.recent[1:]
	}
}

func (m *models) drop(key modelKey) {
	for i, k := range m.recent {
		if k == key {
			m.recent = append(m.recent[:i], m.recent[i+1:]...)
			return
		}
	}
}

func (m *models) forget(key modelKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.exact, key)
	m.drop(key)
}

// modelOf is the model that a scorer answers with: the current one, or the one fitted exactly at asOf.
func (e *Engine) modelOf(ctx context.Context, scorer int, asOf scoring.Instant, current bool, revision Revision) (*fitted, error) {
	switch {
	case scoring.Fitless(e.scorers[scorer]):
		model, err := e.scorers[scorer].Fit(ctx, nil)
		return &fitted{model: model, asOf: scoring.Never, derived: newDerived(e.manifests[scorer])}, err
	case current:
		return e.currentModel(ctx, scorer)
	}
	f, _, err := e.models.once(ctx, modelKey{scorer: e.keys[scorer], asOf: asOf, revision: revision}, func(ctx context.Context) (*fitted, error) {
		return e.fit(ctx, scorer, asOf, false, revision)
	})
	return f, err
}

// currentModel is the stored one, so that every process answers with the same; where there is none, or the database
// cannot be written, one of this process.
func (e *Engine) currentModel(ctx context.Context, scorer int) (*fitted, error) {
	s, stored, err := e.state(ctx, scorer)
	if err != nil {
		return nil, err
	}
	f := e.models.currentOf(e.keys[scorer])
	if f != nil && (!stored || f.number == s.Model) {
		return f, nil
	}
	if stored {
		f, err := e.loadModel(ctx, scorer, s)
		if err == nil || !errors.Is(err, errNotKept) {
			return f, err
		}
	}
	f, _, err = e.fitCurrent(ctx, scorer)
	return f, err
}

// loadModel reads a model once, however many ask for it.
func (e *Engine) loadModel(ctx context.Context, scorer int, s ScorerState) (*fitted, error) {
	f, _, err := e.models.once(ctx, modelKey{scorer: e.keys[scorer], asOf: scoring.Never, number: s.Model}, func(ctx context.Context) (*fitted, error) {
		f, err := e.decode(ctx, scorer, s)
		if err == nil {
			e.models.setCurrent(e.keys[scorer], f)
		}
		return f, err
	})
	return f, err
}

// fitCurrent fits a scorer now and makes the result its current model. A fit that was under way already may not have
// seen the latest data; joined tells.
func (e *Engine) fitCurrent(ctx context.Context, scorer int) (f *fitted, joined bool, err error) {
	return e.models.once(ctx, modelKey{scorer: e.keys[scorer], asOf: scoring.Never}, func(ctx context.Context) (*fitted, error) {
		revision, err := e.source.Revision(ctx)
		if err != nil {
			return nil, err
		}
		f, err := e.fit(ctx, scorer, scoring.At(e.now()), true, revision)
		if err != nil {
			return nil, err
		}
		e.models.setCurrent(e.keys[scorer], f)
		return f, nil
	})
}

// fit lets a scorer learn from the population as of an instant.
func (e *Engine) fit(ctx context.Context, scorer int, asOf scoring.Instant, current bool, revision Revision) (f *fitted, err error) {
	m := e.manifests[scorer]
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			err = &ScorerError{Scorer: m.Name, Cause: err}
		}
	}()
	p, err := e.plan(ctx, []Want{{Name: m.Name}}, asOf, current, revision, scorer)
	if err != nil {
		return nil, err
	}
	f = &fitted{asOf: asOf, revision: revision, derived: newDerived(m)}
	source := func(yield func(*scoring.Batch) error) error {
		return e.source.Scan(ctx, p.query, func(frame *Frame) error {
			run := e.run(ctx, p, frame)
			batch, err := run.batch(scorer, false)
			if err != nil {
				return err
			}
			return yield(batch)
		})
	}
	f.model, err = e.scorers[scorer].Fit(ctx, scoring.NewPopulation(m, p.envs[scorer], source, f.derived.set))
	f.derived.settle()
	return f, err
}
