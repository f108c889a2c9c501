package engine

import (
	"context"
	"slices"
)

// rewrite puts the labels of an instant of the past into the history: those that differ from what it says.
func (r *refresher) rewrite(ctx context.Context, o *Refresh) error {
	customers, err := r.e.stored.Everybody(ctx, o.Cursor, chunkSize)
	if err != nil {
		return err
	}
	if len(customers) == 0 {
		delete(r.past, o.ID)
		return r.e.stored.Finish(ctx, r.lease, *o)
	}
	p, err := r.pastPlan(ctx, o)
	if err != nil {
		return err
	}
	w := work{refresh: o, customers: customers, cursor: &customers[len(customers)-1].ID}
	for _, want := range r.answering(o) {
		w.scorers = append(w.scorers, r.e.byName[want.Name])
	}
	c, run, err := r.score(ctx, p, w)
	if err != nil {
		return err
	}
	if _, err := r.e.stored.Rewrite(ctx, r.lease, c, o.AsOf); err != nil {
		return err
	}
	for _, s := range w.scorers {
		problem := RefreshError{r.e.manifests[s].Name, (&ScorerError{}).Code(), ""}
		if cause := run.failed[s]; cause != nil && !slices.ContainsFunc(o.Errors, func(e RefreshError) bool { return e.Scorer == problem.Scorer }) {
			problem.Message = cause.Error()
			o.Errors = append(o.Errors, problem)
		}
	}
	return r.noteErrors(ctx, w, run)
}

// pastPlan is the plan of a refresh of the past, with models fitted once.
func (r *refresher) pastPlan(ctx context.Context, o *Refresh) (*plan, error) {
	kept := r.past[o.ID]
	if kept == nil {
		revision, err := r.e.source.Revision(ctx)
		if err != nil {
			return nil, err
		}
		if kept, err = r.e.plan(ctx, r.answering(o), o.AsOf, false, revision, noFit); err != nil {
			return nil, err
		}
		r.past[o.ID] = kept
	}
	p := *kept
	p.query.IDs = nil
	return &p, nil
}

// answering are the scorers of a refresh that still answer.
func (r *refresher) answering(o *Refresh) (wants []Want) {
	for _, name := range o.Scorers {
		if _, known := r.e.byName[name]; known {
			wants = append(wants, Want{Name: name})
		}
	}
	return wants
}
