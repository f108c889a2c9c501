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
		WITH RECURSIVE walk(asked, id) AS (
			SELECT value, value FROM `+s.dialect.each("j", uuids)+`
			UNION
			SELECT w.asked, c.merged_into FROM walk w`+s.dialect.then()+`customers c ON c.id = w.id WHERE c.merged_into IS NOT NULL
		)
		SELECT w.asked, c.id FROM walk w`+s.dialect.then()+`customers c ON c.id = w.id WHERE NOT (c.merged_into IS NOT NULL)`, s.dialect.list(asked))
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("look up customers: %w", err))
	}
	defer rows.Close()
	meant := map[string]uuid.UUID{}
	for rows.Next() {
		var id, survivor string
		if err := rows.Scan(&id, &survivor); err != nil {
			return nil, err
		}
		meant[id] = parsed(survivor)
	}
	found := make([]uuid.UUID, len(keys))
	for i, id := range asked {
		found[i] = meant[id]
	}
	return found, rows.Err()
}

// BaseCurrency is the one that is recorded; "" while there is none.
func (s *Store) BaseCurrency(ctx context.Context) (string, error) {
	row, err := s.business(ctx, s.reads)
	if err != nil {
		return "", explain(s.path, err)
	}
	return row.currency.String, nil
}
