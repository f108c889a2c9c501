package store

import (
	"fmt"
	"strings"

	"bellwether/scoring/engine"
)

// factsSQL builds the statement that computes facts: one subquery for each table and span, whatever is asked of it.
type factsSQL struct {
	asOf    int64
	columns []string
	tables  []*factTable
}

// factTable is a subquery over one table and span.
type factTable struct {
	name    string // orders, refunds or touchpoints
	span    engine.Span
	columns []string
}

// The conditions under which an order counts; each takes asOf twice.
const (
	countsAt = `o.valid_from <= ? AND (o.valid_until IS NULL OR o.valid_until > ?)`
	validAt  = `o.total > 0`
)

// attributes are the facts that are columns of the customer.
func attribute(fact string) (string, bool) {
	switch fact {
	case "country", "external_id", "industry", "kind", "region":
		return "c." + fact, true
	case "account":
		return "c.account_id", true
	case "referred_at": // expressions, so that the driver leaves the number alone
		return "CASE WHEN c.referred_by_id IS NOT NULL THEN COALESCE(c.referred_at, c.registered_at) END", true
	case "referred_by":
		return "c.referred_by_id", true
	case "registered_at":
		return "+c.registered_at", true
	}
	return "", false
}

// saturated is a sum that cannot overflow, which SQLite answers with an error for everybody: it stops at four fifths of
// what an int64 holds, so that the difference of two still fits. Sums of real amounts are exact and far below.
func saturated(amount string) string {
	millions, rest := "SUM("+amount+" / 1000000)", "SUM("+amount+" % 1000000)"
	return "MAX(-4000000000000000000, MIN(4000000000000000000, CASE WHEN ABS(" + millions + ") < 4000000000000 THEN " +
		millions + " * 1000000 + " + rest + " ELSE SIGN(" + millions + ") * 4000000000000000000 END))"
}

// aggregates are the facts that sum up rows of a table.
func aggregate(fact string) (table, expression string) {
	switch fact {
	case "first_order_at":
		return "orders", "MIN(o.placed_at) FILTER (WHERE " + validAt + ")"
	case "last_order_at":
		return "orders", "MAX(o.placed_at) FILTER (WHERE " + validAt + ")"
	case "last_touchpoint_at":
		return "touchpoints", "MAX(p.at)"
	case "net_revenue":
		return "orders", saturated("o.net")
	case "orders":
		return "orders", "COUNT(*) FILTER (WHERE " + validAt + ")"
	case "refunded":
		return "refunds", saturated("r.net")
	case "technology_touchpoints":
		return "touchpoints", "COUNT(*) FILTER (WHERE p.kind IN ('spec_view', 'feature_question', 'demo', 'tech_event'))"
	case "touchpoints":
		return "touchpoints", "COUNT(*)"
	}
	return "", ""
}

func (b *factsSQL) add(q engine.FactQuery) error {
	if column, ok := attribute(q.Name); ok {
		b.columns = append(b.columns, column)
		return nil
	}
	table, expression := aggregate(q.Name)
	if table == "" {
		return fmt.Errorf("fact %s is in the catalogue but not in the store", q.Name)
	}
	column := b.column(table, q.Span, expression)
	switch q.Name {
	case "orders", "touchpoints", "technology_touchpoints":
		column = "COALESCE(" + column + ", 0)"
	case "net_revenue":
		_, refunded := aggregate("refunded")
		column = "COALESCE(" + column + ", 0) - COALESCE(" + b.column("refunds", q.Span, refunded) + ", 0)"
	}
	b.columns = append(b.columns, column)
	return nil
}

// column is the name of an expression over a table and span, added where it is not there yet.
func (b *factsSQL) column(table string, span engine.Span, expression string) string {
	at := -1
	for i, t := range b.tables {
		if t.name == table && t.span == span {
			at = i
		}
	}
	if at < 0 {
		at = len(b.tables)
		b.tables = append(b.tables, &factTable{name: table, span: span})
	}
	t := b.tables[at]
	for i, e := range t.columns {
		if e == expression {
			return fmt.Sprintf("t%d.f%d", at, i)
		}
	}
	t.columns = append(t.columns, expression)
	return fmt.Sprintf("t%d.f%d", at, len(t.columns)-1)
}

// text is the statement after its WITH clause; its arguments are those of arguments.
func (b *factsSQL) text() string {
	var s strings.Builder
	s.WriteString(" SELECT c.id")
	for _, c := range b.columns {
		s.WriteString(", " + c)
	}
	s.WriteString(" FROM chosen CROSS JOIN customers c ON c.id = chosen.id") // CROSS: chosen is small, and comes first
	for i, t := range b.tables {
		from, where := "orders o", "o.customer_id IN (SELECT id FROM chosen) AND o.placed_at > ? AND o.placed_at <= ? AND "+countsAt
		by := "o.customer_id"
		switch t.name {
		case "refunds":
			// CROSS JOIN keeps SQLite from starting at the orders: few orders are refunded.
			from = "refunds r CROSS JOIN orders o ON o.id = r.order_id"
			where = "r.customer_id IN (SELECT id FROM chosen) AND r.at <= ? AND " + strings.TrimPrefix(where, "o.customer_id IN (SELECT id FROM chosen) AND ")
			by = "r.customer_id"
		case "touchpoints":
			from, where, by = "touchpoints p", "p.customer_id IN (SELECT id FROM chosen) AND p.at > ? AND p.at <= ?", "p.customer_id"
		}
		fmt.Fprintf(&s, " LEFT JOIN (SELECT %s AS customer_id", by)
		for j, e := range t.columns {
			fmt.Fprintf(&s, ", %s AS f%d", e, j)
		}
		fmt.Fprintf(&s, " FROM %s WHERE %s GROUP BY 1) t%d ON t%d.customer_id = c.id", from, where, i, i)
	}
	s.WriteString(" ORDER BY c.id")
	return s.String()
}

func (b *factsSQL) arguments() []any {
	var args []any
	for _, t := range b.tables {
		switch t.name {
		case "orders":
			args = append(args, int64(t.span.From), int64(t.span.To), b.asOf, b.asOf)
		case "refunds":
			args = append(args, b.asOf, int64(t.span.From), int64(t.span.To), b.asOf, b.asOf)
		case "touchpoints":
			args = append(args, int64(t.span.From), int64(t.span.To))
		}
	}
	return args
}
