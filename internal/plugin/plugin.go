// Package plugin opens what authors of plugins work on, files and folders, for their commands. Start with [Open] for a plugin that
// runs as it is, a rule or a module, and with [CheckPath] to hold any plugin against the conformance kit.
package plugin

import (
	"context"
	"errors"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
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
	close  func() error // nil: there is nothing to close
	memory func() int64 // nil: this process's
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

// Open opens a file. What its author has to mend is returned as findings, everything else as the error.
func Open(ctx context.Context, path string, o Options) (*Opened, []conformance.Finding, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, nil, fault.New(fault.NotFound, "there is no plugin: %w (give a file that is there)", err)
	}
	switch {
	case strings.HasSuffix(path, ruleSuffix):
		s, found, err := openRule(path, o)
		return &Opened{Path: path, Scorer: s}, found, err
	case strings.HasSuffix(path, ModuleSuffix):
		opened, err := openModule(ctx, path, o)
		return opened, nil, err
	}
	return nil, nil, fault.New(fault.Invalid, "%s is no plugin (give a file whose name is like %s)", path, files)
}

// CheckPath checks a plugin's file, or every plugin in a folder.
func CheckPath(ctx context.Context, path string, o Options) ([]Report, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.New(fault.NotFound, "there is no plugin: %w (give a file or a folder that is there)", err)
	}
	if !info.IsDir() {
		r, err := checkFile(ctx, path, o)
		return []Report{r}, err
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
	return checkOpened(ctx, opened, filepath.Join(folder, "README.md"), o)
}

// checkFiles checks the plugins' files in a folder.
func checkFiles(ctx context.Context, folder string, o Options) ([]Report, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var reports []Report
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ruleSuffix) && !strings.HasSuffix(e.Name(), ModuleSuffix) {
			continue
		}
		r, err := checkFile(ctx, filepath.Join(folder, e.Name()), o)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	if len(reports) == 0 {
		return nil, fault.New(fault.NotFound, "there is no plugin in the folder %s (give one with a file like %s, or with the source of a plugin)", folder, files)
	}
	return reports, nil
}

func checkFile(ctx context.Context, path string, o Options) (Report, error) {
	o.Scorers = append(siblings(path, o), o.Scorers...)
	opened, found, err := Open(ctx, path, o)
	if err != nil {
		return Report{}, err
	}
	if len(found) > 0 {
		return Report{Path: path, Findings: found}, opened.Close()
	}
	return checkOpened(ctx, opened, examplesFor(path), o)
}

// checkOpened checks a plugin and closes it.
func checkOpened(ctx context.Context, opened *Opened, readme string, o Options) (Report, error) {
	ctx, cancel := context.WithTimeout(ctx, o.Patience)
	defer cancel()
	r, err := Check(ctx, opened.Path, readme, opened.Scorer, o.Scorers)
	return r, errors.Join(err, opened.Close())
}

// examplesFor is the file with the examples of a plugin's file: value.md beside value.rule.yaml, else README.md.
func examplesFor(path string) string {
	base, _, _ := strings.Cut(filepath.Base(path), ".")
	if own := filepath.Join(filepath.Dir(path), base+".md"); exists(own) {
		return own
	}
	return filepath.Join(filepath.Dir(path), "README.md")
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
