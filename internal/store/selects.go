package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// maxSelects is how many queries stay prepared: applications ask few different ones. The rest run unprepared, which costs
// PostgreSQL a round trip and a plan.
const maxSelects = 256

// selects keeps the prepared queries of the pool that reads.
type selects struct {
	mu       sync.RWMutex
	prepared map[string]*sql.Stmt
}

// statement is the prepared form of a query; nil where there are too many.
func (s *selects) statement(ctx context.Context, db *sql.DB, query string) (*sql.Stmt, error) {
	s.mu.RLock()
	kept, n := s.prepared[query], len(s.prepared)
	s.mu.RUnlock()
	if kept != nil || n >= maxSelects {
		return kept, nil
	}
	made, err := db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept := s.prepared[query]; kept != nil { // another request met it, too
		return kept, made.Close() //nolint:sqlclosecheck // at once
	}
	if s.prepared == nil {
		s.prepared = map[string]*sql.Stmt{}
	}
	s.prepared[query] = made
	return made, nil
}

func (s *selects) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, stmt := range s.prepared {
		errs = append(errs, stmt.Close())
	}
	s.prepared = nil
	return errors.Join(errs...)
}
