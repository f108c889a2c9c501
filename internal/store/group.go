package store

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/record"
)

// Bounds of the queue of writes.
const (
	maxWaiting = 1000            // calls that wait for their turn
	maxJoined  = 1000            // records that are written in one transaction, unless one call has more
	maxWait    = 6 * time.Second // for the turn; the transaction comes on top
)

// call is a write that waits for its turn.
type call struct {
	ctx   context.Context
	items int
	name  func(*batch)       // names what is to be read
	take  func(*batch) error // takes the records in; it may be called again after batch.rewind
	alone func(context.Context) error

	written []record.Written
	err     error
	done    chan struct{} // closed when written and err are final
}

// queue has the writes of this process in the order of their arrival. There is one writer at a time, and what waits when
// its turn comes is written together: what a transaction costs - the lock, reading what is there, the disk - is shared.
type queue struct {
	mu      sync.Mutex
	waiting []*call
	working bool
}

// do waits until a call is written, or will not be. An answer without error means that what was sent is stored for good.
// A caller that gives up while the call waits withdraws it: nothing of it is written. Given up later, it may or may not
// have been written; sending it again is safe.
func (s *Store) do(c *call) error {
	c.done = make(chan struct{})
	if err := s.queue.enter(c, s.work); err != nil {
		return err
	}
	late := time.NewTimer(maxWait)
	defer late.Stop()
	for {
		select {
		case <-c.done:
			return c.err
		case <-c.ctx.Done():
			s.queue.withdraw(c)
			return context.Cause(c.ctx)
		case <-late.C:
			if s.queue.withdraw(c) {
				return fault.New(fault.Unavailable, "the database is busy with other writes; nothing of this one was written (try again in a moment)")
			}
		}
	}
}

// enter puts a call at the end and sees to it that somebody works.
func (q *queue) enter(c *call, work func()) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= maxWaiting {
		return fault.New(fault.Unavailable, "%d writes are waiting already; nothing of this one was written (try again in a moment, or send more records a call)", maxWaiting)
	}
	q.waiting = append(q.waiting, c)
	if !q.working {
		q.working = true
		go work()
	}
	return nil
}

// withdraw takes a call back, unless it has begun.
func (q *queue) withdraw(c *call) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, w := range q.waiting {
		if w == c {
			q.waiting = append(q.waiting[:i], q.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// next is whose turn it is: the first call, with those after it that can be joined. Without any, the work ends.
func (q *queue) next() []*call {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, items := 0, 0
	for _, c := range q.waiting {
		items += c.items
		if n > 0 && (c.alone != nil || q.waiting[0].alone != nil || items > maxJoined) {
			break
		}
		n++
	}
	turn := append([]*call(nil), q.waiting[:n]...)
	q.waiting = append(q.waiting[:0], q.waiting[n:]...)
	clear(q.waiting[len(q.waiting):cap(q.waiting)])
	q.working = n > 0
	return turn
}

// work writes what waits, until nothing does.
func (s *Store) work() {
	for {
		turn := s.queue.next()
		if len(turn) == 0 {
			return
		}
		s.together(turn)
		for _, c := range turn {
			close(c.done)
		}
	}
}

// together writes calls in one transaction. A call that cannot be written is left out; where the transaction fails, each
// is tried alone, so that one that the database refuses does not take others with it.
func (s *Store) together(turn []*call) {
	ctx, done := shared(turn)
	defer done()
	err := s.attempt(ctx, turn)
	if err == nil {
		return
	}
	if len(turn) == 1 || fault.Code(err) == fault.Unavailable {
		for _, c := range turn {
			c.err, c.written = err, nil
		}
		return
	}
	for _, c := range turn {
		c.err, c.written = nil, nil
		s.together([]*call{c})
	}
}

// shared is a context that ends when every caller has given up.
func shared(turn []*call) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(turn[0].ctx))
	var left atomic.Int64
	left.Store(int64(len(turn)))
	stops := make([]func() bool, len(turn))
	for i, c := range turn {
		stops[i] = context.AfterFunc(c.ctx, func() {
			if left.Add(-1) == 0 {
				cancel()
			}
		})
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}
