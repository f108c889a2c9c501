package plugins_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bellwether/plugins"
	"bellwether/scoring"
)

// folders are the plugin folders: their names are those of the scorers.
func folders(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

func manifests() []*scoring.Manifest {
	var ms []*scoring.Manifest
	for _, s := range plugins.All() {
		ms = append(ms, s.Manifest())
	}
	return ms
}

func TestAllAreListed(t *testing.T) {
	var names []string
	for _, m := range manifests() {
		names = append(names, m.Name)
	}
	if want := folders(t); !slices.Equal(names, want) {
		t.Errorf("plugins.All lists %v, but the folders are %v (list every folder, alphabetically, and name a scorer like its folder)", names, want)
	}
	if _, err := scoring.ValidateAll(manifests()); err != nil {
		t.Error(err)
	}
}

// TestOutputsHaveOneType holds what the API needs: an output's name has one kind across all plugins.
func TestOutputsHaveOneType(t *testing.T) {
	kinds, owner := map[string]scoring.Kind{}, map[string]string{}
	for _, m := range manifests() {
		for _, o := range m.Outputs {
			if kind, known := kinds[o.Name]; known && kind != o.Kind {
				t.Errorf("output %s is %s in %s and %s in %s (rename one)", o.Name, kind, owner[o.Name], o.Kind, m.Name)
			}
			kinds[o.Name], owner[o.Name] = o.Kind, m.Name
		}
	}
}

func TestREADMEs(t *testing.T) {
	headings := []string{"Formula", "Labels", "Parameters", "Outputs", "Evidence", "Worked example"}
	for _, m := range manifests() {
		text := read(t, filepath.Join(m.Name, "README.md"))
		if !strings.HasPrefix(text, "# "+m.Name+"\n") {
			t.Errorf("%s/README.md does not begin with its name (write %q)", m.Name, "# "+m.Name)
		}
		at := 0
		for _, h := range headings {
			i := strings.Index(text[at:], "\n## "+h+"\n")
			if i < 0 {
				t.Errorf("%s/README.md lacks the heading %q in its place (the headings are %s)", m.Name, h, strings.Join(headings, ", "))
				continue
			}
			at += i
		}
		for _, name := range named(m) {
			if !strings.Contains(text, "`"+name+"`") {
				t.Errorf("%s/README.md does not mention `%s` (describe every label, parameter, output and reason)", m.Name, name)
			}
		}
	}
}

// named are the names that a reader of a README looks for.
func named(m *scoring.Manifest) []string {
	var names []string
	for _, p := range m.Params {
		names = append(names, p.Name)
	}
	for _, o := range m.Outputs {
		names = append(names, o.Name)
		for _, l := range o.Labels {
			names = append(names, l.Name)
		}
	}
	return names
}

func TestSchemas(t *testing.T) {
	for _, m := range manifests() {
		files, err := filepath.Glob(filepath.Join(m.Name, "*.graphqls"))
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(m.Name, m.Name+".graphqls"); !slices.Equal(files, []string{want}) {
			t.Errorf("schema files %v (there is one, %s)", files, want)
			continue
		}
		text := read(t, files[0])
		if !regexp.MustCompile(`(?m)^  `+camel(m.Name)+`\(`).MatchString(text) || !strings.Contains(text, "@score") {
			t.Errorf("%s does not add the field %s to Customer with the directive @score", files[0], camel(m.Name))
		}
		for _, o := range m.Outputs {
			if !regexp.MustCompile(`(?m)^  ` + camel(o.Name) + `: `).MatchString(text) {
				t.Errorf("%s has no field %s (every output is a field)", files[0], camel(o.Name))
			}
			for _, l := range o.Labels {
				if !regexp.MustCompile(`(?m)^  ` + l.Name + `$`).MatchString(text) {
					t.Errorf("%s has no enum value %s (every label is one)", files[0], l.Name)
				}
			}
		}
		described(t, files[0], text)
	}
}

// described looks for elements without a description on the line above.
func described(t *testing.T, path, text string) {
	t.Helper()
	lines := strings.Split(text, "\n")
	element := regexp.MustCompile(`^(type|enum|interface|input|scalar) |^ +[A-Za-z_]+(\(|:|$)`)
	for i, line := range lines {
		if element.MatchString(line) && (i == 0 || !strings.HasPrefix(strings.TrimSpace(lines[i-1]), `"`)) {
			t.Errorf("%s:%d: %q has no description (write one on the line above)", path, i+1, strings.TrimSpace(line))
		}
	}
}

// camel is the name of a GraphQL field.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

func TestCode(t *testing.T) {
	for _, name := range folders(t) {
		files, err := filepath.Glob(filepath.Join(name, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(files, filepath.Join(name, name+".go")) {
			t.Errorf("%s has no %s.go (name the main file like the folder)", name, name)
		}
		found := map[string]bool{}
		for _, path := range files {
			checkFile(t, path, found)
		}
		for _, want := range []string{"Example", "Benchmark", "scoretest.Run", "scoretest.README"} {
			if !found[want] {
				t.Errorf("%s has no %s in its tests (write one)", name, want)
			}
		}
	}
}

// checkFile looks at one Go file, and notes what its tests have.
func checkFile(t *testing.T, path string, found map[string]bool) {
	t.Helper()
	text := read(t, path)
	if lines := strings.Count(text, "\n"); lines > 300 {
		t.Errorf("%s has %d lines (300 at most: split it)", path, lines)
	}
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, path, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	test := strings.HasSuffix(path, "_test.go")
	for _, imp := range f.Imports {
		name, _ := strconv.Unquote(imp.Path.Value)
		own := test && name == "bellwether/"+filepath.ToSlash(filepath.Join("plugins", filepath.Dir(path)))
		kit := test && name == "bellwether/scoring/scoretest"
		if first, _, _ := strings.Cut(name, "/"); name != "bellwether/scoring" && !own && !kit && (first == "bellwether" || strings.Contains(first, ".")) {
			t.Errorf("%s imports %s (a plugin imports bellwether/scoring and the standard library)", path, name)
		}
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if fn.Name.Name == "init" {
			t.Errorf("%s has an init (list the scorer in plugins.All)", path)
		}
		for _, kind := range []string{"Benchmark", "Example"} {
			found[kind] = found[kind] || test && strings.HasPrefix(fn.Name.Name, kind)
		}
	}
	for _, call := range []string{"scoretest.Run", "scoretest.README"} {
		found[call] = found[call] || test && strings.Contains(text, call+"(")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
