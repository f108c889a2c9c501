//go:build unix

package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFirstPlugin follows CONTRIBUTING.md in a copy of the repository, to the letter.
func TestFirstPlugin(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and builds the program")
	}
	r := newReader(t, read(t, "CONTRIBUTING.md"), copied(t))
	r.follow(0)
}

// copied is a folder with the files that git knows, or would take.
func copied(t *testing.T) string {
	t.Helper()
	list := exec.Command("git", "ls-files", "-z", "-co", "--exclude-standard")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Skipf("this is no clone: %v", err)
	}
	dir := t.TempDir()
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) { // deleted and not committed
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(text))
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// save makes the file that the reader is told to make, or changes it as a diff says.
func (r *reader) save(b block, path string) {
	r.t.Helper()
	if !strings.Contains(r.doc.prose, "`"+path+"`") {
		r.errorf(b, "the text does not say that the block is %s", path)
	}
	path = filepath.Join(r.dir, path)
	if b.language() != "diff" {
		write(r.t, path, b.text)
		return
	}
	text, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	write(r.t, path, r.patched(b, string(text)))
}

// patched adds the lines of a diff with a plus sign, each before the next line of the file that the diff shows.
func (r *reader) patched(b block, text string) string {
	r.t.Helper()
	at, added := 0, ""
	for _, line := range strings.Split(strings.TrimRight(b.text, "\n"), "\n") {
		if plus, ok := strings.CutPrefix(line, "+"); ok {
			added += plus + "\n"
			continue
		}
		anchor := strings.TrimPrefix(line, " ") + "\n"
		i := strings.Index(text[at:], anchor)
		if i < 0 {
			r.errorf(b, "the file lacks the line %q", anchor)
			return text
		}
		text = text[:at+i] + added + text[at+i:]
		at += i + len(added) + len(anchor)
		added = ""
	}
	if added != "" {
		r.errorf(b, "nothing follows what is added (end the diff with a line of the file)")
	}
	return text
}
