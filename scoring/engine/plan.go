package engine

import (
	"context"
	"slices"

	"bellwether/scoring"
)

// Want asks for a scorer's answers.
type Want struct {
	Name    string
	Explain bool // with evidence
}

// plan is how a set of scorers is answered together: one query, and for each scorer where its inputs are in it.
type plan struct {
	asOf     scoring.Instant
	business Business
	query    Query
	scorers  []int // to be run, in order
	envs     map[int]*scoring.Env
	facts    map[int][]int // by scorer: for each of its facts the column of the query, or -1
	spans    map[int]Span  // by scorer: which orders it sees
	models   map[int]*fitted
	failed   map[int]error // scorers that have no model
	explain  map[int]bool
}

// plan makes a plan for what is wanted. Of the scorer fitting, if any, only the inputs are planned.
func (e *Engine) plan(ctx context.Context, wants []Want, asOf scoring.Instant, current bool, revision Revision, fitting int) (*plan, error) {
	business, err := e.source.Business(ctx)
	if err != nil {
		return nil, err
	}
	p := &plan{
		asOf: asOf, business: business, query: Query{AsOf: asOf},
		envs: map[int]*scoring.Env{}, facts: map[int][]int{}, spans: map[int]Span{},
		models: map[int]*fitted{}, failed: map[int]error{}, explain: map[int]bool{},
	}
	needed := map[int]bool{}
	for _, w := range wants {
		i, err := e.index(w.Name)
		if err != nil {
			return nil, err
		}
		e.need(i, needed)
		p.explain[i] = p.explain[i] || w.Explain
	}
	for _, i := range e.order {
		if !needed[i] {
			continue
		}
		p.add(i, e.manifests[i], e.params[i], i == fitting)
		if i == fitting {
			continue
		}
		p.scorers = append(p.scorers, i)
		if p.models[i], err = e.modelOf(ctx, i, asOf, current, revision); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			p.failed[i] = err
		}
	}
	return p, nil
}

// noFit is the fitting argument of a plan that fits nothing.
const noFit = -1

// need marks a scorer and everything it requires.
func (e *Engine) need(scorer int, needed map[int]bool) {
	if needed[scorer] {
		return
	}
	needed[scorer] = true
	for _, r := range e.manifests[scorer].Requires {
		e.need(e.byName[r.Scorer], needed)
	}
}

// add merges the inputs of a scorer into the query.
func (p *plan) add(i int, m *scoring.Manifest, params []scoring.Value, fit bool) {
	p.envs[i] = &scoring.Env{AsOf: p.asOf, Currency: p.business.Currency, Exponent: p.business.Exponent, Location: p.business.Location, Params: params}
	p.facts[i] = make([]int, len(m.Facts))
	for j, use := range m.Facts {
		if _, known := scoring.FactNamed(use.Name); !known {
			p.facts[i][j] = -1 // optional, or the manifest would have been refused
			continue
		}
		p.facts[i][j] = p.factColumn(FactQuery{Name: use.Name, Span: span(use.Window, p.asOf, m, params)})
	}
	if m.Orders == nil || m.Orders.FitOnly && !fit {
		return
	}
	s := span(m.Orders.Window, p.asOf, m, params)
	p.spans[i] = s
	if p.query.Orders == nil {
		p.query.Orders = &s
	}
	p.query.Orders = &Span{From: min(p.query.Orders.From, s.From), To: max(p.query.Orders.To, s.To)}
	p.query.Lines = p.query.Lines || m.Orders.Lines
}

// factColumn is the column of a fact in the query, added where it is not there yet.
func (p *plan) factColumn(f FactQuery) int {
	if known, _ := scoring.FactNamed(f.Name); !known.Windowed {
		f.Span = Span{From: scoring.Never, To: p.asOf}
	}
	if i := slices.Index(p.query.Facts, f); i >= 0 {
		return i
	}
	p.query.Facts = append(p.query.Facts, f)
	return len(p.query.Facts) - 1
}
