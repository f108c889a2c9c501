package engine

import (
	"context"
	"errors"
	"fmt"
	"sort"

	"bellwether/scoring"
)

// run is one frame being scored by a plan.
type run struct {
	e       *Engine
	ctx     context.Context
	p       *plan
	frame   *Frame
	results map[int]*scoring.Results
	batches map[int]*scoring.Batch // that were answered
	failed  map[int]error
}

// run scores a frame with every scorer of a plan, each after those it requires.
func (e *Engine) run(ctx context.Context, p *plan, frame *Frame) *run {
	r := &run{e: e, ctx: ctx, p: p, frame: frame, results: map[int]*scoring.Results{}, batches: map[int]*scoring.Batch{}, failed: map[int]error{}}
	for _, i := range p.scorers {
		results, err := r.score(i)
		if err != nil {
			r.failed[i] = &ScorerError{Scorer: e.manifests[i].Name, Cause: err}
			continue
		}
		r.results[i] = results
	}
	return r
}

// score lets one scorer answer. A panic is an error of that scorer, and so is a wrong number of answers.
func (r *run) score(scorer int) (results *scoring.Results, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if err := r.p.failed[scorer]; err != nil {
		var failure *ScorerError
		if errors.As(err, &failure) && failure.Scorer == r.e.manifests[scorer].Name {
			return nil, failure.Cause
		}
		return nil, err
	}
	batch, err := r.batch(scorer, r.p.explain[scorer])
	if err != nil {
		return nil, err
	}
	batch.Derived = r.p.models[scorer].derived.columnsFor(batch.IDs)
	results, err = r.e.scorers[scorer].Score(r.ctx, r.p.models[scorer].model, batch)
	if err != nil {
		return nil, err
	}
	r.batches[scorer] = batch
	return results, Check(r.e.manifests[scorer], results, batch)
}

// batch puts together what a scorer sees of the frame.
func (r *run) batch(scorer int, explain bool) (*scoring.Batch, error) {
	m, n := r.e.manifests[scorer], len(r.frame.IDs)
	b := &scoring.Batch{Env: r.p.envs[scorer], IDs: r.frame.IDs, Explain: explain, Facts: make([]scoring.Column, len(m.Facts))}
	for i, column := range r.p.facts[scorer] {
		if column < 0 {
			b.Facts[i] = scoring.MakeColumn(scoring.Text, n)
			continue
		}
		b.Facts[i] = r.frame.Facts[column]
	}
	for _, use := range m.Requires {
		i := r.e.byName[use.Scorer]
		if err := r.failed[i]; err != nil {
			return nil, fmt.Errorf("it requires another one: %w", err)
		}
		b.Requires = append(b.Requires, r.results[i].Outputs[r.e.manifests[i].Output(use.Output)])
	}
	if s, asked := r.p.spans[scorer]; asked {
		b.Orders = r.orders(s)
	}
	return b, nil
}

// orders narrows the frame's orders, which are sorted by time, to a span.
func (r *run) orders(s Span) [][]scoring.Order {
	if *r.p.query.Orders == s {
		return r.frame.Orders
	}
	out := make([][]scoring.Order, len(r.frame.Orders))
	for i, orders := range r.frame.Orders {
		from := sort.Search(len(orders), func(j int) bool { return orders[j].PlacedAt > s.From })
		to := sort.Search(len(orders), func(j int) bool { return orders[j].PlacedAt > s.To })
		out[i] = orders[from:to]
	}
	return out
}
