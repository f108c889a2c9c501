package graph

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"bellwether/graph/model"
	"bellwether/scoring/engine"
)

// Changes is the feed of moves from label to label; internal/store has it.
type Changes interface {
	// Changes are some of the changes after one, oldest first.
	Changes(ctx context.Context, f engine.ChangeFilter, after int64, limit int) ([]engine.Change, error)
	// LastChange is the newest change, 0 where there is none.
	LastChange(ctx context.Context) (int64, error)
	// WatchChanges sends when there may be more, also where another process stored them, until its end is called.
	WatchChanges(ctx context.Context) (more <-chan struct{}, end func())
}

const (
	kept  = 1000 // changes that the feed remembers
	batch = maxPage
)

// feed reads new changes once for all subscribers. Who is further behind than what it remembers reads the store.
type feed struct {
	changes Changes
	log     *slog.Logger

	mu      sync.Mutex
	readers int
	stop    context.CancelFunc // of following, which runs while there are readers
	base    int64              // all changes after it, up to last, are in recent
	last    int64
	recent  []engine.Change
	more    chan struct{} // closed when last grows
}

func newFeed(changes Changes, log *slog.Logger) *feed {
	return &feed{changes: changes, log: log, more: make(chan struct{})}
}

// join makes the feed follow the store until leave; where it begins is known when join returns.
func (f *feed) join(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readers == 0 {
		follow, stop := context.WithCancel(context.WithoutCancel(ctx))
		watch, end := f.changes.WatchChanges(follow) // first, so that nothing is missed
		last, err := f.changes.LastChange(ctx)
		if err != nil {
			stop()
			end()
			return err
		}
		f.base, f.last, f.recent, f.stop = last, last, nil, stop
		go func() {
			defer end()
			f.follow(follow, watch)
		}()
	}
	f.readers++
	return nil
}

func (f *feed) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readers--; f.readers == 0 {
		f.stop()
	}
}

// newest is the newest change that the feed has seen.
func (f *feed) newest() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// follow reads what is new until the context ends.
func (f *feed) follow(ctx context.Context, watch <-chan struct{}) {
	for failed := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-watch:
		case <-retry(failed):
		}
		for full := true; full; {
			rows, err := f.changes.Changes(ctx, engine.ChangeFilter{}, f.newest(), kept)
			if ctx.Err() != nil {
				return
			}
			if err != nil && !failed {
				f.log.ErrorContext(ctx, "the feed of score changes cannot be read; it goes on when it can", "error", err)
			}
			failed, full = err != nil, len(rows) == kept
			f.append(ctx, rows)
		}
	}
}

// retry fires soon where something failed, else never.
func retry(failed bool) <-chan time.Time {
	if failed {
		return time.After(time.Second)
	}
	return nil
}

func (f *feed) append(ctx context.Context, rows []engine.Change) {
	if len(rows) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil { // another follows by now
		return
	}
	f.last = rows[len(rows)-1].Seq
	f.recent = append(f.recent, rows...)
	if over := len(f.recent) - kept; over > 0 {
		f.base = f.recent[over-1].Seq
		f.recent = append([]engine.Change(nil), f.recent[over:]...)
	}
	close(f.more)
	f.more = make(chan struct{})
}

// next are some chosen changes after one, and up to which change all chosen ones are among them. Where there are none,
// more is closed when there may be.
func (f *feed) next(ctx context.Context, chosen engine.ChangeFilter, after int64) (rows []engine.Change, upTo int64, more <-chan struct{}, err error) {
	f.mu.Lock()
	base, last, recent, more := f.base, f.last, f.recent, f.more
	f.mu.Unlock()
	if after < base {
		rows, err = f.changes.Changes(ctx, chosen, after, batch)
		upTo = last // at least: it was there before the store was asked
	} else {
		for _, c := range recent {
			if c.Seq > after && len(rows) < batch && chosen.Matches(c) {
				rows = append(rows, c)
			}
		}
		upTo = max(last, after) // another process may have seen more
	}
	switch {
	case len(rows) == batch:
		upTo = rows[batch-1].Seq
	case len(rows) > 0:
		upTo = max(upTo, rows[len(rows)-1].Seq)
	}
	return rows, upTo, more, err
}

// follower is a subscription on its way through the feed.
type follower struct {
	*feed
	chosen engine.ChangeFilter
	after  int64
	left   int // events until the end; below 0: no end
	events chan *model.ScoreChangeEvent
}

// run sends what is chosen, and waits for more, until the subscriber leaves or has had enough.
func (f *follower) run(ctx context.Context) {
	defer f.leave()
	defer close(f.events)
	for {
		rows, upTo, more, err := f.next(ctx, f.chosen, f.after)
		for _, c := range model.ScoreChanges(rows, nobody) {
			select {
			case f.events <- &model.ScoreChangeEvent{Change: c, Cursor: mark{feedOrder, c.Seq}.cursor()}:
			case <-ctx.Done():
				return
			}
			if f.left--; f.left == 0 {
				return
			}
		}
		if err == nil {
			f.after = upTo
		}
		if len(rows) > 0 && err == nil {
			continue
		}
		select {
		case <-more:
		case <-retry(err != nil):
		case <-ctx.Done():
			return
		}
	}
}
