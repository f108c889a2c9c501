package conformance

import (
	"context"
	"errors"
	"fmt"
	"math"

	"bellwether/scoring"
)

// kit is one scorer on one population, held against one rule within a context.
type kit struct {
	ctx  context.Context
	s    scoring.Scorer
	m    *scoring.Manifest
	data *Data
}

// fitted is the scorer fitted on everybody, and everybody.
func (k *kit) fitted(d *Data) (*Fitted, *scoring.Batch, error) {
	b, err := d.Batch(k.ctx, k.m)
	if err != nil {
		return nil, nil, err
	}
	f, err := fit(k.ctx, k.s, b, max(1, b.Len()))
	return f, b, err
}

// scored answers for a batch and checks that the answers are what the manifest says.
func (k *kit) scored(f *Fitted, b *scoring.Batch) (*scoring.Results, error) {
	r, err := f.score(k.ctx, b)
	if err != nil {
		return nil, err
	}
	if err := k.valid(r, b); err != nil {
		return nil, &failure{error: err, invalid: true}
	}
	return r, nil
}

// valid tells whether answers are what the manifest declares.
func (k *kit) valid(r *scoring.Results, b *scoring.Batch) error {
	switch {
	case r == nil:
		return errors.New("no answers (return results, or an error)")
	case len(r.Outputs) != len(k.m.Outputs):
		return fmt.Errorf("%d outputs, but the manifest has %d (answer them all)", len(r.Outputs), len(k.m.Outputs))
	case len(r.Until) != b.Len():
		return fmt.Errorf("until has %d of %d customers (say scoring.Never where it is not known)", len(r.Until), b.Len())
	}
	for i := range r.Outputs {
		if err := k.validColumn(i, &r.Outputs[i], b.Len()); err != nil {
			return fmt.Errorf("output %s: %w", k.m.Outputs[i].Name, err)
		}
	}
	for row, until := range r.Until {
		if until != scoring.Never && until <= b.Env.AsOf {
			return fmt.Errorf("customer %d: until is %v, not after asOf %v (a later instant, or scoring.Never)", row, until.Time(), b.Env.AsOf.Time())
		}
	}
	return nil
}

func (k *kit) validColumn(i int, c *scoring.Column, n int) error {
	o := &k.m.Outputs[i]
	if c.Kind != o.Kind || c.Len() != n || c.Null != nil && len(c.Null) != n {
		return fmt.Errorf("%d values of kind %s for %d customers (answer each with %s, or null)", c.Len(), c.Kind, n, o.Kind)
	}
	for row := range n {
		if c.Kind == scoring.Number {
			// A column without Null says null by NaN.
			if x := c.Floats[row]; math.IsInf(x, 0) || math.IsNaN(x) && c.Null != nil && !c.Null[row] {
				return fmt.Errorf("customer %d: %v (make it null)", row, x)
			}
		}
		if v := c.At(row); c.Kind == scoring.Label && v.Ok() {
			if _, declared := o.Label(v.Text()); !declared {
				return fmt.Errorf("customer %d: label %q is not declared (add it to the manifest)", row, v.Text())
			}
		}
		if i == 0 && c.Kind == scoring.Label && !c.At(row).Ok() {
			return fmt.Errorf("customer %d: no label (a scheme has a label for everybody)", row)
		}
	}
	return nil
}

// same compares row i of a with row j of b.
func (k *kit) same(a *scoring.Results, i int, b *scoring.Results, j int) error {
	for o := range k.m.Outputs {
		if x, y := a.Outputs[o].At(i), b.Outputs[o].At(j); x != y && (x.Ok() || y.Ok()) {
			return fmt.Errorf("customer %d: %s is %s, then %s", i, k.m.Outputs[o].Name, k.data.text(x), k.data.text(y))
		}
	}
	if a.Until[i] != b.Until[j] {
		return fmt.Errorf("customer %d: until is %v, then %v", i, a.Until[i].Time(), b.Until[j].Time())
	}
	if a.Evidence == nil || b.Evidence == nil {
		return nil
	}
	if x, y := fmt.Sprint(a.Evidence[i]), fmt.Sprint(b.Evidence[j]); x != y {
		return fmt.Errorf("customer %d: the evidence is %s, then %s", i, x, y)
	}
	return nil
}

func (k *kit) allSame(a, b *scoring.Results) error {
	for i := range a.Until {
		if err := k.same(a, i, b, i); err != nil {
			return err
		}
	}
	return nil
}

// pickRows is a batch of the given rows of b.
func pickRows(b *scoring.Batch, rows []int) *scoring.Batch {
	out := *b
	out.IDs = make([]scoring.ID, len(rows))
	for i, row := range rows {
		out.IDs[i] = b.IDs[row]
	}
	out.Facts, out.Requires, out.Derived = pickColumns(b.Facts, rows), pickColumns(b.Requires, rows), pickColumns(b.Derived, rows)
	if b.Orders != nil {
		out.Orders = make([][]scoring.Order, len(rows))
		for i, row := range rows {
			out.Orders[i] = b.Orders[row]
		}
	}
	return &out
}

func pickColumns(columns []scoring.Column, rows []int) []scoring.Column {
	out := make([]scoring.Column, len(columns))
	for i := range columns {
		out[i] = scoring.MakeColumn(columns[i].Kind, len(rows))
		for to, from := range rows {
			out[i].Set(to, columns[i].At(from))
		}
	}
	return out
}

// blank is a batch of the same customers of whom nothing is known.
func blank(b *scoring.Batch) *scoring.Batch {
	out := *b
	none := func(columns []scoring.Column) []scoring.Column {
		nulls := make([]scoring.Column, len(columns))
		for i := range columns {
			nulls[i] = scoring.MakeColumn(columns[i].Kind, b.Len())
		}
		return nulls
	}
	out.Facts, out.Requires, out.Derived = none(b.Facts), none(b.Requires), none(b.Derived)
	if b.Orders != nil {
		out.Orders = make([][]scoring.Order, b.Len())
	}
	return &out
}
