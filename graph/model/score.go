package model

import (
	"fmt"
	"math"
	"strings"
	"time"

	"bellwether/internal/fault"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// Score is a scorer's answer about a customer. Each scorer has a type of its own, generated into scores_gen.go.
type Score interface {
	IsScore()
}

// ScoreOutput is one result of a scorer, in the field of its kind.
type ScoreOutput struct {
	Name   string
	Number *float64
	Flag   *bool
	At     *time.Time
	Money  *Money
	Text   *string
}

// Base is what all scores have in common; the types of plugins embed it.
type Base struct{ engine.Score }

// RuntimeScore answers for a scorer that was made at run time.
type RuntimeScore struct{ Base }

// IsScore marks the type.
func (Base) IsScore() {}

// Scorer is the scorer's name.
func (b Base) Scorer() string { return b.Manifest.Name }

// Version of the scorer.
func (b Base) Version() string { return b.Scores.Version }

// AsOf is the instant of the facts.
func (b Base) AsOf() time.Time { return b.Scores.AsOf.Time() }

// ModelAsOf is the instant of the population the model was fitted on.
func (b Base) ModelAsOf() *time.Time { return instant(scoring.Time(b.Scores.ModelAsOf)) }

// Label is the label's name.
func (b Base) Label() *string {
	if name, ok := b.Score.Label(); ok {
		return &name
	}
	return nil
}

// Title is the label in words.
func (b Base) Title(locale string) *string {
	name, ok := b.Score.Label()
	if !ok {
		return nil
	}
	l, _ := b.Manifest.Outputs[0].Label(name)
	title := l.Title.In(locale)
	return &title
}

// Outputs are the results of the names given, or all.
func (b Base) Outputs(names []string) ([]*ScoreOutput, error) {
	if names == nil {
		for _, o := range b.Manifest.Outputs {
			names = append(names, o.Name)
		}
	}
	out := make([]*ScoreOutput, len(names))
	for i, name := range names {
		j := b.Manifest.Output(name)
		if j < 0 {
			return nil, unknownOutput(b.Manifest, name)
		}
		out[i] = b.output(j)
	}
	return out, nil
}

func unknownOutput(m *scoring.Manifest, name string) error {
	var known []string
	for _, o := range m.Outputs {
		known = append(known, o.Name)
	}
	return fault.New(fault.Invalid, "scorer %s has no output %.60q (it has %s)", m.Name, name, strings.Join(known, ", "))
}

func (b Base) output(i int) *ScoreOutput {
	v, o := b.Output(i), &ScoreOutput{Name: b.Manifest.Outputs[i].Name}
	if !v.Ok() {
		return o
	}
	switch v.Kind() {
	case scoring.Number, scoring.Integer:
		x := v.Float()
		o.Number = &x
	case scoring.Flag:
		o.Flag = boolean(v)
	case scoring.Moment:
		o.At = instant(v)
	case scoring.Money:
		o.Money = b.money(v)
	case scoring.Label, scoring.Text:
		o.Text = text(v)
	}
	return o
}

// Evidence is what decided.
func (b Base) Evidence() []*Evidence {
	found := b.Score.Evidence()
	out := make([]*Evidence, len(found))
	for i, e := range found {
		out[i] = &Evidence{e, b}
	}
	return out
}

// The results of the scorer by name, as the types of plugins need them.

func (b Base) value(output string) scoring.Value {
	if i := b.Manifest.Output(output); i >= 0 {
		return b.Output(i)
	}
	return scoring.Value{}
}

func (b Base) money(v scoring.Value) *Money {
	if !v.Ok() {
		return nil
	}
	return &Money{scoring.Decimal(v.Int(), b.Business.Exponent), b.Business.Currency}
}

func boolean(v scoring.Value) *bool {
	if !v.Ok() {
		return nil
	}
	x := v.Bool()
	return &x
}

func float(v scoring.Value) *float64 {
	if !v.Ok() {
		return nil
	}
	x := v.Float()
	return &x
}

func instant(v scoring.Value) *time.Time {
	if !v.Ok() {
		return nil
	}
	t := v.Instant().Time()
	return &t
}

func integer(v scoring.Value) *int {
	if !v.Ok() {
		return nil
	}
	x := int(v.Int())
	return &x
}

func text(v scoring.Value) *string {
	if !v.Ok() {
		return nil
	}
	s := v.Text()
	return &s
}

// must is a result that the schema promises to every customer.
func must[T any](b Base, output string, v *T) (T, error) {
	if v == nil {
		var none T
		return none, &engine.ScorerError{Scorer: b.Manifest.Name, Cause: fmt.Errorf("no %s, which its schema promises (always set it)", output)}
	}
	return *v, nil
}

// Evidence is a fact that decided.
type Evidence struct {
	of    scoring.Evidence
	score Base
}

// Fact is the name of the fact.
func (e *Evidence) Fact() string { return e.score.Manifest.Reasons[e.of.Reason].Fact }

// Value is the customer's value.
func (e *Evidence) Value() any { return engine.JSON(e.of.Value, e.score.Business.Exponent) }

// Threshold is what the value was held against.
func (e *Evidence) Threshold() any {
	switch len(e.of.Threshold) {
	case 0:
		return nil
	case 1:
		return engine.JSON(e.of.Threshold[0], e.score.Business.Exponent)
	}
	all := make([]any, len(e.of.Threshold))
	for i, v := range e.of.Threshold {
		all[i] = engine.JSON(v, e.score.Business.Exponent)
	}
	return all
}

// Percentile of the customer in the population.
func (e *Evidence) Percentile() *float64 {
	if math.IsNaN(e.of.Percentile) {
		return nil
	}
	return &e.of.Percentile
}

// Reason is one sentence.
func (e *Evidence) Reason(locale string) string {
	return e.score.Formatter(locale).Reason(e.score.Manifest, e.of)
}
