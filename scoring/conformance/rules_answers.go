package conformance

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"

	"bellwether/scoring"
)

// basis is what the other rules build on: a valid manifest, and the scorers that it requires.
func (k *kit) basis() error {
	if err := k.m.Validate(); err != nil {
		return err
	}
	return k.data.required(k.m)
}

func (k *kit) manifest() error {
	before := fmt.Sprintf("%+v", *k.m)
	if f, b, err := k.fitted(k.data); err == nil {
		_, _ = k.scored(f, b) // whether it works is another rule's business
	}
	if again := k.s.Manifest(); !reflect.DeepEqual(k.m, again) || fmt.Sprintf("%+v", *again) != before {
		return errors.New("the manifest changed (return the same one every time)")
	}
	return nil
}

func (k *kit) answers() error {
	f, b, err := k.fitted(k.data)
	if err != nil {
		return err
	}
	_, err = k.scored(f, b)
	return err
}

func (k *kit) determinism() error {
	first, b, err := k.fitted(k.data)
	if err != nil {
		return err
	}
	b.Explain = true
	want, err := k.scored(first, b)
	if err != nil {
		return err
	}
	for range 3 {
		again, _, err := k.fitted(k.data)
		if err != nil {
			return err
		}
		for _, f := range []*Fitted{first, again} {
			got, err := k.scored(f, b)
			if err != nil {
				return err
			}
			if err := k.allSame(want, got); err != nil {
				return fmt.Errorf("%w (use no clock, no randomness and no order of a map, and keep no state)", err)
			}
		}
	}
	return nil
}

func (k *kit) batches() error {
	f, b, err := k.fitted(k.data)
	if err != nil {
		return err
	}
	b.Explain = true
	want, err := k.scored(f, b)
	if err != nil {
		return err
	}
	for _, size := range []int{1, 7} {
		for from := 0; from < b.Len(); from += size {
			to := min(from+size, b.Len())
			got, err := k.scored(f, b.Slice(from, to))
			if err != nil {
				return err
			}
			for i := range to - from {
				if err := k.same(want, from+i, got, i); err != nil {
					return fmt.Errorf("in batches of %d: %w (look at one customer at a time; what the others tell belongs into fit)", size, err)
				}
			}
		}
	}
	return nil
}

func (k *kit) order() error {
	f, b, err := k.fitted(k.data)
	if err != nil {
		return err
	}
	b.Explain = true
	want, err := k.scored(f, b)
	if err != nil {
		return err
	}
	rows := rand.New(rand.NewPCG(1, 1)).Perm(b.Len())
	got, err := k.scored(f, pickRows(b, rows))
	if err != nil {
		return err
	}
	for i, row := range rows {
		if err := k.same(want, row, got, i); err != nil {
			return fmt.Errorf("in another order: %w (keep nothing from one customer to the next)", err)
		}
	}
	return nil
}

func (k *kit) chunks() error {
	f, b, err := k.fitted(k.data)
	if err != nil {
		return err
	}
	b.Explain = true
	want, err := k.scored(f, b)
	if err != nil {
		return err
	}
	for _, size := range []int{1, 7} {
		other, err := fit(k.ctx, k.s, b, size)
		if err != nil {
			return err
		}
		got, err := k.scored(other, b)
		if err != nil {
			return err
		}
		if err := k.allSame(want, got); err != nil {
			return fmt.Errorf("fitted in batches of %d: %w (keep neither the cursor nor a batch)", size, err)
		}
	}
	return nil
}

func (k *kit) empty() error {
	f, b, err := k.fitted(k.data)
	if err != nil {
		return err
	}
	for _, explain := range []bool{false, true} {
		none := b.Slice(0, 0)
		none.Explain = explain
		if _, err := k.scored(f, none); err != nil {
			return err
		}
	}
	return nil
}

func (k *kit) small() error {
	all, err := k.data.Batch(k.ctx, k.m)
	if err != nil {
		return err
	}
	all.Explain = true
	for size := range min(4, all.Len()+1) {
		f, err := fit(k.ctx, k.s, all.Slice(0, size), 1)
		if err != nil {
			return fmt.Errorf("fit of %d customers: %w (an answer for too little data is needed)", size, err)
		}
		if _, err := k.scored(f, all); err != nil {
			return fmt.Errorf("model of %d customers: %w", size, err)
		}
	}
	return nil
}

func (k *kit) missing() error {
	f, b, err := k.fitted(k.data)
	if err != nil {
		return err
	}
	nothing := blank(b)
	nothing.Explain = true
	if _, err := k.scored(f, nothing); err != nil {
		return fmt.Errorf("nothing known of the batch: %w", err)
	}
	f, err = fit(k.ctx, k.s, nothing, max(1, b.Len()))
	if err != nil {
		return fmt.Errorf("nothing known of the population: %w", err)
	}
	if _, err := k.scored(f, b); err != nil {
		return fmt.Errorf("nothing known of the population: %w", err)
	}
	for i := range b.Facts {
		one := *b
		one.Facts = slices.Clone(b.Facts)
		one.Facts[i] = scoring.MakeColumn(b.Facts[i].Kind, b.Len())
		if _, err := k.scored(f, &one); err != nil {
			return fmt.Errorf("fact %s not known: %w", k.m.Facts[i].Name, err)
		}
	}
	return nil
}

func (k *kit) newcomers() error {
	b, err := k.data.Batch(k.ctx, k.m)
	if err != nil {
		return err
	}
	f, err := fit(k.ctx, k.s, b.Slice(0, b.Len()/2), max(1, b.Len()))
	if err != nil {
		return err
	}
	b.Explain = true
	if _, err := k.scored(f, b); err != nil {
		return fmt.Errorf("half of the customers unknown to the model: %w", err)
	}
	later := *k.data
	later.AsOf = k.data.AsOf.Add(100 * scoring.Day)
	if b, err = later.Batch(k.ctx, k.m); err != nil {
		return err
	}
	if _, err := k.scored(f, b); err != nil {
		return fmt.Errorf("a model of 100 days ago: %w", err)
	}
	return nil
}

func (k *kit) concurrency() error {
	f, b, err := k.fitted(k.data)
	if err != nil {
		return err
	}
	b.Explain = true
	want, err := k.scored(f, b)
	if err != nil {
		return err
	}
	errs := make([]error, 4)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			with := f
			if i == 0 {
				if with, _, errs[i] = k.fitted(k.data); errs[i] != nil {
					return
				}
			}
			for range 3 {
				got, err := k.scored(with, b)
				if err == nil {
					err = k.allSame(want, got)
				}
				errs[i] = errors.Join(errs[i], err)
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return fmt.Errorf("several at once: %w (change no model and no variable while scoring)", err)
		}
	}
	return nil
}
