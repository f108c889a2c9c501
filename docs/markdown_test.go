//go:build unix

package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// document is a Markdown file of the documentation.
type document struct {
	name     string // relative to the module's root
	text     string
	prose    string // text without the blocks
	blocks   []block
	headings []string // with their number signs
}

// block is a fenced block. Its info string says what it is:
//
//	sh                  commands; their exit code is 0
//	sh exit=3           commands; their exit code is 3
//	sh server           one command that serves until the next such block, or the end of the document
//	sh illustrative: …  commands that no test runs, and why
//	graphql             a document, sent to the running server; its answer has no errors
//	LANGUAGE output     what the block before it prints; "…" stands for anything within a line, such as today's date
//	LANGUAGE file=PATH  the content of a file that the reader makes; of a diff, what they change in it
//
// Every other block is an illustration.
type block struct {
	line int
	info string
	text string
}

func (b block) language() string { return strings.Fields(b.info + " ")[0] }
func (b block) is(word string) bool {
	return slices.Contains(strings.Fields(b.info), word)
}

// setting is the value of name=value in the info string.
func (b block) setting(name string) (string, bool) {
	for _, word := range strings.Fields(b.info) {
		if value, ok := strings.CutPrefix(word, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

const root = ".."

func read(t *testing.T, name string) *document {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	d := &document{name: name, text: string(text)}
	var open *block
	fence := ""
	for i, line := range strings.Split(d.text, "\n") {
		switch {
		case open == nil && strings.HasPrefix(strings.TrimLeft(line, " "), "```"):
			info := strings.TrimLeft(line, " `")
			fence = line[:len(line)-len(info)]
			open = &block{line: i + 1, info: strings.TrimSpace(info)}
		case open == nil:
			d.prose += line + "\n"
			if strings.HasPrefix(line, "#") {
				d.headings = append(d.headings, line)
			}
		case open != nil && line == fence:
			d.blocks = append(d.blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		t.Fatalf("%s:%d: the block is not closed", name, open.line)
	}
	return d
}

// names are the files of the documentation, relative to the module's root.
func names(t *testing.T) []string {
	t.Helper()
	names := []string{"CHANGELOG.md", "CONTRIBUTING.md", "README.md", "README.zh-CN.md"}
	for _, glob := range []string{"docs/*.md", "docs/adr/*.md", "docs/plugins/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, glob))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			name, err := filepath.Rel(root, f)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
	}
	return names
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestLinks(t *testing.T) {
	for _, name := range names(t) {
		for _, found := range link.FindAllStringSubmatch(read(t, name).prose, -1) {
			target, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(target, ":") { // another site
				continue
			}
			path := name
			if target != "" {
				path = filepath.Join(filepath.Dir(name), target)
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s: link to %s, which does not exist", name, found[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchors(read(t, path)), anchor) {
				t.Errorf("%s: link to %s, which has no such heading", name, found[1])
			}
		}
	}
}

var dropped = regexp.MustCompile(`[^\p{L}\p{N}\- _]`)

// anchors are what GitHub makes of the headings.
func anchors(d *document) []string {
	var out []string
	for _, h := range d.headings {
		text := strings.ToLower(strings.TrimSpace(strings.TrimLeft(h, "#")))
		out = append(out, strings.ReplaceAll(dropped.ReplaceAllString(text, ""), " ", "-"))
	}
	return out
}

// private is what names one machine or its surroundings.
var private = regexp.MustCompile(`/root/|/home/\w|/tmp/\w|/Users/\w|\.local\b|\b(10|192\.168)(\.\d+){2,3}\b`)

func TestNamesNoMachine(t *testing.T) {
	for _, name := range names(t) {
		for i, line := range strings.Split(read(t, name).text, "\n") {
			if found := private.FindString(line); found != "" {
				t.Errorf("%s:%d: %q is of one machine", name, i+1, found)
			}
		}
	}
}

// The two READMEs say the same: as many headings of the same rank, and the same blocks.
func TestREADMEsAgree(t *testing.T) {
	en, zh := read(t, "README.md"), read(t, "README.zh-CN.md")
	rank := func(d *document) (ranks []string) {
		for _, h := range d.headings {
			ranks = append(ranks, strings.Fields(h)[0])
		}
		return ranks
	}
	if !slices.Equal(rank(en), rank(zh)) {
		t.Errorf("headings differ: %q and %q", en.headings, zh.headings)
	}
	if len(en.blocks) != len(zh.blocks) {
		t.Fatalf("%d blocks and %d", len(en.blocks), len(zh.blocks))
	}
	for i := range en.blocks {
		if a, b := en.blocks[i], zh.blocks[i]; a.text != b.text || strings.Fields(a.info + " -")[0] != strings.Fields(b.info + " -")[0] {
			t.Errorf("README.md:%d and README.zh-CN.md:%d differ:\n%s\n%s", a.line, b.line, a.text, b.text)
		}
	}
}

// What is not run says why.
func TestReasons(t *testing.T) {
	for _, name := range names(t) {
		for _, b := range read(t, name).blocks {
			_, why, ok := strings.Cut(b.info, "illustrative")
			if ok && len(strings.TrimLeft(why, ": ")) < 10 {
				t.Errorf("%s:%d: an illustration without a reason (write sh illustrative: why)", name, b.line)
			}
		}
	}
}

// helpFlag is a flag in a command's help.
var helpFlag = regexp.MustCompile(`(?m)^ +(?:-\w, )?(--[a-z-]+)`)
