package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"bellwether/scoring"
	"bellwether/scoring/conformance"
)

// Report is what a check of one plugin found.
type Report struct {
	Path     string // as given, or of the file in the folder that was given
	Name     string // "": it is not known, because the plugin cannot be opened
	Version  string
	Rules    int    // it was held against
	README   string // whose worked examples were run; "": there is none
	Lacks    string // the file that would have them; "": there is no place for it, or README is it
	Findings []conformance.Finding
}

// Check holds a scorer against the conformance kit, and against the worked examples of a README, if there is one and its first
// heading is the scorer's name. others are scorers that it may require; one of its own name is left out.
func Check(ctx context.Context, path, readme string, s scoring.Scorer, others []scoring.Scorer) (Report, error) {
	r := Report{Path: path, Name: s.Manifest().Name, Version: s.Manifest().Version, Rules: len(conformance.Rules()), Lacks: readme}
	requiring := conformance.Requiring(without(others, r.Name)...)
	r.Findings = conformance.Check(ctx, s, requiring)
	text, err := os.ReadFile(readme)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return r, nil
	case err != nil:
		return r, err
	case !bytes.HasPrefix(text, []byte("# "+r.Name+"\n")): // of another plugin, or of the folder
		return r, nil
	}
	if r.README, r.Lacks = readme, ""; ctx.Err() == nil {
		r.Findings = append(r.Findings, conformance.Examples(ctx, s, string(text), requiring)...)
	}
	return r, nil
}

func without(scorers []scoring.Scorer, name string) []scoring.Scorer {
	var out []scoring.Scorer
	for _, s := range scorers {
		if s.Manifest().Name != name {
			out = append(out, s)
		}
	}
	return out
}

// Reporting is the program that checks a scorer compiled into it: it writes the report as JSON. [Open] makes and runs such a
// program for a folder in Go.
func Reporting(to io.Writer, folder string, patience time.Duration, s scoring.Scorer, others []scoring.Scorer) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := Check(ctx, folder, filepath.Join(folder, "README.md"), s, others)
	if err != nil {
		return err
	}
	return json.NewEncoder(to).Encode(r)
}
