// Package plugin opens what authors of plugins work on, files and folders, for their commands. Start with [Open] for a plugin that
// runs as it is, a rule or a module, and with [CheckPath] to hold any plugin against the conformance kit.
package plugin

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/wasmbuild"
	"bellwether/scoring"
	"bellwether/scoring/conformance"
)

// Options of opening and checking.
type Options struct {
	Cache    string           // folder of compiled modules; "": nothing is kept
	Locale   string           // of what is wrong with a rule
	Patience time.Duration    // how long the check of a plugin may take
	Scorers  []scoring.Scorer // that a plugin may require
}

// Opened is a plugin that runs. Close it when it is done.
type Opened struct {
	Path   string
	Scorer scoring.Scorer
	Beside []scoring.Scorer // made of the other files of its folder: those that it requires, and that they require
	close  func() error     // nil: there is nothing to close
	memory func() int64     // nil: this process's
}

// Memory is how many bytes the process that runs the plugin had at most; false where that is this one.
func (o *Opened) Memory() (bytes int64, own bool) {
	if o.memory == nil {
		return 0, false
	}
	return o.memory(), true
}

// Close ends what runs the plugin.
func (o *Opened) Close() error {
	if o.close == nil {
		return nil
	}
	return o.close()
}

// files are the endings of what can be opened.
const files = "*" + ruleSuffix + " or *" + ModuleSuffix

// Open opens a file, beside the others of its folder. What its author has to mend is returned as findings, everything else as the
// error.
func Open(ctx context.Context, path string, o Options) (*Opened, []conformance.Finding, error) {
	if err := known(path); err != nil {
		return nil, nil, err
	}
	f := &folder{path: filepath.Dir(path), options: o}
	opened, found, err := f.open(ctx, filepath.Base(path))
	if opened == nil {
		return nil, found, errors.Join(err, f.close())
	}
	own := *opened
	opened.close = func() error { return errors.Join(own.Close(), f.close()) }
	return opened, found, nil
}

// known tells what is wrong with a file that cannot be opened, whatever it has in it.
func known(path string) error {
	if _, err := os.Stat(path); err != nil {
		return fault.New(fault.NotFound, "there is no plugin: %w (give a file that is there)", err)
	}
	if !strings.HasSuffix(path, ruleSuffix) && !strings.HasSuffix(path, ModuleSuffix) {
		return fault.New(fault.Invalid, "%s is no plugin (give a file whose name is like %s)", path, files)
	}
	return nil
}

// CheckPath checks a plugin's file, or every plugin in a folder.
func CheckPath(ctx context.Context, path string, o Options) ([]Report, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.New(fault.NotFound, "there is no plugin: %w (give a file or a folder that is there)", err)
	}
	if !info.IsDir() {
		if err := known(path); err != nil {
			return nil, err
		}
		f := &folder{path: filepath.Dir(path), options: o}
		r, err := f.check(ctx, filepath.Base(path))
		return []Report{r}, errors.Join(err, f.close())
	}
	switch source, err := sourceOf(path); {
	case err != nil:
		return nil, err
	case source == native:
		r, err := checkGo(ctx, path, o)
		return []Report{r}, err
	case source == guest:
		r, err := checkSource(ctx, path, o)
		return []Report{r}, err
	}
	return checkFiles(ctx, path, o)
}

// What the source in a folder is.
const (
	none   = iota
	native // a Go package that is compiled in
	guest  // of a module
)

// sourceOf looks for the source of a plugin in a folder. A main package in Go is a module's.
func sourceOf(folder string) (int, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return none, err
	}
	source := none
	for _, e := range entries {
		switch name := e.Name(); {
		case filepath.Ext(name) == ".c", name == "Cargo.toml", name == "package.json":
			return guest, nil
		case filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, e.Name()), nil, parser.PackageClauseOnly)
		if err == nil && f.Name.Name == "main" {
			return guest, nil
		}
		source = native
	}
	return source, nil
}

// checkSource checks the module that is built of a folder.
func checkSource(ctx context.Context, folder string, o Options) (Report, error) {
	module, err := wasmbuild.Build(ctx, folder)
	if err != nil {
		return Report{}, fault.New(fault.Invalid, "%s cannot be built: %w", folder, err)
	}
	opened, err := OpenModule(ctx, folder, module, o)
	if err != nil {
		return Report{}, fault.New(fault.Invalid, "%s is built, but does not begin: %w", folder, err)
	}
	r, err := checkOpened(ctx, opened, filepath.Join(folder, "README.md"), o)
	if slices.ContainsFunc(o.Scorers, called(r.Name)) {
		r.Findings = append(r.Findings, taken(r.Name, "", o.Locale))
	}
	return r, err
}

// checkFiles checks the plugins' files in a folder.
func checkFiles(ctx context.Context, path string, o Options) (reports []Report, err error) {
	f := &folder{path: path, options: o}
	defer func() { err = errors.Join(err, f.close()) }()
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	owners := map[string]string{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ruleSuffix) && !strings.HasSuffix(e.Name(), ModuleSuffix) {
			continue
		}
		r, err := f.check(ctx, e.Name())
		if err != nil {
			return nil, err
		}
		if owner, has := owners[r.Name]; has && r.Name != "" {
			r.Findings = append(r.Findings, taken(r.Name, owner, o.Locale))
		} else {
			owners[r.Name] = r.Path
		}
		reports = append(reports, r)
	}
	if len(reports) == 0 {
		return nil, fault.New(fault.NotFound, "there is no plugin in the folder %s (give one with a file like %s, or with the source of a plugin)", path, files)
	}
	return reports, nil
}

// check checks a file.
func (f *folder) check(ctx context.Context, name string) (Report, error) {
	opened, found, err := f.open(ctx, name)
	path := filepath.Join(f.path, name)
	if err != nil {
		return Report{}, err
	}
	if len(found) > 0 {
		return Report{Path: path, Findings: found}, nil
	}
	r, err := checkOpened(ctx, opened, examplesFor(path), f.with(opened.Beside))
	switch {
	case r.Lacks == "":
	case strings.HasSuffix(name, ModuleSuffix):
		r.Lacks = "" // its examples are where its source is
	default:
		r.Lacks = ownExamples(path)
	}
	if slices.ContainsFunc(f.options.Scorers, called(r.Name)) {
		r.Findings = append(r.Findings, taken(r.Name, "", f.options.Locale))
	}
	return r, err
}

// taken is the finding about a name that belongs to another file, or, where that is "", to a scorer that is compiled in: a server
// refuses the plugin.
func taken(name, file, locale string) conformance.Finding {
	f := conformance.Finding{
		Rule: "name", Doc: scoring.Words{En: "a scorer has a name of its own", Zh: "评分器的名称不得重复"},
		Cure: scoring.Words{En: "choose another name", Zh: "请改名"},
	}
	if file == "" {
		f.Problem = fmt.Sprintf(scoring.Words{En: "the name %s is taken by a scorer that is compiled in", Zh: "名称 %s 已被内置评分器占用"}.In(locale), name)
		return f
	}
	f.Problem = fmt.Sprintf(scoring.Words{En: "the name %s is taken by %s", Zh: "名称 %s 已被 %s 占用"}.In(locale), name, file)
	return f
}

// checkOpened checks a plugin and closes it.
func checkOpened(ctx context.Context, opened *Opened, readme string, o Options) (Report, error) {
	ctx, cancel := context.WithTimeout(ctx, o.Patience)
	defer cancel()
	r, err := Check(ctx, opened.Path, readme, opened.Scorer, o.Scorers)
	return r, errors.Join(err, opened.Close())
}

// examplesFor is the file with the examples of a plugin's file: its own, else README.md.
func examplesFor(path string) string {
	own := ownExamples(path)
	if _, err := os.Stat(own); err == nil {
		return own
	}
	return filepath.Join(filepath.Dir(path), "README.md")
}

// ownExamples is value.md beside value.rule.yaml.
func ownExamples(path string) string {
	base, _, _ := strings.Cut(filepath.Base(path), ".")
	return filepath.Join(filepath.Dir(path), base+".md")
}
