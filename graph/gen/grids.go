package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"
)

// grid is a field of Query marked @grid.
type grid struct {
	scorer     string
	whole, one *ast.Definition // the type of the field, and of its cells
}

// grids finds the fields marked @grid and binds their types.
func grids(cfg *config.Config) (found []grid, err error) {
	for _, f := range cfg.Schema.Query.Fields {
		d := f.Directives.ForName("grid")
		if d == nil {
			continue
		}
		whole := cfg.Schema.Types[f.Type.Name()]
		cells := whole.Fields.ForName("cells")
		if cells == nil {
			return nil, fmt.Errorf("type %s of the grid Query.%s has no field cells (add one)", whole.Name, f.Name)
		}
		g := grid{d.Arguments.ForName("scorer").Value.Raw, whole, cfg.Schema.Types[cells.Type.Name()]}
		for _, t := range []*ast.Definition{g.whole, g.one} {
			cfg.Models.Add(t.Name, modelPackage+"."+t.Name)
		}
		found = append(found, g)
	}
	slices.SortFunc(found, func(a, b grid) int { return strings.Compare(a.whole.Name, b.whole.Name) })
	return found, nil
}

// code writes the types of a grid.
func (g grid) code(out *bytes.Buffer, cfg *config.Config) error {
	whole, one := g.whole.Name, g.one.Name
	fmt.Fprintf(out, "// %s is the grid of the scorer %s.\ntype %s struct{ Grid }\n\n", whole, g.scorer, whole)
	fmt.Fprintf(out, "// New%s gives a grid its type.\nfunc New%s(g Grid) *%s { return &%s{g} }\n\n", whole, whole, whole, whole)
	fmt.Fprintf(out, "// Cells of the grid.\nfunc (g *%s) Cells() []*%s { return cells(g.Grid, func(c Cell) *%s { return &%s{c} }) }\n\n", whole, one, one, one)
	fmt.Fprintf(out, "// %s is a cell of the grid of %s.\ntype %s struct{ Cell }\n\n", one, g.scorer, one)
	for _, f := range g.one.Fields {
		if slices.Contains([]string{"customers", "revenue"}, f.Name) || strings.HasPrefix(f.Name, "__") {
			continue
		}
		kind, read := "int", "place"
		switch t := cfg.Schema.Types[f.Type.Name()]; {
		case t.Kind == ast.Enum || t.Name == "String":
			kind, read = "string", "label"
		case t.Name != "Int":
			return fmt.Errorf("field %s.%s is a %s, which a cell does not have (use Int for its place and an enum for its label)", one, f.Name, f.Type)
		}
		fmt.Fprintf(out, "// %s is the output %s.\nfunc (c *%s) %s() (%s, error) { return c.%s(%q) }\n\n", upper(f.Name), snake(f.Name), one, upper(f.Name), kind, read, snake(f.Name))
	}
	return nil
}
