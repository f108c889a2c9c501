package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"bellwether/internal/record"
)

// none is the id of no record.
const none = "00000000-0000-0000-0000-000000000000"

// loadOrders reads the orders of a batch that are stored, with their lines and refunds. One row more has the last stamp, which
// spares a statement.
func (w *batch) loadOrders(ctx context.Context) error {
	if len(w.orders) == 0 {
		return nil
	}
	byID := make(map[string]*order, len(w.orders))
	ids := make([]string, 0, len(w.orders))
	for key := range w.orders {
		o := &order{id: OrderID(key), key: key}
		w.orders[key] = o
		id := o.id.String()
		byID[id] = o
		ids = append(ids, id)
	}
	rows, err := w.tx.query(ctx, `SELECT o.id, o.customer_id, o.source_updated_at, o.paid_at, o.due_at, o.delivered_at, o.cancelled_at,
			o.placed_at, o.status, o.currency, o.rate, o.channel, o.coupon, o.total, o.discount, o.tax, o.shipping, o.net,
			o.valid_from, o.valid_until
		FROM `+w.tx.each("j", uuids)+w.tx.then()+`orders o ON o.id = j.value
		UNION ALL SELECT '`+none+`', '`+none+`', NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', NULL, NULL, 0, 0, 0, 0, 0, NULL, `+lastStamp, w.tx.list(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	ids = ids[:0]
	for rows.Next() {
		var id string
		var r orderRow
		err := rows.Scan(&id, &r.customerID, &r.sourceUpdatedAt, &r.paidAt, &r.dueAt, &r.deliveredAt, &r.cancelledAt,
			&r.placedAt, &r.status, &r.currency, &r.rate, &r.channel, &r.coupon, &r.total, &r.discount, &r.tax, &r.shipping, &r.net,
			&r.validFrom, &r.validUntil)
		if err != nil {
			return err
		}
		if id == none {
			w.last = &r.validUntil
			continue
		}
		o := byID[id]
		o.before, o.now, o.stored = r, r, true
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil || len(ids) == 0 {
		return err
	}
	if err := w.loadLines(ctx, byID, ids); err != nil {
		return err
	}
	return w.loadRefunds(ctx, byID, ids)
}

func (w *batch) loadLines(ctx context.Context, orders map[string]*order, ids []string) error {
	rows, err := w.tx.query(ctx, `SELECT l.order_id, l.product_id, l.quantity, l.unit_price, l.list_price, l.discount, l.cost,
			l.condition, l.beneficiary, l.operator
		FROM `+w.tx.each("j", uuids)+w.tx.then()+`order_lines l ON l.order_id = j.value ORDER BY j.key, l.position`, w.tx.list(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var l line
		err := rows.Scan(&id, &l.productID, &l.quantity, &l.unitPrice, &l.listPrice, &l.discount, &l.cost,
			&l.condition, &l.beneficiary, &l.operator)
		if err != nil {
			return err
		}
		o := orders[id]
		o.linesBefore = append(o.linesBefore, l)
		o.lines = o.linesBefore
	}
	return rows.Err()
}

func (w *batch) loadRefunds(ctx context.Context, orders map[string]*order, ids []string) error {
	rows, err := w.tx.query(ctx, `SELECT r.order_id, r.external_id, r.at, r.amount, r.net
		FROM `+w.tx.each("j", uuids)+w.tx.then()+`refunds r ON r.order_id = j.value ORDER BY j.key, r.external_id`, w.tx.list(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var r refund
		if err := rows.Scan(&id, &r.externalID, &r.at, &r.amount, &r.net); err != nil {
			return err
		}
		o := orders[id]
		o.refundsBefore = append(o.refundsBefore, r)
		o.refunds = o.refundsBefore
	}
	return rows.Err()
}

// lines are the rows of an order's lines.
func (w *batch) lines(from []record.Line) []line {
	lines := make([]line, len(from))
	for i, l := range from {
		lines[i] = line{
			productID: w.products[l.SKU].id, quantity: int64(l.Quantity), unitPrice: l.UnitPrice,
			listPrice: integer(l.ListPrice), discount: integer(l.Discount), cost: integer(l.Cost),
			condition: text(l.Condition), beneficiary: text(l.Beneficiary), operator: text(l.Operator),
		}
	}
	return lines
}

// makeRefunds are the rows of an order's refunds, by their key: their order means nothing.
func makeRefunds(from []record.Refund) []refund {
	refunds := make([]refund, len(from))
	for i, r := range from {
		refunds[i] = refund{externalID: r.ExternalID, at: at(r.At.UnixMicro()), amount: r.Amount}
	}
	slices.SortFunc(refunds, func(a, b refund) int { return cmp.Compare(a.externalID, b.externalID) })
	return refunds
}

const orderColumns = "customer_id, source_updated_at, paid_at, due_at, delivered_at, cancelled_at, placed_at, " +
	"status, currency, rate, channel, coupon, total, discount, tax, shipping, net, valid_from, valid_until, updated_at"

var (
	ordersTable = table{
		name:     "orders",
		columns:  "id, source, external_id, created_at, " + orderColumns,
		conflict: upsert(orderColumns),
	}
	linesTable = table{
		name:    "order_lines",
		columns: "id, order_id, customer_id, position, product_id, quantity, unit_price, list_price, discount, cost, condition, beneficiary, operator",
	}
	refundsTable = table{
		name:    "refunds",
		columns: "id, order_id, customer_id, external_id, at, amount, net",
	}
)

// flushOrders writes the orders that differ. Lists that differ are replaced.
func (w *batch) flushOrders(ctx context.Context, at instant) error {
	var orders, lines, refunds []any
	var oldLines, oldRefunds []string
	for _, o := range sorted(w.orders, func(o *order) string { return string(o.id[:]) }) {
		if !o.differs() {
			continue
		}
		id := o.id.String()
		if r := o.now; !o.stored || r != o.before {
			orders = append(orders, id, o.key.Source, o.key.ExternalID, at, r.customerID, r.sourceUpdatedAt, r.paidAt, r.dueAt,
				r.deliveredAt, r.cancelledAt, r.placedAt, r.status, r.currency, r.rate, orNil(r.channel), orNil(r.coupon),
				r.total, r.discount, r.tax, r.shipping, r.net, r.validFrom, r.validUntil, at)
		}
		if o.linesDiffer() {
			lines = o.appendLines(lines, id)
			if len(o.linesBefore) > 0 {
				oldLines = append(oldLines, id)
			}
		}
		if o.refundsDiffer() {
			refunds = o.appendRefunds(refunds, id)
			if len(o.refundsBefore) > 0 {
				oldRefunds = append(oldRefunds, id)
			}
		}
	}
	if err := w.tx.insertSoon(ctx, ordersTable, orders); err != nil {
		return err
	}
	if err := w.replace(ctx, linesTable, oldLines, lines); err != nil {
		return err
	}
	return w.replace(ctx, refundsTable, oldRefunds, refunds)
}

// replace deletes the children of orders and writes new ones.
func (w *batch) replace(ctx context.Context, children table, orders []string, rows []any) error {
	if len(orders) > 0 {
		err := w.tx.exec(ctx, "DELETE FROM "+children.name+" WHERE order_id IN (SELECT value FROM "+w.tx.each("j", uuids)+")", w.tx.list(orders))
		if err != nil {
			return fmt.Errorf("delete old %s: %w", children.name, err)
		}
	}
	return w.tx.insert(ctx, children, rows)
}

func (o *order) appendLines(rows []any, id string) []any {
	for i, l := range o.lines {
		rows = append(rows, LineID(o.id, i).String(), id, o.now.customerID, int64(i), l.productID, l.quantity, l.unitPrice,
			orNil(l.listPrice), orNil(l.discount), orNil(l.cost), orNil(l.condition), orNil(l.beneficiary), orNil(l.operator))
	}
	return rows
}

func (o *order) appendRefunds(rows []any, id string) []any {
	for _, r := range o.refunds {
		rows = append(rows, RefundID(o.id, r.externalID).String(), id, o.now.customerID, r.externalID, r.at, r.amount, r.net)
	}
	return rows
}

// hasAmounts tells whether a record has amounts that only mean something with a currency.
func hasAmounts(r *record.Order) bool {
	return r.Total.State == record.Present || r.Discount.State == record.Present || r.Tax.State == record.Present ||
		r.Shipping.State == record.Present || len(r.Lines.Value) > 0 || len(r.Refunds.Value) > 0
}
