package store

import (
	"context"
	"fmt"

	"bellwether/scoring"
)

// Revision tells two states of the data apart.
type Revision struct {
	At        scoring.Instant // of the last change of what a scorer reads; [scoring.Never] of an empty database
	Customers int             // that are not merged into another
}

// Revision reads the current one.
func (s *Store) Revision(ctx context.Context) (Revision, error) {
	var last instant
	var r Revision
	err := s.reads.QueryRowContext(ctx, "SELECT (SELECT max(data_changed_at) FROM customer_rollups), (SELECT count(*) FROM customers WHERE merged_into IS NULL)").
		Scan(&last, &r.Customers)
	if err != nil {
		return r, explain(s.path, fmt.Errorf("read the revision: %w", err))
	}
	r.At = last.scored()
	return r, nil
}

// ChangedSince counts the customers of whom a scorer reads something that was written after an instant.
func (s *Store) ChangedSince(ctx context.Context, after scoring.Instant) (int, error) {
	var n int
	err := s.reads.QueryRowContext(ctx, "SELECT count(*) FROM customer_rollups WHERE data_changed_at > ?", since(after)).Scan(&n)
	if err != nil {
		return 0, explain(s.path, fmt.Errorf("count changes: %w", err))
	}
	return n, nil
}
