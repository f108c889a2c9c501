//go:build unix

package docs_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
)

// timings are what differs from run to run; an update writes "…" for them.
var timings = regexp.MustCompile(`in [0-9.]+m?s, [0-9]+ rows/s`)

// compare holds the last output to what is shown of it.
func (r *reader) compare(b block) {
	r.t.Helper()
	is := r.out
	if b.language() == "json" {
		is = pretty(is)
	}
	switch {
	case matches(is, b.text), b.language() == "json" && sameJSON(is, b.text):
	case *update:
		r.rewrite(b, is)
	default:
		r.errorf(b, "the output differs (go test ./docs -update writes it)\nshown:\n%s\nis:\n%s", b.text, is)
	}
}

// matches compares lines without trailing blanks; "…" stands for anything.
func matches(is, shown string) bool {
	have, want := lines(is), lines(shown)
	if len(have) != len(want) {
		return false
	}
	for i := range have {
		if !matchesLine(have[i], want[i]) {
			return false
		}
	}
	return true
}

func matchesLine(is, shown string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(shown), "…", ".*")
	ok, err := regexp.MatchString("^"+pattern+"$", is)
	return ok && err == nil
}

func lines(text string) []string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	for i := range all {
		all[i] = strings.TrimRight(all[i], " \t\r")
	}
	return all
}

func sameJSON(is, shown string) bool {
	var have, want any
	return json.Unmarshal([]byte(is), &have) == nil && json.Unmarshal([]byte(shown), &want) == nil && reflect.DeepEqual(have, want)
}

// pretty is JSON as the documentation shows it; what is none stays.
func pretty(text string) string {
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(strings.TrimSpace(text)), "", "  "); err != nil {
		return text
	}
	return out.String()
}

// rewrite shows what is, but for lines that are shown with an ellipsis and still match.
func (r *reader) rewrite(b block, is string) {
	r.t.Helper()
	have, shown := lines(timings.ReplaceAllString(is, "in …")), lines(b.text)
	for i := range have {
		if len(have) == len(shown) && matchesLine(have[i], shown[i]) {
			have[i] = shown[i]
		}
	}
	out := strings.Join(have, "\n") + "\n"
	path := filepath.Join(root, r.doc.name)
	text, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	// Blocks of one text are alike, so the first will do.
	fenced := strings.Replace(string(text), b.info+"\n"+b.text+"```", b.info+"\n"+out+"```", 1)
	if err := os.WriteFile(path, []byte(fenced), 0o644); err != nil {
		r.t.Fatal(err)
	}
}
