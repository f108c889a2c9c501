// Package registry makes scorers at run time: rules that are saved in the database, and rules and WASM modules in a folder.
// It keeps an engine's set of scorers up to date with them, swapping it while it answers.
//
// Start with [Open], which takes in what there is, and [Registry.Run], which follows what changes: files of the folder, and
// what other processes save in the same database. [Registry.SaveRule] and its neighbours change what is there.
//
// Nothing that is wrong with a rule or a module keeps the others from answering: it is refused with a message (see
// [Registry.RefusedScorers]), and where an earlier version of it answers, that one goes on.
package registry

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/record"
	"bellwether/internal/sandbox"
	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// Store is what the registry needs of a database; internal/store is one.
type Store interface {
	Rules(ctx context.Context) ([]store.Rule, error)
	RuleVersions(ctx context.Context, name string) ([]store.Rule, error)
	SaveRule(ctx context.Context, name string, definition []byte, revision int64) (store.Rule, error)
	Switches(ctx context.Context) (map[string]store.Switch, error)
	SwitchScorer(ctx context.Context, name string, to store.Switch, revision int64) error
	RulesRevision(ctx context.Context) (int64, error)
	ForgetRule(ctx context.Context, name string) (more bool, err error)
}

// Options say where scorers come from.
type Options struct {
	BuiltIn  []scoring.Scorer
	Store    Store
	Dir      string // folder with *.rule.yaml and *.wasm; "": none
	Allowed  string // file with the SHA-256 of modules that may be loaded; "": allowed.sha256 in Dir
	Unsigned bool   // any module may be loaded
	Cache    string // folder of compiled modules, this user's alone; "": a temporary one
	Log      *slog.Logger
}

// Registry keeps the scorers of an engine. It is safe for concurrent use.
type Registry struct {
	Options
	live *engine.Live
	host *sandbox.Host // nil: there is no folder

	loading sync.Mutex                             // one at a time looks at the folder
	listed  string                                 // the allow-list as it was read last
	refused atomic.Pointer[[]record.RefusedScorer] // which is read while a change waits for the database

	mu       gate // of what follows, and of changing the set
	files    map[string]*file
	saved    []store.Rule // the latest versions, without those that were deleted
	switches map[string]store.Switch
	revision int64
	deleted  map[string]bool     // rules of which something may be stored yet
	requires map[string][]string // of rules that answered: what they required then
	tripped  map[string]string   // scorers that failed again and again, with what they said last
	dirty    bool                // the set is to be made anew
}

// Open takes in everything that there is.
func Open(ctx context.Context, live *engine.Live, o Options) (*Registry, error) {
	r := &Registry{Options: o, live: live, mu: make(gate, 1), files: map[string]*file{}, revision: -1, deleted: map[string]bool{}, requires: map[string][]string{}, tripped: map[string]string{}}
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	if o.Dir != "" {
		if err := checkFolder(o.Dir); err != nil {
			return nil, err
		}
		host, err := sandbox.New(sandbox.Options{CacheDir: o.Cache})
		if err != nil {
			return nil, fault.New(fault.Invalid, "modules cannot be run: %w (name a folder that can be written with --plugins-cache)", err)
		}
		r.host = host
	}
	if err := r.Reload(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, r.unused()
}

// unused is an error where there are parameters of scorers that nobody knows. Those of a rule that was deleted, or of what
// was refused, may be there.
func (r *Registry) unused() error {
	known := []string{}
	for _, refused := range r.RefusedScorers() {
		if known = append(known, refused.Scorer); refused.Scorer == "" { // it may be any
			return nil
		}
	}
	for name := range r.deleted {
		known = append(known, name)
	}
	return r.live.Engine().Unused(known...)
}

// gate is a lock that whoever waits for may give up.
type gate chan struct{}

func (g gate) Lock() { g <- struct{}{} }

func (g gate) Unlock() { <-g }

// lock is Lock until the context ends.
func (g gate) lock(ctx context.Context) error {
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle makes the set of scorers anew and lets it answer. A new version of a file that cannot answer with the others falls
// back to the one that answered before.
func (r *Registry) settle() error {
	for {
		set := r.assemble(false)
		next, err := r.live.Engine().With(set.entries)
		if err != nil {
			return err
		}
		again := false
		for _, f := range set.fresh {
			if entry, _ := next.Entry(f.next.name()); f.good != nil && entry.Off != "" && !set.off[f.next.name()] {
				r.refuse(f, errors.New(entry.Off))
				again = true
			}
		}
		if !again {
			r.use(next, set)
			return nil
		}
	}
}

// refuse gives up a file's new version.
func (r *Registry) refuse(f *file, err error) {
	r.Log.Warn("refused", "file", f.path, "error", err)
	f.refuse(err)
}

// use lets a set answer, and closes the modules that it replaces once their last requests have ended.
func (r *Registry) use(next *engine.Engine, set *assembly) {
	r.live.Use(next)
	for _, m := range next.Manifests() {
		if len(m.Requires) > 0 {
			r.requires[m.Name] = nil
			for _, use := range m.Requires {
				r.requires[m.Name] = append(r.requires[m.Name], use.Scorer)
			}
		}
	}
	for _, f := range set.fresh {
		if f.good != nil {
			r.retire(f.good.module)
		}
		f.good, f.next, f.problem = f.next, nil, ""
		r.Log.Info("scorer loaded", "file", f.path, "scorer", f.good.name(), "version", next.Version(f.good.name()))
	}
	before := r.RefusedScorers()
	for _, refused := range set.refused {
		if f := r.files[refused.File]; (f == nil || f.problem != refused.Message) && !slices.Contains(before, refused) { // said before
			r.Log.Warn("refused", "file", refused.File, "scorer", refused.Scorer, "error", refused.Message)
		}
	}
	r.refused.Store(&set.refused)
}

// grace is how long a module that was replaced stays: longer than a request may take.
const grace = 30 * time.Second

// retire closes a module later.
func (r *Registry) retire(m *sandbox.Module) {
	if m == nil {
		return
	}
	time.AfterFunc(grace, func() {
		if err := m.Close(); err != nil {
			r.Log.Warn("module could not be closed", "error", err)
		}
	})
}

// RefusedScorers are the rules and modules that do not answer because of what is wrong with them.
func (r *Registry) RefusedScorers() []record.RefusedScorer {
	refused := r.refused.Load()
	if refused == nil {
		return nil
	}
	return slices.Clone(*refused)
}

// Close ends the modules. Nothing may be scored any more.
func (r *Registry) Close() error {
	if r.host == nil {
		return nil
	}
	return r.host.Close()
}
