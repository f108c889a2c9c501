package registry

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/record"
	"bellwether/internal/rule"
	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// attempts is how often a change is tried when others change the rules meanwhile.
const attempts = 5

// change is a set of rules that is to replace the one in use.
type change struct {
	name string
	next *engine.Engine
	set  *assembly
}

// SaveRule creates or replaces a rule. The definition is the JSON of the API's SaveRuleInput. Saving what is there already
// changes nothing. What is wrong is answered as problems.
func (r *Registry) SaveRule(ctx context.Context, definition []byte) (name string, problems []record.Problem, err error) {
	return r.save(ctx, definition)
}

func (r *Registry) save(ctx context.Context, definition []byte) (string, []record.Problem, error) {
	d, data, err := canonical(definition)
	if err != nil {
		return "", nil, err
	}
	problems, err := r.attempt(ctx, func(revision int64) ([]record.Problem, error) {
		if i := r.savedAt(d.Name); i >= 0 && string(r.saved[i].Definition) == string(data) {
			return nil, nil
		}
		c, problems, err := r.prepare(d)
		if err != nil || len(problems) > 0 {
			return problems, err
		}
		return nil, r.commit(ctx, c, data, revision)
	})
	return d.Name, problems, err
}

// DeleteRule deletes a rule, unless another scorer requires it; false: there was none.
func (r *Registry) DeleteRule(ctx context.Context, name string) (deleted bool, problems []record.Problem, err error) {
	problems, err = r.attempt(ctx, func(revision int64) ([]record.Problem, error) {
		at := r.savedAt(name)
		if at < 0 {
			return r.notARule(name), nil
		}
		c, base := &change{name: name}, r.saved
		r.saved = slices.Delete(slices.Clone(r.saved), at, at+1)
		problems, err := r.resolve(c, "name")
		r.saved = base
		if err != nil || len(problems) > 0 {
			return problems, err
		}
		deleted = true
		return nil, r.commit(ctx, c, nil, revision)
	})
	return deleted && err == nil, problems, err
}

// notARule says why a name cannot be deleted.
func (r *Registry) notARule(name string) []record.Problem {
	switch entry, known := r.live.Engine().Entry(name); {
	case !known:
		return one(record.NewProblem(record.CodeNotFound, "name", "there is no rule %.60q (the nearest scorer is %s)", "没有名为 %.60q 的规则（最接近的评分器是 %s）", name, r.nearest(name)))
	case entry.Host == engine.BuiltIn:
		return one(record.NewProblem(record.CodeConflict, "name", "scorer %s is compiled in (switch it off instead)", "评分器 %s 为内置（可将其停用）", name))
	}
	return one(record.NewProblem(record.CodeConflict, "name", "scorer %s comes from the folder of plugins (remove its file there)", "评分器 %s 来自插件目录（请在该目录中删除其文件）", name))
}

func one(p record.Problem) []record.Problem { return []record.Problem{p} }

func (r *Registry) nearest(name string) string {
	var names []string
	for _, e := range r.live.Engine().Entries() {
		names = append(names, e.Scorer.Manifest().Name)
	}
	return engine.Nearest(name, names)
}

// attempt makes a change on the rules as they are in the database now, again where others change them meanwhile.
func (r *Registry) attempt(ctx context.Context, do func(revision int64) ([]record.Problem, error)) (problems []record.Problem, err error) {
	if err := r.mu.lock(ctx); err != nil {
		return nil, err
	}
	defer r.mu.Unlock()
	for range attempts {
		revision, err := r.read(ctx)
		if err != nil {
			return nil, err
		}
		if problems, err = do(revision); !errors.Is(err, store.ErrMoved) {
			return problems, err
		}
	}
	return nil, fault.New(fault.Conflict, "others change the rules all the time (try again)")
}

func (r *Registry) savedAt(name string) int {
	return slices.IndexFunc(r.saved, func(s store.Rule) bool { return s.Name == name })
}

// prepare makes the set with a rule in it, or says what is wrong with the rule.
func (r *Registry) prepare(d rule.Definition) (*change, []record.Problem, error) {
	if entry, known := r.live.Engine().Entry(d.Name); known && (entry.Host == engine.BuiltIn || r.savedAt(d.Name) < 0) {
		from := record.NewProblem(record.CodeConflict, "name", "the name %s is taken by a file in the folder of plugins (choose another name, or change the file)", "名称 %s 已被插件目录中的文件占用（请改名或修改该文件）", d.Name)
		if entry.Host == engine.BuiltIn {
			from = record.NewProblem(record.CodeConflict, "name", "the name %s is taken by a scorer that is compiled in (choose another name)", "名称 %s 已被内置评分器占用（请改名）", d.Name)
		}
		return nil, one(from), nil
	}
	v := rule.Vocabulary{Facts: scoring.Facts()}
	for _, e := range r.live.Engine().Entries() {
		if m := e.Scorer.Manifest(); m.Name != d.Name {
			v.Scorers = append(v.Scorers, m)
		}
	}
	if _, problems := rule.Compile(d, v); len(problems) > 0 {
		out := make([]record.Problem, len(problems))
		for i, p := range problems {
			out[i] = record.Problem{Code: p.Code, Path: p.Path, En: p.Message.En, Zh: p.Message.Zh, Line: p.Line, Column: p.Column, Suggestion: p.Suggestion}
		}
		return nil, out, nil
	}
	data, err := json.Marshal(d)
	if err != nil {
		return nil, nil, err
	}
	c, base := &change{name: d.Name}, r.saved
	r.saved = slices.Clone(r.saved)
	if i := r.savedAt(d.Name); i >= 0 {
		r.saved[i].Definition = data
		r.saved[i].Number++
	} else {
		r.saved = append(r.saved, store.Rule{Name: d.Name, Number: 1, Definition: data})
	}
	problems, err := r.resolve(c, "labels")
	r.saved = base
	return c, problems, err
}

// resolve makes the set of a change, and says who would not answer any more because of it.
func (r *Registry) resolve(c *change, path string) (problems []record.Problem, err error) {
	c.set = r.assemble(false)
	if c.next, err = r.live.Engine().With(c.set.entries); err != nil {
		return nil, err
	}
	if now, there := c.next.Entry(c.name); there && now.Off != "" && !c.set.off[c.name] {
		return one(record.NewProblem(record.CodeConflict, path, "%s", "该规则无法启用：%s", now.Off)), nil
	}
	for _, e := range r.live.Engine().Entries() {
		name := e.Scorer.Manifest().Name
		now, there := c.next.Entry(name)
		if e.Off != "" || there && now.Off == "" || name == c.name {
			continue
		}
		problems = append(problems, record.NewProblem(record.CodeConflict, path, "scorer %s requires what would be gone then (change or delete %[1]s first)", "评分器 %s 依赖将被移除的内容（请先修改或删除 %[1]s）", name))
	}
	return problems, nil
}

// commit writes a change down and lets its set answer.
func (r *Registry) commit(ctx context.Context, c *change, definition []byte, revision int64) error {
	saved, err := r.Store.SaveRule(ctx, c.name, definition, revision)
	if err != nil {
		return err
	}
	r.Log.Info("rule saved", "scorer", c.name, "version", saved.Number, "deleted", definition == nil)
	if _, err := r.read(ctx); err != nil {
		return err
	}
	return r.settle()
}

// sample is how many customers a preview scores at most.
const sample = 200_000

// PreviewRule tells how a rule would label the customers, and who would move from which label to which. It stores nothing.
func (r *Registry) PreviewRule(ctx context.Context, definition []byte, asOf *time.Time) (*engine.Preview, []record.Problem, error) {
	d, _, err := canonical(definition)
	if err != nil {
		return nil, nil, err
	}
	var c *change
	problems, err := r.attempt(ctx, func(int64) (problems []record.Problem, err error) {
		c, problems, err = r.prepare(d)
		return problems, err
	})
	if err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	p, err := c.next.Preview(ctx, d.Name, r.live.Engine(), asOf, sample)
	return p, nil, err
}

// canonical reads a definition and writes it in the form in which it is stored.
func canonical(definition []byte) (d rule.Definition, data []byte, err error) {
	if err := json.Unmarshal(definition, &d); err != nil {
		return d, nil, fault.New(fault.Invalid, "the rule cannot be read: %w (send what SaveRuleInput describes)", err)
	}
	d.Version = ""
	data, err = json.Marshal(d)
	return d, data, err
}

// RuleVersions are all versions of a rule, latest first; none where it was never saved.
func (r *Registry) RuleVersions(ctx context.Context, name string) ([]record.RuleVersion, error) {
	all, err := r.Store.RuleVersions(ctx, name)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	out := make([]record.RuleVersion, len(all))
	for i, saved := range all {
		out[i] = record.RuleVersion{Version: ruleVersion(saved.Number), SavedAt: saved.SavedAt, Definition: saved.Definition}
	}
	return out, nil
}

// SetEnabled switches a scorer on or off. One that others require cannot be switched off.
func (r *Registry) SetEnabled(ctx context.Context, name string, enabled bool) ([]record.Problem, error) {
	return r.attempt(ctx, func(revision int64) ([]record.Problem, error) {
		if err := r.settle(); err != nil { // with what others saved: it may require this one
			return nil, err
		}
		e := r.live.Engine()
		if _, known := e.Entry(name); !known {
			return one(record.NewProblem(record.CodeNotFound, "name", "there is no scorer %.60q (the nearest is %s)", "没有名为 %.60q 的评分器（最接近的是 %s）", name, r.nearest(name))), nil
		}
		if by := e.Dependents(name); !enabled && len(by) > 0 {
			return one(record.NewProblem(record.CodeConflict, "name", "scorer %s is required by %s (switch that off first)", "评分器 %s 被 %s 依赖（请先停用后者）", name, by[0])), nil
		}
		if err := r.Store.SwitchScorer(ctx, name, store.Switch{Enabled: enabled}, revision); err != nil {
			return nil, err
		}
		r.Log.Info("scorer switched", "scorer", name, "enabled", enabled)
		if _, err := r.read(ctx); err != nil {
			return nil, err
		}
		return nil, r.settle()
	})
}
