package model

import (
	"encoding/json"

	"bellwether/internal/record"
	"bellwether/scoring/engine"
)

// RulePreview is what a rule would do.
type RulePreview struct {
	Customers, Population int
	Buckets               []*DistributionBucket
	Moves                 []*Transition
	Errors                []UserError
}

// NewRulePreview is a preview, nil where the rule has errors.
func NewRulePreview(p *engine.Preview, errors []UserError) *RulePreview {
	out := &RulePreview{Buckets: []*DistributionBucket{}, Moves: []*Transition{}, Errors: errors}
	if p == nil {
		return out
	}
	out.Customers, out.Population = p.Customers, p.Population
	out.Buckets = (&Distribution{&p.Distribution}).Buckets()
	for _, m := range p.Moves {
		out.Moves = append(out.Moves, &Transition{m})
	}
	return out
}

// RuleVersion is a version of a rule.
type RuleVersion struct{ record.RuleVersion }

// RuleVersions are versions; nil for none.
func RuleVersions(all []record.RuleVersion) (out []*RuleVersion) {
	for _, v := range all {
		out = append(out, &RuleVersion{v})
	}
	return out
}

// Definition is the rule in the form of SaveRuleInput; nil where it was deleted.
func (v *RuleVersion) Definition() (definition any, err error) {
	if v.RuleVersion.Definition == nil {
		return nil, nil
	}
	return definition, json.Unmarshal(v.RuleVersion.Definition, &definition)
}

// RefusedScorer is a rule or a module that does not answer.
type RefusedScorer struct{ record.RefusedScorer }

// RefusedScorers are those that do not answer.
func RefusedScorers(all []record.RefusedScorer) []*RefusedScorer {
	out := make([]*RefusedScorer, len(all))
	for i, refused := range all {
		out[i] = &RefusedScorer{refused}
	}
	return out
}

// File is that in the folder of plugins.
func (r *RefusedScorer) File() *string { return named(r.RefusedScorer.File) }

// Scorer is its name.
func (r *RefusedScorer) Scorer() *string { return named(r.RefusedScorer.Scorer) }
