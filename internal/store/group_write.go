package store

import (
	"context"
	"errors"
	"fmt"

	"bellwether/internal/record"
)

// attempt is one transaction: what the records of all calls name is read, they are taken in, call by call, and what
// differs is written.
func (s *Store) attempt(ctx context.Context, turn []*call) (err error) {
	defer func() { // this goroutine is not a request's, which would recover
		if p := recover(); p != nil {
			err = fmt.Errorf("panic while writing: %v", p)
		}
	}()
	if turn[0].alone != nil {
		return turn[0].alone(ctx)
	}
	return s.inBatch(ctx, func(w *batch) error {
		for _, c := range turn {
			c.name(w)
		}
		if err := s.load(ctx, w); err != nil {
			return err
		}
		if err := w.takeIn(turn); err != nil {
			return err
		}
		return s.flush(ctx, w)
	})
}

// takeIn takes in the records of calls. Where a call is rejected, those after it have not happened: all begins again
// without it, as if it had never been sent.
func (w *batch) takeIn(turn []*call) error {
	for again := true; again; {
		again = false
		for _, c := range turn {
			if c.err != nil {
				continue
			}
			err := c.take(w)
			c.written = w.written
			var rejected *record.RejectedError
			if err == nil || !errors.As(err, &rejected) {
				if err != nil {
					return err
				}
				continue
			}
			c.err, c.written = err, nil
			if len(rejected.Items) < c.items { // something of it was taken in
				w.rewind()
				again = true
				break
			}
		}
	}
	return nil
}

// rewind forgets what was taken in.
func (w *batch) rewind() {
	w.business, w.adopted = w.recorded, false
	for _, c := range w.customers {
		c.named, c.joined, c.now = false, false, c.before
		if !c.stored {
			c.now = newProfile()
		}
	}
	for _, p := range w.products {
		p.named, p.now = false, p.before
		if !p.stored {
			p.now = newProductRow()
		}
	}
	for _, o := range w.orders {
		o.written, o.now, o.lines, o.refunds = false, o.before, o.linesBefore, o.refundsBefore
	}
	for _, t := range w.touchpoints {
		t.exists, t.now = t.stored, t.before
	}
}

// write writes records when their turn comes, and tells what became of them.
func (s *Store) write(ctx context.Context, items int, name func(*batch), take func(*batch) error) ([]record.Written, error) {
	c := &call{ctx: ctx, items: items, name: name, take: take}
	if err := s.do(c); err != nil {
		return nil, err
	}
	return c.written, nil
}

// writeAlone runs a function in a transaction of its own when its turn comes.
func (s *Store) writeAlone(ctx context.Context, do func(context.Context, *batch) error) error {
	return s.do(&call{ctx: ctx, items: 1, alone: func(ctx context.Context) error {
		return s.inBatch(ctx, func(w *batch) error { return do(ctx, w) })
	}})
}
