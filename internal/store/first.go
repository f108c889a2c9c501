package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
)

// FirstOfEach is a query of some columns of a table with customer_id: the first rows of each customer, among those that
// restrict keeps, in the order and up to the limit that it gives. Each customer's rows come from the start of an index; a
// window function would read all of them. Rows of one customer come in their order.
func (s *Store) FirstOfEach(d *entsql.DialectBuilder, table string, columns []string, customers []uuid.UUID, restrict func(*entsql.Selector)) *entsql.Selector {
	query := d.Select().AppendSelectExpr(s.Columns(table, "found", columns)...)
	return query.FromExpr(s.dialect.firstOfEach(d, table, columns, customers, restrict))
}

// Columns are columns of a table, under an alias, as a query selects them. [Store.Target] reads them.
func (s *Store) Columns(table, alias string, names []string) []entsql.Querier {
	out := make([]entsql.Querier, len(names))
	for i, name := range names {
		out[i] = entsql.Raw(s.dialect.sent(table+"."+name, alias))
	}
	return out
}

// Target is what to scan a column into, for where its value is to be.
func (s *Store) Target(to any) any {
	switch to := to.(type) {
	case *time.Time:
		return (*stamp)(to)
	case **time.Time:
		return stampOrNull{to}
	}
	return to
}

// firstOf is the query of the first rows of a customer, given as an expression.
func firstOf(d *entsql.DialectBuilder, customer, table string, columns []string, restrict func(*entsql.Selector)) *entsql.Selector {
	t := d.Table(table).As("first")
	first := d.Select(t.Columns(columns...)...).From(t)
	first.Where(entsql.ExprP(t.C("customer_id") + " = " + customer))
	restrict(first)
	return first
}

// In is the condition that a column has one of some ids, given as one parameter.
func (s *Store) In(column string, ids []uuid.UUID) *entsql.Predicate {
	return entsql.ExprP(column+" IN (SELECT value FROM "+s.dialect.few("j", uuids)+")", s.dialect.list(idTexts(ids)))
}

// Select runs a query. It stays prepared, for the API asks the same few ones.
func (s *Store) Select(ctx context.Context, build func(*entsql.DialectBuilder) *entsql.Selector) (*sql.Rows, error) {
	query, args := build(entsql.Dialect(s.dialect.name())).Query()
	stmt, err := s.selects.statement(ctx, s.reads, query) //nolint:sqlclosecheck // it is kept; Store.Close closes it
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("prepare a query: %w", err))
	}
	var rows *sql.Rows
	if stmt != nil {
		rows, err = stmt.QueryContext(ctx, args...)
	} else {
		rows, err = s.reads.QueryContext(ctx, query, args...)
	}
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("read: %w", err))
	}
	return rows, nil
}
