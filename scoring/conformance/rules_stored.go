package conformance

import (
	"errors"
	"fmt"

	"bellwether/scoring"
)

// ages: what a manifest says to be the days since a fact is so; servers count them when they read a stored score.
func (k *kit) ages() error {
	f, b, err := k.fitted(k.data)
	if err != nil {
		return err
	}
	r, err := k.scored(f, b)
	if err != nil {
		return err
	}
	for i := range k.m.Outputs {
		o := &k.m.Outputs[i]
		if o.DaysSince == "" {
			continue
		}
		fact := &b.Facts[k.m.Fact(o.DaysSince)]
		for row := range b.Len() {
			v, at := r.Outputs[i].At(row), fact.At(row)
			if want := b.Env.Today() - b.Env.Day(at.Instant()); v.Ok() && (!at.Ok() || v.Int() != want) {
				return fmt.Errorf("customer %d: %s is %d, but %d days have passed since %s (leave DaysSince out)", row, o.Name, v.Int(), want, o.DaysSince)
			}
		}
	}
	return nil
}

// stored: a model that was written down and read again gives the same answers, evidence included.
func (k *kit) stored() error {
	codec, ok := k.s.(scoring.Codec)
	if !ok {
		return errors.New("its models cannot be stored (implement scoring.Codec, or make the scorer with scoring.Define)")
	}
	f, b, err := k.fitted(k.data)
	if err != nil {
		return err
	}
	b.Explain = true
	want, err := k.scored(f, b)
	if err != nil {
		return err
	}
	data, err := codec.EncodeModel(f.Model)
	if err != nil {
		return err
	}
	again := *f
	if again.Model, err = codec.DecodeModel(data); err != nil {
		return err
	}
	got, err := k.scored(&again, b)
	if err != nil {
		return err
	}
	if err := k.allSame(want, got); err != nil {
		return fmt.Errorf("stored and read again: %w (export every field of the model, or let it marshal itself)", err)
	}
	return nil
}
