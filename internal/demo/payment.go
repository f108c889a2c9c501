package demo

import (
	"time"

	"bellwether/internal/record"
)

// pay decides when a valid order was paid and delivered, and whether a part of it was given back.
func (g *maker) pay(c *customer, h habits, o *record.Order, at moment) {
	d, s := g.dice, g.shop
	delivered := at + d.moment(20*hour, 6*day)
	if delivered >= theEnd {
		o.Status, o.PaidAt = record.Set("PAID"), record.Set(s.at(at))
		return
	}
	o.Status, o.DeliveredAt = record.Set("FULFILLED"), record.Set(s.at(delivered))
	o.PaidAt = record.Set(s.at(at + d.moment(0, 5*minute)))
	if c.kind != "PERSON" || d.chance(60) { // on account
		due := at + 14*day
		paid := at + d.moment(day, 13*day)
		if d.chance(h.late) {
			paid = due + d.moment(2*day, 40*day)
		}
		o.DueAt = record.Set(s.at(due))
		if o.PaidAt = record.Set(s.at(paid)); paid >= theEnd {
			o.PaidAt = record.Field[time.Time]{}
		}
	}
	if refunded := delivered + d.moment(hour, 10*day); refunded < theEnd && d.chance(2) {
		o.Status = record.Set("PARTIALLY_REFUNDED")
		o.Refunds = record.Set([]record.Refund{{ExternalID: "r1", At: s.at(refunded), Amount: max(1, o.Total.Value/10)}})
	}
}

// giveBack makes up a credit note for a line of an order. It tells what is given back, in cents of the base currency.
func (g *maker) giveBack(c *customer, of *record.Order, at moment) (record.Order, int64) {
	l := pick(g.dice, of.Lines.Value)
	l.Quantity, l.Discount = -max(1, l.Quantity/3), nil
	m := c.currency
	amount := l.UnitPrice * int64(l.Quantity) / m.unit()
	tax := amount * int64(c.place.tax) / 100
	note := record.Order{
		Key: c.nextOrder(), Customer: c.key, PlacedAt: g.shop.at(at), Status: record.Set("PAID"), PaidAt: record.Set(g.shop.at(at)),
		Currency: of.Currency, Rate: of.Rate, Total: record.Set(amount + tax), Tax: record.Set(tax), Channel: of.Channel,
		Lines: record.Set([]record.Line{l}),
	}
	rate := int64(1_000_000)
	if !of.Rate.IsZero() {
		rate = of.Rate.Shift(6).IntPart()
	}
	return note, -l.UnitPrice / 10_000 * int64(l.Quantity) * rate / 1_000_000
}

// fail makes up an order that never counted or no longer does: cancelled, wholly refunded, or not paid yet. It is for what
// the shop always had.
func (g *maker) fail(c *customer, at moment, out *Neighbourhood) {
	d, s := g.dice, g.shop
	if at >= theEnd-10*day {
		return
	}
	m := c.currency.on(at)
	l, _ := g.line(c, habits{}, &s.products[d.IntN(oldProducts)], m, 0)
	o := record.Order{
		Key: c.nextOrder(), Customer: c.key, PlacedAt: s.at(at), Currency: m.code, Lines: record.Set([]record.Line{l}),
	}
	if m.code != BaseCurrency {
		o.Rate = m.decimal()
	}
	g.total(c, &o, m)
	switch d.IntN(3) {
	case 0:
		o.Status, o.CancelledAt = record.Set("CANCELLED"), record.Set(s.at(at+d.moment(hour, 2*day)))
	case 1:
		o.Status, o.PaidAt = record.Set("REFUNDED"), record.Set(s.at(at))
		o.Refunds = record.Set([]record.Refund{{ExternalID: "r1", At: s.at(at + d.moment(day, 9*day)), Amount: o.Total.Value}})
	default:
		o.Status = record.Set("PENDING")
	}
	out.Orders = append(out.Orders, o)
}
