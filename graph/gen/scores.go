package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

const (
	runtimeScore   = "RuntimeScore" // of scorers that are not compiled in; by hand
	scoreInterface = "Score"
	modelPackage   = "bellwether/graph/model"
	modelFile      = "graph/model/scores_gen.go"
)

// scores is the gqlgen plugin for the score types of plugins.
type scores struct {
	names map[string]string // GraphQL type to scorer
}

// Name implements plugin.Plugin.
func (*scores) Name() string { return "bellwether-scores" }

// InjectSourcesEarly adds the fields of the interface Score to every type that implements it.
func (s *scores) InjectSourcesEarly() ([]*ast.Source, error) {
	all, err := parseAll("graph/*.graphqls", "plugins/*/*.graphqls")
	if err != nil {
		return nil, err
	}
	common := all.Definitions.ForName(scoreInterface)
	if common == nil {
		return nil, fmt.Errorf("no interface %s in graph/*.graphqls", scoreInterface)
	}
	var types []*ast.Definition
	for _, d := range all.Definitions {
		if slices.Contains(d.Interfaces, scoreInterface) {
			types = append(types, &ast.Definition{Kind: ast.Object, Name: d.Name, Fields: missing(d, common)})
		}
	}
	if len(types) == 0 {
		return nil, nil
	}
	slices.SortFunc(types, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
	var out bytes.Buffer
	formatter.NewFormatter(&out).FormatSchemaDocument(&ast.SchemaDocument{Extensions: types})
	return []*ast.Source{{Name: "plugins (fields of the interface Score)", Input: out.String()}}, nil
}

func missing(d, common *ast.Definition) ast.FieldList {
	var fields ast.FieldList
	for _, f := range common.Fields {
		if d.Fields.ForName(f.Name) == nil {
			fields = append(fields, f)
		}
	}
	return fields
}

func parseAll(globs ...string) (*ast.SchemaDocument, error) {
	var sources []*ast.Source
	for _, glob := range globs {
		files, err := filepath.Glob(glob)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			sources = append(sources, &ast.Source{Name: file, Input: string(text)})
		}
	}
	return parser.ParseSchemas(sources...)
}

// MutateConfig writes the Go types of the score types and binds them; enums of plugins are plain strings, because the
// engine has checked them against the manifest.
func (s *scores) MutateConfig(cfg *config.Config) error {
	keepItems(cfg)
	s.names = map[string]string{}
	for _, f := range cfg.Schema.Types["Customer"].Fields {
		if d := f.Directives.ForName("score"); d != nil {
			s.names[f.Type.Name()] = scorerName(f, d)
			fields := cfg.Models["Customer"].Fields
			fields[f.Name] = config.TypeMapField{Resolver: true}
		}
	}
	var types []*ast.Definition
	for _, d := range cfg.Schema.Types {
		switch {
		case d.Name == runtimeScore:
		case d.Kind == ast.Object && slices.Contains(d.Interfaces, scoreInterface):
			if s.names[d.Name] == "" {
				return fmt.Errorf("type %s implements Score, but no field of Customer has it (add one with @score)", d.Name)
			}
			types = append(types, d)
			cfg.Models.Add(d.Name, modelPackage+"."+d.Name)
		case d.Kind == ast.Enum && !d.BuiltIn && !cfg.Models.UserDefined(d.Name) && strings.HasPrefix(d.Position.Src.Name, "plugins"):
			cfg.Models.Add(d.Name, "github.com/99designs/gqlgen/graphql.String")
		}
	}
	slices.SortFunc(types, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
	grids, err := grids(cfg)
	if err != nil {
		return err
	}
	code, err := s.code(cfg, types, grids)
	if err != nil {
		return err
	}
	return os.WriteFile(modelFile, code, 0o644)
}

// scorerName is the scorer that answers a field: the one of its directive, or its own name in snake case.
func scorerName(f *ast.FieldDefinition, d *ast.Directive) string {
	if name := d.Arguments.ForName("name"); name != nil {
		return name.Value.Raw
	}
	return snake(f.Name)
}

func snake(camel string) string {
	var out strings.Builder
	for i, r := range camel {
		if unicode.IsUpper(r) && i > 0 {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

func upper(camel string) string { return strings.ToUpper(camel[:1]) + camel[1:] }

// code is the Go file with the score types.
func (s *scores) code(cfg *config.Config, types []*ast.Definition, grids []grid) ([]byte, error) {
	var out bytes.Buffer
	uses := "" // of package time
	for _, d := range types {
		fmt.Fprintf(&out, "// %s answers for the scorer %s.\ntype %s struct{ Base }\n\n", d.Name, s.names[d.Name], d.Name)
		fmt.Fprintf(&out, "// New%s gives a score its type.\nfunc New%s(b Base) *%s { return &%s{b} }\n\n", d.Name, d.Name, d.Name, d.Name)
		common := cfg.Schema.Types[scoreInterface]
		for _, f := range d.Fields {
			if common.Fields.ForName(f.Name) != nil || strings.HasPrefix(f.Name, "__") {
				continue
			}
			if err := accessor(&out, cfg, d.Name, f); err != nil {
				return nil, err
			}
			if f.Type.Name() == "DateTime" {
				uses = "import \"time\"\n\n"
			}
		}
	}
	for _, g := range grids {
		if err := g.code(&out, cfg); err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(&out, "// Typed gives a score the type of its scorer.\nfunc Typed(b Base) Score {\n\tswitch b.Scorer() {\n")
	for _, d := range types {
		fmt.Fprintf(&out, "\tcase %q:\n\t\treturn New%s(b)\n", s.names[d.Name], d.Name)
	}
	out.WriteString("\t}\n\treturn &RuntimeScore{b}\n}\n")
	return format.Source(append([]byte("// Code generated by graph/gen, DO NOT EDIT.\n\npackage model\n\n"+uses), out.Bytes()...))
}

// accessor writes the method of one field: it reads the output of the field's name in snake case.
func accessor(out *bytes.Buffer, cfg *config.Config, typeName string, f *ast.FieldDefinition) error {
	kinds := map[string][2]string{
		"Boolean": {"bool", "boolean"}, "DateTime": {"time.Time", "instant"}, "Float": {"float64", "float"},
		"Int": {"int", "integer"}, "Money": {"Money", "b.money"}, "String": {"string", "text"},
	}
	kind, ok := kinds[f.Type.Name()]
	if t := cfg.Schema.Types[f.Type.Name()]; !ok && t != nil && t.Kind == ast.Enum {
		kind, ok = kinds["String"], true
	}
	if !ok || f.Type.Elem != nil {
		return fmt.Errorf("field %s.%s is a %s, which no output of a scorer can be (use Boolean, DateTime, Float, Int, Money, String or an enum)", typeName, f.Name, f.Type)
	}
	read := fmt.Sprintf("%s(b.value(%q))", kind[1], snake(f.Name))
	fmt.Fprintf(out, "// %s is the output %s.\n", upper(f.Name), snake(f.Name))
	if f.Type.NonNull {
		fmt.Fprintf(out, "func (b %s) %s() (%s, error) { return must(b.Base, %q, %s) }\n\n", typeName, upper(f.Name), kind[0], snake(f.Name), read)
		return nil
	}
	fmt.Fprintf(out, "func (b %s) %s() *%s { return %s }\n\n", typeName, upper(f.Name), kind[0], read)
	return nil
}

// Implement writes the body of a resolver: those of @score and @grid fields, whatever was there before; the others are
// kept.
func (s *scores) Implement(previous string, f *codegen.Field) string {
	d, g := f.FieldDefinition.Directives.ForName("score"), f.FieldDefinition.Directives.ForName("grid")
	switch {
	case g != nil:
		return fmt.Sprintf("return gridded(ctx, r.Resolver, %q, where, model.New%s)", g.Arguments.ForName("scorer").Value.Raw, f.TypeReference.Definition.Name)
	case d != nil:
		return fmt.Sprintf("return scored(ctx, r.Resolver, obj, %q, asOf, model.New%s)", scorerName(f.FieldDefinition, d), f.TypeReference.Definition.Name)
	case previous == "":
		return fmt.Sprintf("panic(%q)", "write the resolver of "+f.Object.Name+"."+f.Name)
	}
	return previous
}
