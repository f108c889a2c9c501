// Package plugin opens what authors of plugins work on, files and folders, and holds it against the conformance kit. Start with
// [CheckPath].
package plugin

import (
	"context"
	"os"
	"strings"
	"time"

	"bellwether/internal/fault"
	"bellwether/scoring"
)

// Options of a check.
type Options struct {
	Patience time.Duration    // for each plugin
	Scorers  []scoring.Scorer // that a plugin may require
}

// CheckPath checks a plugin's file, or every plugin in a folder.
func CheckPath(ctx context.Context, path string, o Options) ([]Report, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.New(fault.NotFound, "there is no plugin: %w (give the folder of a plugin in Go)", err)
	}
	if !info.IsDir() {
		return nil, fault.New(fault.Invalid, "%s is no plugin (give the folder of a plugin in Go)", path)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			r, err := checkGo(ctx, path, o)
			return []Report{r}, err
		}
	}
	return nil, fault.New(fault.NotFound, "there is no plugin in the folder %s (give one with a package in Go)", path)
}
