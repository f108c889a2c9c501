package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math"
	"strconv"

	"github.com/google/uuid"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// packedLines is an order's lines as one text: a row for each of them cost four times as much to read, nearly all of it
// in handing over columns. No value has a separator in it: they are ids, numbers and names of conditions.
const packedLines = `(SELECT string_agg(concat(l.product_id, ',', l.quantity, ',', l.unit_price, ',', l.list_price, ',', l.discount, ',', l.cost, ',', l.condition),
	';' ORDER BY l.position) FROM order_lines l WHERE l.order_id = o.id)`

// orders adds to a frame the orders of its customers, oldest first, and their lines where they are asked for.
func (r reader) orders(ctx context.Context, q engine.Query, chosen choice, args []any, frame *engine.Frame) error {
	lines := "NULL"
	if q.Lines {
		lines = packedLines
	}
	text := chosen(nil) + ` SELECT o.customer_id, o.placed_at, o.paid_at, o.due_at, o.total < 0, o.rate,
		o.net - COALESCE((SELECT ` + r.sum("r.net") + ` FROM refunds r WHERE r.order_id = o.id AND r.at <= ?), 0), ` + lines + `
		FROM orders o WHERE o.customer_id IN (SELECT id FROM chosen) AND o.placed_at > ? AND o.placed_at <= ? AND o.total <> 0 AND ` + countsAt + `
		ORDER BY o.customer_id, o.placed_at, o.id`
	asOf := at(int64(q.AsOf))
	rows, err := r.QueryContext(ctx, text, append(args[:len(args):len(args)], asOf, since(q.Orders.From), at(int64(q.Orders.To)), asOf, asOf)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	o := &orderReader{frame: frame, rates: map[string]float64{}}
	frame.Orders = make([][]scoring.Order, len(frame.IDs))
	for rows.Next() {
		if err := o.row(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil || len(o.packed) == 0 {
		return err
	}
	if err := r.products(ctx, o.packed); err != nil {
		return fmt.Errorf("read products: %w", err)
	}
	return o.unpack(r.known)
}

// orderReader turns rows, sorted by customer, into orders; their lines stay packed until their products are known.
type orderReader struct {
	frame  *engine.Frame
	at     int    // of the customer that the rows have come to
	id     string // of that customer
	rates  map[string]float64
	packed []packedOrder
}

// packedOrder is an order whose lines are still packed.
type packedOrder struct {
	customer, order int
	rate            float64
	lines           []byte
}

func (r *orderReader) row(rows *sql.Rows) error {
	var customer, rate string
	var placed, paid, due instant
	var lines []byte
	o := scoring.Order{}
	if err := rows.Scan(&customer, &placed, &paid, &due, &o.Credit, &rate, &o.Net, &lines); err != nil {
		return err
	}
	if err := r.moveTo(customer); err != nil {
		return err
	}
	o.PlacedAt, o.PaidAt, o.DueAt = placed.scored(), paid.scored(), due.scored()
	r.frame.Orders[r.at] = append(r.frame.Orders[r.at], o)
	if lines == nil {
		return nil
	}
	units, err := r.rateOf(rate)
	if err != nil {
		return err
	}
	r.packed = append(r.packed, packedOrder{r.at, len(r.frame.Orders[r.at]) - 1, units, lines})
	return nil
}

// moveTo moves on to the customer of a row.
func (r *orderReader) moveTo(customer string) error {
	if customer == r.id {
		return nil
	}
	id, err := parseID(customer)
	if err != nil {
		return err
	}
	for r.frame.IDs[r.at] != id {
		if r.at++; r.at == len(r.frame.IDs) {
			return fmt.Errorf("an order belongs to customer %s, who was not asked for", customer)
		}
	}
	r.id = customer
	return nil
}

func (r *orderReader) rateOf(text string) (float64, error) {
	if rate, ok := r.rates[text]; ok {
		return rate, nil
	}
	rate, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("an order has the rate %q: %w", text, err)
	}
	r.rates[text] = rate
	return rate, nil
}

// unpack makes the lines of all orders.
func (r *orderReader) unpack(known products) error {
	for _, p := range r.packed {
		o := &r.frame.Orders[p.customer][p.order]
		o.Lines = make([]scoring.Line, 0, 1+bytes.Count(p.lines, []byte{';'}))
		for rest := p.lines; rest != nil; {
			var line []byte
			line, rest = cutAt(rest, ';')
			l, err := known.line(line, p.rate)
			if err != nil {
				return fmt.Errorf("unpack line %q: %w", line, err)
			}
			o.Lines = append(o.Lines, l)
		}
	}
	return nil
}

func idText(id scoring.ID) string { return uuid.UUID(id).String() }

func parseID(text string) (scoring.ID, error) {
	id, err := uuid.Parse(text)
	return scoring.ID(id), err
}

// units is an optional number of micro-units of a currency in base units.
func units(micro []byte, rate float64) (float64, error) {
	if len(micro) == 0 {
		return math.NaN(), nil
	}
	n, err := strconv.ParseInt(string(micro), 10, 64)
	return float64(n) / 1e6 * rate, err
}
