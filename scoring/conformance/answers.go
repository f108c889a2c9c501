package conformance

import (
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bellwether/scoring"
)

// Fitted is a scorer with the model that it fitted.
type Fitted struct {
	Scorer  scoring.Scorer
	Model   scoring.Model
	derived map[scoring.ID][]scoring.Value
}

// Fit fits a scorer on data.
func Fit(ctx context.Context, s scoring.Scorer, d *Data) (*Fitted, error) {
	b, err := d.Batch(ctx, s.Manifest())
	if err != nil {
		return nil, err
	}
	return fit(ctx, s, b, max(1, b.Len()))
}

// fit gives the population in chunks of so many customers; a scorer that panics gets an error.
func fit(ctx context.Context, s scoring.Scorer, b *scoring.Batch, chunk int) (f *Fitted, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &failure{error: fmt.Errorf("fit panics: %v", p)}
		}
	}()
	m := s.Manifest()
	f = &Fitted{Scorer: s, derived: map[scoring.ID][]scoring.Value{}}
	p := scoring.NewPopulation(m, b.Env, func(yield func(*scoring.Batch) error) error {
		for from := 0; from < b.Len(); from += chunk {
			if err := yield(b.Slice(from, min(from+chunk, b.Len()))); err != nil {
				return err
			}
		}
		return nil
	}, func(id scoring.ID, column int, v scoring.Value) {
		if f.derived[id] == nil {
			f.derived[id] = make([]scoring.Value, len(m.Derived))
		}
		f.derived[id][column] = v
	})
	if f.Model, err = s.Fit(ctx, p); err != nil {
		return f, &failure{error: fmt.Errorf("fit: %w", err)}
	}
	return f, nil
}

// batch is b with the derived columns of the model.
func (f *Fitted) batch(b *scoring.Batch) *scoring.Batch {
	m, with := f.Scorer.Manifest(), *b
	with.Derived = nil
	if m.Orders != nil && m.Orders.FitOnly {
		with.Orders = nil
	}
	for i, d := range m.Derived {
		column := scoring.MakeColumn(d.Kind, b.Len())
		for row, id := range b.IDs {
			if values, known := f.derived[id]; known {
				column.Set(row, values[i])
			}
		}
		with.Derived = append(with.Derived, column)
	}
	return &with
}

// Batch is everybody with what the scorer asks for, derived columns included: what its Score is given with the model.
func (f *Fitted) Batch(ctx context.Context, d *Data) (*scoring.Batch, error) {
	b, err := d.Batch(ctx, f.Scorer.Manifest())
	if err != nil {
		return nil, err
	}
	return f.batch(b), nil
}

// score answers for a batch; a scorer that panics gets an error.
func (f *Fitted) score(ctx context.Context, b *scoring.Batch) (*scoring.Results, error) {
	return f.call(ctx, f.batch(b))
}

// call answers for a batch that has the derived columns.
func (f *Fitted) call(ctx context.Context, b *scoring.Batch) (r *scoring.Results, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &failure{error: fmt.Errorf("score panics: %v", p)}
		}
	}()
	if r, err = f.Scorer.Score(ctx, f.Model, b); err != nil {
		return nil, &failure{error: fmt.Errorf("score: %w", err)}
	}
	return r, nil
}

// failure is an error or a panic where an answer should be, or an answer that is invalid, whatever rule it came up under.
type failure struct {
	error
	invalid bool
}

func (f *failure) Unwrap() error { return f.error }

// Score answers for all customers of data, with evidence, by the model that was fitted, perhaps on other data.
func (f *Fitted) Score(ctx context.Context, d *Data) (*Answers, error) {
	b, err := d.Batch(ctx, f.Scorer.Manifest())
	if err != nil {
		return nil, err
	}
	b.Explain = true
	r, err := f.score(ctx, b)
	if err != nil {
		return nil, err
	}
	a := &Answers{Manifest: f.Scorer.Manifest(), Results: r, data: d, rows: map[string]int{}}
	rows := map[scoring.ID]int{}
	for row, id := range b.IDs {
		rows[id] = row
	}
	for i := range d.Customers {
		a.rows[d.Customers[i].ID] = rows[IDOf(d.Customers[i].ID)]
	}
	return a, nil
}

// Score fits a scorer on data and answers for all its customers, with evidence.
func Score(ctx context.Context, s scoring.Scorer, d *Data) (*Answers, error) {
	f, err := Fit(ctx, s, d)
	if err != nil {
		return nil, err
	}
	return f.Score(ctx, d)
}

// Answers are a scorer's answers for the customers of data.
type Answers struct {
	Manifest *scoring.Manifest
	Results  *scoring.Results
	data     *Data
	rows     map[string]int
}

// Value is an output of a customer by its name; null where there is no such output or customer.
func (a *Answers) Value(id, output string) scoring.Value {
	row, known := a.rows[id]
	i := a.Manifest.Output(output)
	if !known || i < 0 {
		return scoring.Value{}
	}
	return a.Results.Outputs[i].At(row)
}

// Until says until when a customer's answer holds.
func (a *Answers) Until(id string) scoring.Instant { return a.Results.Until[a.rows[id]] }

// Evidence of a customer.
func (a *Answers) Evidence(id string) []scoring.Evidence { return a.Results.Evidence[a.rows[id]] }

// Reasons are the sentences of a customer's evidence in a locale.
func (a *Answers) Reasons(id, locale string) []string {
	var out []string
	for _, e := range a.Evidence(id) {
		out = append(out, a.data.Formatter(locale).Reason(a.Manifest, e))
	}
	return out
}

// Counts is how many customers have each value of an output, by the value's text; "" counts the nulls.
func (a *Answers) Counts(output string) map[string]int {
	counts := map[string]int{}
	for id := range a.rows {
		counts[a.data.text(a.Value(id, output))]++
	}
	return counts
}

// CSV is a table of some outputs, or of all if none is named, sorted by customer.
func (a *Answers) CSV(outputs ...string) string {
	if len(outputs) == 0 {
		for i := range a.Manifest.Outputs {
			outputs = append(outputs, a.Manifest.Outputs[i].Name)
		}
	}
	ids := make([]string, 0, len(a.rows))
	for id := range a.rows {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var text strings.Builder
	w := csv.NewWriter(&text)
	_ = w.Write(append([]string{"customer"}, outputs...))
	for _, id := range ids {
		row := []string{id}
		for _, o := range outputs {
			row = append(row, a.data.text(a.Value(id, o)))
		}
		_ = w.Write(row)
	}
	w.Flush()
	return text.String()
}

// text is a value as the tables write it: plain, and empty where it is null.
func (d *Data) text(v scoring.Value) string {
	switch {
	case !v.Ok():
		return ""
	case v.Kind() == scoring.Money:
		return scoring.Decimal(v.Int(), d.Env(&scoring.Manifest{}).Exponent)
	case v.Kind() == scoring.Moment:
		return v.Instant().Time().Format("2006-01-02T15:04:05.999999Z07:00")
	case v.Kind() == scoring.Number:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	}
	return d.Formatter("en").Value(v)
}
