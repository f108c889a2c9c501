//go:build unix

package docs_test

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bellwether/scoring"
	"bellwether/scoring/conformance"
)

// TestPluginLists holds the references of docs/plugins to the code.
func TestPluginLists(t *testing.T) {
	var facts, rules strings.Builder
	facts.WriteString("| fact | kind | unit | window | | |\n|---|---|---|---|---|---|\n")
	for _, f := range scoring.Facts() {
		window := ""
		if f.Windowed {
			window = "yes"
		}
		fmt.Fprintf(&facts, "| `%s` | %s | %s | %s | **%s.** %s | **%s**：%s |\n", f.Name, f.Kind, f.Unit, window, f.Title.En, f.Doc.En, f.Title.Zh, f.Doc.Zh)
	}
	rules.WriteString("| rule | what it asks for | what mends most plugins that break it |\n|---|---|---|\n")
	for _, r := range conformance.Rules() {
		fmt.Fprintf(&rules, "| `%s` | %s | %s |\n", r.Name, r.Doc.En, r.Cure.En)
	}
	listed(t, "docs/plugins/facts.md", "catalogue", facts.String())
	listed(t, "docs/plugins/manifest.md", "manifest", manifestReference(t))
	listed(t, "docs/plugins/testing.md", "rules", rules.String())
}

// manifestReference is the documentation of the types that a manifest is made of: the type itself first, then in the order in which
// their fields name them.
func manifestReference(t *testing.T) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "scoring", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, "bellwether/scoring")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	queue := []string{"Manifest"}
	for at := 0; at < len(queue); at++ {
		i := slices.IndexFunc(p.Types, func(d *doc.Type) bool { return d.Name == queue[at] })
		if i < 0 {
			continue
		}
		structure, ok := p.Types[i].Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType)
		if !ok || !ast.IsExported(fieldName(structure)) {
			continue // a Kind, a Value: values, not tables
		}
		fmt.Fprintf(&out, "## %s\n\n%s\n\n| field | type | |\n|---|---|---|\n", queue[at], sentence(p.Types[i].Doc))
		for _, f := range structure.Fields.List {
			var kind strings.Builder
			if err := printer.Fprint(&kind, fset, f.Type); err != nil {
				t.Fatal(err)
			}
			for _, name := range f.Names {
				fmt.Fprintf(&out, "| `%s` | `%s` | %s |\n", name.Name, kind.String(), sentence(f.Doc.Text()+f.Comment.Text()))
			}
			if named := strings.TrimLeft(kind.String(), "*[]"); ast.IsExported(named) && !slices.Contains(queue, named) {
				queue = append(queue, named)
			}
		}
		out.WriteString("\n")
	}
	return out.String()
}

// fieldName is the name of the first field; "" without one.
func fieldName(s *ast.StructType) string {
	if len(s.Fields.List) == 0 || len(s.Fields.List[0].Names) == 0 {
		return ""
	}
	return s.Fields.List[0].Names[0].Name
}

var linked = regexp.MustCompile(`\[([A-Z][\w.]*)\]`)

// sentence is a comment in a line, without the brackets of its links.
func sentence(comment string) string {
	return strings.NewReplacer("\n", " ", "|", "\\|").Replace(linked.ReplaceAllString(strings.TrimSpace(comment), "$1"))
}
