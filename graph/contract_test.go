package graph_test

import (
	"os"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"bellwether/graph"
)

// served is the schema as the server has it.
func served() *ast.Schema {
	return graph.NewExecutableSchema(graph.Config{Resolvers: &graph.Resolver{}}).Schema()
}

// TestContract holds the served schema against testdata/contract.graphql, the part of the API that others rely on:
// everything in it is there, with the same type, arguments, defaults and directives.
func TestContract(t *testing.T) {
	text, err := os.ReadFile("testdata/contract.graphql")
	if err != nil {
		t.Fatal(err)
	}
	contract, perr := parser.ParseSchema(&ast.Source{Name: "contract.graphql", Input: string(text)})
	if perr != nil {
		t.Fatal(perr)
	}
	have := served()
	elements := 0
	for _, d := range contract.Directives {
		elements++
		if have.Directives[d.Name] == nil {
			t.Errorf("directive @%s is missing", d.Name)
		}
	}
	for _, want := range append(contract.Definitions, contract.Extensions...) {
		elements++
		got := have.Types[want.Name]
		if got == nil || got.Kind != want.Kind {
			t.Errorf("%s %s is missing", want.Kind, want.Name)
			continue
		}
		elements += compareType(t, want, got)
	}
	if elements < 600 {
		t.Fatalf("only %d elements compared: is the contract complete?", elements)
	}
}

func compareType(t *testing.T, want, got *ast.Definition) (elements int) {
	for _, i := range want.Interfaces {
		elements++
		if !strings.Contains(" "+strings.Join(got.Interfaces, " ")+" ", " "+i+" ") {
			t.Errorf("%s does not implement %s", want.Name, i)
		}
	}
	for _, v := range want.EnumValues {
		elements++
		if got.EnumValues.ForName(v.Name) == nil {
			t.Errorf("%s lacks the value %s", want.Name, v.Name)
		}
	}
	compareDirectives(t, want.Name, want.Directives, got.Directives)
	for _, f := range want.Fields {
		elements++
		name := want.Name + "." + f.Name
		g := got.Fields.ForName(f.Name)
		if g == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		if g.Type.String() != f.Type.String() || value(g.DefaultValue) != value(f.DefaultValue) {
			t.Errorf("%s is %s = %s, in the contract %s = %s", name, g.Type, value(g.DefaultValue), f.Type, value(f.DefaultValue))
		}
		compareDirectives(t, name, f.Directives, g.Directives)
		for _, a := range f.Arguments {
			elements++
			b := g.Arguments.ForName(a.Name)
			if b == nil || b.Type.String() != a.Type.String() || value(b.DefaultValue) != value(a.DefaultValue) {
				t.Errorf("%s(%s: %s = %s) is missing or differs", name, a.Name, a.Type, value(a.DefaultValue))
			}
		}
		for _, b := range g.Arguments {
			if f.Arguments.ForName(b.Name) == nil && b.Type.NonNull && b.DefaultValue == nil {
				t.Errorf("%s requires the argument %s, which the contract does not know", name, b.Name)
			}
		}
	}
	return elements
}

func compareDirectives(t *testing.T, name string, want, got ast.DirectiveList) {
	for _, d := range want {
		g := got.ForName(d.Name)
		if g == nil {
			t.Errorf("%s lacks @%s", name, d.Name)
			continue
		}
		for _, a := range d.Arguments {
			if b := g.Arguments.ForName(a.Name); b == nil || b.Value.String() != a.Value.String() {
				t.Errorf("%s has another %s of @%s", name, a.Name, d.Name)
			}
		}
	}
}

func value(v *ast.Value) string {
	if v == nil {
		return "none"
	}
	return v.String()
}

// TestDescriptions: every type, field, argument, enum value and directive of ours is described.
func TestDescriptions(t *testing.T) {
	check := func(what, description string) {
		if strings.TrimSpace(description) == "" {
			t.Errorf("%s has no description", what)
		}
	}
	s := served()
	for _, d := range s.Types {
		if d.BuiltIn || strings.HasPrefix(d.Name, "__") {
			continue
		}
		check(d.Name, d.Description)
		for _, v := range d.EnumValues {
			check(d.Name+"."+v.Name, v.Description)
		}
		for _, f := range d.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			check(d.Name+"."+f.Name, f.Description)
			for _, a := range f.Arguments {
				check(d.Name+"."+f.Name+"("+a.Name+")", a.Description)
			}
		}
	}
	for _, d := range s.Directives {
		if d.Position == nil || d.Position.Src.BuiltIn {
			continue
		}
		check("@"+d.Name, d.Description)
	}
}
