package engine

import (
	"context"
	"sync"

	"bellwether/scoring"
)

// fits are the fits under way, one after the other beside all other work: they may take long.
type fits struct {
	mu      sync.Mutex
	busy    bool
	cancel  context.CancelFunc
	results []fitResult
	done    chan struct{}
}

// fitResult is a fit that is done.
type fitResult struct {
	scorer  string
	version string
	key     string // of the model
	digest  string
	fitted  *fitted
	parts   [][]byte
	err     error
}

func (f *fits) ready() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done == nil {
		f.done = make(chan struct{}, 1)
	}
	return f.done
}

func (f *fits) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cancel != nil {
		f.cancel()
	}
}

// take are the fits that are done.
func (f *fits) take() (results []fitResult) {
	f.mu.Lock()
	defer f.mu.Unlock()
	results, f.results = f.results, nil
	return results
}

// underWay tells whether a fit is running, or done and not taken.
func (f *fits) underWay() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.busy || len(f.results) > 0
}

// begin fits a scorer in the background.
func (f *fits) begin(ctx context.Context, do func(context.Context) fitResult) {
	f.ready()
	f.mu.Lock()
	defer f.mu.Unlock()
	ctx, f.cancel = context.WithCancel(ctx)
	f.busy = true
	go func() {
		result := do(ctx)
		f.mu.Lock()
		f.results, f.busy = append(f.results, result), false
		f.mu.Unlock()
		select {
		case f.done <- struct{}{}:
		default:
		}
	}()
}

// fitModels begins the next fit that is due: of a scorer without a model of its version and parameters, of one whose
// model is a day old or 1 % of whose population changed, or where a refresh was asked for.
func (r *refresher) fitModels(ctx context.Context) (bool, error) {
	if r.fits.underWay() {
		return false, nil
	}
	states, err := r.e.statesNow(ctx)
	if err != nil {
		return false, err
	}
	asked, err := r.asked(ctx)
	if err != nil {
		return false, err
	}
	for _, i := range r.e.order {
		s, digest := states[r.e.manifests[i].Name], r.e.digest(i, states)
		due, err := r.due(ctx, i, s, digest, asked)
		if err != nil {
			return false, err
		}
		if due {
			e := r.e
			r.fits.begin(ctx, func(ctx context.Context) fitResult { return e.fitToStore(ctx, i, digest) })
			return false, nil
		}
	}
	return false, nil
}

// due tells whether a scorer is to be fitted.
func (r *refresher) due(ctx context.Context, scorer int, s ScorerState, digest string, asked map[string]scoring.Instant) (bool, error) {
	now := r.now()
	if s.waits(r.e.versions[scorer], now) {
		return false, nil
	}
	if s.Model == 0 || s.Version != r.e.versions[scorer] || s.Digest != digest || now >= s.ModelAsOf.Add(dayAge) {
		return true, nil
	}
	if at, ok := asked[s.Scorer]; ok && s.ModelAsOf < at {
		return true, nil
	}
	if scoring.Fitless(r.e.scorers[scorer]) {
		return false, nil
	}
	n, err := r.e.source.ChangedSince(ctx, s.Data.At)
	return n > 0 && n*100 >= s.Data.Customers, err
}

// fitToStore fits a scorer and writes the model down.
func (e *Engine) fitToStore(ctx context.Context, scorer int, digest string) fitResult {
	out := fitResult{scorer: e.manifests[scorer].Name, version: e.versions[scorer], key: e.keys[scorer], digest: digest}
	revision, err := e.source.Revision(ctx)
	if err != nil {
		out.err = err
		return out
	}
	if scoring.Fitless(e.scorers[scorer]) {
		f, err := e.modelOf(ctx, scorer, 0, true, revision)
		if out.err = err; err != nil {
			return out
		}
		f.asOf, f.revision = scoring.At(e.now()), revision
		out.fitted = f
	} else if out.fitted, out.err = e.fit(ctx, scorer, scoring.At(e.now()), true, revision); out.err != nil {
		return out
	}
	out.parts, out.err = e.encode(scorer, out.fitted)
	return out
}

// saveModels makes the models that were fitted the current ones.
func (r *refresher) saveModels(ctx context.Context) (bool, error) {
	results := r.fits.take()
	for _, f := range results {
		if i, known := r.e.byName[f.scorer]; !known || r.e.versions[i] != f.version {
			continue // it was replaced meanwhile
		}
		if f.err != nil {
			if err := r.failed(ctx, nil, f.scorer, f.err); err != nil {
				return false, err
			}
			continue
		}
		number, err := r.e.stored.SaveModel(ctx, r.lease, ScorerState{
			Scorer: f.scorer, Version: f.version, Digest: f.digest, ModelAsOf: f.fitted.asOf, Data: f.fitted.revision,
			Seen: Place{At: f.fitted.revision.At, ID: lastID()},
		}, f.parts)
		if err != nil {
			return false, err
		}
		f.fitted.number = number
		r.e.models.setCurrent(f.key, f.fitted)
		if err := r.e.Poll(ctx); err != nil {
			return false, err
		}
	}
	return len(results) > 0, nil
}

// indexed are the outputs besides the label that are sorted and filtered by.
func indexed(m *scoring.Manifest) (outputs []int) {
	for i := range m.Outputs {
		if main := i == 0 && m.Outputs[i].Kind == scoring.Label; !main && m.Outputs[i].Kind != scoring.Text {
			outputs = append(outputs, i)
		}
	}
	return outputs
}

// lastID is after all ids.
func lastID() (id scoring.ID) {
	for i := range id {
		id[i] = 0xff
	}
	return id
}

// asked are the scorers whose refresh was requested, and when.
func (r *refresher) asked(ctx context.Context) (map[string]scoring.Instant, error) {
	open, err := r.e.stored.Open(ctx)
	if err != nil {
		return nil, err
	}
	asked := map[string]scoring.Instant{}
	for _, o := range open {
		if o.Kind != RefreshRequested {
			continue
		}
		for _, name := range o.Scorers {
			asked[name] = max(asked[name], o.StartedAt)
		}
	}
	return asked, nil
}
