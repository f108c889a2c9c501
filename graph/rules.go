package graph

import (
	"context"
	"encoding/json"
	"time"

	"bellwether/graph/model"
	"bellwether/internal/record"
	"bellwether/scoring/engine"
)

// Rules makes and changes scorers at run time; internal/registry is one. What a person did wrong is answered as problems.
type Rules interface {
	// SaveRule creates or replaces the rule that a JSON of SaveRuleInput describes.
	SaveRule(ctx context.Context, definition []byte) (name string, wrong []record.Problem, err error)
	// DeleteRule deletes a rule.
	DeleteRule(ctx context.Context, name string) (deleted bool, wrong []record.Problem, err error)
	// SetEnabled switches a scorer on or off.
	SetEnabled(ctx context.Context, name string, enabled bool) (wrong []record.Problem, err error)
	// PreviewRule tells what a rule would do.
	PreviewRule(ctx context.Context, definition []byte, asOf *time.Time) (p *engine.Preview, wrong []record.Problem, err error)
	// RuleVersions are all versions of a rule, latest first.
	RuleVersions(ctx context.Context, name string) ([]record.RuleVersion, error)
	// RefusedScorers are those that do not answer because of what is wrong with them.
	RefusedScorers() []record.RefusedScorer
}

// userErrors are problems as clients get them: those of expressions with their place.
func userErrors(wrong []record.Problem) []model.UserError {
	out := make([]model.UserError, len(wrong))
	for i, p := range wrong {
		e := model.InputError{Problem: p}
		if out[i] = &e; p.Line > 0 {
			place := &model.ExpressionError{InputError: e, Line: p.Line, Column: p.Column}
			if p.Suggestion != "" {
				place.Suggestion = &p.Suggestion
			}
			out[i] = place
		}
	}
	return out
}

func (r *Resolver) saveRule(ctx context.Context, in model.Item) (*model.SaveRulePayload, error) {
	definition, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	name, wrong, err := r.Rules.SaveRule(ctx, definition)
	if err != nil {
		return nil, err
	}
	p := &model.SaveRulePayload{Errors: userErrors(wrong)}
	if len(wrong) == 0 {
		p.Scorer = r.scorerNow(name)
	}
	return p, nil
}

// scorerNow is a scorer of the engine as it is after a change: the request's own is the one before.
func (r *Resolver) scorerNow(name string) *model.Scorer {
	e := r.Live.Engine()
	entry, ok := e.Entry(name)
	if !ok {
		return nil
	}
	return model.NewScorer(e, entry)
}

func (r *Resolver) deleteRule(ctx context.Context, in model.DeleteRuleInput) (*model.DeleteRulePayload, error) {
	deleted, wrong, err := r.Rules.DeleteRule(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	return &model.DeleteRulePayload{Deleted: deleted, Errors: userErrors(wrong)}, nil
}

func (r *Resolver) setScorerEnabled(ctx context.Context, in model.SetScorerEnabledInput) (*model.SetScorerEnabledPayload, error) {
	wrong, err := r.Rules.SetEnabled(ctx, in.Name, in.Enabled)
	if err != nil {
		return nil, err
	}
	return &model.SetScorerEnabledPayload{Scorer: r.scorerNow(in.Name), Errors: userErrors(wrong)}, nil
}

func (r *Resolver) previewRule(ctx context.Context, in model.Item, asOf *time.Time) (*model.RulePreview, error) {
	definition, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	p, wrong, err := r.Rules.PreviewRule(ctx, definition, asOf)
	if err != nil {
		return nil, err
	}
	return model.NewRulePreview(p, userErrors(wrong)), nil
}

func (r *Resolver) ruleVersions(ctx context.Context, s *model.Scorer) ([]*model.RuleVersion, error) {
	if s.Host() != string(engine.Rule) {
		return nil, nil
	}
	all, err := r.Rules.RuleVersions(ctx, s.Name)
	return model.RuleVersions(all), err
}
