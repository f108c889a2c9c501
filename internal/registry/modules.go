package registry

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"bellwether/internal/sandbox"
	"bellwether/scoring"
	"bellwether/scoring/conformance"
	"bellwether/scoring/engine"
)

// allowFile is the file with the SHA-256 of the modules that may be loaded, as sha256sum writes them: a line each, with
// the name of the file after it or not; lines that begin with # are comments.
func (r *Registry) allowFile() string {
	if r.Allowed != "" {
		return r.Allowed
	}
	return filepath.Join(r.Dir, "allowed.sha256")
}

// allowList reads the allow-list, and tells whether it is another one than last time. One that cannot be read allows
// nothing.
func (r *Registry) allowList() (allowed map[string]bool, changed bool) {
	if r.Unsigned {
		return nil, false
	}
	text, err := os.ReadFile(r.allowFile())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.Log.Warn("the list of modules that may be loaded cannot be read", "error", err)
	}
	allowed = map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 0 && !strings.HasPrefix(fields[0], "#") {
			allowed[strings.ToLower(fields[0])] = true
		}
	}
	changed = r.listed != string(text)
	r.listed = string(text)
	return allowed, changed
}

// How a module is tried before it answers.
const (
	trialTime = 2 * time.Minute
	trialSize = 40 // customers of the populations that are made up
)

// newModules are the modules that are to be tried, by file, and the set with them.
func (r *Registry) newModules() (*assembly, map[*file]*made) {
	untried := func(f *file) bool { return f.next != nil && f.next.module != nil && !f.next.tried }
	if !slices.ContainsFunc(slices.Collect(maps.Values(r.files)), untried) {
		return nil, nil
	}
	set, news := r.assemble(true), map[*file]*made{} // those that failed too often, too: another module may take their place
	for _, f := range set.fresh {
		if untried(f) {
			news[f] = f.next
		}
	}
	return set, news
}

// tryModules holds the new modules against the rules that scorers keep, and lets them learn from the population, before
// they answer. Those that fail are refused. It tells whether there were any.
func (r *Registry) tryModules(ctx context.Context) (bool, error) {
	r.mu.Lock()
	set, news := r.newModules()
	r.mu.Unlock()
	if len(news) == 0 {
		return false, nil
	}
	next, err := r.live.Engine().With(set.entries)
	if err != nil {
		return false, err
	}
	for f, m := range news {
		var wrong error
		if entry, _ := next.Entry(m.name()); entry.Off == "" { // else settle decides
			wrong = tryModule(ctx, m.module, next)
		}
		if ctx.Err() != nil {
			return true, ctx.Err() // it is tried again
		}
		r.mu.Lock()
		if m.tried = wrong == nil; wrong != nil && f.next == m {
			r.refuse(f, wrong)
		} else if wrong == nil {
			delete(r.tripped, m.name()) // that was another module
		}
		r.mu.Unlock()
	}
	return true, nil
}

func tryModule(ctx context.Context, m *sandbox.Module, next *engine.Engine) error {
	ctx, cancel := context.WithTimeout(ctx, trialTime)
	defer cancel()
	name := m.Manifest().Name
	others := conformance.Requiring(required(next, m.Manifest())...)
	if found := conformance.Check(ctx, m, conformance.Size(trialSize), others, conformance.First()); len(found) > 0 {
		return fmt.Errorf("it breaks a rule that scorers keep: %s", found[0])
	}
	return next.Trial(ctx, name)
}

// required are the scorers that one requires, and those that they require.
func required(e *engine.Engine, m *scoring.Manifest) (all []scoring.Scorer) {
	seen := map[string]bool{m.Name: true}
	var add func(m *scoring.Manifest)
	add = func(m *scoring.Manifest) {
		for _, r := range m.Requires {
			if entry, ok := e.Entry(r.Scorer); ok && !seen[r.Scorer] {
				seen[r.Scorer] = true
				all = append(all, entry.Scorer)
				add(entry.Scorer.Manifest())
			}
		}
	}
	add(m)
	return all
}

// guarded counts what a module does, and has it switched off when it fails again and again.
type guarded struct {
	*sandbox.Module
	r                                  *Registry
	calls, customers, failures, inARow atomic.Int64
}

// maxFailures is how often in a row a module may fail.
const maxFailures = 5

func (r *Registry) guard(m *sandbox.Module) *guarded { return &guarded{Module: m, r: r} }

// Fit implements [scoring.Scorer].
func (g *guarded) Fit(ctx context.Context, p *scoring.Population) (scoring.Model, error) {
	m, err := g.Module.Fit(ctx, p)
	if g.Learns() { // else nothing was done
		g.note(ctx, err)
	}
	return m, err
}

// Score implements [scoring.Scorer].
func (g *guarded) Score(ctx context.Context, m scoring.Model, b *scoring.Batch) (*scoring.Results, error) {
	results, err := g.Module.Score(ctx, m, b)
	if err == nil {
		err = engine.Check(g.Manifest(), results, b) // an answer that is refused is a failure, too
	}
	g.customers.Add(int64(b.Len()))
	g.note(ctx, err)
	return results, err
}

func (g *guarded) note(ctx context.Context, err error) {
	g.calls.Add(1)
	switch {
	case err == nil:
		g.inARow.Store(0)
	case ctx.Err() != nil: // whoever asked gave up
	default:
		g.failures.Add(1)
		if n := g.inARow.Add(1); n%maxFailures == 0 { // again, where it was switched on meanwhile
			g.r.trip(g.Manifest().Name, fmt.Sprintf("switched off after it failed %d times in a row, last with: %v (switch it on again with setScorerEnabled, or replace it)", n, err))
		}
	}
}

// trip has a scorer switched off.
func (r *Registry) trip(name, said string) {
	r.Log.Error("scorer switched off", "scorer", name, "error", said)
	go func() { // whoever scores may hold what a new set waits for
		r.mu.Lock()
		defer r.mu.Unlock()
		r.tripped[name], r.dirty = said, true
	}()
}

// used is what the module has used.
func (g *guarded) used() engine.Usage {
	of := g.Usage()
	return engine.Usage{Calls: g.calls.Load(), Customers: g.customers.Load(), Failures: g.failures.Load(), CPU: of.CPU, Memory: of.Peak}
}
