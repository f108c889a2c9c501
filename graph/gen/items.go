package main

import (
	"slices"

	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"
)

const itemType = modelPackage + ".Item"

// keepItems lets inputs that gqlgen.yml binds to model.Item reach the resolvers as they were sent: for the generated
// code they are scalars. The schema that is served, and validates requests, knows their fields.
func keepItems(cfg *config.Config) {
	for name, d := range cfg.Schema.Types {
		if d.Kind == ast.InputObject && slices.Contains([]string(cfg.Models[name].Model), itemType) {
			d.Kind, d.Fields = ast.Scalar, nil
		}
	}
}
