package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// rollupColumns are the columns that orders and touchpoints make.
const rollupColumns = "holds_from, holds_until, orders, net, refunded, first_order_at, last_order_at, touchpoints, technology_touchpoints, " +
	"last_touchpoint_at"

// added is how what is new is added to a customer's rollup.
func added(d dialect) string {
	set := func(column, value string) string { return ", " + column + " = " + value }
	have, more := "customer_rollups.", "excluded."
	s := "data_changed_at = excluded.data_changed_at" +
		set("holds_from", d.greatest(have+"holds_from", more+"holds_from")) + set("holds_until", d.least(have+"holds_until", more+"holds_until"))
	for _, sum := range []string{"orders", "net", "refunded", "touchpoints", "technology_touchpoints"} {
		s += set(sum, have+sum+" + "+more+sum)
	}
	either := func(column string) (a, b string) {
		return "COALESCE(" + have + column + ", " + more + column + ")", "COALESCE(" + more + column + ", " + have + column + ")"
	}
	return s + set("first_order_at", d.least(either("first_order_at"))) + set("last_order_at", d.greatest(either("last_order_at"))) +
		set("last_touchpoint_at", d.greatest(either("last_touchpoint_at")))
}

// addable is the condition under which a rollup can be added to at a stamp. Stamps grow, so that it holds from before.
func addable(rollups, stamp string) string {
	bound := strconv.FormatInt(exact, 10)
	return rollups + ".holds_until > " + stamp + " AND " + rollups + ".net BETWEEN -" + bound + " AND " + bound +
		" AND " + rollups + ".refunded BETWEEN -" + bound + " AND " + bound
}

// flushRollups stamps the customers that are touched, and writes what their orders and touchpoints come to: what is new
// is added, and where something changed all is summed up again. An import, which brings nothing but new orders, pays a
// row for each of its customers; summing up all their orders would take four times as long.
func (w *batch) flushRollups(ctx context.Context, stamp instant) error {
	rollups := w.rollups(stamp)
	ids := slices.Sorted(maps.Keys(rollups))
	var fresh, more []any
	for _, id := range ids {
		r, to := rollups[id], &more
		if c := w.customers[id]; c != nil && !c.stored {
			to = &fresh
		}
		*to = append(*to, id, stamp, at(r.holdsFrom), at(r.holdsUntil), r.orders, r.net, r.refunded, r.firstOrder, r.lastOrder,
			r.touchpoints, r.technology, r.lastTouchpoint)
	}
	to := table{name: "customer_rollups", columns: "customer_id, data_changed_at, " + rollupColumns}
	if err := w.tx.insert(ctx, to, fresh); err != nil {
		return err
	}
	n, err := w.tx.counted(ctx, to, w.tx.add(to, more, added(w.tx.dialect), addable(to.name, "excluded.data_changed_at")))
	if err != nil {
		return err
	}
	if n < len(more)/len(to.names()) {
		if err := w.refused(ctx, ids, stamp); err != nil {
			return fmt.Errorf("read rollups: %w", err)
		}
	}
	return w.sumUp(ctx, stamp)
}

// rollups are those of the touched customers of whom nothing changed but what is new.
func (w *batch) rollups(stamp instant) map[string]*rollup {
	added := make(map[string]*rollup, len(w.touched))
	for id, again := range w.touched {
		if !again {
			added[id] = newRollup(stamp)
		}
	}
	check := func(id string) {
		if added[id].exceeds() {
			w.touched[id] = true
			delete(added, id)
		}
	}
	for _, o := range w.orders {
		if r := added[o.now.customerID]; r != nil && !o.stored && o.written {
			r.addOrder(&o.now, o.refunds)
			check(o.now.customerID)
		}
	}
	for _, t := range w.touchpoints {
		if r := added[t.now.customerID]; r != nil && !t.stored && t.exists {
			r.addTouchpoint(&t.now)
		}
	}
	return added
}

// refused finds the customers to whose rollups nothing can be added.
func (w *batch) refused(ctx context.Context, ids []string, stamp instant) error {
	rows, err := w.tx.query(ctx, "SELECT j.value FROM "+w.tx.each("j", uuids)+" LEFT JOIN customer_rollups r ON r.customer_id = j.value"+
		" WHERE r.customer_id IS NULL OR NOT ("+addable("r", "?")+")", w.tx.list(ids), stamp)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		w.touched[id] = true
	}
	return rows.Err()
}

// sumUp makes the rollups anew of the customers that are marked so.
func (w *batch) sumUp(ctx context.Context, stamp instant) error {
	var ids []string
	for id, again := range w.touched {
		if again {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	chosen := "WITH chosen(id) AS MATERIALIZED (SELECT c.id FROM " + w.tx.each("j", uuids) + w.tx.then() + "customers c ON c.id = j.value) "
	if err := w.tx.exec(ctx, chosen+summedUp(w.tx.dialect), w.tx.list(ids), stamp, at(earliest), at(endless)); err != nil {
		return fmt.Errorf("sum up customers: %w", err)
	}
	return nil
}

// summedUp writes the rollups of the table chosen(id) from all rows. Its parameters are the second to the fourth: the
// stamp, the first and the last of all instants.
func summedUp(d dialect) string {
	// The moments of a table at which facts change: the last that has come, and the next.
	moments := func(columns ...string) string {
		var s []string
		for i, c := range columns {
			s = append(s, fmt.Sprintf("MAX(CASE WHEN %[1]s <= ?2 THEN %[1]s END) AS past%[2]d, MIN(CASE WHEN %[1]s > ?2 THEN %[1]s END) AS next%[2]d", c, i))
		}
		return strings.Join(s, ", ")
	}
	const counts = "o.placed_at <= ?2 AND o.valid_from <= ?2 AND (o.valid_until IS NULL OR o.valid_until > ?2)"
	const valid = "FILTER (WHERE " + validAt + " AND " + counts + ")"
	orders := d.perCustomer("o", "COUNT(*) "+valid+" AS orders, "+d.sum("(CASE WHEN "+counts+" THEN o.net END)")+" AS net, MIN(o.placed_at) "+valid+
		" AS first, MAX(o.placed_at) "+valid+" AS last, "+moments("o.placed_at", "o.valid_from", "o.valid_until"),
		"orders o", "o.customer_id", "o.valid_from IS NOT NULL", "chosen")
	refunds := d.perCustomer("r", d.sum("(CASE WHEN r.at <= ?2 AND "+counts+" THEN r.net END)")+" AS net, "+moments("r.at"),
		"refunds r"+d.then()+"orders o ON o.id = r.order_id", "r.customer_id", "o.valid_from IS NOT NULL", "chosen")
	const come = "FILTER (WHERE p.at <= ?2"
	touchpoints := d.perCustomer("p", "COUNT(*) "+come+") AS touchpoints, COUNT(*) "+come+" AND "+technological()+") AS technology, "+moments("p.at"),
		"touchpoints p", "p.customer_id", "p.kind IS NOT NULL", "chosen")
	return "INSERT INTO customer_rollups (customer_id, data_changed_at, " + rollupColumns + ") SELECT c.id, " + d.moment("?2") + ", " +
		"(SELECT MAX(column1) FROM (VALUES (" + d.moment("?3") + "), (o.past0), (o.past1), (o.past2), (r.past0), (p.past0)) AS v), " +
		"(SELECT MIN(column1) FROM (VALUES (" + d.moment("?4") + "), (o.next0), (o.next1), (o.next2), (r.next0), (p.next0)) AS v), " +
		"COALESCE(o.orders, 0), COALESCE(o.net, 0), COALESCE(r.net, 0), o.first, o.last, COALESCE(p.touchpoints, 0), COALESCE(p.technology, 0), p.past0" +
		" FROM chosen c" + orders + refunds + touchpoints +
		" WHERE true ON CONFLICT (customer_id) DO UPDATE SET " + assigned("data_changed_at, "+rollupColumns, "excluded.")
}
