package record

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// ScoreChange is a customer's move from one label of a scorer to another.
type ScoreChange struct {
	Seq        int64 // grows in the order in which changes are stored
	CustomerID uuid.UUID
	Scorer     string
	At         time.Time // as of which the new label was found
	From, To   *string   // nil: none
	Version    string
}

// ChangeFilter chooses changes; what is nil matches all.
type ChangeFilter struct {
	Scorers  []string
	Since    *time.Time
	Customer *uuid.UUID
	To       []string
}

// Matches tells whether a change is one of those chosen.
func (f ChangeFilter) Matches(c ScoreChange) bool {
	return (f.Scorers == nil || slices.Contains(f.Scorers, c.Scorer)) && (f.Customer == nil || *f.Customer == c.CustomerID) &&
		(f.To == nil || c.To != nil && slices.Contains(f.To, *c.To)) && (f.Since == nil || !c.At.Before(*f.Since))
}

// ChangePlace is a place in a customer's history.
type ChangePlace struct {
	At  time.Time
	Seq int64
}

// Transition is how many customers have one label at an instant and another at a later one; who stays has the same twice.
type Transition struct {
	From, To  *string // nil: none yet
	Customers int
}

// Refresh is one refresh of stored scores.
type Refresh struct {
	ID                 int64 // grows
	AsOf, StartedAt    time.Time
	FinishedAt         *time.Time // nil: it runs
	Scorers            []string
	Customers, Changed int
	Incremental        bool
	Errors             []RefreshError
}

// RefreshError is why a scorer was not refreshed.
type RefreshError struct{ Scorer, Code, Message string }

// Ranked is a customer with its value of an output, as it is stored.
type Ranked struct {
	ID    uuid.UUID
	Value *int64
}

// RankPage is a page of customers by an output; with Backward the rows come in the opposite order.
type RankPage struct {
	After, Before *Ranked
	Backward      bool
	Limit         int
}

// Grid is how customers spread over the pairs of two outputs' values.
type Grid struct {
	AsOf      time.Time
	Customers int
	Cells     []GridCell
}

// GridCell are the customers with one pair of values, and the sum of a third output of theirs.
type GridCell struct {
	A, B      int64
	Customers int
	Sum       int64
}
