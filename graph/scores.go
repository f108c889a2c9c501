package graph

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"bellwether/graph/model"
	"bellwether/internal/fault"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// scored answers a typed score field; generated resolvers call it.
func scored[T any](ctx context.Context, r *Resolver, c *model.Customer, name string, asOf *time.Time, typed func(model.Base) *T) (*T, error) {
	b, err := r.base(ctx, c, name, asOf)
	if err != nil {
		return nil, err
	}
	return typed(b), nil
}

// score answers one scorer by name.
func (r *Resolver) score(ctx context.Context, c *model.Customer, name string, asOf *time.Time) (model.Score, error) {
	b, err := r.base(ctx, c, name, asOf)
	if err != nil {
		return nil, err
	}
	return model.Typed(b), nil
}

// scores answers some scorers, by position of their names; one that fails is null there, with an error of its own.
func (r *Resolver) scores(ctx context.Context, c *model.Customer, names []string, asOf *time.Time) ([]model.Score, error) {
	if names == nil {
		names = r.scorerNames(ctx)
	}
	out := make([]model.Score, len(names))
	for i, name := range names {
		s, err := r.score(ctx, c, name, asOf)
		if err != nil {
			graphql.AddError(graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i}), err)
			continue
		}
		out[i] = s
	}
	return out, nil
}

// base is a scorer's answer for a customer. The first field that asks computes everything that the selection asks of
// the customers loaded together: one query for the facts of all scorers.
func (r *Resolver) base(ctx context.Context, c *model.Customer, name string, asOf *time.Time) (b model.Base, err error) {
	if _, err := r.engine(ctx).Manifest(name); err != nil {
		return b, err
	}
	wants, err := r.wants(ctx, c, name, asOf)
	if err != nil {
		return b, err
	}
	answers, err := model.Together(c.Group, wants.key, func() (map[string]engine.Answer, error) {
		return r.engine(ctx).Score(ctx, members(c.Group), wants.all, asOf)
	})
	if err != nil {
		return b, err
	}
	a := answers[name]
	if a.Scores != nil {
		if s, ok := a.Of(scoring.ID(c.Customer.ID)); ok {
			return model.Base{Score: s}, nil
		}
	}
	if a.Err == nil {
		a.Err = fault.New(fault.Conflict, "customer %s was merged meanwhile (ask again)", c.ID())
	}
	return b, a.Err
}

// wants are what is computed together, and its key among what a group has fetched.
type wants struct {
	all []engine.Want
	key string
}

// selection is where a scorer is asked for: a place in the document and an instant.
type selection struct {
	first *ast.Selection
	n     int
	name  string
	asOf  string
}

// wants are the scorers that are computed together with one, found out once for a group.
func (r *Resolver) wants(ctx context.Context, c *model.Customer, name string, asOf *time.Time) (wants, error) {
	around, at := selectedAround(ctx), model.TimeKey(asOf)
	place := selection{n: len(around), name: name, asOf: at}
	if len(around) > 0 {
		place.first = &around[0]
	}
	return model.Together(c.Group, place, func() (wants, error) {
		all := r.wanted(ctx, around, asOf)
		if !slices.ContainsFunc(all, func(w engine.Want) bool { return w.Name == name }) {
			all = []engine.Want{{Name: name, Explain: true}}
		}
		return wants{all, scoresKey(at, all)}, nil
	})
}

// scoresKey is the key of the answers of some scorers as of an instant.
func scoresKey(at string, all []engine.Want) string { return "scores " + at + fmt.Sprint(all) }

// selectedAround is the selection that the current field is in.
func selectedAround(ctx context.Context) ast.SelectionSet {
	parent := graphql.GetFieldContext(ctx).Parent
	for parent != nil && parent.Field.Field == nil { // an item of a list
		parent = parent.Parent
	}
	if parent == nil {
		return nil
	}
	return parent.Field.Selections
}

// wanted are the scorers that a selection asks for as of the same instant, in order.
func (r *Resolver) wanted(ctx context.Context, around ast.SelectionSet, asOf *time.Time) []engine.Want {
	operation := graphql.GetOperationContext(ctx)
	explain := map[string]bool{}
	for _, f := range graphql.CollectFields(operation, around, []string{"Customer", "Node"}) {
		args := f.ArgumentMap(operation.Variables)
		if at, err := instant(args["asOf"]); err != nil || model.TimeKey(at) != model.TimeKey(asOf) {
			continue
		}
		for _, name := range r.asked(ctx, f.Field, args) {
			explain[name] = explain[name] || selects(f.Selections, "evidence")
		}
	}
	var wants []engine.Want
	for name, why := range explain {
		if _, err := r.engine(ctx).Manifest(name); err == nil {
			wants = append(wants, engine.Want{Name: name, Explain: why})
		}
	}
	slices.SortFunc(wants, func(a, b engine.Want) int { return strings.Compare(a.Name, b.Name) })
	return wants
}

func instant(arg any) (*time.Time, error) {
	if arg == nil {
		return nil, nil
	}
	t, err := model.UnmarshalDateTime(arg)
	return &t, err
}

// asked are the scorers that a field of Customer asks for.
func (r *Resolver) asked(ctx context.Context, f *ast.Field, args map[string]any) []string {
	if d := f.Definition.Directives.ForName("score"); d != nil {
		if name := d.Arguments.ForName("name"); name != nil {
			return []string{name.Value.Raw}
		}
		return []string{snake(f.Name)}
	}
	switch f.Name {
	case "score":
		return []string{fmt.Sprint(args["name"])}
	case "scores":
		names, ok := args["names"].([]any)
		if !ok {
			return r.scorerNames(ctx)
		}
		out := make([]string, len(names))
		for i, n := range names {
			out[i] = fmt.Sprint(n)
		}
		return out
	}
	return nil
}

// snake is the scorer's name of a field's: valueTier is value_tier.
func snake(camel string) string {
	var out strings.Builder
	for _, r := range camel {
		if r >= 'A' && r <= 'Z' {
			out.WriteByte('_')
			r += 'a' - 'A'
		}
		out.WriteRune(r)
	}
	return out.String()
}

// selects tells whether a field of a name may be selected; directives and type conditions are not looked at, because
// too much evidence only costs time.
func selects(set ast.SelectionSet, name string) bool {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if s.Name == name {
				return true
			}
		case *ast.InlineFragment:
			if selects(s.SelectionSet, name) {
				return true
			}
		case *ast.FragmentSpread:
			if selects(s.Definition.SelectionSet, name) {
				return true
			}
		}
	}
	return false
}

func (r *Resolver) scorerNames(ctx context.Context) []string {
	var names []string
	for _, m := range r.engine(ctx).Manifests() {
		names = append(names, m.Name)
	}
	return names
}

// scorers is the catalogue.
func (r *Resolver) scorers(ctx context.Context) []*model.Scorer {
	var out []*model.Scorer
	for _, e := range r.engine(ctx).Entries() {
		out = append(out, model.NewScorer(r.engine(ctx), e))
	}
	return out
}

// scorer is the scorer of a name, nil where there is none.
func (r *Resolver) scorer(ctx context.Context, name string) *model.Scorer {
	e, ok := r.engine(ctx).Entry(name)
	if !ok {
		return nil
	}
	return model.NewScorer(r.engine(ctx), e)
}

// facts is the vocabulary.
func facts() []*model.Fact {
	var out []*model.Fact
	for _, f := range scoring.Facts() {
		out = append(out, &model.Fact{Fact: f})
	}
	return out
}

func (r *Resolver) distribution(ctx context.Context, scorer string, asOf *time.Time) (*model.Distribution, error) {
	d, err := r.engine(ctx).Distribution(ctx, scorer, asOf)
	if err != nil {
		return nil, err
	}
	return &model.Distribution{Distribution: d}, nil
}
