package engine

import (
	"context"
	"slices"
	"time"

	"bellwether/scoring"
)

// RefreshScores refreshes everybody's scores, with models fitted anew; scorers nil are all. An asOf of the past writes
// history alone: labels as of then, where they differ from what the history says. It returns the number of the refresh,
// with wait when it is done; it is done by the process that holds the lease.
func (e *Engine) RefreshScores(ctx context.Context, scorers []string, asOf *time.Time, wait bool) (int64, error) {
	if e.stored == nil {
		return 0, errorf("INVALID", "no scores are stored here (serve a database that can be written)")
	}
	at, current, err := e.moment(asOf)
	if err != nil {
		return 0, err
	}
	if scorers == nil {
		scorers = e.names()
	}
	for _, name := range scorers {
		if _, err := e.index(name); err != nil {
			return 0, err
		}
	}
	o := Refresh{Kind: RefreshRequested, Scorers: slices.Compact(slices.Sorted(slices.Values(scorers))), AsOf: at, StartedAt: scoring.At(e.now())}
	if !current {
		o.Kind = RefreshPast
	}
	id, err := e.stored.Begin(ctx, nil, o)
	if err != nil || !wait {
		e.Nudge()
		return id, err
	}
	return id, e.await(ctx, id)
}

// await waits until a refresh is finished. Where this process does not run in the background, it does the work itself
// unless another process does.
func (e *Engine) await(ctx context.Context, id int64) error {
	var r *refresher
	if e.running.Load() == 0 {
		r = newRefresher(NewLive(e))
		defer r.stop()
	}
	e.Nudge()
	for {
		open, err := e.stored.Open(ctx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(open, func(o Refresh) bool { return o.ID == id }) {
			return e.Poll(ctx)
		}
		if r != nil {
			if more, err := r.step(ctx); err != nil || more {
				if err != nil {
					return err
				}
				continue
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
