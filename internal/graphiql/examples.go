package graphiql

import (
	"embed"
	"path"
	"strings"
)

//go:embed examples
var examples embed.FS

// Example is a query that the page opens as a tab.
type Example struct {
	Name      string `json:"name"`                // of its file: "1-first-customers"
	Query     string `json:"query"`               // with a comment that says what it shows
	Variables string `json:"variables,omitempty"` // a JSON object, empty for none
}

// Examples are the files examples/NAME.graphql, with NAME.variables.json beside those that take variables, in the order
// of their names. They are valid against the API, and the tests of the server run them.
func Examples() []Example {
	entries, err := examples.ReadDir("examples")
	if err != nil {
		panic(err) // embedded: it is always there
	}
	var list []Example
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".graphql"); ok {
			list = append(list, Example{Name: name, Query: read(name + ".graphql"), Variables: read(name + ".variables.json")})
		}
	}
	return list
}

// read gives the text of a file in examples, empty if there is none.
func read(name string) string {
	text, err := examples.ReadFile(path.Join("examples", name))
	if err != nil {
		return ""
	}
	return string(text)
}
