package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"time"

	"bellwether/scoring"
)

// ErrLost is that the lease is another process's by now.
var ErrLost = errors.New("another process refreshes the scores now")

// How a refresh goes about it.
const (
	pollEvery  = time.Second      // for what changed
	leaseFor   = 5 * time.Second  // without a sign of life; then another process takes over
	renewEvery = leaseFor / 4     //
	chunkSize  = 4000             // customers in one transaction
	maxRetry   = 10 * time.Minute // between two attempts of a scorer that fails
	dayAge     = 24 * time.Hour   // of a model
)

// refresher does what is to be done on the stored scores, a step at a time, as long as it holds the lease.
type refresher struct {
	e       *Engine
	holder  string
	lease   Lease
	held    bool
	renewed time.Time
	changed *Refresh // of customers whose data changed: under way
	past    map[int64]*plan
	fits    fits
}

func newRefresher(e *Engine) *refresher {
	return &refresher{e: e, holder: rand.Text(), past: map[int64]*plan{}}
}

// Run keeps what is stored up to date until the context ends: models are fitted at the start, and again when 1 % of the
// population has changed or a day has passed; scores are refreshed within seconds of a write. Of several processes on one
// database one does the work; the others follow. Without a store it keeps the models of this process.
func (e *Engine) Run(ctx context.Context, every time.Duration, report func(error)) {
	if e.stored == nil {
		e.runModels(ctx, every, report)
		return
	}
	e.running.Add(1)
	defer e.running.Add(-1)
	r := newRefresher(e)
	defer r.stop()
	tick := time.NewTicker(min(every, pollEvery))
	defer tick.Stop()
	for {
		more, err := r.step(ctx)
		if err != nil && ctx.Err() == nil {
			report(err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-e.nudged:
		case <-r.fits.ready():
		}
	}
}

// Nudge makes [Engine.Run] look at once for what changed.
func (e *Engine) Nudge() {
	select {
	case e.nudged <- struct{}{}:
	default:
	}
}

// stop gives the lease up, so that another process need not wait.
func (r *refresher) stop() {
	r.fits.stop()
	if r.held {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = r.e.stored.Release(ctx, r.lease) // it runs out by itself, too
	}
}

// step does a bounded piece of work; more tells that there is more.
func (r *refresher) step(ctx context.Context) (more bool, err error) {
	if err := r.e.Poll(ctx); err != nil {
		return false, err
	}
	if err := r.acquire(ctx); err != nil || !r.held {
		return false, err
	}
	for _, work := range []func(context.Context) (bool, error){r.saveModels, r.refreshChanged, r.refreshOpen, r.fitModels} {
		did, err := work(ctx)
		if errors.Is(err, ErrLost) {
			r.lose()
			return false, nil
		}
		if err != nil {
			return false, err
		}
		more = more || did
	}
	return more, nil
}

// lose forgets what was under way: another process goes on with it.
func (r *refresher) lose() {
	r.held, r.changed = false, nil
	clear(r.past)
}

// acquire takes or renews the lease.
func (r *refresher) acquire(ctx context.Context) error {
	if r.held && time.Since(r.renewed) < renewEvery {
		return nil
	}
	l, held, err := r.e.stored.Acquire(ctx, r.holder, leaseFor)
	if err != nil {
		r.lose()
		return err
	}
	if !held || l != r.lease {
		r.lose()
	}
	r.lease, r.held, r.renewed = l, held, time.Now()
	return nil
}

// now is the instant of a piece of work.
func (r *refresher) now() scoring.Instant { return scoring.At(r.e.now()) }

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
	scorer int
	digest string
	fitted *fitted
	parts  [][]byte
	err    error
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
			r.fits.begin(ctx, func(ctx context.Context) fitResult { return r.e.fitToStore(ctx, i, digest) })
			return false, nil
		}
	}
	return false, nil
}

// due tells whether a scorer is to be fitted.
func (r *refresher) due(ctx context.Context, scorer int, s ScorerState, digest string, asked map[string]scoring.Instant) (bool, error) {
	now := r.now()
	if s.Failures > 0 && s.RetryAt > now {
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
	out := fitResult{scorer: scorer, digest: digest}
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
		name, version := r.e.manifests[f.scorer].Name, r.e.versions[f.scorer]
		if f.err != nil {
			if err := r.failed(ctx, nil, f.scorer, f.err); err != nil {
				return false, err
			}
			continue
		}
		number, err := r.e.stored.SaveModel(ctx, r.lease, ScorerState{
			Scorer: name, Version: version, Digest: f.digest, ModelAsOf: f.fitted.asOf, Data: f.fitted.revision,
			Seen: Place{At: f.fitted.revision.At, ID: lastID()},
		}, f.parts)
		if err != nil {
			return false, err
		}
		f.fitted.number = number
		r.e.models.setCurrent(f.scorer, f.fitted)
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

// failed notes that a scorer failed, in its state and in the refresh; it is tried again later and later.
func (r *refresher) failed(ctx context.Context, refresh *Refresh, scorer int, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	name := r.e.manifests[scorer].Name
	states, err := r.e.statesNow(ctx)
	if err != nil {
		return err
	}
	var failure *ScorerError
	if errors.As(cause, &failure) && failure.Scorer == name {
		cause = failure.Cause
	}
	wait := min(maxRetry, time.Second<<min(states[name].Failures+1, 20))
	if err := r.e.stored.Failed(ctx, r.lease, name, r.e.versions[scorer], r.now().Add(wait), cause.Error()); err != nil {
		return err
	}
	problem := RefreshError{Scorer: name, Code: (&ScorerError{}).Code(), Message: cause.Error()}
	if refresh != nil {
		if !slices.Contains(refresh.Errors, problem) {
			refresh.Errors = append(refresh.Errors, problem)
		}
		return r.e.Poll(ctx)
	}
	done := Refresh{Kind: RefreshEverybody, Scorers: []string{name}, AsOf: r.now(), StartedAt: r.now(), Finished: true, Errors: []RefreshError{problem}}
	if _, err := r.e.stored.Begin(ctx, &r.lease, done); err != nil {
		return err
	}
	return r.e.Poll(ctx)
}
