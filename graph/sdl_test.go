package graph_test

import (
	"flag"
	"os"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"bellwether/graph"
)

var update = flag.Bool("update", false, "write schema.graphql anew")

// TestSDL: schema.graphql, which clients generate code from, is the schema that is served.
func TestSDL(t *testing.T) {
	const file = "../schema.graphql"
	if *update {
		if err := os.WriteFile(file, []byte(graph.SDL()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != graph.SDL() {
		t.Error("schema.graphql is out of date (run go test ./graph -run SDL -update)")
	}
	if _, err := gqlparser.LoadSchema(&ast.Source{Name: file, Input: string(text)}); err != nil {
		t.Error(err)
	}
}
