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

// ChangePlace is a place in a customer's history, which refreshes as of the past add to.
type ChangePlace struct {
	At  scoring.Instant
	Seq int64
}

// GridCell are the customers with one pair of values of two outputs.
type GridCell struct {
	Row, Column int64
	Customers   int
	Revenue     int64 // net revenue over all history, minor units
}

// Ranked is a customer with its value of an output, as it is stored.
type Ranked struct {
	ID    scoring.ID
	Value *int64
}

// RankPage is a page of customers by an output; with Backward the rows come in the opposite order.
type RankPage struct {
	After, Before *Ranked
	Backward      bool
	Limit         int
}
