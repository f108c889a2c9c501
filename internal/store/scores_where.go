package store

import (
	"context"
	"fmt"
	"strconv"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"bellwether/scoring/engine"
)

// WhereScore keeps the customers with a stored score that a filter matches.
func (s *Store) WhereScore(f engine.StoredFilter) func(*entsql.Selector) {
	return func(query *entsql.Selector) {
		scores := entsql.Dialect(query.Dialect()).Table("scores").As("filtered")
		inner := entsql.Dialect(query.Dialect()).Select(scores.C("customer_id")).From(scores)
		inner.Where(entsql.ExprP(scores.C("scorer") + " = " + scorerName(f.Scorer)))
		if f.Version != "" {
			inner.Where(entsql.EQ(scores.C("version"), f.Version))
		}
		if f.Labels != nil {
			inner.Where(within(scores.C("label"), f.Labels))
		}
		if f.Slot >= 0 {
			column := scores.C("v" + strconv.Itoa(f.Slot))
			if f.In != nil {
				inner.Where(within(column, f.In))
			}
			if f.Min != nil {
				inner.Where(entsql.GTE(column, *f.Min))
			}
			if f.Max != nil {
				inner.Where(entsql.LTE(column, *f.Max))
			}
			if f.Null != nil && *f.Null {
				inner.Where(entsql.IsNull(column))
			} else if f.Null != nil {
				inner.Where(entsql.NotNull(column))
			}
		}
		for column, r := range map[string]engine.Range{"moved_at": f.MovedAt, "updated_at": f.UpdatedAt} {
			ranged(inner, scores.C(column), r)
		}
		query.Where(entsql.In(query.C("id"), inner))
	}
}

func within[T any](column string, values []T) *entsql.Predicate {
	if len(values) == 0 {
		return entsql.ExprP("1 = 0")
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	return entsql.In(column, args...)
}

func ranged(s *entsql.Selector, column string, r engine.Range) {
	if r.From != nil {
		s.Where(entsql.GTE(column, atTime(r.From)))
	}
	if r.Before != nil {
		s.Where(entsql.LT(column, atTime(r.Before)))
	}
	if r.Null != nil && *r.Null {
		s.Where(entsql.ExprP("1 = 0"))
	}
}

// columnsOf adds columns of customers to a query that has them.
type columnsOf func(*entsql.DialectBuilder, *entsql.Selector)

// Rank is a page of the customers in the order of an output, those without a value last, ties by id; where are conditions on
// customers. Who was merged into another is left out. columns adds columns of customers to a query, and row takes each row in:
// it scans them into places.
func (s *Store) Rank(ctx context.Context, sort engine.StoredSort, page engine.RankPage, columns func(*entsql.DialectBuilder, *entsql.Selector),
	row func(scan func(places []any) error) error, where ...func(*entsql.Selector),
) ([]engine.Ranked, error) {
	parts := []func(engine.StoredSort, engine.RankPage, columnsOf, []func(*entsql.Selector)) entsql.Querier{s.ranked, s.unranked}
	if page.Backward {
		parts[0], parts[1] = parts[1], parts[0]
	}
	var all []engine.Ranked
	for _, part := range parts {
		rest := page
		rest.Limit -= len(all)
		if rest.Limit == 0 {
			break
		}
		query := part(sort, rest, columns, where)
		if query == nil {
			continue
		}
		rows, err := s.readRanked(ctx, query, row)
		if err != nil {
			return nil, explain(s.path, fmt.Errorf("read customers by %s: %w", sort.Name(), err))
		}
		all = append(all, rows...)
	}
	return all, nil
}

func (s *Store) readRanked(ctx context.Context, query entsql.Querier, row func(func([]any) error) error) (all []engine.Ranked, err error) {
	text, args := query.Query()
	rows, err := s.reads.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r engine.Ranked
		err := row(func(places []any) error { return rows.Scan(append([]any{(*uuid.UUID)(&r.ID), &r.Value}, places...)...) })
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// ranked are the customers with a value. The index is sorted within each label; so each label is read by itself, and no
// further than the page goes. nil: the page begins behind them.
func (s *Store) ranked(sort engine.StoredSort, page engine.RankPage, columns columnsOf, where []func(*entsql.Selector)) entsql.Querier {
	if page.After != nil && page.After.Value == nil || len(sort.Labels) == 0 {
		return nil
	}
	d, desc := entsql.Dialect(s.dialect.name()), sort.Desc != page.Backward
	if len(sort.Labels) == 1 {
		q := s.rankedOf(sort, page, sort.Labels[0], desc, where)
		columns(d, q)
		return q
	}
	labels := entsql.ExprFunc(func(b *entsql.Builder) {
		b.WriteString("(")
		for i, label := range sort.Labels {
			if i > 0 {
				b.WriteString(" UNION ALL ")
			}
			b.WriteString("SELECT * FROM (").Join(s.rankedOf(sort, page, label, desc, where)).WriteString(") AS l" + strconv.Itoa(i))
		}
		b.WriteString(") AS ranked")
	})
	value, id := "ranked.v"+strconv.Itoa(sort.Slot), "ranked.customer_id"
	q := d.Select().FromExpr(entsql.ExprFunc(func(b *entsql.Builder) {
		b.Join(labels).WriteString(s.dialect.then() + "customers ON customers.id = " + id)
	}))
	q.SelectExpr(entsql.Raw(id), entsql.Raw(value))
	columns(d, q)
	return q.OrderExpr(entsql.Raw(value+directed(desc)), entsql.Raw(id+directed(desc))).Limit(page.Limit)
}

// rankedOf are the customers with a value and a label.
func (s *Store) rankedOf(sort engine.StoredSort, page engine.RankPage, label string, desc bool, where []func(*entsql.Selector)) *entsql.Selector {
	d := entsql.Dialect(s.dialect.name())
	customers, scores := d.Table("customers"), d.Table("scores").As("ranked")
	q := d.Select().From(customers).Join(scores).On(customers.C("id"), scores.C("customer_id"))
	value, id := scores.C("v"+strconv.Itoa(sort.Slot)), scores.C("customer_id")
	q.SelectExpr(entsql.Expr(id), entsql.Expr(value))
	q.Where(entsql.ExprP(scores.C("scorer")+" = "+scorerName(sort.Scorer)+" AND "+scores.C("label")+" = ? AND "+value+" IS NOT NULL", label))
	q.Where(entsql.ExprP("NOT (" + customers.C("merged_into") + " IS NOT NULL)"))
	for bound, after := range map[*engine.Ranked]bool{page.After: true, page.Before: false} {
		if bound == nil || bound.Value == nil {
			continue
		}
		op := ">"
		if sort.Desc == after {
			op = "<"
		}
		q.Where(entsql.ExprP("("+value+", "+id+") "+op+" (?, ?)", *bound.Value, uuid.UUID(bound.ID)))
	}
	for _, w := range where {
		w(q)
	}
	q.OrderExpr(entsql.Expr(value+directed(desc)), entsql.Expr(id+directed(desc)))
	return q.Limit(page.Limit)
}

// unranked are the customers without a value. nil: the page ends before them.
func (s *Store) unranked(sort engine.StoredSort, page engine.RankPage, columns columnsOf, where []func(*entsql.Selector)) entsql.Querier {
	if page.Before != nil && page.Before.Value != nil {
		return nil
	}
	d := entsql.Dialect(s.dialect.name())
	customers := d.Table("customers")
	q := d.Select().From(customers)
	q.SelectExpr(entsql.Expr(customers.C("id")), entsql.Expr("NULL"))
	q.Where(entsql.ExprP("NOT (" + customers.C("merged_into") + " IS NOT NULL)"))
	// A label that the scorer does not have any more is no value either: those rows are not among the ranked.
	valued := d.Table("scores").As("valued")
	q.Where(entsql.NotExists(d.Select(valued.C("customer_id")).From(valued).Where(entsql.And(
		entsql.ExprP(valued.C("customer_id")+" = "+customers.C("id")+" AND "+valued.C("scorer")+" = "+scorerName(sort.Scorer)),
		entsql.NotNull(valued.C("v"+strconv.Itoa(sort.Slot))), within(valued.C("label"), sort.Labels)))))
	if sort.Chosen {
		s.WhereScore(engine.StoredFilter{Scorer: sort.Scorer, Labels: sort.Labels, Slot: -1})(q)
	}
	for bound, after := range map[*engine.Ranked]bool{page.After: true, page.Before: false} {
		if bound == nil || bound.Value != nil {
			continue
		}
		op := ">"
		if sort.Desc == after {
			op = "<"
		}
		q.Where(entsql.ExprP(customers.C("id")+" "+op+" ?", uuid.UUID(bound.ID)))
	}
	for _, w := range where {
		w(q)
	}
	columns(d, q)
	return q.OrderExpr(entsql.Expr(customers.C("id") + directed(sort.Desc != page.Backward))).Limit(page.Limit)
}

func directed(desc bool) string {
	if desc {
		return " DESC"
	}
	return " ASC"
}
