// Package plugin opens what authors of plugins work on, files and folders, for their commands. Start with [Open] for a plugin that
// runs as it is, a rule or a module, and with [CheckPath] to hold any plugin against the conformance kit.
package plugin

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bellwether/internal/fault"
	"bellwether/scoring"
	"bellwether/scoring/conformance"
)

// Options of opening and checking.
type Options struct {
	Locale   string           // of what is wrong with a rule
	Patience time.Duration    // how long the check of a plugin may take
	Scorers  []scoring.Scorer // that a plugin may require
}

// Opened is a plugin that runs. Close it when it is done.
type Opened struct {
	Path   string
	Scorer scoring.Scorer
	close  func() error // nil: there is nothing to close
}

// Close ends what runs the plugin.
func (o *Opened) Close() error {
	if o.close == nil {
		return nil
	}
	return o.close()
}

// files are the endings of what can be opened.
const files = "*" + ruleSuffix

// Open opens a file. What its author has to mend is returned as findings, everything else as the error.
func Open(ctx context.Context, path string, o Options) (*Opened, []conformance.Finding, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, nil, fault.New(fault.NotFound, "there is no plugin: %w (give a file that is there)", err)
	}
	switch {
	case strings.HasSuffix(path, ruleSuffix):
		s, found, err := openRule(path, o)
		return &Opened{Path: path, Scorer: s}, found, err
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
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var reports []Report
	source := false
	for _, e := range entries {
		source = source || strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go")
		if !strings.HasSuffix(e.Name(), ruleSuffix) {
			continue
		}
		r, err := checkFile(ctx, filepath.Join(path, e.Name()), o)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	switch {
	case len(reports) > 0:
		return reports, nil
	case source:
		r, err := checkGo(ctx, path, o)
		return []Report{r}, err
	}
	return nil, fault.New(fault.NotFound, "there is no plugin in the folder %s (give one with a file like %s, or with a package in Go)", path, files)
}

func checkFile(ctx context.Context, path string, o Options) (Report, error) {
	opened, found, err := Open(ctx, path, o)
	if err != nil {
		return Report{}, err
	}
	defer opened.Close() //nolint:errcheck // it was only tried
	if len(found) > 0 {
		return Report{Path: path, Findings: found}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, o.Patience)
	defer cancel()
	return Check(ctx, path, examplesFor(path), opened.Scorer, o.Scorers)
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
