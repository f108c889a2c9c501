package model

import (
	"context"
	"time"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// Scorer is a scorer of the catalogue.
type Scorer struct {
	*scoring.Manifest
	engine *engine.Engine
	entry  engine.Entry
}

// NewScorer is a scorer of an engine.
func NewScorer(e *engine.Engine, entry engine.Entry) *Scorer {
	return &Scorer{entry.Scorer.Manifest(), e, entry}
}

// IsNode marks the type.
func (*Scorer) IsNode() {}

// ID is the global id.
func (s *Scorer) ID() string { return ScorerID.Named(s.Name) }

// Version of the scorer, with its parameters.
func (s *Scorer) Version() string { return s.engine.Version(s.Name) }

// Host is how it runs.
func (s *Scorer) Host() string { return string(s.entry.Host) }

// Enabled tells whether it answers.
func (s *Scorer) Enabled() bool { return s.entry.Off == "" }

// Digest is of what it was made from.
func (s *Scorer) Digest() *string { return named(s.entry.Digest) }

// Usage is what it has used so far.
func (s *Scorer) Usage() *ScorerUsage {
	if s.entry.Usage == nil {
		return nil
	}
	return &ScorerUsage{s.entry.Usage()}
}

// LastError is why it does not answer, or what went wrong when its stored scores were refreshed last.
func (s *Scorer) LastError(ctx context.Context) (*string, error) {
	for _, cause := range []string{s.entry.Off, s.entry.Notice} {
		if cause != "" {
			return &cause, nil
		}
	}
	cause, err := s.engine.LastError(ctx, s.Name)
	return named(cause), err
}

// Title is the name in words.
func (s *Scorer) Title(locale string) string { return s.Manifest.Title.In(locale) }

// Doc says which question it answers.
func (s *Scorer) Doc(locale string) string { return s.Manifest.Doc.In(locale) }

// Labels of the scorer.
func (s *Scorer) Labels() []*ScoreLabel {
	labels := []*ScoreLabel{}
	if o, ok := s.MainLabel(); ok {
		for i := range o.Labels {
			labels = append(labels, &ScoreLabel{&o.Labels[i]})
		}
	}
	return labels
}

// Outputs of the scorer.
func (s *Scorer) Outputs() []*ScorerOutput {
	out := make([]*ScorerOutput, len(s.Manifest.Outputs))
	for i := range out {
		out[i] = &ScorerOutput{&s.Manifest.Outputs[i]}
	}
	return out
}

// Facts that it reads, each once.
func (s *Scorer) Facts() []*Fact {
	out, seen := []*Fact{}, map[string]bool{}
	for _, use := range s.Manifest.Facts {
		if f, ok := scoring.FactNamed(use.Name); ok && !seen[f.Name] {
			out, seen[f.Name] = append(out, &Fact{f}), true
		}
	}
	return out
}

// Requires are the scorers whose results it reads, each once.
func (s *Scorer) Requires() []string {
	out, seen := []string{}, map[string]bool{}
	for _, use := range s.Manifest.Requires {
		if !seen[use.Scorer] {
			out, seen[use.Scorer] = append(out, use.Scorer), true
		}
	}
	return out
}

// Parameters of the scorer.
func (s *Scorer) Parameters() []*ScorerParameter {
	out, values := make([]*ScorerParameter, len(s.Params)), s.engine.Params(s.Name)
	for i := range out {
		out[i] = &ScorerParameter{&s.Params[i], values[i]}
	}
	return out
}

// ScoreLabel is a label of a scorer.
type ScoreLabel struct{ *scoring.LabelDoc }

// Title is the label in words.
func (l *ScoreLabel) Title(locale string) string { return l.LabelDoc.Title.In(locale) }

// Doc says when it applies.
func (l *ScoreLabel) Doc(locale string) string { return l.LabelDoc.Doc.In(locale) }

// Advice says what to do.
func (l *ScoreLabel) Advice(locale string) *string {
	advice := l.LabelDoc.Advice.In(locale)
	return &advice
}

// ScorerOutput is a result of a scorer.
type ScorerOutput struct{ *scoring.Output }

// Kind of its values.
func (o *ScorerOutput) Kind() string { return o.Output.Kind.String() }

// Doc says what it means.
func (o *ScorerOutput) Doc(locale string) string { return o.Output.Doc.In(locale) }

// ScorerParameter is a setting of a scorer.
type ScorerParameter struct {
	*scoring.Param
	value scoring.Value
}

// Kind of its value.
func (p *ScorerParameter) Kind() string { return p.Param.Kind.String() }

// Default is the value unless set.
func (p *ScorerParameter) Default() any { return engine.JSON(p.Param.Default, 0) }

// Value in force.
func (p *ScorerParameter) Value() any { return engine.JSON(p.value, 0) }

// Min is the least value of a number.
func (p *ScorerParameter) Min() *float64 { return p.bound(p.Param.Min) }

// Max is the greatest value of a number.
func (p *ScorerParameter) Max() *float64 { return p.bound(p.Param.Max) }

func (p *ScorerParameter) bound(x float64) *float64 {
	if p.Param.Kind != scoring.Number && p.Param.Kind != scoring.Integer {
		return nil
	}
	return &x
}

// Doc says what it does.
func (p *ScorerParameter) Doc(locale string) string { return p.Param.Doc.In(locale) }

// Fact is an entry of the catalogue of facts.
type Fact struct{ scoring.Fact }

// Kind of its values.
func (f *Fact) Kind() string { return f.Fact.Kind.String() }

// Unit of its values.
func (f *Fact) Unit() *string {
	if f.Fact.Unit == "" {
		return nil
	}
	return &f.Fact.Unit
}

// Title is the name in words.
func (f *Fact) Title(locale string) string { return f.Fact.Title.In(locale) }

// Doc says what it means.
func (f *Fact) Doc(locale string) string { return f.Fact.Doc.In(locale) }

// Distribution is how labels spread.
type Distribution struct{ *engine.Distribution }

// Scorer is the scorer's name.
func (d *Distribution) Scorer() string { return d.Manifest.Name }

// AsOf is the instant of the facts.
func (d *Distribution) AsOf() time.Time { return d.Distribution.AsOf.Time() }

// Buckets are one a label.
func (d *Distribution) Buckets() []*DistributionBucket {
	out := make([]*DistributionBucket, len(d.Distribution.Buckets))
	for i := range out {
		out[i] = &DistributionBucket{&d.Distribution.Buckets[i], d}
	}
	return out
}

// DistributionBucket is one label of a distribution.
type DistributionBucket struct {
	*engine.Bucket
	of *Distribution
}

// Label is its name.
func (b *DistributionBucket) Label() string { return b.Bucket.Label.Name }

// Title is the label in words.
func (b *DistributionBucket) Title(locale string) string { return b.Bucket.Label.Title.In(locale) }

// Share of all customers.
func (b *DistributionBucket) Share() float64 {
	if b.of.Customers == 0 {
		return 0
	}
	return float64(b.Customers) / float64(b.of.Customers)
}

// Revenue of its customers.
func (b *DistributionBucket) Revenue() *Money {
	return &Money{scoring.Decimal(b.Bucket.Revenue, b.of.Business.Exponent), b.of.Business.Currency}
}

// ScorerUsage is what a scorer has used since it was taken in.
type ScorerUsage struct{ engine.Usage }

// Calls of the scorer.
func (u *ScorerUsage) Calls() float64 { return float64(u.Usage.Calls) }

// Customers that were scored.
func (u *ScorerUsage) Customers() float64 { return float64(u.Usage.Customers) }

// Failures among the calls.
func (u *ScorerUsage) Failures() float64 { return float64(u.Usage.Failures) }

// CPUSeconds of the process that it runs in.
func (u *ScorerUsage) CPUSeconds() float64 { return u.CPU.Seconds() }

// MemoryBytes is the most that it took.
func (u *ScorerUsage) MemoryBytes() float64 { return float64(u.Memory) }
