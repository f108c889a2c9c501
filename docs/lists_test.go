//go:build unix

package docs_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwether/internal/ingest"
	"bellwether/scoring"
)

var update = flag.Bool("update", false, "write lists and outputs into the documentation again")

// Lists that follow from the code stand between two comments.
func TestLists(t *testing.T) {
	var fields, reasons, facts, presets strings.Builder
	for _, f := range ingest.OrderFields() {
		fmt.Fprintf(&fields, "`%s` ", f)
	}
	reasons.WriteString("| code | what is wrong, and its cure |\n|---|---|\n")
	for _, r := range ingest.Reasons() {
		fmt.Fprintf(&reasons, "| `%s` | %s |\n", r.Reason, r.Doc)
	}
	facts.WriteString("| fact | kind | unit | windowed | meaning |\n|---|---|---|---|---|\n")
	for _, f := range scoring.Facts() {
		windowed := ""
		if f.Windowed {
			windowed = "yes"
		}
		fmt.Fprintf(&facts, "| `%s` | %s | %s | %s | %s |\n", f.Name, f.Kind, f.Unit, windowed, f.Doc.En)
	}
	presets.WriteString("| preset | files |\n|---|---|\n")
	for _, p := range ingest.Presets() {
		fmt.Fprintf(&presets, "| `%s` | %s |\n", p.Name, strings.TrimSpace(p.Description))
	}
	for _, l := range []struct{ file, name, want string }{
		{"docs/import.md", "presets", presets.String()},
		{"docs/import.md", "reasons", reasons.String()},
		{"docs/scoring.md", "facts", facts.String()},
	} {
		listed(t, l.file, l.name, l.want)
	}
	// The table of fields is written by hand, for it says more than the code: each field has a row.
	text := read(t, "docs/import.md").text
	for _, f := range ingest.OrderFields() {
		if !strings.Contains(text, "\n| `"+f+"` |") {
			t.Errorf("docs/import.md has no row for the field %s", f)
		}
	}
}

func listed(t *testing.T, file, name, want string) {
	t.Helper()
	text := read(t, file).text
	head, rest, ok := strings.Cut(text, "<!-- generated: "+name+" -->\n")
	have, tail, end := strings.Cut(rest, "<!-- end -->")
	switch {
	case !ok || !end:
		t.Errorf("%s has no place for the list %s", file, name)
	case strings.TrimSpace(have) == strings.TrimSpace(want):
	case *update:
		text = head + "<!-- generated: " + name + " -->\n" + want + "<!-- end -->" + tail
		if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s: the list %s is out of date (go test ./docs -run Lists -update)\nhave:\n%s\nwant:\n%s", file, name, have, want)
	}
}
