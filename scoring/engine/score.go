package engine

import (
	"context"
	"maps"
	"time"

	"bellwether/scoring"
)

// Scores are one scorer's answers for some customers.
type Scores struct {
	Manifest  *scoring.Manifest
	Version   string
	AsOf      scoring.Instant
	ModelAsOf scoring.Instant // Never: the scorer learns nothing
	Business  Business
	IDs       []scoring.ID
	results   *scoring.Results
	rows      map[scoring.ID]int
	when      []times // of each customer, where they differ
}

// times are the instants of one customer's answer.
type times struct{ asOf, modelAsOf scoring.Instant }

// Score is a scorer's answer for one customer. It is valid as long as its Scores.
type Score struct {
	*Scores
	AsOf      scoring.Instant // of the facts
	ModelAsOf scoring.Instant // Never: the scorer learns nothing
	row       int
}

// Of is the answer for a customer; false for one that is not known.
func (s *Scores) Of(id scoring.ID) (Score, bool) {
	row, ok := s.rows[id]
	return s.At(row), ok
}

// At is the answer for the customer IDs[i].
func (s *Scores) At(i int) Score {
	if s.when != nil {
		return Score{s, s.when[i].asOf, s.when[i].modelAsOf, i}
	}
	return Score{s, s.AsOf, s.ModelAsOf, i}
}

// Label is the label's name; false for a scorer without labels.
func (s Score) Label() (string, bool) {
	if _, ok := s.Manifest.MainLabel(); !ok {
		return "", false
	}
	v := s.Output(0)
	return v.Text(), v.Ok()
}

// Output is an output by its index in the manifest.
func (s Score) Output(i int) scoring.Value { return s.results.Outputs[i].At(s.row) }

// Evidence is what decided; nil unless it was asked for.
func (s Score) Evidence() []scoring.Evidence {
	if s.results.Evidence == nil {
		return nil
	}
	return s.results.Evidence[s.row]
}

// Formatter words the score's values in a locale.
func (s Score) Formatter(locale string) scoring.Formatter {
	return scoring.Formatter{Locale: locale, Currency: s.Business.Currency, Exponent: s.Business.Exponent, Location: s.Business.Location}
}

// Answer is what one of the scorers that were asked gave.
type Answer struct {
	*Scores       // nil: there are none
	Err     error // of this scorer alone, for those of whom it has no answer
}

// Score answers for some customers with some scorers. asOf nil is now: what is stored answers, where it is as new as the
// customer's data and no evidence is asked for. The rest is computed from one query for the facts of all.
// The error is of the whole request; a scorer's own is in its answer.
func (e *Engine) Score(ctx context.Context, ids []scoring.ID, wants []Want, asOf *time.Time) (map[string]Answer, error) {
	_, current, err := e.moment(asOf)
	if err != nil {
		return nil, err
	}
	if current && e.stored != nil {
		return e.current(ctx, ids, wants, func(names []string, outputs int) (*StoredRows, error) {
			return e.stored.Scores(ctx, ids, names, outputs)
		})
	}
	return e.compute(ctx, ids, wants, asOf)
}

// compute answers from the facts.
func (e *Engine) compute(ctx context.Context, ids []scoring.ID, wants []Want, asOf *time.Time) (map[string]Answer, error) {
	p, err := e.planAt(ctx, wants, asOf)
	if err != nil {
		return nil, err
	}
	p.query.IDs = ids
	frame, err := e.source.Frame(ctx, p.query)
	if err != nil {
		return nil, err
	}
	r := e.run(ctx, p, frame)
	rows := make(map[scoring.ID]int, len(frame.IDs))
	for i, id := range frame.IDs {
		rows[id] = i
	}
	answers := map[string]Answer{}
	for _, w := range wants {
		i := e.byName[w.Name]
		if err := r.failed[i]; err != nil {
			answers[w.Name] = Answer{Err: err}
			continue
		}
		s := r.scores(i)
		s.rows = rows
		answers[w.Name] = Answer{Scores: s}
	}
	return answers, ctx.Err()
}

// Walk answers for everybody with one scorer, in the order of ids, a chunk at a time, together with further facts over
// all history. A chunk is only valid until yield returns.
func (e *Engine) Walk(ctx context.Context, want Want, asOf *time.Time, facts []string, yield func(s *Scores, facts []scoring.Column) error) error {
	p, err := e.planAt(ctx, []Want{want}, asOf)
	if err != nil {
		return err
	}
	extra := make([]int, len(facts))
	for i, name := range facts {
		extra[i] = p.factColumn(FactQuery{Name: name, Span: Span{From: scoring.Never, To: p.asOf}})
	}
	scorer := e.byName[want.Name]
	return e.source.Scan(ctx, p.query, func(frame *Frame) error {
		r := e.run(ctx, p, frame)
		if err := r.failed[scorer]; err != nil {
			return err
		}
		columns := make([]scoring.Column, len(facts))
		for i, c := range extra {
			columns[i] = frame.Facts[c]
		}
		return yield(r.scores(scorer), columns)
	})
}

func (e *Engine) planAt(ctx context.Context, wants []Want, asOf *time.Time) (*plan, error) {
	at, current, err := e.moment(asOf)
	if err != nil {
		return nil, err
	}
	var revision Revision
	if !current && e.learns(wants) {
		if revision, err = e.source.Revision(ctx); err != nil {
			return nil, err
		}
	}
	return e.plan(ctx, wants, at, current, revision, noFit)
}

// learns tells whether any of the scorers wanted, or required by them, has a model.
func (e *Engine) learns(wants []Want) bool {
	needed := map[int]bool{}
	for _, w := range wants {
		if i, ok := e.byName[w.Name]; ok {
			e.need(i, needed)
		}
	}
	for i := range maps.Keys(needed) {
		if !scoring.Fitless(e.scorers[i]) {
			return true
		}
	}
	return false
}

func (r *run) scores(scorer int) *Scores {
	return &Scores{
		Manifest: r.e.manifests[scorer], Version: r.e.versions[scorer], AsOf: r.p.asOf, ModelAsOf: r.p.models[scorer].asOf,
		Business: r.p.business, IDs: r.frame.IDs, results: r.results[scorer],
	}
}
