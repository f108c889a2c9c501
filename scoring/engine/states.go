package engine

import (
	"context"
	"sync"

	"bellwether/scoring"
)

// states are those of the stored scores, as they were read last: once at first, then by [Engine.Run].
type states struct {
	mu     sync.Mutex
	known  bool
	byName map[string]ScorerState
}

// Poll reads the states of the stored scores again, so that this process answers with what others did.
func (e *Engine) Poll(ctx context.Context) error {
	if e.stored == nil {
		return nil
	}
	all, err := e.stored.States(ctx)
	if err != nil {
		return err
	}
	byName := make(map[string]ScorerState, len(all))
	for _, s := range all {
		byName[s.Scorer] = s
	}
	e.states.mu.Lock()
	defer e.states.mu.Unlock()
	e.states.known, e.states.byName = true, byName
	return nil
}

// stateOf are the states known; it reads them once.
func (e *Engine) statesNow(ctx context.Context) (map[string]ScorerState, error) {
	if e.stored == nil {
		return nil, nil
	}
	e.states.mu.Lock()
	known, byName := e.states.known, e.states.byName
	e.states.mu.Unlock()
	if known {
		return byName, nil
	}
	if err := e.Poll(ctx); err != nil {
		return nil, err
	}
	return e.statesNow(ctx)
}

// state is that of a scorer, if its scores are stored by this very version of it.
func (e *Engine) state(ctx context.Context, scorer int) (s ScorerState, ok bool, err error) {
	all, err := e.statesNow(ctx)
	s, ok = all[e.manifests[scorer].Name]
	return s, ok && s.Version == e.versions[scorer] && s.Model > 0, err
}

// learnt is when the model of a state was fitted on the population, as a score says it.
func (e *Engine) learnt(scorer int, at scoring.Instant) scoring.Instant {
	if scoring.Fitless(e.scorers[scorer]) {
		return scoring.Never
	}
	return at
}
