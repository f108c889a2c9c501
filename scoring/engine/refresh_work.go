package engine

import (
	"context"
	"slices"

	"bellwether/scoring"
)

// refreshChanged scores the customers whose data changed, and those whose answers no longer hold: a chunk for each group
// of scorers that have seen the same data.
func (r *refresher) refreshChanged(ctx context.Context) (more bool, err error) {
	states, err := r.e.statesNow(ctx)
	if err != nil {
		return false, err
	}
	groups := map[Place][]int{}
	for _, i := range r.e.order {
		s, ok := states[r.e.manifests[i].Name]
		if !ok || s.Version != r.e.versions[i] || s.waits(r.e.versions[i], r.now()) {
			continue
		}
		groups[s.Seen] = append(groups[s.Seen], i)
		due, err := r.e.stored.Due(ctx, s.Scorer, r.now(), chunkSize)
		if err != nil {
			return false, err
		}
		if len(due) > 0 {
			if err := r.changedChunk(ctx, due, []int{i}, nil); err != nil {
				return false, err
			}
			more = true
		}
	}
	for seen, scorers := range groups {
		changed, err := r.e.stored.Changed(ctx, seen, chunkSize)
		if err != nil {
			return false, err
		}
		if len(changed) == 0 {
			continue
		}
		last := changed[len(changed)-1]
		if err := r.changedChunk(ctx, changed, scorers, &Place{last.At, last.ID}); err != nil {
			return false, err
		}
		more = true
	}
	if more {
		return true, r.e.Poll(ctx)
	}
	return false, r.finishChanged(ctx)
}

// changedChunk scores customers within a refresh that lasts as long as there are any.
func (r *refresher) changedChunk(ctx context.Context, customers []Customer, scorers []int, seen *Place) error {
	if r.changed == nil {
		r.changed = &Refresh{Kind: RefreshChanged, Scorers: r.e.names(), AsOf: r.now(), StartedAt: r.now()}
		id, err := r.e.stored.Begin(ctx, &r.lease, *r.changed)
		if err != nil {
			r.changed = nil
			return err
		}
		r.changed.ID = id
	}
	return r.chunk(ctx, work{refresh: r.changed, customers: customers, scorers: scorers, seen: seen})
}

func (r *refresher) finishChanged(ctx context.Context) error {
	if r.changed == nil {
		return nil
	}
	done := *r.changed
	r.changed = nil
	return r.e.stored.Finish(ctx, r.lease, done)
}

// refreshOpen goes on with the refreshes of everybody and of the past, one chunk of the first that can go on; it begins
// one for the scorers with a new model.
func (r *refresher) refreshOpen(ctx context.Context) (more bool, err error) {
	open, err := r.e.stored.Open(ctx)
	if err != nil {
		return false, err
	}
	states, err := r.e.statesNow(ctx)
	if err != nil {
		return false, err
	}
	for i := range open {
		o := &open[i]
		switch {
		case o.Kind == RefreshChanged && (r.changed == nil || o.ID != r.changed.ID): // of a process that died
			o.Errors = append(o.Errors, RefreshError{Code: "INTERRUPTED", Message: "the process that refreshed ended (another one went on)"})
			if err := r.e.stored.Finish(ctx, r.lease, *o); err != nil {
				return false, err
			}
		case o.Kind == RefreshRequested:
			if ready, err := r.ready(ctx, o, states); err != nil || ready {
				return true, err
			}
		case o.Kind == RefreshEverybody:
			return true, r.everybody(ctx, o)
		case o.Kind == RefreshPast:
			return true, r.rewrite(ctx, o)
		}
	}
	return r.beginEverybody(ctx, open, states)
}

// ready turns a refresh that was requested into one of everybody, once its scorers are fitted anew. One that cannot be
// fitted keeps its scores.
func (r *refresher) ready(ctx context.Context, o *Refresh, states map[string]ScorerState) (bool, error) {
	o.Checked = map[string]int64{}
	for _, name := range o.Scorers {
		s := states[name]
		if _, err := r.e.index(name); err != nil { // switched off, or gone, since it was asked for
			o.Errors = append(o.Errors, RefreshError{name, "SCORER_DISABLED", err.Error()})
			continue
		}
		switch {
		case s.Model > 0 && s.ModelAsOf >= o.StartedAt:
			o.Checked[name] = s.Model
		case s.Failures > 0:
			o.Errors = append(o.Errors, RefreshError{name, (&ScorerError{}).Code(), s.Error})
		default:
			return false, nil
		}
	}
	o.Kind = RefreshEverybody
	_, err := r.e.stored.Begin(ctx, &r.lease, *o)
	return true, err
}

// beginEverybody opens a refresh for the scorers whose scores are not those of their current models.
func (r *refresher) beginEverybody(ctx context.Context, open []Refresh, states map[string]ScorerState) (bool, error) {
	now := r.now()
	o := Refresh{Kind: RefreshEverybody, AsOf: now, StartedAt: now, Checked: map[string]int64{}}
	for _, i := range r.e.order {
		name := r.e.manifests[i].Name
		s, ok := states[name]
		busy := slices.ContainsFunc(open, func(o Refresh) bool {
			return o.Kind != RefreshPast && o.Kind != RefreshChanged && slices.Contains(o.Scorers, name)
		})
		if !ok || busy || s.Version != r.e.versions[i] || s.Model == s.Checked || s.waits(r.e.versions[i], now) {
			continue
		}
		o.Scorers, o.Checked[name] = append(o.Scorers, name), s.Model
	}
	if len(o.Scorers) == 0 {
		return false, nil
	}
	_, err := r.e.stored.Begin(ctx, &r.lease, o)
	return true, err
}

// everybody scores the next customers by id; after the last the refresh is finished.
func (r *refresher) everybody(ctx context.Context, o *Refresh) error {
	var scorers []int
	for name := range o.Checked {
		i, known := r.e.byName[name]
		if known && !slices.ContainsFunc(o.Errors, func(e RefreshError) bool { return e.Scorer == name }) {
			scorers = append(scorers, i)
		}
	}
	slices.Sort(scorers)
	var customers []Customer
	if len(scorers) > 0 {
		var err error
		if customers, err = r.e.stored.Everybody(ctx, o.Cursor, chunkSize); err != nil {
			return err
		}
	}
	if len(customers) == 0 {
		for _, e := range o.Errors {
			delete(o.Checked, e.Scorer)
		}
		o.Indexed = map[string][]int{}
		for name := range o.Checked {
			if i, known := r.e.byName[name]; known {
				o.Indexed[name] = indexed(r.e.manifests[i])
			}
		}
		if err := r.e.stored.Finish(ctx, r.lease, *o); err != nil {
			return err
		}
		return r.e.Poll(ctx)
	}
	return r.chunk(ctx, work{refresh: o, customers: customers, scorers: scorers, cursor: &customers[len(customers)-1].ID})
}

// work is a chunk to be scored.
type work struct {
	refresh   *Refresh
	customers []Customer
	scorers   []int
	seen      *Place
	cursor    *scoring.ID
}

// chunk scores customers with the current models and stores what differs.
func (r *refresher) chunk(ctx context.Context, w work) error {
	wants := make([]Want, len(w.scorers))
	for i, s := range w.scorers {
		wants[i].Name = r.e.manifests[s].Name
	}
	p, err := r.e.plan(ctx, wants, r.now(), true, Revision{}, noFit)
	if err != nil {
		return err
	}
	c, run, err := r.score(ctx, p, w)
	if err != nil {
		return err
	}
	if _, err := r.e.stored.Write(ctx, r.lease, c); err != nil {
		return err
	}
	for _, s := range w.scorers {
		if cause := run.failed[s]; cause != nil {
			if err := r.failed(ctx, w.refresh, r.e.manifests[s].Name, cause); err != nil {
				return err
			}
		}
	}
	return r.noteErrors(ctx, w, run)
}

// noteErrors keeps with a refresh of everybody which scorers to leave out from here on.
func (r *refresher) noteErrors(ctx context.Context, w work, run *run) error {
	if len(run.failed) == 0 || w.refresh.Kind == RefreshChanged {
		return nil
	}
	_, err := r.e.stored.Begin(ctx, &r.lease, *w.refresh)
	return err
}

// score runs a plan for the customers of a piece of work.
func (r *refresher) score(ctx context.Context, p *plan, w work) (Chunk, *run, error) {
	c := Chunk{Refresh: w.refresh.ID, AsOf: p.asOf, Cursor: w.cursor}
	at := make(map[scoring.ID]scoring.Instant, len(w.customers))
	for _, customer := range w.customers {
		at[customer.ID] = customer.At
		c.IDs = append(c.IDs, customer.ID)
	}
	p.query.IDs = c.IDs
	revenue := p.factColumn(FactQuery{Name: "net_revenue", Span: Span{From: scoring.Never, To: p.asOf}})
	frame, err := r.e.source.Frame(ctx, p.query)
	if err != nil {
		return c, nil, err
	}
	run := r.e.run(ctx, p, frame)
	if ctx.Err() != nil {
		return c, nil, ctx.Err()
	}
	for _, s := range w.scorers {
		if run.results[s] == nil {
			continue
		}
		of := ChunkScores{Scorer: r.e.manifests[s].Name, Outputs: len(r.e.manifests[s].Outputs), Seen: w.seen, IDs: frame.IDs, Rows: make([]StoredRow, len(frame.IDs))}
		for i, id := range frame.IDs {
			run.row(s, i, &of.Rows[i])
			of.Rows[i].Seen, of.Rows[i].Revenue = at[id], frame.Facts[revenue].At(i).Int()
		}
		c.Scorers = append(c.Scorers, of)
	}
	return c, run, nil
}

// row is the answer of a scorer for a customer as it is stored.
func (r *run) row(scorer, i int, row *StoredRow) {
	m, results := r.e.manifests[scorer], r.results[scorer]
	row.Scorer, row.Version, row.AsOf, row.ModelAsOf, row.Until = m.Name, r.e.versions[scorer], r.p.asOf, r.p.models[scorer].asOf, scoring.Never
	if scoring.Fitless(r.e.scorers[scorer]) {
		row.ModelAsOf = scoring.Never
	}
	if len(results.Until) > i {
		row.Until = results.Until[i]
	}
	if _, ok := m.MainLabel(); ok {
		row.Label = results.Outputs[0].At(i).Text()
	}
	batch := r.batches[scorer]
	for o := range m.Outputs {
		row.Slots[o] = slot(m, batch, results, o, i)
	}
	for o := len(m.Outputs); o < len(row.Slots); o++ {
		row.Slots[o] = Null
	}
	row.Texts = textsOf(m, results, i)
}
