package engine

import (
	"context"
	"time"

	"bellwether/scoring"
)

// Source is where the engine's data comes from; internal/store is one.
type Source interface {
	// Business is what holds for the whole database.
	Business(ctx context.Context) (Business, error)
	// Frame answers a query for the customers it names; unknown and merged ones are left out.
	Frame(ctx context.Context, q Query) (*Frame, error)
	// Scan answers a query for everybody, in the order of ids, a frame of at most a few thousand at a time. A frame
	// is only valid until yield returns.
	Scan(ctx context.Context, q Query, yield func(*Frame) error) error
	// Revision tells how far the data has come.
	Revision(ctx context.Context) (Revision, error)
	// ChangedSince is the number of customers whose data was written after an instant.
	ChangedSince(ctx context.Context, at scoring.Instant) (int, error)
}

// Business is what holds for a whole database.
type Business struct {
	Currency string // ISO 4217 code of the base currency; XXX while there is none
	Exponent int    // its minor units are 10^-Exponent
	Location *time.Location
}

// Revision identifies the state of the data: equal revisions, equal answers.
type Revision struct {
	At        scoring.Instant // the latest write
	Customers int
}

// Query asks for facts and orders as of an instant.
type Query struct {
	AsOf   scoring.Instant
	IDs    []scoring.ID // for Frame
	Facts  []FactQuery
	Orders *Span // nil: none
	Lines  bool  // with the orders' lines
}

// FactQuery asks for one fact over a span.
type FactQuery struct {
	Name string
	Span Span
}

// Span is the time (From, To]; From is Never for all history.
type Span struct{ From, To scoring.Instant }

// Frame is the answer to a query: columns in the order of the query's facts, a row a customer.
type Frame struct {
	IDs    []scoring.ID
	Facts  []scoring.Column
	Orders [][]scoring.Order
}

// span resolves a window as of an instant.
func span(w scoring.Window, asOf scoring.Instant, m *scoring.Manifest, params []scoring.Value) Span {
	days := w.Days
	if w.Param != "" {
		days = int(params[m.Param(w.Param)].Int())
	}
	s := Span{From: scoring.Never, To: asOf.Add(-time.Duration(w.Ago) * scoring.Day)}
	if days > 0 {
		s.From = s.To.Add(-time.Duration(days) * scoring.Day)
	}
	return s
}
