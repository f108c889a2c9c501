package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/rule"
	"bellwether/internal/sandbox"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// The files that are taken in, by how their names end.
const (
	ruleSuffix   = ".rule.yaml"
	moduleSuffix = ".wasm"
)

// maxModule is how large a module may be, in bytes.
const maxModule = 64 << 20

// file is a rule or a module of the folder.
type file struct {
	path    string // within the folder
	size    int64
	changed time.Time
	digest  string // of what was read last
	good    *made  // what answers; nil: nothing yet
	next    *made  // what is to answer instead; nil: nothing new
	problem string // why what was read last does not answer; "": it does
}

// made is what was made of a file.
type made struct {
	digest     string
	definition rule.Definition // of a rule
	module     *sandbox.Module // of a module
	scorer     scoring.Scorer  // nil: a rule that is not compiled yet
	tried      bool            // a module that may answer
}

func (m *made) name() string {
	if m.module != nil {
		return m.module.Manifest().Name
	}
	return m.definition.Name
}

// refuse gives up what was read last; nil: something else was read.
func (f *file) refuse(err error) {
	if err != nil {
		f.problem = err.Error()
	}
	if f.next != nil && f.next.module != nil {
		_ = f.next.module.Close() // nobody uses it
	}
	f.next = nil
}

func checkFolder(dir string) error {
	switch info, err := os.Stat(dir); {
	case err != nil:
		return fault.New(fault.Invalid, "cannot read the folder of plugins: %w (make it, or leave --plugins out)", err)
	case !info.IsDir():
		return fault.New(fault.Invalid, "%s is not a folder (give --plugins the folder that the files are in)", dir)
	}
	return nil
}

// scan looks at the folder, reads what is new there, and tells whether anything changed.
func (r *Registry) scan(ctx context.Context) (changed bool, err error) {
	if r.Dir == "" {
		return false, nil
	}
	found, err := os.ReadDir(r.Dir)
	if err != nil {
		return false, fmt.Errorf("read the folder of plugins: %w", err)
	}
	allowed, listChanged := r.allowList()
	there := map[string]bool{}
	for _, d := range found {
		name := d.Name()
		if strings.HasPrefix(name, ".") || !strings.HasSuffix(name, ruleSuffix) && !strings.HasSuffix(name, moduleSuffix) {
			continue
		}
		there[name] = true
		info, err := os.Stat(filepath.Join(r.Dir, name)) // of what a link leads to
		if err != nil || !info.Mode().IsRegular() {      // a pipe would never end
			continue
		}
		did, err := r.visit(ctx, name, info, allowed, listChanged)
		if err != nil {
			return changed, err
		}
		changed = changed || did
	}
	return r.drop(there) || changed, ctx.Err()
}

// visit reads a file that is not as it was.
func (r *Registry) visit(ctx context.Context, name string, info fs.FileInfo, allowed map[string]bool, listChanged bool) (bool, error) {
	r.mu.Lock()
	f := r.files[name]
	again := listChanged && strings.HasSuffix(name, moduleSuffix)
	if again && f != nil && f.good != nil && !r.Unsigned && !allowed[f.good.digest] {
		r.Log.Warn("module is not listed any more", "file", name, "scorer", f.good.name())
		r.retire(f.good.module)
		f.good = nil
	}
	r.mu.Unlock()
	if f != nil && !again && f.size == info.Size() && f.changed.Equal(info.ModTime()) {
		return false, nil
	}
	text, err := readFile(filepath.Join(r.Dir, name))
	sum := digest(text)
	if f != nil && err == nil && f.digest == sum && !again { // touched
		r.mu.Lock()
		f.size, f.changed = info.Size(), info.ModTime()
		r.mu.Unlock()
		return false, nil
	}
	var m *made
	unread := err != nil
	if !unread {
		m, err = r.make(ctx, name, text, sum, allowed)
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if f == nil {
		f = &file{path: name}
		r.files[name] = f
	}
	f.refuse(nil) // what was read before
	f.size, f.changed, f.digest, f.next = info.Size(), info.ModTime(), sum, m
	said := f.problem
	if f.problem = ""; err != nil {
		f.problem = err.Error()
		if f.problem != said {
			r.Log.Warn("refused", "file", name, "error", err)
		}
	}
	if unread { // it is read again, until it can be
		f.size = -1
	}
	return f.problem == "" || f.problem != said || again, nil
}

// make makes of a file's bytes what can be made without the other scorers.
func (r *Registry) make(ctx context.Context, name string, text []byte, sum string, allowed map[string]bool) (*made, error) {
	if strings.HasSuffix(name, ruleSuffix) {
		d, problems := rule.Parse(text)
		if len(problems) > 0 {
			return nil, problemsError(problems)
		}
		return &made{digest: sum, definition: d}, nil
	}
	if !r.Unsigned && !allowed[sum] {
		return nil, fmt.Errorf("its SHA-256 %s is not listed in %s (add a line with it once you trust the module, or serve with --plugins-unsigned)", sum, r.allowFile())
	}
	m, err := r.host.Load(ctx, strings.TrimSuffix(name, moduleSuffix), text)
	if err != nil {
		return nil, err
	}
	return &made{digest: sum, module: m, scorer: r.guard(m)}, nil
}

// drop forgets the files that are gone.
func (r *Registry) drop(there map[string]bool) (changed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, f := range r.files {
		if there[name] {
			continue
		}
		f.refuse(errors.New("it is gone"))
		if f.good != nil {
			r.retire(f.good.module)
			r.Log.Info("scorer removed", "file", name, "scorer", f.good.name())
		}
		delete(r.files, name)
		changed = true
	}
	return changed
}

// novelty is 0 of a file whose scorer keeps its name, 1 of one whose scorer changes it, and 2 of one of which nothing answers.
func (f *file) novelty() int {
	switch {
	case f.good == nil:
		return 2
	case f.next == nil || f.next.name() == f.good.name():
		return 0
	}
	return 1
}

// join puts a file's scorer into a set: a module at once, if it was tried or is to be, and a rule to be compiled.
func (f *file) join(r *Registry, a *assembly) {
	use := f.next
	if use != nil && use.module != nil && !use.tried && !a.trial {
		if use = f.good; use == nil {
			if a.take(f.next.name(), f.path, f.path, "choose another name") {
				a.refuse(f.path, f.next.name(), "it is being tried (wait a moment)")
			}
			return
		}
	}
	if use != nil && use == f.next && f.good != nil && a.origins[use.name()] != "" {
		r.refuse(f, fmt.Errorf("the name %s is taken by %s (choose another name)", use.name(), a.origins[use.name()]))
	}
	if f.next == nil {
		use = f.good
	}
	if use == nil {
		a.refuse(f.path, "", f.problem)
		return
	}
	if !a.take(use.name(), f.path, f.path, "choose another name") {
		return
	}
	if use.module == nil {
		a.pending = append(a.pending, f.pending())
		return
	}
	if use == f.next {
		a.fresh = append(a.fresh, f)
	}
	a.add(r, engine.Entry{Scorer: use.scorer, Host: engine.WASM, Digest: use.digest, Notice: f.notice(), Usage: use.scorer.(*guarded).used})
}

// pending is the file's rule, the new version if there is one.
func (f *file) pending() *pending {
	use := f.next
	if use == nil {
		use = f.good
	}
	return &pending{definition: use.definition, digest: use.digest, path: f.path, notice: f.notice(), file: f, fresh: f.next != nil}
}

func (f *file) notice() string {
	if f.problem == "" || f.next != nil {
		return ""
	}
	return "the new version of " + f.path + " was refused, the one before goes on: " + f.problem
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		if of, ok := errors.AsType[*fs.PathError](err); ok { // whose path is nobody's business
			err = of.Err
		}
		return nil, fmt.Errorf("it cannot be read: %w (let the server's user read it)", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxModule+1))
	if err == nil && len(text) > maxModule {
		err = fmt.Errorf("it has more than %d MiB (make it smaller)", maxModule>>20)
	}
	return text, err
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
