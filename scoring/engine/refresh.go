package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
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
	live    *Live
	e       *Engine // of this step
	holder  string
	lease   Lease
	held    bool
	renewed time.Time
	changed *Refresh // of customers whose data changed: under way
	past    map[int64]*plan
	fits    fits
}

func newRefresher(l *Live) *refresher {
	return &refresher{live: l, e: l.Engine(), holder: rand.Text(), past: map[int64]*plan{}}
}

// Run keeps what is stored up to date until the context ends: models are fitted at the start, and again when 1 % of the
// population has changed or a day has passed; scores are refreshed within seconds of a write. Of several processes on one
// database one does the work; the others follow. Without a store it keeps the models of this process.
func (l *Live) Run(ctx context.Context, every time.Duration, report func(error)) {
	e := l.Engine() // what all its engines share
	if e.stored == nil {
		l.runModels(ctx, every, report)
		return
	}
	e.running.Add(1)
	defer e.running.Add(-1)
	r := newRefresher(l)
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

// Run keeps what is stored up to date, of an engine whose scorers stay: see [Live.Run].
func (e *Engine) Run(ctx context.Context, every time.Duration, report func(error)) {
	NewLive(e).Run(ctx, every, report)
}

// Nudge makes [Live.Run] look at once for what changed.
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
	if e := r.live.Engine(); e != r.e {
		r.e = e
		clear(r.past) // plans of other scorers
	}
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

// failed notes that a scorer failed, in its state and in the refresh; it is tried again later and later.
func (r *refresher) failed(ctx context.Context, refresh *Refresh, name string, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	states, err := r.e.statesNow(ctx)
	if err != nil {
		return err
	}
	var failure *ScorerError
	if errors.As(cause, &failure) && failure.Scorer == name {
		cause = failure.Cause
	}
	wait := min(maxRetry, time.Second<<min(states[name].Failures+1, 20))
	if err := r.e.stored.Failed(ctx, r.lease, name, r.e.Version(name), r.now().Add(wait), cause.Error()); err != nil {
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
