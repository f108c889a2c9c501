package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"bellwether/scoring"
)

// Preview is what a scorer would answer, beside what a scorer of its name answers now. Nothing of it is stored.
type Preview struct {
	Distribution              // of those that were scored
	Population   int          // how many customers there are
	Moves        []Transition // of those whose label would be another, most first; from "" where nothing answers now
}

// errEnough is that a sample is complete.
var errEnough = errors.New("enough")

// Preview scores everybody, or where they are more than limit the first by id, with a scorer of an engine that is not in
// use yet. Ids are hashes for the most part, so that the first are a sample. before is the engine in use.
func (e *Engine) Preview(ctx context.Context, name string, before *Engine, asOf *time.Time, limit int) (*Preview, error) {
	d, err := e.empty(ctx, name, asOf)
	if err != nil {
		return nil, err
	}
	p := &Preview{Distribution: *d}
	revision, err := e.source.Revision(ctx)
	if err != nil {
		return nil, err
	}
	p.Population = revision.Customers
	moves := map[[2]string]int{}
	err = e.Walk(ctx, Want{Name: name}, asOf, []string{"net_revenue"}, func(s *Scores, facts []scoring.Column) error {
		if err := p.add(s, facts[0]); err != nil {
			return err
		}
		now, err := before.labels(ctx, name, s.IDs, asOf)
		if err != nil {
			return err
		}
		for i, id := range s.IDs {
			if label, _ := s.At(i).Label(); label != now[id] {
				moves[[2]string{now[id], label}]++
			}
		}
		if p.Customers >= limit {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	for pair, n := range moves {
		p.Moves = append(p.Moves, Transition{From: pair[0], To: pair[1], Customers: n})
	}
	slices.SortFunc(p.Moves, func(a, b Transition) int {
		return cmp.Or(cmp.Compare(b.Customers, a.Customers), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return p, nil
}

// labels are those that a scorer gives to some customers; none where it does not answer.
func (e *Engine) labels(ctx context.Context, name string, ids []scoring.ID, asOf *time.Time) (map[scoring.ID]string, error) {
	labels := make(map[scoring.ID]string, len(ids))
	if _, answers := e.byName[name]; !answers {
		return labels, nil
	}
	answers, err := e.Score(ctx, slices.Clone(ids), []Want{{Name: name}}, asOf)
	if err != nil {
		return nil, err
	}
	a := answers[name] // whoever has no answer moves from nowhere
	for _, id := range ids {
		if a.Scores == nil {
			break
		}
		if s, ok := a.Of(id); ok {
			labels[id], _ = s.Label()
		}
	}
	return labels, nil
}
