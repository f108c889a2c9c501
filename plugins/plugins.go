// Package plugins lists the scorers that are compiled in. A new one is a folder of its own and a line in [All].
package plugins

import (
	"bellwether/plugins/orientation"
	"bellwether/plugins/rfm"
	"bellwether/scoring"
)

// All are the scorers that are compiled in, in alphabetical order.
func All() []scoring.Scorer {
	return []scoring.Scorer{
		orientation.New(),
		rfm.New(),
	}
}
