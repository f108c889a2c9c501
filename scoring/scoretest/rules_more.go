package scoretest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"bellwether/scoring"
)

// cancellation: a scorer that read the population while, or after, its context was cancelled and yet reports no error has
// a model of half the population.
func (k *kit) cancellation() error {
	f, b, err := k.fitted(k.data)
	if err != nil || b.Len() == 0 {
		return err
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.score(cancelled, b); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("score of a cancelled request gives %v (return the context's error)", err)
	}
	for after := range 2 {
		ctx, cancel := context.WithCancel(context.Background())
		read := 0
		p := scoring.NewPopulation(k.m, b.Env, func(yield func(*scoring.Batch) error) error {
			for i := range b.Len() {
				if read++; read > after {
					cancel()
				}
				if err := yield(b.Slice(i, i+1)); err != nil {
					return err
				}
			}
			return nil
		}, nil)
		if after == 0 {
			cancel()
		}
		_, err := k.s.Fit(ctx, p)
		cancel()
		if read > 0 && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("fit of a cancelled request gives %v (return the context's error)", err)
		}
	}
	return nil
}

// inputs compares what a scorer was given with a copy in text: NaN is not equal to itself otherwise.
func (k *kit) inputs() error {
	b, err := k.data.Batch(k.m)
	if err != nil {
		return err
	}
	b.Explain = true
	before := snapshot(b)
	f, err := fit(context.Background(), k.s, b, max(1, b.Len()))
	if err != nil {
		return err
	}
	if snapshot(b) != before {
		return errors.New("fit changed what it was given (copy before sorting or changing)")
	}
	given := f.batch(b)
	before = snapshot(given)
	if _, err := f.Scorer.Score(context.Background(), f.Model, given); err != nil {
		return err
	}
	if snapshot(given) != before {
		return errors.New("score changed what it was given (copy before sorting or changing)")
	}
	return nil
}

func snapshot(b *scoring.Batch) string {
	return fmt.Sprintf("%v %v %v %v %v %v", *b.Env, b.IDs, b.Facts, b.Requires, b.Derived, b.Orders)
}

// parameters scores with every parameter at each of its ends, while every choice among words is made once.
func (k *kit) parameters() error {
	bases := []map[string]scoring.Value{k.data.Params}
	for i := range k.m.Params {
		if p := &k.m.Params[i]; p.Kind == scoring.Text || p.Kind == scoring.Flag {
			for _, v := range ends(p) {
				bases = append(bases, with(k.data.Params, p.Name, v))
			}
		}
	}
	for _, base := range bases {
		for i := range k.m.Params {
			p := &k.m.Params[i]
			for _, v := range ends(p) {
				if err := p.Check(v); err != nil {
					return fmt.Errorf("an end of its own bounds: %w (widen the bounds, or narrow them)", err)
				}
				d := *k.data
				d.Params = with(base, p.Name, v)
				f, b, err := k.fitted(&d)
				if err == nil {
					b.Explain = true
					_, err = k.scored(f, b)
				}
				if err != nil {
					return fmt.Errorf("with %s: %w", worded(d.Params), err)
				}
			}
		}
	}
	return nil
}

func worded(params map[string]scoring.Value) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(params)) {
		v := params[name]
		text := (&Data{}).text(v)
		if v.Floats() != nil {
			text = fmt.Sprint(v.Floats())
		}
		words = append(words, name+" "+text)
	}
	return strings.Join(words, ", ")
}

func with(base map[string]scoring.Value, name string, v scoring.Value) map[string]scoring.Value {
	out := maps.Clone(base)
	if out == nil {
		out = map[string]scoring.Value{}
	}
	out[name] = v
	return out
}

// ends are the extreme values of a parameter.
func ends(p *scoring.Param) []scoring.Value {
	switch {
	case p.Size > 0:
		spread := func(from, to float64) scoring.Value {
			xs := make([]float64, p.Size)
			for i := range xs {
				xs[i] = from + (to-from)*float64(i)/float64(max(1, p.Size-1))
			}
			return scoring.Numbers(xs)
		}
		width := (p.Max - p.Min) / 1e6
		return []scoring.Value{spread(p.Min, p.Max), spread(p.Min, p.Min+width), spread(p.Max-width, p.Max)}
	case p.Kind == scoring.Number:
		return []scoring.Value{scoring.Float(p.Min), scoring.Float(p.Max)}
	case p.Kind == scoring.Integer:
		return []scoring.Value{scoring.Int(int64(math.Ceil(p.Min))), scoring.Int(int64(math.Floor(p.Max)))}
	case p.Kind == scoring.Flag:
		return []scoring.Value{scoring.Bool(false), scoring.Bool(true)}
	}
	var out []scoring.Value
	for _, word := range p.Allowed {
		out = append(out, scoring.String(word))
	}
	return out
}

func (k *kit) evidence() error {
	f, b, err := k.fitted(k.data)
	if err != nil {
		return err
	}
	plain, err := k.scored(f, b)
	if err != nil {
		return err
	}
	for row, evidence := range plain.Evidence {
		if len(evidence) > 0 {
			return fmt.Errorf("customer %d: evidence that nobody asked for (look at Explaining first)", row)
		}
	}
	b.Explain = true
	explained, err := k.scored(f, b)
	if err != nil {
		return err
	}
	if len(explained.Evidence) != b.Len() {
		return fmt.Errorf("evidence for %d of %d customers (explain all)", len(explained.Evidence), b.Len())
	}
	plain.Evidence = nil
	if err := k.allSame(plain, explained); err != nil {
		return fmt.Errorf("with evidence: %w", err)
	}
	for row, evidence := range explained.Evidence {
		if len(evidence) == 0 {
			return fmt.Errorf("customer %d: no evidence (say at least what is missing)", row)
		}
		for _, e := range evidence {
			if err := k.reason(e); err != nil {
				return fmt.Errorf("customer %d: %w", row, err)
			}
		}
	}
	return nil
}

// reason checks one piece of evidence.
func (k *kit) reason(e scoring.Evidence) error {
	if e.Reason < 0 || e.Reason >= len(k.m.Reasons) {
		return fmt.Errorf("reason %d is not declared (the manifest has %d)", e.Reason, len(k.m.Reasons))
	}
	r := &k.m.Reasons[e.Reason]
	if len(e.Args) != len(r.Args) {
		return fmt.Errorf("reason %s has %d arguments of %d (give all)", r.Name, len(e.Args), len(r.Args))
	}
	for i, a := range e.Args {
		if a.Ok() && a.Kind() != r.Args[i].Kind {
			return fmt.Errorf("argument %s of reason %s is %s (give %s)", r.Args[i].Name, r.Name, a.Kind(), r.Args[i].Kind)
		}
	}
	if !math.IsNaN(e.Percentile) && (e.Percentile < 0 || e.Percentile > 1) {
		return fmt.Errorf("percentile %v of reason %s (it is between 0 and 1)", e.Percentile, r.Name)
	}
	for _, v := range slices.Concat([]scoring.Value{e.Value}, e.Threshold, e.Args) {
		if x := v.Float(); v.Ok() && v.Kind() == scoring.Number && (math.IsNaN(x) || math.IsInf(x, 0)) {
			return fmt.Errorf("%v in reason %s (make it null)", x, r.Name)
		}
	}
	for _, locale := range []string{"en", "zh-CN"} {
		text := k.data.Formatter(locale).Reason(k.m, e)
		if strings.TrimSpace(text) == "" || strings.ContainsAny(text, "{}") {
			return fmt.Errorf("reason %s reads %q in %s (fill every blank)", r.Name, text, locale)
		}
	}
	return nil
}

// until looks again a microsecond before the instant that an answer names, with the same model and no new data.
func (k *kit) until() error {
	if len(k.m.Requires) > 0 {
		return nil // the required scorers' models would have to stay the same, too
	}
	f, b, err := k.fitted(k.data)
	if err != nil {
		return err
	}
	want, err := k.scored(f, b)
	if err != nil {
		return err
	}
	past := k.data.past()
	for row, until := range want.Until {
		if until == scoring.Never {
			continue
		}
		later := past
		later.AsOf = until - 1
		later.Customers = slices.DeleteFunc(slices.Clone(past.Customers), func(c Customer) bool { return IDOf(c.ID) != b.IDs[row] })
		one, err := later.Batch(k.m)
		if err != nil {
			return err
		}
		got, err := k.scored(f, one)
		if err != nil {
			return err
		}
		got.Until[0] = until // may well be later by then
		if err := k.same(want, row, got, 0); err != nil {
			return fmt.Errorf("a microsecond before until, %v: %w (say scoring.Never where it is not known)", until.Time(), err)
		}
	}
	return nil
}

// past is the data without what happens after asOf.
func (d *Data) past() Data {
	out := *d
	out.Customers = slices.Clone(d.Customers)
	for i := range out.Customers {
		c := &out.Customers[i]
		c.Orders = slices.DeleteFunc(slices.Clone(c.Orders), func(o scoring.Order) bool { return o.PlacedAt > d.AsOf })
		c.Touchpoints = slices.DeleteFunc(slices.Clone(c.Touchpoints), func(t Touchpoint) bool { return t.At > d.AsOf })
	}
	return out
}
