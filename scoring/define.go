package scoring

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// Scorer is what the engine runs. [Define] makes one from plain functions.
type Scorer interface {
	// Manifest describes the scorer. It is read once and must not change.
	Manifest() *Manifest
	// Fit learns a model from the population.
	Fit(ctx context.Context, p *Population) (Model, error)
	// Score answers for a batch with a model that Fit made.
	Score(ctx context.Context, m Model, b *Batch) (*Results, error)
}

// Model is what Fit learned. Only the scorer that made it knows its type.
type Model any

// Define makes a scorer of a manifest and plain functions. fit may be nil: then the scorer learns nothing, and M is
// best struct{}. Neither function may keep the cursor it is given, use a clock or randomness, or share state.
func Define[M any](m Manifest, fit func(p *Population) (M, error), score func(c *Customer, model M)) Scorer {
	return &defined[M]{manifest: m, fit: fit, score: score}
}

type defined[M any] struct {
	manifest Manifest
	fit      func(*Population) (M, error)
	score    func(*Customer, M)
}

// Learner is what a scorer has that may learn nothing from the population. What [Define] makes has it.
type Learner interface {
	// Learns tells whether Fit looks at the population.
	Learns() bool
}

// Fitless tells whether a scorer learns nothing from the population: its Fit is then called with none.
func Fitless(s Scorer) bool {
	l, ok := s.(Learner)
	return ok && !l.Learns()
}

// Learns tells whether a function to fit was given.
func (d *defined[M]) Learns() bool { return d.fit != nil }

// Manifest describes the scorer.
func (d *defined[M]) Manifest() *Manifest { return &d.manifest }

func (d *defined[M]) Fit(ctx context.Context, p *Population) (Model, error) {
	var none M
	if d.fit == nil {
		return none, nil
	}
	if err := ctx.Err(); err != nil {
		return none, err
	}
	p.ctx = ctx
	m, err := d.fit(p)
	if err := errors.Join(err, p.err); err != nil {
		return none, err
	}
	return m, nil
}

// stride is how many customers are scored between two looks at the context.
const stride = 1024

func (d *defined[M]) Score(ctx context.Context, model Model, b *Batch) (*Results, error) {
	m, ok := model.(M)
	if !ok {
		return nil, fmt.Errorf("model of %s is a %T (fit it with the same scorer)", d.manifest.Name, model)
	}
	n := b.Len()
	out := &Results{Outputs: columns(d.manifest.Outputs, n), Until: make([]Instant, n)}
	if b.Explain {
		out.Evidence = make([][]Evidence, n)
	}
	c := &Customer{manifest: &d.manifest, batch: b, out: out, outputs: out.Outputs}
	for i := range n {
		if i%stride == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c.row, out.Until[i] = i, Never
		d.score(c, m)
		if c.err != nil {
			return nil, fmt.Errorf("%s: %w", d.manifest.Name, c.err)
		}
	}
	return out, nil
}

// columns are n nulls of each output, in three allocations altogether: small batches are most of the work.
func columns(outputs []Output, n int) []Column {
	var floats, ints, texts int
	for i := range outputs {
		switch outputs[i].Kind {
		case Number:
			floats += n
		case Text, Label:
			texts += n
		default:
			ints += n
		}
	}
	slab := Column{Floats: make([]float64, floats), Ints: make([]int64, ints), Texts: make([]string, texts), Null: make([]bool, n*len(outputs))}
	fill(slab.Null)
	cols := make([]Column, len(outputs))
	for i := range cols {
		cols[i].Kind = outputs[i].Kind
		cols[i].Null, slab.Null = slab.Null[:n:n], slab.Null[n:]
		switch outputs[i].Kind {
		case Number:
			cols[i].Floats, slab.Floats = slab.Floats[:n:n], slab.Floats[n:]
		case Text, Label:
			cols[i].Texts, slab.Texts = slab.Texts[:n:n], slab.Texts[n:]
		default:
			cols[i].Ints, slab.Ints = slab.Ints[:n:n], slab.Ints[n:]
		}
	}
	return cols
}

// fill makes all nulls, by copying what is done already: four times faster than one by one.
func fill(nulls []bool) {
	if len(nulls) > 0 {
		nulls[0] = true
	}
	for done := 1; done < len(nulls); done *= 2 {
		copy(nulls[done:], nulls[:done])
	}
}

// Customer is the cursor over the customers of a batch: it reads the facts of one and takes the answers for it.
type Customer struct {
	manifest *Manifest
	batch    *Batch
	out      *Results    // while scoring
	outputs  []Column    // of out
	fit      *Population // while fitting
	row      int
	dated    bool // today and tomorrow are known
	today    int64
	tomorrow Instant
	err      error
}

// ID is the customer's id. As a text, as the fact referred_by has it, it is ID.String.
func (c *Customer) ID() ID { return c.batch.IDs[c.row] }

// Env is the environment of the call.
func (c *Customer) Env() *Env { return c.batch.Env }

// Today is the calendar day of asOf, as [Env.Today] has it, worked out once for all customers.
func (c *Customer) Today() int64 {
	c.date()
	return c.today
}

// Tomorrow is the instant at which the calendar day after asOf begins, worked out once for all customers.
func (c *Customer) Tomorrow() Instant {
	c.date()
	return c.tomorrow
}

func (c *Customer) date() {
	if !c.dated {
		c.today = c.batch.Env.Today()
		c.tomorrow, c.dated = c.batch.Env.DayStart(c.today+1), true
	}
}

// Param is a parameter by its index in the manifest.
func (c *Customer) Param(i int) Value { return c.batch.Env.Params[i] }

// Fact is a fact by its index in the manifest.
func (c *Customer) Fact(i int) Value { return c.batch.Facts[i].At(c.row) }

// Required is an output of another scorer by its index in the manifest's Requires; null where that scorer has none.
func (c *Customer) Required(i int) Value { return c.batch.Requires[i].At(c.row) }

// Derived is what Fit derived for this customer by its index in the manifest; null for customers newer than the model.
func (c *Customer) Derived(i int) Value { return c.batch.Derived[i].At(c.row) }

// Orders are the customer's orders, oldest first, to be read only.
func (c *Customer) Orders() []Order {
	if c.batch.Orders == nil {
		return nil
	}
	return c.batch.Orders[c.row]
}

// Derive keeps a value of this customer for Score; only within Fit.
func (c *Customer) Derive(i int, v Value) {
	if c.fit == nil {
		c.fail(fmt.Errorf("derived %s outside of fit (derive within Fit)", c.manifest.Derived[i].Name))
		return
	}
	c.fit.Derive(c.batch.IDs[c.row], i, v)
}

// Set answers output i with a value of the output's kind; a null value leaves it null.
func (c *Customer) Set(i int, v Value) {
	// Whole numbers are most of the answers, and need no further look.
	if col := &c.outputs[i]; v.ok && v.kind == col.Kind && col.Ints != nil {
		col.Ints[c.row], col.Null[c.row] = int64(v.bits), false
		return
	}
	c.setOther(i, v)
}

func (c *Customer) setOther(i int, v Value) {
	o, col := &c.manifest.Outputs[i], &c.outputs[i]
	_, declared := o.Label(v.text)
	switch {
	case !v.ok:
		col.Null[c.row] = true
	case v.kind != o.Kind:
		c.fail(fmt.Errorf("output %s is %s, given %s (convert it)", o.Name, o.Kind, v.kind))
	case o.Kind == Number && !finite(v.Float()):
		c.fail(fmt.Errorf("output %s is %v (leave it unset where there is no number)", o.Name, v.Float()))
	case o.Kind == Label && !declared:
		c.fail(fmt.Errorf("output %s is %q, which is not one of its labels (declare it in the manifest)", o.Name, v.text))
	default:
		col.Set(c.row, v)
	}
}

// SetLabel answers label output i with the label of an index in its Labels.
func (c *Customer) SetLabel(i, label int) {
	col := &c.outputs[i]
	col.Texts[c.row], col.Null[c.row] = c.manifest.Outputs[i].Labels[label].Name, false
}

// Until says until when the answer holds without new data: a later instant may give another one.
func (c *Customer) Until(at Instant) { c.out.Until[c.row] = at }

// Explaining tells whether evidence is wanted: look before computing what only evidence needs.
func (c *Customer) Explaining() bool { return c.batch.Explain }

// Because adds a piece of evidence: a reason by its index in the manifest, the value looked at, its percentile (NaN:
// not rank-based), what it was held against, and the reason's arguments. It does nothing unless evidence is wanted.
func (c *Customer) Because(reason int, value Value, percentile float64, threshold []Value, args ...Value) {
	if !c.batch.Explain {
		return
	}
	c.out.Evidence[c.row] = append(c.out.Evidence[c.row], Evidence{Reason: reason, Value: value, Percentile: percentile, Threshold: threshold, Args: args})
}

func (c *Customer) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
