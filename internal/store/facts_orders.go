package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strconv"

	"github.com/google/uuid"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// readOrders adds to a frame the orders of its customers, oldest first, and their lines where they are asked for.
func readOrders(ctx context.Context, db queryer, q engine.Query, chosen string, args []any, frame *engine.Frame) error {
	text := chosen + ` SELECT o.customer_id, o.id, +o.placed_at, +o.paid_at, +o.due_at, o.total < 0, o.rate,
		o.net - COALESCE((SELECT SUM(r.net) FROM refunds r WHERE r.order_id = o.id AND r.at <= ?), 0)`
	if q.Lines {
		text += `, p.sku, p.category, p.kind, +p.launched_at, p.technology,
			l.quantity, l.unit_price, l.list_price, l.discount, l.cost, l.condition`
	}
	text += ` FROM orders o`
	if q.Lines {
		text += ` LEFT JOIN order_lines l ON l.order_id = o.id LEFT JOIN products p ON p.id = l.product_id`
	}
	text += ` WHERE o.customer_id IN (SELECT id FROM chosen) AND o.placed_at > ? AND o.placed_at <= ? AND o.total <> 0 AND ` + countsAt +
		` ORDER BY o.customer_id, o.placed_at, o.id`
	if q.Lines {
		text += `, l.position`
	}
	asOf := int64(q.AsOf)
	rows, err := db.QueryContext(ctx, text, append(args[:len(args):len(args)], asOf, int64(q.Orders.From), int64(q.Orders.To), asOf, asOf)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	r := newOrderReader(q.Lines, frame)
	for rows.Next() {
		if err := rows.Scan(r.into...); err != nil {
			return err
		}
		if err := r.row(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// orderReader turns rows, sorted by customer and order, into orders with lines.
type orderReader struct {
	frame *engine.Frame
	at    int // of the customer that the rows have come to
	order string
	rates map[string]float64
	into  []any

	customer, id, rate                         string
	placed, net                                int64
	credit                                     bool
	paid, due                                  sql.NullInt64
	sku, category, kind, condition             sql.NullString
	launched, quantity, price, list, off, cost sql.NullInt64
	technology                                 sql.NullBool
}

func newOrderReader(lines bool, frame *engine.Frame) *orderReader {
	frame.Orders = make([][]scoring.Order, len(frame.IDs))
	r := &orderReader{frame: frame, rates: map[string]float64{}}
	r.into = []any{&r.customer, &r.id, &r.placed, &r.paid, &r.due, &r.credit, &r.rate, &r.net}
	if lines {
		r.into = append(r.into, &r.sku, &r.category, &r.kind, &r.launched, &r.technology,
			&r.quantity, &r.price, &r.list, &r.off, &r.cost, &r.condition)
	}
	return r
}

func (r *orderReader) row() error {
	if r.id != r.order {
		if err := r.begin(); err != nil {
			return err
		}
	}
	if !r.quantity.Valid {
		return nil // an order without lines
	}
	rate, err := r.rateOf()
	if err != nil {
		return err
	}
	orders := r.frame.Orders[r.at]
	o := &orders[len(orders)-1]
	o.Lines = append(o.Lines, scoring.Line{
		SKU: r.sku.String, Category: r.category.String, Kind: r.kind.String, LaunchedAt: instant(r.launched), Technology: r.technology.Bool,
		Quantity: r.quantity.Int64, Price: float64(r.price.Int64) / 1e6 * rate,
		ListPrice: units(r.list, rate), Discount: units(r.off, rate), Cost: units(r.cost, rate), Condition: r.condition.String,
	})
	return nil
}

// begin starts the order of the row, moving on to its customer.
func (r *orderReader) begin() error {
	r.order = r.id
	customer, err := parseID(r.customer)
	if err != nil {
		return err
	}
	for r.frame.IDs[r.at] != customer {
		if r.at++; r.at == len(r.frame.IDs) {
			return fmt.Errorf("order %s belongs to a customer that was not asked for", r.id)
		}
	}
	r.frame.Orders[r.at] = append(r.frame.Orders[r.at], scoring.Order{
		PlacedAt: scoring.Instant(r.placed), PaidAt: instant(r.paid), DueAt: instant(r.due), Net: r.net, Credit: r.credit,
	})
	return nil
}

func (r *orderReader) rateOf() (float64, error) {
	if rate, ok := r.rates[r.rate]; ok {
		return rate, nil
	}
	rate, err := strconv.ParseFloat(r.rate, 64)
	if err != nil {
		return 0, fmt.Errorf("order %s has rate %q: %w", r.id, r.rate, err)
	}
	r.rates[r.rate] = rate
	return rate, nil
}

func instant(n sql.NullInt64) scoring.Instant {
	if !n.Valid {
		return scoring.Never
	}
	return scoring.Instant(n.Int64)
}

func units(micro sql.NullInt64, rate float64) float64 {
	if !micro.Valid {
		return math.NaN()
	}
	return float64(micro.Int64) / 1e6 * rate
}

func idText(id scoring.ID) string { return uuid.UUID(id).String() }

func parseID(text string) (scoring.ID, error) {
	id, err := uuid.Parse(text)
	return scoring.ID(id), err
}
