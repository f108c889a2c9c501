package store

import (
	"context"
	"strings"

	entsql "entgo.io/ent/dialect/sql"
)

// Search is a condition on customers: every word of a text is a part of their search text, but for case and width.
func (s *Store) Search(_ context.Context, text string) (func(*entsql.Selector), error) {
	words := strings.Fields(Fold(text))
	return func(q *entsql.Selector) {
		for _, word := range words {
			q.Where(entsql.Contains(q.C("search_text"), word))
		}
	}, nil
}

// Exactly is a condition on customers: a line of their search text is a text, but for case and width.
func (s *Store) Exactly(ctx context.Context, text string) (func(*entsql.Selector), error) {
	return s.Search(ctx, text)
}
