package store

import (
	"context"
	"fmt"
	"strings"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
)

// maxFound is up to how many customers a search names by id. Of words that more of them have, a page is full before long
// when the list is read in its order.
const maxFound = 2000

// Search is a condition on customers: every word of a text is a part of their search text, but for case and width. Rare
// words are looked up in the index of searches first, and the condition names whom it found; common ones, and those of
// one letter or digit, are looked for in the texts.
func (s *Store) Search(ctx context.Context, text string) (func(*entsql.Selector), error) {
	words := strings.Fields(Fold(text))
	found, few, err := s.found(ctx, words)
	if err != nil {
		return nil, err
	}
	return func(q *entsql.Selector) {
		if few {
			q.Where(s.In(q.C("id"), found))
		}
		for _, word := range words {
			q.Where(entsql.ExprP(s.dialect.position(q.C("search_text"))+" > 0", word))
		}
	}, nil
}

// found are the customers that may have some words, unless there are too many of them.
func (s *Store) found(ctx context.Context, words []string) (ids []uuid.UUID, few bool, err error) {
	terms, begins := sought(words)
	if len(terms)+len(begins) == 0 {
		return nil, false, nil
	}
	query := s.dialect.search(terms, begins, maxFound+1)
	rows, err := s.reads.QueryContext(ctx, query.query, query.args...) // not prepared: how to read depends on the terms
	if err != nil {
		return nil, false, explain(s.path, fmt.Errorf("search: %w", err))
	}
	defer rows.Close()
	for rows.Next() {
		var id uuid.UUID
		if err := rows.Scan(&id); err != nil {
			return nil, false, err
		}
		ids = append(ids, id)
	}
	return ids, len(ids) <= maxFound, rows.Err()
}

// searchable is what a customer is found by.
type searchable struct {
	id, text string
}

// flushSearch writes what customers are found by.
func (w *batch) flushSearch(ctx context.Context, all []searchable) error {
	if len(all) == 0 {
		return nil
	}
	for _, s := range w.tx.saveSearch(all) {
		if err := w.tx.exec(ctx, s.query, s.args...); err != nil {
			return fmt.Errorf("write what customers are found by: %w", err)
		}
	}
	return nil
}
