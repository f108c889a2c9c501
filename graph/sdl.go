package graph

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// ours are the directives that tell the generator which scorer answers a field: no client sees them.
func ours(name string) bool { return name == "grid" || name == "score" }

// Schema is the schema as it is served.
func Schema() *ast.Schema {
	served := *parsedSchema
	served.Directives = maps.Clone(served.Directives)
	maps.DeleteFunc(served.Directives, func(name string, _ *ast.DirectiveDefinition) bool { return ours(name) })
	return &served
}

// SDL is the served schema as a file for clients. It says what introspection cannot: which fields are @semanticNonNull.
func SDL() string {
	s := Schema()
	s.Types = maps.Clone(s.Types)
	for name, d := range s.Types {
		if !d.BuiltIn {
			s.Types[name] = withoutOurs(d)
		}
	}
	// Built into newer tools; older ones want it defined.
	oneOf := *s.Directives["oneOf"]
	oneOf.Position = &ast.Position{Src: &ast.Source{}}
	s.Directives["oneOf"] = &oneOf
	var out bytes.Buffer
	formatter.NewFormatter(&out, formatter.WithIndent("  ")).FormatSchema(s)
	return "# The schema, as `bellwether schema` prints it.\n\n" + strings.TrimSpace(out.String()) + "\n"
}

func withoutOurs(d *ast.Definition) *ast.Definition {
	shown := *d
	shown.Fields = slices.Clone(d.Fields)
	for i, f := range shown.Fields {
		if slices.ContainsFunc(f.Directives, func(d *ast.Directive) bool { return ours(d.Name) }) {
			field := *f
			field.Directives = slices.DeleteFunc(slices.Clone(f.Directives), func(d *ast.Directive) bool { return ours(d.Name) })
			shown.Fields[i] = &field
		}
	}
	return &shown
}
