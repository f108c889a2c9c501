package store_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"bellwether/internal/record"
	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// within are a customer's orders as scorers see them, worked out from what was written.
func (w *world) within(key record.Key, q engine.Query) (found []scoring.Order) {
	asOf := q.AsOf.Time()
	orders := slices.Clone(w.orders[key])
	slices.SortFunc(orders, func(a, b record.Order) int {
		if c := a.PlacedAt.Compare(b.PlacedAt); c != 0 {
			return c
		}
		return strings.Compare(store.OrderID(a.Key).String(), store.OrderID(b.Key).String())
	})
	for _, o := range orders {
		if at := scoring.At(o.PlacedAt); at <= q.Orders.From || at > q.Orders.To || o.Total.Value == 0 || !counts(o, asOf) {
			continue
		}
		order := scoring.Order{PlacedAt: scoring.At(o.PlacedAt), PaidAt: scoring.Never, DueAt: scoring.Never, Net: net(o, asOf), Credit: o.Total.Value < 0}
		if o.PaidAt.State == record.Present {
			order.PaidAt = scoring.At(o.PaidAt.Value)
		}
		if o.DueAt.State == record.Present {
			order.DueAt = scoring.At(o.DueAt.Value)
		}
		rate := map[string]float64{"EUR": 1, "USD": .9137, "JPY": .0061, "KWD": 3.015}[o.Currency]
		for _, l := range o.Lines.Value {
			if q.Lines {
				order.Lines = append(order.Lines, scoring.Line{
					SKU: l.SKU, Category: categoryOf(l.SKU), Kind: "GOODS", LaunchedAt: scoring.Never, Quantity: int64(l.Quantity), Price: float64(l.UnitPrice) / 1e6 * rate,
					ListPrice: math.NaN(), Discount: math.NaN(), Cost: math.NaN(),
				})
			}
		}
		found = append(found, order)
	}
	return found
}

// event is an instant at which something happened to an order.
func (w *world) event(random *rand.Rand) time.Time {
	var all []time.Time
	for _, key := range w.keys {
		for _, o := range w.orders[key] {
			all = append(all, o.PlacedAt)
			for _, f := range []record.Field[time.Time]{o.PaidAt, o.DeliveredAt, o.CancelledAt} {
				if f.State == record.Present {
					all = append(all, f.Value)
				}
			}
			for _, r := range o.Refunds.Value {
				all = append(all, r.At, r.At) // the rarest
			}
		}
	}
	return all[random.IntN(len(all))]
}
