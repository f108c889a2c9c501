package graph

import "testing"

// TestColumns: every field of a type that is read by columns says which ones it needs, and they are read.
func TestColumns(t *testing.T) {
	allNamed(t, customerColumns)
	allNamed(t, orderColumns)
	allNamed(t, touchpointColumns)
}

func allNamed[T any](t *testing.T, c columns[T]) {
	t.Helper()
	for _, f := range Schema().Types[c.object].Fields {
		if _, named := c.fields[f.Name]; !named && f.Directives.ForName("score") == nil {
			t.Errorf("%s.%s: which columns does it need? (say so in tables.go; of none, {})", c.object, f.Name)
		}
		for _, name := range c.fields[f.Name] {
			if c.into[name] == nil {
				t.Errorf("%s.%s needs the column %s, which is not read", c.object, f.Name, name)
			}
		}
	}
}
