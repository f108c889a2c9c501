package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"bellwether/internal/record"
)

// Lookup finds the customers that keys mean, by position: survivors, where customers were merged, and the zero UUID for
// an unknown key.
func (s *Store) Lookup(ctx context.Context, keys []record.Key) ([]uuid.UUID, error) {
	asked := make([]string, len(keys))
	for i, key := range keys {
		asked[i] = CustomerID(key).String()
	}
	rows, err := s.reads.QueryContext(ctx, `
		WITH RECURSIVE walk(n, id) AS (
			SELECT key, value FROM json_each(?)
			UNION
			SELECT w.n, c.merged_into FROM walk w CROSS JOIN customers c ON c.id = w.id WHERE c.merged_into IS NOT NULL
		)
		SELECT w.n, c.id FROM walk w CROSS JOIN customers c ON c.id = w.id WHERE +c.merged_into IS NULL`, jsonList(asked))
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("look up customers: %w", err))
	}
	defer rows.Close()
	found := make([]uuid.UUID, len(keys))
	for rows.Next() {
		var n int
		var id string
		if err := rows.Scan(&n, &id); err != nil {
			return nil, err
		}
		found[n] = parsed(id)
	}
	return found, rows.Err()
}

// BaseCurrency is the one that is recorded; "" while there is none.
func (s *Store) BaseCurrency(ctx context.Context) (string, error) {
	row, err := readBusiness(ctx, s.reads)
	if err != nil {
		return "", explain(s.path, err)
	}
	return row.currency.String, nil
}
