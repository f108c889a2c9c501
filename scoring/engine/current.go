package engine

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"bellwether/scoring"
)

// Kept are those of the scorers wanted whose stored scores may answer without asOf, and up to how many outputs are read of
// each: what [Engine.ScoreKept] is to be given.
func (e *Engine) Kept(ctx context.Context, wants []Want) (names []string, outputs int, err error) {
	if e.stored == nil {
		return nil, 0, nil
	}
	states, outputs, err := e.kept(ctx, wants)
	return slices.Sorted(maps.Keys(states)), outputs, err
}

// ScoreKept is [Engine.Score] without asOf, where what is stored was read already.
func (e *Engine) ScoreKept(ctx context.Context, ids []scoring.ID, wants []Want, rows *StoredRows) (map[string]Answer, error) {
	return e.current(ctx, ids, wants, func([]string, int) (*StoredRows, error) { return rows, nil })
}

// current answers without asOf: from what is stored where the customer's data is no newer and the answer still holds,
// else with the current models, from one query for all that is to be computed.
func (e *Engine) current(ctx context.Context, ids []scoring.ID, wants []Want, read func(names []string, outputs int) (*StoredRows, error)) (map[string]Answer, error) {
	k, err := e.keep(ctx, ids, wants, read)
	if err != nil {
		return nil, err
	}
	var computed map[string]Answer
	if open := k.open(wants); len(open) > 0 {
		if computed, err = e.compute(ctx, k.missing(ids), open, nil); err != nil {
			return nil, err
		}
	}
	answers := make(map[string]Answer, len(wants))
	for _, w := range wants {
		s := k.answers[w.Name]
		c, done := computed[w.Name]
		switch {
		case s == nil && done:
			answers[w.Name] = c
		case !done:
			answers[w.Name] = Answer{Scores: s}
		case c.Err != nil: // the last good answers stay
			maps.Copy(s.rows, k.last[w.Name])
			answers[w.Name] = Answer{Scores: s}
			if len(k.last[w.Name]) < len(k.stale[w.Name]) {
				answers[w.Name] = Answer{s, c.Err}
			}
		default:
			s.join(c.Scores, k.stale[w.Name])
			answers[w.Name] = Answer{Scores: s}
		}
	}
	return answers, ctx.Err()
}

// kept is what the store could answer.
type kept struct {
	answers map[string]*Scores            // nil: nothing of this scorer
	stale   map[string][]scoring.ID       // by scorer: who is to be computed
	last    map[string]map[scoring.ID]int // by scorer: the rows of those, where there are any
	all     bool                          // a scorer has nothing stored, or is to explain: everybody is to be computed
}

// kept are the states of those whose scores are stored and whose evidence is not asked for.
func (e *Engine) kept(ctx context.Context, wants []Want) (states map[string]ScorerState, outputs int, err error) {
	states = map[string]ScorerState{}
	for _, w := range wants {
		i, err := e.index(w.Name)
		if err != nil {
			return nil, 0, err
		}
		s, stored, err := e.state(ctx, i)
		if err != nil {
			return nil, 0, err
		}
		if stored && !w.Explain {
			states[w.Name] = s
			outputs = max(outputs, len(e.manifests[i].Outputs))
		}
	}
	return states, outputs, nil
}

// keep takes what is stored, as a function reads it.
func (e *Engine) keep(ctx context.Context, ids []scoring.ID, wants []Want, read func([]string, int) (*StoredRows, error)) (*kept, error) {
	k := &kept{answers: map[string]*Scores{}, stale: map[string][]scoring.ID{}, last: map[string]map[scoring.ID]int{}}
	states, outputs, err := e.kept(ctx, wants)
	if err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(states))
	k.all = len(names) < len(wants)
	if len(names) == 0 || len(ids) == 0 {
		return k, nil
	}
	rows, err := read(names, outputs)
	if err != nil {
		return nil, err
	}
	business, err := e.source.Business(ctx)
	if err != nil {
		return nil, err
	}
	now := scoring.At(e.now())
	for _, name := range names {
		k.answers[name] = e.unpack(e.byName[name], business, rows, states[name], now, k)
	}
	return k, nil
}

// unpack makes the answers of a scorer, and notes whose are to be computed.
func (e *Engine) unpack(scorer int, b Business, rows *StoredRows, state ScorerState, now scoring.Instant, k *kept) *Scores {
	m := e.manifests[scorer]
	s := &Scores{
		Manifest: m, Version: e.versions[scorer], AsOf: now, ModelAsOf: e.learnt(scorer, state.ModelAsOf), Business: b, IDs: rows.IDs,
		rows: make(map[scoring.ID]int, len(rows.IDs)), when: make([]times, len(rows.IDs)),
		results: &scoring.Results{Outputs: make([]scoring.Column, len(m.Outputs))},
	}
	for i := range m.Outputs {
		s.results.Outputs[i] = scoring.MakeColumn(m.Outputs[i].Kind, len(rows.IDs))
	}
	env := env(b, now, e.params[scorer])
	today := env.DayStart(env.Today())
	last := map[scoring.ID]int{}
	for i := range rows.Rows {
		r := &rows.Rows[i]
		if r.Scorer != m.Name || r.Version != s.Version {
			continue
		}
		s.when[r.Customer] = e.times(scorer, r, state, today)
		fill(m, s.results.Outputs, r, env)
		if r.Seen < rows.Changed[r.Customer] || r.Until != scoring.Never && r.Until <= now {
			last[rows.IDs[r.Customer]] = r.Customer
			continue
		}
		s.rows[rows.IDs[r.Customer]] = r.Customer
	}
	k.last[m.Name] = last
	for _, id := range rows.IDs {
		if _, ok := s.rows[id]; !ok {
			k.stale[m.Name] = append(k.stale[m.Name], id)
		}
	}
	return s
}

// times are the instants of a stored answer. Everybody was looked at when the current model was new: who kept an older
// answer has it still. What ages is counted today.
func (e *Engine) times(scorer int, r *StoredRow, state ScorerState, today scoring.Instant) times {
	t := times{r.AsOf, r.ModelAsOf}
	if state.Checked == state.Model && t.asOf < state.CheckedAt {
		t = times{state.CheckedAt, e.learnt(scorer, state.ModelAsOf)}
	}
	for i := range e.manifests[scorer].Outputs {
		if e.manifests[scorer].Outputs[i].DaysSince != "" {
			t.asOf = max(t.asOf, today)
		}
	}
	return t
}

// fill puts a stored answer into columns.
func fill(m *scoring.Manifest, columns []scoring.Column, r *StoredRow, env *scoring.Env) {
	var texts map[int]string
	if r.Texts != "" {
		_ = json.Unmarshal([]byte(r.Texts), &texts) // written by textsOf
	}
	for i := range m.Outputs {
		o := &m.Outputs[i]
		v := unslot(o, r.Slots[i], env)
		if text, ok := texts[i]; ok && o.Kind == scoring.Text {
			v = scoring.String(text)
		}
		columns[i].Set(r.Customer, v)
	}
}

// textsOf are the outputs of kind Text of a row as they are stored; "" where there are none.
func textsOf(m *scoring.Manifest, r *scoring.Results, row int) string {
	var texts map[int]string
	for i := range m.Outputs {
		if v := r.Outputs[i].At(row); m.Outputs[i].Kind == scoring.Text && v.Ok() {
			if texts == nil {
				texts = map[int]string{}
			}
			texts[i] = v.Text()
		}
	}
	if texts == nil {
		return ""
	}
	data, _ := json.Marshal(texts) //nolint:errchkjson // texts
	return string(data)
}

// missing are the customers that something is to be computed for.
func (k *kept) missing(ids []scoring.ID) []scoring.ID {
	if k.all {
		return ids
	}
	var some []scoring.ID
	seen := map[scoring.ID]bool{}
	for _, stale := range k.stale {
		for _, id := range stale {
			if !seen[id] {
				seen[id] = true
				some = append(some, id)
			}
		}
	}
	return some
}

// open are the wants that the store did not answer in full.
func (k *kept) open(wants []Want) []Want {
	var open []Want
	for _, w := range wants {
		if k.answers[w.Name] == nil || len(k.stale[w.Name]) > 0 {
			open = append(open, w)
		}
	}
	return open
}

// join takes over the answers for some customers that were computed.
func (s *Scores) join(c *Scores, ids []scoring.ID) {
	for _, id := range ids {
		from, ok := c.rows[id]
		if !ok {
			continue
		}
		to := slices.Index(s.IDs, id)
		s.rows[id], s.when[to] = to, times{c.AsOf, c.ModelAsOf}
		for i := range s.results.Outputs {
			s.results.Outputs[i].Set(to, c.results.Outputs[i].At(from))
		}
	}
}
