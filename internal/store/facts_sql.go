package store

import (
	"fmt"
	"slices"
	"strings"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// factsSQL builds the statement that computes facts: one subquery for each table and span, whatever is asked of it.
type factsSQL struct {
	dialect
	asOf    instant
	known   []string // columns of customers that are asked for
	columns []string
	tables  []*factTable
}

// factTable is a subquery over one table and span.
type factTable struct {
	name    string // orders, refunds, touchpoints, lines or products
	span    engine.Span
	rolled  bool // only for customers without a rollup
	columns []string
}

// The conditions under which an order counts; each takes asOf twice.
const (
	countsAt = `o.valid_from <= ? AND (o.valid_until IS NULL OR o.valid_until > ?)`
	validAt  = `o.total > 0`
)

// attribute is a fact that is made of columns of the customer.
func attribute(fact string) (expression string, columns []string) {
	switch fact {
	case "country", "external_id", "industry", "kind", "region", "registered_at":
		return "c." + fact, []string{fact}
	case "account":
		return "c.account_id", []string{"account_id"}
	case "referred_at":
		return "CASE WHEN c.referred_by_id IS NOT NULL THEN COALESCE(c.referred_at, c.registered_at) END", []string{"referred_by_id", "referred_at", "registered_at"}
	case "referred_by":
		return "c.referred_by_id", []string{"referred_by_id"}
	}
	return "", nil
}

// aggregate is a fact that sums up rows of a table.
func (b *factsSQL) aggregate(fact string) (table, expression string) {
	switch fact {
	case "bought":
		return "orders", b.sum("CASE WHEN " + validAt + " THEN o.net ELSE 0 END")
	case "categories":
		return "products", "COUNT(DISTINCT NULLIF(d.category, '')) FILTER (WHERE " + validAt + " AND l.quantity > 0)"
	case "complaints":
		return "touchpoints", "COUNT(*) FILTER (WHERE p.kind = 'complaint')"
	case "credited":
		return "orders", b.sum("CASE WHEN " + validAt + " THEN 0 ELSE -o.net END")
	case "first_order_at":
		return "orders", "MIN(o.placed_at) FILTER (WHERE " + validAt + ")"
	case "last_order_at":
		return "orders", "MAX(o.placed_at) FILTER (WHERE " + validAt + ")"
	case "last_touchpoint_at":
		return "touchpoints", "MAX(p.at)"
	case "net_revenue":
		return "orders", b.sum("o.net")
	case "orders":
		return "orders", "COUNT(*) FILTER (WHERE " + validAt + ")"
	case "refunded":
		return "refunds", b.sum("r.net")
	case "technology_touchpoints":
		return "touchpoints", "COUNT(*) FILTER (WHERE " + technological() + ")"
	case "touchpoints":
		return "touchpoints", "COUNT(*)"
	case "units":
		return "lines", b.sum("CASE WHEN " + validAt + " AND l.quantity > 0 THEN l.quantity ELSE 0 END")
	}
	return "", ""
}

// computed is a fact that is made of others.
func (b *factsSQL) computed(q engine.FactQuery) (expression string) {
	whole := b.whole(q.Span)
	of := func(fact string, rolled bool) string {
		table, expression := b.aggregate(fact)
		return "COALESCE(" + b.column(table, q.Span, rolled, expression) + ", 0)"
	}
	switch q.Name {
	case "average_order_value":
		average := perOrder(of("net_revenue", whole)+" - "+of("refunded", whole), of("orders", whole))
		if whole {
			average = "CASE WHEN c.holds IS NULL THEN " + average + " ELSE " + perOrder("c.net - c.refunded", "c.orders") + " END"
		}
		return average
	case "return_rate":
		bought, back := of("bought", false), "("+of("credited", false)+" + "+of("refunded", false)+")"
		return "CASE WHEN " + bought + " > 0 THEN " + b.least("1", "CAST("+back+" AS double precision) / "+bought) + " END"
	}
	return ""
}

// perOrder divides an amount by a number, halves away from 0, without a term that could overflow.
func perOrder(net, orders string) string {
	net = "(" + net + ")"
	return "CASE WHEN " + orders + " > 0 THEN " + net + " / " + orders + " + CASE WHEN ABS(" + net + " % " + orders + ") * 2 < " + orders +
		" THEN 0 WHEN " + net + " < 0 THEN -1 ELSE 1 END END"
}

// rollsUp tells whether the rollup has a fact.
func rollsUp(fact string) bool {
	switch fact {
	case "categories", "complaints", "units":
		return false
	}
	return true
}

func (b *factsSQL) add(q engine.FactQuery) error {
	if expression, columns := attribute(q.Name); expression != "" {
		for _, c := range columns {
			if !slices.Contains(b.known, c) {
				b.known = append(b.known, c)
			}
		}
		b.columns = append(b.columns, expression)
		return nil
	}
	if expression := b.computed(q); expression != "" {
		b.columns = append(b.columns, expression)
		return nil
	}
	table, expression := b.aggregate(q.Name)
	if table == "" {
		return fmt.Errorf("fact %s is in the catalogue but not in the store", q.Name)
	}
	rolled := b.whole(q.Span) && rollsUp(q.Name)
	column := b.column(table, q.Span, rolled, expression)
	switch q.Name {
	case "categories", "complaints", "orders", "touchpoints", "technology_touchpoints", "units":
		column = "COALESCE(" + column + ", 0)"
	case "net_revenue":
		_, refunded := b.aggregate("refunded")
		column = "COALESCE(" + column + ", 0) - COALESCE(" + b.column("refunds", q.Span, rolled, refunded) + ", 0)"
	}
	if rolled {
		column = "CASE WHEN c.holds IS NULL THEN " + column + " ELSE " + rolledUp(q.Name) + " END"
	}
	b.columns = append(b.columns, column)
	return nil
}

// whole tells whether a span is all history, which rollups sum up.
func (b *factsSQL) whole(span engine.Span) bool {
	return span.From == scoring.Never && int64(span.To) == b.asOf.V
}

// rolledUp is a fact as the rollup has it.
func rolledUp(fact string) string {
	if fact == "net_revenue" {
		return "c.net - c.refunded"
	}
	return "c." + fact
}

// held are the chosen customers with their rollups as of a moment, which holds is null for where there is none, and lapsed
// those without; it takes asOf twice. Each rollup is looked up once.
const held = ", held AS MATERIALIZED (SELECT chosen.*, r.customer_id AS holds, r.orders, r.net, r.refunded, r.first_order_at, r.last_order_at, " +
	"r.touchpoints, r.technology_touchpoints, r.last_touchpoint_at FROM chosen" +
	" LEFT JOIN customer_rollups r ON r.customer_id = chosen.id AND r.holds_from <= ? AND r.holds_until > ?)" +
	", lapsed(id) AS MATERIALIZED (SELECT id FROM held WHERE holds IS NULL)"

// lapses tells whether a rollup is asked.
func (b *factsSQL) lapses() bool {
	return slices.ContainsFunc(b.tables, func(t *factTable) bool { return t.rolled })
}

// column is the name of an expression over a table and span, added where it is not there yet.
func (b *factsSQL) column(table string, span engine.Span, rolled bool, expression string) string {
	at := -1
	for i, t := range b.tables {
		if t.name == table && t.span == span && t.rolled == rolled {
			at = i
		}
	}
	if at < 0 {
		at = len(b.tables)
		b.tables = append(b.tables, &factTable{name: table, span: span, rolled: rolled})
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

// text is the statement after chosen, the beginning of its WITH clause; its arguments are those of arguments.
func (b *factsSQL) text() string {
	var s strings.Builder
	from := "chosen"
	if b.lapses() {
		from = "held"
		s.WriteString(held)
	}
	s.WriteString(" SELECT c.id")
	for _, c := range b.columns {
		s.WriteString(", " + c)
	}
	s.WriteString(" FROM " + from + " c")
	for i, t := range b.tables {
		columns := make([]string, len(t.columns))
		for j, e := range t.columns {
			columns[j] = fmt.Sprintf("%s AS f%d", e, j)
		}
		rows, customer, condition := "orders o", "o.customer_id", "o.placed_at > ? AND o.placed_at <= ? AND "+countsAt
		switch t.name {
		case "lines":
			rows += b.then() + "order_lines l ON l.order_id = o.id"
		case "products":
			rows += b.then() + "order_lines l ON l.order_id = o.id" + b.then() + "products d ON d.id = l.product_id"
		case "refunds": // first, and then their orders: few orders are refunded
			rows, customer, condition = "refunds r"+b.then()+"orders o ON o.id = r.order_id", "r.customer_id", "r.at <= ? AND "+condition
		case "touchpoints":
			rows, customer, condition = "touchpoints p", "p.customer_id", "p.at > ? AND p.at <= ?"
		}
		of := "chosen"
		if t.rolled {
			of = "lapsed"
		}
		s.WriteString(b.perCustomer(fmt.Sprintf("t%d", i), strings.Join(columns, ", "), rows, customer, condition, of))
	}
	s.WriteString(" ORDER BY c.id")
	return s.String()
}

func (b *factsSQL) arguments() []any {
	var args []any
	if b.lapses() {
		args = append(args, b.asOf, b.asOf)
	}
	for _, t := range b.tables {
		switch t.name {
		case "lines", "orders", "products":
			args = append(args, since(t.span.From), at(int64(t.span.To)), b.asOf, b.asOf)
		case "refunds":
			args = append(args, b.asOf, since(t.span.From), at(int64(t.span.To)), b.asOf, b.asOf)
		case "touchpoints":
			args = append(args, since(t.span.From), at(int64(t.span.To)))
		}
	}
	return args
}
