package cli

import "fmt"

type schemaCommand struct{}

// Run prints the schema for clients that generate code from it.
func (schemaCommand) Run(app App) error {
	_, err := fmt.Fprint(app.Stdout, app.Schema())
	return err
}
