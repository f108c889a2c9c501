package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"

	"bellwether/internal/record"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// Facts is the store as the engine's source.
func (s *Store) Facts() engine.Source { return &facts{Store: s} }

type facts struct {
	*Store
	business atomic.Pointer[engine.Business] // once the currency is recorded, nothing of it changes
}

// Business implements [engine.Source].
func (f *facts) Business(ctx context.Context) (engine.Business, error) {
	if known := f.business.Load(); known != nil {
		return *known, nil
	}
	b, err := f.Store.Business(ctx)
	if err != nil {
		return engine.Business{}, err
	}
	out := engine.Business{Currency: noCurrency, Location: b.TimeZone}
	if b.BaseCurrency == "" {
		return out, nil
	}
	out.Currency = b.BaseCurrency
	if out.Exponent, err = record.Exponent(b.BaseCurrency); err == nil {
		f.business.Store(&out)
	}
	return out, err
}

// Revision implements [engine.Source].
func (f *facts) Revision(ctx context.Context) (engine.Revision, error) {
	r, err := f.Store.Revision(ctx)
	return engine.Revision(r), err
}

// noCurrency is the ISO 4217 code for "no currency", as long as no order has brought one.
const noCurrency = "XXX"

// chunk is how many customers a scan reads at a time: enough that the statements' cost is spread, few enough that
// their order lines fit in memory.
const chunk = 2000

// some and next choose the customers of a query; every other part of it only knows the table chosen(id). The plus and
// the CROSS JOIN keep SQLite from the index of merged_into, under which it would read every customer that is not merged.
const (
	some = `WITH chosen(id) AS MATERIALIZED (SELECT c.id FROM json_each(?) j CROSS JOIN customers c ON c.id = j.value WHERE +c.merged_into IS NULL)`
	next = `WITH chosen(id) AS MATERIALIZED (SELECT id FROM customers WHERE +merged_into IS NULL AND id > ? ORDER BY id LIMIT ?)`
)

// Frame implements [engine.Source].
func (f *facts) Frame(ctx context.Context, q engine.Query) (*engine.Frame, error) {
	texts := make([]string, len(q.IDs))
	for i, id := range q.IDs {
		texts[i] = idText(id)
	}
	ids, err := json.Marshal(texts)
	if err != nil {
		return nil, err
	}
	return read(ctx, f.DB(), q, some, []any{string(ids)}, products{})
}

// Scan implements [engine.Source]. All chunks are read in one transaction, so that they show one state.
func (f *facts) Scan(ctx context.Context, q engine.Query, yield func(*engine.Frame) error) error {
	tx, err := f.DB().BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin to read the population: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	last, known := "", products{}
	for {
		frame, err := read(ctx, tx, q, next, []any{last, chunk}, known)
		if err != nil {
			return err
		}
		if len(frame.IDs) == 0 {
			return nil
		}
		if err := yield(frame); err != nil {
			return err
		}
		last = idText(frame.IDs[len(frame.IDs)-1])
	}
}

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// read answers a query for the chosen customers, with one statement for the facts, one for the orders, and one for the
// products of their lines that are not known yet.
func read(ctx context.Context, db queryer, q engine.Query, chosen string, args []any, known products) (*engine.Frame, error) {
	frame, err := readFacts(ctx, db, q, chosen, args)
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	if q.Orders != nil && len(frame.IDs) > 0 {
		if err := readOrders(ctx, db, q, chosen, args, frame, known); err != nil {
			return nil, fmt.Errorf("read orders: %w", err)
		}
	}
	return frame, nil
}

func readFacts(ctx context.Context, db queryer, q engine.Query, chosen string, args []any) (*engine.Frame, error) {
	b := &factsSQL{asOf: int64(q.AsOf)}
	frame := &engine.Frame{Facts: make([]scoring.Column, len(q.Facts))}
	for i, fq := range q.Facts {
		fact, ok := scoring.FactNamed(fq.Name)
		if !ok {
			return nil, fmt.Errorf("unknown fact %s", fq.Name)
		}
		frame.Facts[i] = scoring.MakeColumn(fact.Kind, 0)
		frame.Facts[i].Null = []bool{}
		if err := b.add(fq); err != nil {
			return nil, err
		}
	}
	rows, err := db.QueryContext(ctx, chosen+b.text(), append(args[:len(args):len(args)], b.arguments()...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	into := make([]any, 1+len(q.Facts))
	var id string
	into[0] = &id
	ints, texts := make([]sql.NullInt64, len(q.Facts)), make([]sql.NullString, len(q.Facts))
	for i := range q.Facts {
		into[1+i] = &ints[i]
		if frame.Facts[i].Kind == scoring.Text {
			into[1+i] = &texts[i]
		}
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		customer, err := parseID(id)
		if err != nil {
			return nil, err
		}
		frame.IDs = append(frame.IDs, customer)
		for i := range frame.Facts {
			c := &frame.Facts[i]
			if c.Kind == scoring.Text {
				c.Texts, c.Null = append(c.Texts, texts[i].String), append(c.Null, !texts[i].Valid)
				continue
			}
			c.Ints, c.Null = append(c.Ints, ints[i].Int64), append(c.Null, !ints[i].Valid)
		}
	}
	return frame, rows.Err()
}

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
