package engine

import (
	"slices"

	"bellwether/scoring"
)

// Change is a customer's move from one label of a scorer to another.
type Change struct {
	Seq      int64 // grows in the order in which changes are stored
	Customer scoring.ID
	Scorer   string
	At       scoring.Instant // as of which the new label was found
	From, To string          // "": none
	Version  string
}

// ChangeFilter chooses changes; what is left out matches all.
type ChangeFilter struct {
	Scorers  []string // nil: any
	Customer *scoring.ID
	To       []string // nil: any
	Since    *scoring.Instant
}

// Matches tells whether a change is one of those chosen.
func (f ChangeFilter) Matches(c Change) bool {
	return (f.Scorers == nil || slices.Contains(f.Scorers, c.Scorer)) && (f.Customer == nil || *f.Customer == c.Customer) &&
		(f.To == nil || slices.Contains(f.To, c.To)) && (f.Since == nil || c.At >= *f.Since)
}

// Transition is how many customers have one label at an instant and another at a later one.
type Transition struct {
	From, To  string // "": none yet
	Customers int
}

// Grid is how customers spread over the cells of a scorer's grid.
type Grid struct {
	Manifest *scoring.Manifest
	Business Business
	AsOf     scoring.Instant // of the oldest score
	Cells    [][]Cell        // by row and column
}

// Cell is one cell of a grid.
type Cell struct {
	Customers int
	Revenue   int64 // net revenue over all history, minor units
}
