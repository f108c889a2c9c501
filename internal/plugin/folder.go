package plugin

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bellwether/scoring"
	"bellwether/scoring/conformance"
)

// folder is where the files of plugins are, which may require each other. The name of a scorer that the options have belongs to
// that. Modules are opened when somebody may require them, and stay open until the folder is closed.
type folder struct {
	path    string
	options Options
	modules map[string]*Opened // by the name of the file; nil where a module cannot be opened
}

// open opens a file, with the scorers of the folder that it requires. The folder is to be closed after it.
func (f *folder) open(ctx context.Context, name string) (*Opened, []conformance.Finding, error) {
	path := filepath.Join(f.path, name)
	if strings.HasSuffix(name, ModuleSuffix) {
		opened, err := openModule(ctx, path, f.options)
		if err != nil {
			return nil, nil, err
		}
		others := f.others(name)
		if opened.Beside = required(opened.Scorer, others); !f.satisfied(opened) {
			f.openModules(ctx, name)
			opened.Beside = required(opened.Scorer, f.others(name))
		}
		return opened, nil, nil
	}
	others := f.others(name)
	s, found, err := openRule(path, f.with(others))
	if len(found) > 0 && f.openModules(ctx, name) {
		others = f.others(name)
		s, found, err = openRule(path, f.with(others))
	}
	if err != nil || len(found) > 0 {
		return nil, found, err
	}
	return &Opened{Path: path, Scorer: s, Beside: required(s, others)}, nil, nil
}

// openModules opens the modules of the other files, and tells whether any were not open yet.
func (f *folder) openModules(ctx context.Context, name string) (more bool) {
	for _, file := range f.files(ModuleSuffix, name) {
		if _, known := f.modules[file]; known {
			continue
		}
		opened, err := openModule(ctx, filepath.Join(f.path, file), f.options)
		if err != nil {
			opened = nil // whoever asks for it hears why
		}
		if f.modules == nil {
			f.modules = map[string]*Opened{}
		}
		f.modules[file], more = opened, true
	}
	return more
}

// others are the scorers of the other files: of modules that are open, and of the rules that can be compiled.
func (f *folder) others(name string) (all []scoring.Scorer) {
	add := func(s scoring.Scorer) bool {
		if slices.ContainsFunc(slices.Concat(f.options.Scorers, all), called(s.Manifest().Name)) {
			return false
		}
		all = append(all, s)
		return true
	}
	for _, file := range f.files(ModuleSuffix, name) {
		if opened := f.modules[file]; opened != nil {
			add(opened.Scorer)
		}
	}
	rules := f.files(ruleSuffix, name)
	for more := true; more; { // until no other one compiles with those that do
		more = false
		rules = slices.DeleteFunc(rules, func(file string) bool {
			s, found, err := openRule(filepath.Join(f.path, file), f.with(all))
			if err != nil || len(found) > 0 {
				return false
			}
			more = add(s) || more
			return true
		})
	}
	return all
}

// files are the names of the files but for one that end in a suffix; none where the folder cannot be read.
func (f *folder) files(suffix, but string) (names []string) {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), suffix) && e.Name() != but {
			names = append(names, e.Name())
		}
	}
	return names
}

func (f *folder) with(others []scoring.Scorer) Options {
	o := f.options
	o.Scorers = slices.Concat(o.Scorers, others)
	return o
}

// satisfied tells whether all that a plugin requires is there.
func (f *folder) satisfied(p *Opened) bool {
	there := slices.Concat(f.options.Scorers, p.Beside)
	for _, r := range p.Scorer.Manifest().Requires {
		if !slices.ContainsFunc(there, called(r.Scorer)) {
			return false
		}
	}
	return true
}

func (f *folder) close() error {
	var errs []error
	for _, opened := range f.modules {
		if opened != nil {
			errs = append(errs, opened.Close())
		}
	}
	return errors.Join(errs...)
}

// required are those of some scorers that one requires, and those that they require.
func required(s scoring.Scorer, among []scoring.Scorer) (all []scoring.Scorer) {
	for _, r := range s.Manifest().Requires {
		i := slices.IndexFunc(among, called(r.Scorer))
		if i < 0 {
			continue
		}
		rest := slices.Delete(slices.Clone(among), i, i+1)
		for _, further := range append(required(among[i], rest), among[i]) {
			if !slices.ContainsFunc(all, called(further.Manifest().Name)) {
				all = append(all, further)
			}
		}
	}
	return all
}

// called tells whether a scorer has a name.
func called(name string) func(scoring.Scorer) bool {
	return func(s scoring.Scorer) bool { return s.Manifest().Name == name }
}
