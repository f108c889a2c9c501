package store

import (
	"context"
	"sync"
	"time"
)

// lookEvery is how often it is looked whether there are new changes, where nobody tells.
const lookEvery = time.Second

// changeHub wakes those who wait for changes.
type changeHub struct {
	mu      sync.Mutex
	waiting map[chan struct{}]bool
	last    int64
}

// wake tells everybody that there may be new changes.
func (h *changeHub) wake() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.waiting {
		select {
		case c <- struct{}{}:
		default: // woken already
		}
	}
}

// WatchChanges gives a value whenever there may be new changes of scores, of this process or another, until end is called
// or the context ends. What came in several commits may be one value: read [Store.Changes] after the last one that you have.
func (s *Store) WatchChanges(ctx context.Context) (more <-chan struct{}, end func()) {
	h, c := &s.changes, make(chan struct{}, 1)
	h.mu.Lock()
	if h.waiting == nil {
		h.waiting = map[chan struct{}]bool{}
	}
	first := len(h.waiting) == 0
	h.waiting[c] = true
	h.mu.Unlock()
	if first {
		go s.lookForChanges(context.WithoutCancel(ctx))
	}
	end = func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.waiting, c)
	}
	context.AfterFunc(ctx, end)
	return c, end
}

// lookForChanges looks for changes that other processes made, as long as anybody waits.
func (s *Store) lookForChanges(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for range tick.C {
		s.changes.mu.Lock()
		waiting, before := len(s.changes.waiting), s.changes.last
		s.changes.mu.Unlock()
		if waiting == 0 {
			return
		}
		last, err := s.LastChange(ctx)
		if err != nil || last == before {
			continue
		}
		s.changes.mu.Lock()
		s.changes.last = last
		s.changes.mu.Unlock()
		s.changes.wake()
	}
}
