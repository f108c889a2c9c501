package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// statements keeps the writer's prepared statements. Preparing needs the one connection that a transaction has, so a
// statement met for the first time is prepared within the transaction, and again, to stay, after it.
type statements struct {
	mu       sync.Mutex
	prepared map[string]*sql.Stmt
}

// batchTx is a transaction that writes a batch.
type batchTx struct {
	*sql.Tx
	dialect
	kept *statements          // nil: connections keep their own
	own  map[string]*sql.Stmt // prepared within this transaction
	held *statement           // goes with the next rows that are written: see insertSoon
}

// statement is the prepared form of a query.
func (t *batchTx) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	t.kept.mu.Lock()
	kept := t.kept.prepared[query]
	t.kept.mu.Unlock()
	if kept != nil {
		return t.StmtContext(ctx, kept), nil
	}
	if own := t.own[query]; own != nil {
		return own, nil
	}
	stmt, err := t.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if t.own == nil {
		t.own = map[string]*sql.Stmt{}
	}
	t.own[query] = stmt
	return stmt, nil
}

func (t *batchTx) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := t.release(ctx); err != nil {
		return nil, err
	}
	if t.kept == nil {
		return t.QueryContext(ctx, query, args...)
	}
	stmt, err := t.statement(ctx, query) //nolint:sqlclosecheck // it is kept, or closed with the transaction
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// queryRow is for the one row of a query that is not worth keeping prepared.
func (t *batchTx) queryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return t.QueryRowContext(ctx, query, args...)
}

func (t *batchTx) exec(ctx context.Context, query string, args ...any) error {
	if err := t.release(ctx); err != nil {
		return err
	}
	_, err := t.result(ctx, query, args...)
	return err
}

// insertSoon is insert of new rows that no statement reads before others are written: on PostgreSQL few rows go with those, in
// one statement, which spares a way to the server.
func (t *batchTx) insertSoon(ctx context.Context, into table, rows []any) error {
	if t.kept != nil || len(rows) == 0 || len(rows) >= manyRows*len(into.names()) {
		return t.insert(ctx, into, rows)
	}
	if err := t.release(ctx); err != nil {
		return err
	}
	t.held = &t.dialect.insert(into, rows)[0]
	return nil
}

// with is a statement that writes rows, together with what is held.
func (t *batchTx) with(s statement) statement {
	if t.held != nil {
		s = statement{"WITH held AS (" + t.held.query + ") " + s.query, slices.Concat(t.held.args, s.args)}
		t.held = nil
	}
	return s
}

// release runs what is held.
func (t *batchTx) release(ctx context.Context) error {
	s := t.held
	if s == nil {
		return nil
	}
	t.held = nil
	_, err := t.result(ctx, s.query, s.args...)
	return err
}

func (t *batchTx) result(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if t.kept == nil {
		return t.ExecContext(ctx, query, args...)
	}
	stmt, err := t.statement(ctx, query) //nolint:sqlclosecheck // it is kept, or closed with the transaction
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

// keep prepares for the next transactions what one had to prepare itself. An error would only make the next one slower,
// and the batch is written.
func (s *statements) keep(ctx context.Context, db *sql.DB, own map[string]*sql.Stmt) {
	for query := range own {
		stmt, err := db.PrepareContext(ctx, query) //nolint:sqlclosecheck // Store.Close closes it
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.prepared == nil {
			s.prepared = map[string]*sql.Stmt{}
		}
		before := s.prepared[query]
		s.prepared[query] = stmt
		s.mu.Unlock()
		if before != nil { // another goroutine met it, too
			_ = before.Close()
		}
	}
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, stmt := range s.prepared {
		errs = append(errs, stmt.Close())
	}
	s.prepared = nil
	return errors.Join(errs...)
}

// insert writes rows, given one after the other.
func (t *batchTx) insert(ctx context.Context, into table, rows []any) error {
	return t.run(ctx, into, t.dialect.insert(into, rows))
}

// counted runs statements, and tells how many rows they have written.
func (t *batchTx) counted(ctx context.Context, on table, all []statement) (n int, err error) {
	for _, s := range all {
		s = t.with(s)
		result, err := t.result(ctx, s.query, s.args...)
		if err != nil {
			return n, fmt.Errorf("write %s: %w", on.name, err)
		}
		more, err := result.RowsAffected()
		if err != nil {
			return n, err
		}
		n += int(more)
	}
	return n, nil
}

// update changes the columns of rows, given one after the other, each with its key first.
func (t *batchTx) update(ctx context.Context, of table, rows []any) error {
	return t.run(ctx, of, t.dialect.update(of, rows))
}

func (t *batchTx) run(ctx context.Context, on table, all []statement) error {
	for _, s := range all {
		s = t.with(s)
		if _, err := t.result(ctx, s.query, s.args...); err != nil {
			return fmt.Errorf("write %s: %w", on.name, err)
		}
	}
	return nil
}
