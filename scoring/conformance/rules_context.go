package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bellwether/scoring"
)

// cancellation: a scorer that read the population while, or after, its context was cancelled and yet reports no error has
// a model of half the population.
func (k *kit) cancellation() error {
	f, b, err := k.fitted(k.data)
	if err != nil || b.Len() == 0 {
		return err
	}
	cancelled, cancel := context.WithCancel(k.ctx)
	cancel()
	if _, err := f.score(cancelled, b); !errors.Is(err, context.Canceled) {
		return notStopped("score", err)
	}
	for after := range 2 {
		ctx, cancel := context.WithCancel(k.ctx)
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
			return notStopped("fit", err)
		}
	}
	return nil
}

func notStopped(what string, err error) error {
	if err == nil {
		return fmt.Errorf("%s of a cancelled request goes on (return the context's error)", what)
	}
	return fmt.Errorf("%s of a cancelled request gives another error (return the context's): %w", what, err)
}

// inputs compares what a scorer was given with a copy in text: NaN is not equal to itself otherwise.
func (k *kit) inputs() error {
	b, err := k.data.Batch(k.ctx, k.m)
	if err != nil {
		return err
	}
	b.Explain = true
	before := snapshot(b)
	f, err := fit(k.ctx, k.s, b, max(1, b.Len()))
	if err != nil {
		return err
	}
	if snapshot(b) != before {
		return errors.New("fit changed what it was given (copy before sorting or changing)")
	}
	given := f.batch(b)
	before = snapshot(given)
	if _, err := f.call(k.ctx, given); err != nil {
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
		one, err := later.Batch(k.ctx, k.m)
		if err != nil {
			return err
		}
		got, err := k.scored(f, one)
		if err != nil {
			return err
		}
		for o := range k.m.Outputs {
			if k.m.Outputs[o].DaysSince != "" { // it ages, and is counted when it is read
				got.Outputs[o].Set(0, want.Outputs[o].At(row))
			}
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
