package scoring

import (
	"context"
	"errors"
	"iter"
)

// Population is what Fit learns from: every customer, streamed in the order of their ids, as often as Fit likes.
type Population struct {
	Env    *Env
	Source func(yield func(*Batch) error) error // batches of consecutive customers
	ctx    context.Context
	err    error
	derive func(id ID, column int, v Value)
	m      *Manifest
}

// NewPopulation is the population of a manifest over a source; derive receives the derived columns and may be nil.
func NewPopulation(m *Manifest, env *Env, source func(yield func(*Batch) error) error, derive func(id ID, column int, v Value)) *Population {
	return &Population{Env: env, Source: source, m: m, derive: derive, ctx: context.Background()}
}

// Derive keeps a value of any customer for Score, so that a fit that knows its answers only at the end need not read
// everybody again; while reading, use [Customer.Derive].
func (p *Population) Derive(id ID, i int, v Value) {
	if p.derive != nil {
		p.derive(id, i, v)
	}
}

// Param is a parameter by its index in the manifest.
func (p *Population) Param(i int) Value { return p.Env.Params[i] }

var errStop = errors.New("stopped")

// Customers are all customers. The cursor is only valid until the next one. A failing source ends the loop early and
// fails the fit, whatever fit returns.
func (p *Population) Customers() iter.Seq[*Customer] {
	return func(yield func(*Customer) bool) {
		c := &Customer{manifest: p.m, fit: p}
		err := p.Source(func(b *Batch) error {
			if err := p.ctx.Err(); err != nil {
				return err
			}
			c.batch = b
			for c.row = range b.Len() {
				if !yield(c) {
					return errStop
				}
				if c.err != nil {
					return c.err
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			p.err = errors.Join(p.err, err)
		}
	}
}
