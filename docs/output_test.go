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
	same := matches(r.out, b.text)
	if b.language() == "json" {
		same = sameJSON(r.out, b.text)
	}
	switch {
	case same:
	case *update:
		r.rewrite(b)
	default:
		r.errorf(b, "the output differs (go test ./docs -update writes it)\nshown:\n%s\nis:\n%s", b.text, r.out)
	}
}

// matches compares lines without trailing blanks; "…" stands for anything.
func matches(is, shown string) bool {
	have, want := lines(is), lines(shown)
	if len(have) != len(want) {
		return false
	}
	for i := range have {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(want[i]), "…", ".*")
		if ok, err := regexp.MatchString("^"+pattern+"$", have[i]); !ok || err != nil {
			return false
		}
	}
	return true
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

func (r *reader) rewrite(b block) {
	r.t.Helper()
	out := strings.Join(lines(timings.ReplaceAllString(r.out, "in …")), "\n") + "\n"
	if b.language() == "json" {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, []byte(strings.TrimSpace(r.out)), "", "  "); err != nil {
			r.errorf(b, "not JSON: %v\n%s", err, r.out)
			return
		}
		out = pretty.String() + "\n"
	}
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
