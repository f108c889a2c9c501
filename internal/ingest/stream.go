package ingest

import (
	"context"
	"errors"
	"fmt"

	"bellwether/internal/record"
)

// stream decodes records and writes them in batches, in the order they come: one goroutine reads and decodes, another
// writes.
type stream[R any] struct {
	im      *importer
	ctx     context.Context
	decode  func(record.Decoding, map[string]any) (R, []record.Problem)
	lines   func(R) int
	write   func(context.Context, []R) ([]record.Outcome, error)
	next    portion[R]
	out     chan portion[R]
	failed  chan struct{} // closed when writing has
	ended   chan error
	started bool
}

// portion is a batch of records and where they stand.
type portion[R any] struct {
	records []R
	places  []place
	lines   int
}

func (s *stream[R]) take(p place) error {
	a := s.im.assembler
	if s.im.kind == KindOrders {
		if err := s.currency(p.item); err != nil {
			return err
		}
	}
	r, problems := s.decode(record.Decoding{Source: a.source, KeySource: a.source, Base: a.base}, p.item)
	if len(problems) > 0 {
		return s.im.wrong(p, problems[0])
	}
	s.next.records, s.next.places = append(s.next.records, r), append(s.next.places, p)
	s.next.lines += s.lines(r)
	if len(s.next.records) >= s.im.batchOrders() || s.next.lines >= s.im.batchLines() {
		return s.send()
	}
	return nil
}

// currency gives an order the currency that the user has named for those that have none. The first order's is the base
// currency, where none is known.
func (s *stream[R]) currency(item map[string]any) error {
	a := s.im.assembler
	if _, given := item["currency"]; !given && a.currency != "" {
		item["currency"] = a.currency
	}
	if a.base != "" {
		return nil
	}
	first, _ := item["currency"].(string)
	if _, ok := a.exponent(first); !ok {
		first = a.defaultCurrency()
	}
	var err error
	a.base, err = s.im.adopt(s.ctx, first)
	return err
}

func (s *stream[R]) send() error {
	if len(s.next.records) == 0 {
		return nil
	}
	if !s.started {
		s.started = true
		s.out, s.failed, s.ended = make(chan portion[R], 2), make(chan struct{}), make(chan error, 1)
		go s.writeAll()
	}
	full := s.next
	s.next = portion[R]{records: make([]R, 0, len(full.records)), places: make([]place, 0, len(full.places))}
	select {
	case s.out <- full:
		return nil
	case <-s.failed:
		return errStopped // finish has the cause
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
}

var errStopped = errors.New("writing has stopped")

func (s *stream[R]) writeAll() {
	var err error
	for p := range s.out {
		if err = s.writeOne(p); err != nil {
			close(s.failed)
			break
		}
	}
	s.ended <- err
}

func (s *stream[R]) finish(err error) error {
	if err == nil {
		err = s.send()
	}
	if !s.started {
		return err
	}
	close(s.out)
	if ended := <-s.ended; ended != nil && (err == nil || errors.Is(err, errStopped)) {
		return ended
	}
	return err
}

// writeOne writes a batch without the records that cannot be written, and counts.
func (s *stream[R]) writeOne(p portion[R]) error {
	var outcomes []record.Outcome
	for len(p.records) > 0 && !s.im.options.DryRun {
		var err error
		outcomes, err = s.write(s.ctx, p.records)
		var refused *record.RejectedError
		if !errors.As(err, &refused) || len(refused.Items) == 0 {
			if err != nil {
				return err
			}
			break
		}
		if p, err = s.without(p, refused); err != nil {
			return err
		}
	}
	if !s.im.options.DryRun && len(outcomes) != len(p.records) && len(p.records) > 0 {
		return fmt.Errorf("the sink has %d outcomes for %d records", len(outcomes), len(p.records))
	}
	if len(p.records) > 0 {
		s.im.count(outcomes)
	}
	if s.im.kind == KindOrders {
		s.im.summary.Orders += int64(len(p.records))
		s.im.summary.Lines += int64(p.lines)
		return nil
	}
	s.im.summary.Records += int64(len(p.records))
	return nil
}

// without rejects the records that the sink has refused.
func (s *stream[R]) without(p portion[R], refused *record.RejectedError) (portion[R], error) {
	bad := map[int]bool{}
	for _, item := range refused.Items {
		if bad[item.Position] {
			continue
		}
		bad[item.Position] = true
		if err := s.im.wrong(p.places[item.Position], item.Problem); err != nil {
			return p, err
		}
	}
	var kept portion[R]
	for i, r := range p.records {
		if !bad[i] {
			kept.records, kept.places = append(kept.records, r), append(kept.places, p.places[i])
			kept.lines += s.lines(r)
		}
	}
	return kept, nil
}

// count counts what became of records.
func (im *importer) count(outcomes []record.Outcome) {
	for _, outcome := range outcomes {
		switch outcome {
		case record.Created:
			im.summary.Created++
		case record.Updated:
			im.summary.Updated++
		case record.Unchanged:
			im.summary.Unchanged++
		case record.Stale:
			im.summary.Stale++
		}
	}
}
