package model

import (
	"time"

	"github.com/google/uuid"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// ScoreChange is a move from label to label, with those that were loaded together with it.
type ScoreChange struct {
	engine.Change
	Group *Group[*ScoreChange]
	Mover *Customer // nil where the change was not reached through its customer
}

// ScoreChanges wraps changes that one query loaded.
func ScoreChanges(loaded []engine.Change, mover func(scoring.ID) *Customer) []*ScoreChange {
	g := &Group[*ScoreChange]{Members: make([]*ScoreChange, len(loaded))}
	for i, c := range loaded {
		g.Members[i] = &ScoreChange{c, g, mover(c.Customer)}
	}
	return g.Members
}

// IsNode marks the type.
func (*ScoreChange) IsNode() {}

// ID is the global id.
func (c *ScoreChange) ID() string { return ScoreChangeID.Of(Numbered(c.Seq)) }

// CustomerID is the global id of the customer.
func (c *ScoreChange) CustomerID() string { return CustomerID.Of(uuid.UUID(c.Customer)) }

// At is the instant as of which the new label was found.
func (c *ScoreChange) At() time.Time { return c.Change.At.Time() }

// From is the label before.
func (c *ScoreChange) From() *string { return named(c.Change.From) }

// To is the label since.
func (c *ScoreChange) To() *string { return named(c.Change.To) }

func named(label string) *string {
	if label == "" {
		return nil
	}
	return &label
}

// ScoreChangeEvent is a move as it happens.
type ScoreChangeEvent struct {
	Change *ScoreChange
	Cursor string
}

// TransitionMatrix is how customers moved between two instants.
type TransitionMatrix struct {
	Scorer   string
	From, To time.Time
	Moves    []*Transition
}

// Transition is one pair of labels.
type Transition struct{ engine.Transition }

// From is the label at the first instant.
func (t *Transition) From() *string { return named(t.Transition.From) }

// To is the label at the second instant.
func (t *Transition) To() *string { return named(t.Transition.To) }

// Refresh is a refresh of stored scores.
type Refresh struct{ engine.Refresh }

// IsNode marks the type.
func (*Refresh) IsNode() {}

// ID is the global id.
func (r *Refresh) ID() string { return RefreshID.Of(Numbered(r.Refresh.ID)) }

// AsOf is the instant of the facts.
func (r *Refresh) AsOf() time.Time { return r.Refresh.AsOf.Time() }

// StartedAt is when it began.
func (r *Refresh) StartedAt() time.Time { return r.Refresh.StartedAt.Time() }

// FinishedAt is when it ended.
func (r *Refresh) FinishedAt() *time.Time { return instant(scoring.Time(r.Refresh.FinishedAt)) }

// Errors are the failures, never null.
func (r *Refresh) Errors() []*RefreshError {
	out := make([]*RefreshError, len(r.Refresh.Errors))
	for i, e := range r.Refresh.Errors {
		out[i] = &RefreshError{e}
	}
	return out
}

// RefreshError is why a scorer was not refreshed.
type RefreshError struct{ engine.RefreshError }

// RefreshScoresPayload is what became of a refresh.
type RefreshScoresPayload struct {
	Refresh *Refresh
	Errors  []UserError
}

type (
	// ScoreChangeConnection is a page of changes.
	ScoreChangeConnection struct{ Page[*ScoreChangeEdge] }

	// ScoreChangeEdge is a change within a page.
	ScoreChangeEdge struct {
		Node *ScoreChange
		At   func(*ScoreChange) string
	}

	// RefreshConnection is a page of refreshes.
	RefreshConnection struct{ Page[*RefreshEdge] }

	// RefreshEdge is a refresh within a page.
	RefreshEdge struct {
		Node *Refresh
		At   func(*Refresh) string
	}
)

// Cursor is the place of the change in the list.
func (e *ScoreChangeEdge) Cursor() string { return e.At(e.Node) }

// Cursor is the place of the refresh in the list.
func (e *RefreshEdge) Cursor() string { return e.At(e.Node) }
