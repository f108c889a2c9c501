// Package plugins lists the scorers that are compiled in. A new one is a folder of its own and a line in [All].
package plugins

import (
	"bellwether/plugins/benchmark"
	"bellwether/plugins/orientation"
	"bellwether/plugins/pioneer"
	"bellwether/plugins/rfm"
	"bellwether/scoring"
)

// All are the scorers that are compiled in, in alphabetical order.
func All() []scoring.Scorer {
	return []scoring.Scorer{
		benchmark.New(),
		orientation.New(),
		pioneer.New(),
		rfm.New(),
	}
}
