package main

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	schema "github.com/vektah/gqlparser/v2/ast"
)

const objectsFile = "graph/objects_gen.go"

//go:embed objects.gotpl
var objectsTemplate string

// objects is the gqlgen plugin that writes objects straight into the answer (graph/writer.go), where gqlgen would make a
// closure, a context and a goroutine of fields that are read from memory, and read the arguments of a field again for every
// object that has it.
type objects struct {
	replaced map[string]bool // functions of graph/generated.go
}

// Name implements plugin.Plugin.
func (*objects) Name() string { return "bellwether-objects" }

// GenerateCode implements plugin.CodeGenerator.
func (o *objects) GenerateCode(data *codegen.Data) error {
	o.replaced = map[string]bool{}
	for _, object := range data.Objects {
		if !written(object) {
			continue
		}
		o.replaced["_"+object.Name] = true
		for _, f := range object.Fields {
			if plain(f) || called(f) {
				o.replaced["_"+object.Name+"_"+f.Name] = true
			}
		}
	}
	for _, t := range data.ReferencedTypes {
		if listed(t) {
			o.replaced[t.MarshalFunc()] = true
		}
	}
	return templates.Render(templates.Options{
		PackageName: data.Config.Exec.Package, Filename: objectsFile, Template: objectsTemplate, Data: data,
		GeneratedHeader: true, Packages: data.Config.Packages, PruneOptions: data.Config.GetPruneOptions(),
		Funcs: map[string]any{"called": called, "listed": listed, "object": object, "plain": plain, "written": written},
	})
}

// written tells whether an object's fields are written by the template: all but the roots and introspection.
func written(o *codegen.Object) bool {
	return !o.Root && !o.Stream && !o.IsMap() && !strings.HasPrefix(o.Name, "__")
}

// plain tells whether a field is read from its object without a context or arguments.
func plain(f *codegen.Field) bool {
	return !f.IsResolver && !f.IsBatch() && !f.IsMap() && !f.MethodHasContext && len(f.Args) == 0 && !f.HasDirectives() && !f.VOkFunc && !f.HasHaser
}

// called tells whether a field is answered by a resolver, or by a method with a context or arguments.
func called(f *codegen.Field) bool {
	return !plain(f) && !f.IsBatch() && !f.IsMap() && !f.HasDirectives() && !f.VOkFunc && !f.HasHaser
}

// object tells whether a type is an object that the template writes, without a list around it.
func object(t *config.TypeReference) bool {
	return t != nil && !t.IsSlice() && t.Definition.Kind == schema.Object && !strings.HasPrefix(t.Definition.Name, "__") && !t.IsPtrToPtr()
}

// listed tells whether a type is a list of objects or interfaces.
func listed(t *config.TypeReference) bool {
	return t.MarshalFunc() != "" && t.IsSlice() && !t.IsPtrToSlice() && !t.IsScalar() && !t.Elem().IsSlice() &&
		(t.Definition.Kind == schema.Object || t.Definition.Kind == schema.Interface) && !strings.HasPrefix(t.Definition.Name, "__")
}

// cut takes out of a Go file the functions that are replaced.
func (o *objects) cut(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	var kept []byte
	from, cut := 0, 0
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || !o.replaced[f.Name.Name] {
			continue
		}
		cut++
		kept = append(kept, text[from:files.Position(f.Pos()).Offset]...)
		from = files.Position(f.End()).Offset
		for from < len(text) && text[from] == '\n' {
			from++
		}
	}
	if cut != len(o.replaced) {
		return fmt.Errorf("%s has %d of the %d functions that %s replaces (see what gqlgen calls them)", file, cut, len(o.replaced), objectsFile)
	}
	return os.WriteFile(file, append(kept, text[from:]...), 0o644)
}
