package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
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
	kept *statements
	own  map[string]*sql.Stmt // prepared within this transaction
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
	stmt, err := t.statement(ctx, query) //nolint:sqlclosecheck // it is kept, or closed with the transaction
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(ctx, args...)
	return err
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

// table is how rows of a table are written; the first column is never null.
type table struct {
	name     string
	columns  string // separated by commas
	conflict string // what to do with a row that is there
}

// maxVariables is SQLite's limit of parameters of a statement.
const maxVariables = 32766

// insert writes rows, given one after the other, with as few statements as can be: one, up to SQLite's limit of
// parameters. Statements come in few sizes, so that they stay prepared; what is left of a size is filled with nulls,
// which the statement skips. (INSERT ... SELECT from a JSON text, one statement for any size, took twice as long.)
func (t *batchTx) insert(ctx context.Context, into table, rows []any) error {
	width := strings.Count(into.columns, ",") + 1
	for len(rows) > 0 {
		n := sizeFor(len(rows)/width, maxVariables/width)
		args := rows[:min(len(rows), n*width)]
		rows = rows[len(args):]
		if missing := n*width - len(args); missing > 0 {
			args = append(args[:len(args):len(args)], make([]any, missing)...)
		}
		if err := t.exec(ctx, into.sql(n, width), args...); err != nil {
			return fmt.Errorf("write %s: %w", into.name, err)
		}
	}
	return nil
}

// sizeFor is the number of rows of the smallest statement for n rows, or the largest there is.
func sizeFor(n, most int) int {
	size := 4
	for size < n {
		size *= 4
	}
	return min(size, most)
}

func (t table) sql(rows, width int) string {
	row := "(" + strings.Repeat("?,", width-1) + "?)"
	return "INSERT INTO " + t.name + " (" + t.columns + ") SELECT * FROM (VALUES " + strings.Repeat(row+",", rows-1) + row +
		") WHERE column1 IS NOT NULL " + t.conflict
}

// upsert makes a conflict clause that updates columns.
func upsert(columns string) string {
	var b strings.Builder
	b.WriteString("ON CONFLICT (id) DO UPDATE SET ")
	for i, c := range strings.Split(columns, ",") {
		if i > 0 {
			b.WriteString(", ")
		}
		c = strings.TrimSpace(c)
		b.WriteString(c + " = excluded." + c)
	}
	return b.String()
}

// jsonList is a JSON array of texts that need no escaping: ids.
func jsonList(ids []string) string {
	if len(ids) == 0 {
		return "[]"
	}
	return `["` + strings.Join(ids, `","`) + `"]`
}
