package record

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Sale is what decides how an order counts.
type Sale struct {
	PlacedAt                         time.Time
	PaidAt, DeliveredAt, CancelledAt *time.Time
	Status                           string
	Total, Tax                       int64           // minor units of the order's currency
	Rate                             decimal.Decimal // base units for one unit of that currency
	Exponent, BaseExponent           int             // of that currency, and of the base currency
	Refunds                          []Refund
}

// Effect is how an order counts: from when to when, and with which amount.
type Effect struct {
	Net        int64      // total without tax, minor units of the base currency, rounded half-even
	RefundNets []int64    // by how much each refund lowers it; at any instant the rest is what the formula gives then
	ValidFrom  *time.Time // nil: never
	ValidUntil *time.Time // nil: for good
}

// TaxFits tells whether a tax can be part of a total: nothing of a purchase, or of a credit note, is taxed with more
// than itself or the other way round. Net revenue would be anything else.
func TaxFits(total, tax int64) bool {
	return tax == 0 || (total > 0 && tax > 0 && tax <= total) || (total < 0 && tax < 0 && tax >= total)
}

// Effect computes how a sale counts. Refunds and cancellations count from their own instant, and from the order's
// where that is not known; they never count before the order.
func (s Sale) Effect() Effect {
	e := Effect{Net: s.net(0), RefundNets: make([]int64, len(s.Refunds))}
	if s.Status == "PENDING" {
		return e
	}
	from := s.PlacedAt
	switch {
	case s.PaidAt != nil && s.Status == "FULFILLED" && s.DeliveredAt != nil:
		from = later(from, earlier(*s.PaidAt, *s.DeliveredAt))
	case s.PaidAt != nil:
		from = later(from, *s.PaidAt)
	}
	e.ValidFrom = &from
	if s.Status == "CANCELLED" || s.CancelledAt != nil {
		until := s.PlacedAt
		if s.CancelledAt != nil {
			until = later(until, *s.CancelledAt)
		}
		e.ValidUntil = &until
	}
	s.refund(&e)
	if s.Status == "REFUNDED" && len(s.Refunds) == 0 {
		e.end(s.PlacedAt)
	}
	if e.ValidUntil != nil && !e.ValidUntil.After(from) {
		e.ValidFrom, e.ValidUntil = nil, nil
	}
	return e
}

// refund walks the refunds in the order of their instants.
func (s Sale) refund(e *Effect) {
	order := make([]int, len(s.Refunds))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return s.Refunds[a].At.Compare(s.Refunds[b].At) })
	var refunded int64
	left := e.Net
	for _, i := range order {
		refunded += s.Refunds[i].Amount
		now := s.net(min(refunded, max(s.Total, 0)))
		e.RefundNets[i], left = left-now, now
		if s.Total > 0 && refunded >= s.Total {
			e.end(later(s.PlacedAt, s.Refunds[i].At))
		}
	}
}

func (e *Effect) end(at time.Time) {
	if e.ValidUntil == nil || at.Before(*e.ValidUntil) {
		e.ValidUntil = &at
	}
}

// net is (total - refunded) * (total - tax) / total in minor units of the base currency.
func (s Sale) net(refunded int64) int64 {
	if s.Total == 0 {
		return 0
	}
	if refunded == 0 && s.Exponent == s.BaseExponent && s.Rate.Equal(one) {
		return s.Total - s.Tax
	}
	num := decimal.NewFromInt(s.Total - refunded).Mul(decimal.NewFromInt(s.Total - s.Tax)).Mul(s.Rate).Shift(int32(s.BaseExponent - s.Exponent))
	total := decimal.NewFromInt(s.Total)
	// The quotient to so many digits that a tie is recognised as one: the numerator has at most those of the rate.
	q, r := num.QuoRem(total, 0)
	if twice := r.Abs().Mul(decimal.NewFromInt(2)).Cmp(total.Abs()); twice > 0 || (twice == 0 && !q.Mod(decimal.NewFromInt(2)).IsZero()) {
		q = q.Add(decimal.NewFromInt(int64(num.Sign() * total.Sign())))
	}
	return q.IntPart()
}

var one = decimal.NewFromInt(1)

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
