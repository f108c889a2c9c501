package registry

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"bellwether/internal/record"
	"bellwether/internal/rule"
	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// assembly is a set of scorers being put together.
type assembly struct {
	trial   bool // with the modules that are to be tried
	entries []engine.Entry
	refused []record.RefusedScorer
	fresh   []*file         // whose new version is among the entries
	off     map[string]bool // by somebody's switch
	origins map[string]string
	pending []*pending
}

// pending is a rule that is not compiled yet.
type pending struct {
	definition rule.Definition
	digest     string
	notice     string
	path       string // of the file; "": of the database
	file       *file  // nil: of the database
	fresh      bool   // the file's new version
	scorer     scoring.Scorer
	problems   []rule.Problem
}

// assemble puts together what there is: what is compiled in, what is saved, what is in the folder, in this order. A name
// belongs to the first.
func (r *Registry) assemble(trial bool) *assembly {
	a := &assembly{trial: trial, off: map[string]bool{}, origins: map[string]string{}}
	for _, s := range r.BuiltIn {
		a.take(s.Manifest().Name, "", "a scorer that is compiled in", "")
		a.add(r, engine.Entry{Scorer: s, Host: engine.BuiltIn})
	}
	for _, saved := range r.saved {
		if !a.take(saved.Name, "", "a rule of the database", "delete this rule with deleteRule") {
			continue
		}
		d, err := definitionOf(saved)
		if err != nil {
			a.refuse("", saved.Name, err.Error())
			continue
		}
		a.pending = append(a.pending, &pending{definition: d, digest: digest(saved.Definition)})
	}
	// What answers already keeps its name, whatever file comes along.
	paths := sortedKeys(r.files)
	slices.SortStableFunc(paths, func(x, y string) int { return cmp.Compare(r.files[x].novelty(), r.files[y].novelty()) })
	for _, path := range paths {
		r.files[path].join(r, a)
	}
	a.compile(r)
	return a
}

// take gives a name to whoever asks first: what is compiled in, a rule of the database, a file.
func (a *assembly) take(name, path, by, cure string) bool {
	if owner, taken := a.origins[name]; taken {
		a.refuse(path, name, fmt.Sprintf("the name %s is taken by %s (%s)", name, owner, cure))
		return false
	}
	a.origins[name] = by
	return true
}

func (a *assembly) refuse(file, scorer, message string) {
	a.refused = append(a.refused, record.RefusedScorer{File: file, Scorer: scorer, Message: message})
}

// add takes an entry in, switched off where somebody wants it so or it failed too often.
func (a *assembly) add(r *Registry, e engine.Entry) {
	name := e.Scorer.Manifest().Name
	if said, failed := r.tripped[name]; failed && !a.trial {
		e.Off = said
	}
	if s, said := r.switches[name]; said && !s.Enabled {
		e.Off, a.off[name] = "somebody wanted it so (switch it on with setScorerEnabled)", true
		if s.Reason != "" {
			e.Off = s.Reason
		}
	}
	a.entries = append(a.entries, e)
}

// compile makes scorers of the rules. One whose new version cannot be compiled stays as it was.
func (a *assembly) compile(r *Registry) {
	for again := true; again; {
		again = false
		v := a.vocabulary()
		for _, p := range a.pending {
			p.scorer, p.problems = rule.Compile(p.definition, v)
		}
		for i, p := range a.pending {
			if p.scorer == nil && p.fresh && p.file.good != nil {
				r.refuse(p.file, problemsError(p.problems))
				a.pending[i], again = p.file.pending(), true // which others may require in another way
			}
		}
	}
	for _, p := range a.pending {
		if p.scorer == nil {
			a.refuse(p.path, p.definition.Name, a.whyNot(r, p))
			continue
		}
		if p.fresh {
			p.file.next.scorer = p.scorer
			a.fresh = append(a.fresh, p.file)
		}
		a.add(r, engine.Entry{Scorer: p.scorer, Host: engine.Rule, Digest: p.digest, Notice: p.notice})
	}
}

// whyNot is what keeps a rule from answering: above all that what it required until now is gone.
func (a *assembly) whyNot(r *Registry, p *pending) string {
	for _, name := range r.requires[p.definition.Name] {
		if _, there := a.origins[name]; !there {
			return fmt.Sprintf("it requires %s, which is not there any more (put its file back, or change this rule)\n%s", name, problemsText(p.problems))
		}
	}
	return problemsText(p.problems)
}

// vocabulary is what rules may refer to: the facts, the scorers taken in, and each other.
func (a *assembly) vocabulary() rule.Vocabulary {
	v := rule.Vocabulary{Facts: scoring.Facts()}
	for _, e := range a.entries {
		v.Scorers = append(v.Scorers, e.Scorer.Manifest())
	}
	for _, p := range a.pending {
		v.Scorers = append(v.Scorers, p.definition.Manifest())
	}
	return v
}

// definitionOf reads a rule of the database. Its number is its version.
func definitionOf(saved store.Rule) (d rule.Definition, err error) {
	if err := json.Unmarshal(saved.Definition, &d); err != nil {
		return d, fmt.Errorf("rule %s cannot be read: %w (save it again)", saved.Name, err)
	}
	d.Name, d.Version = saved.Name, ruleVersion(saved.Number)
	return d, nil
}

func ruleVersion(number int) string { return fmt.Sprintf("%d.0.0", number) }

type problemsError []rule.Problem

func (e problemsError) Error() string { return problemsText(e) }

// problemsText has a line for each problem, with its place.
func problemsText(problems []rule.Problem) string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		place := strings.Join(p.Path, ".")
		if p.Line > 0 {
			place = strings.TrimSpace(fmt.Sprintf("%d:%d %s", p.Line, p.Column, place))
		}
		lines[i] = strings.TrimPrefix(place+": "+p.Message.En, ": ")
	}
	return strings.Join(lines, "\n")
}
