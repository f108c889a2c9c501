// Command gen generates the GraphQL code: gqlgen with gqlgen.yml, plus what the plugins' schema fragments need - the
// fields of the interface Score on their types, Go types whose methods read a scorer's outputs by name, and one-line
// resolvers for the fields marked @score. It imports neither graph nor plugins, so that it runs whatever state they
// are in; adding or removing a plugin's folder and running it is all it takes.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/plugin"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "graph/gen:", err)
		os.Exit(1)
	}
}

func run() error {
	// go:generate runs in graph/; everything in gqlgen.yml is relative to the module's root.
	if err := os.Chdir(".."); err != nil {
		return err
	}
	cfg, err := config.LoadConfig("gqlgen.yml")
	if err != nil {
		return err
	}
	if err := errors.Join(removeStale(cfg), os.RemoveAll(objectsFile)); err != nil {
		return err
	}
	s, o := &scores{}, &objects{}
	cfg.SkipValidation = true // until what is replaced is cut out
	err = api.Generate(cfg, func(_ *config.Config, plugins *[]plugin.Plugin) {
		// First, so that the types exist when gqlgen's own model generator looks for them.
		*plugins = append([]plugin.Plugin{s, o}, *plugins...)
	})
	if err != nil {
		return err
	}
	return o.cut(cfg.Exec.Filename)
}

// removeStale deletes the resolver files of schema files that are gone: gqlgen would keep their code for ever.
func removeStale(cfg *config.Config) error {
	keep := map[string]bool{}
	for _, source := range cfg.Sources {
		keep[strings.TrimSuffix(filepath.Base(source.Name), ".graphqls")] = true
	}
	files, err := filepath.Glob("graph/*.resolvers.go")
	if err != nil {
		return err
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".resolvers.go"); !keep[name] {
			if err := os.Remove(file); err != nil {
				return err
			}
		}
	}
	return nil
}
