package store

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bellwether/internal/fault"
	"bellwether/internal/record"
)

// orderRow is what can change of a row of orders. It is comparable.
type orderRow struct {
	customerID                                               string
	sourceUpdatedAt, paidAt, dueAt, deliveredAt, cancelledAt nullInt
	placedAt                                                 int64
	status, currency, rate                                   string
	channel, coupon                                          nullText
	total, discount, tax, shipping, net                      int64
	validFrom, validUntil                                    nullInt
}

// line is what can change of a row of order_lines; its place in the list is its position.
type line struct {
	productID                        string
	quantity, unitPrice              int64
	listPrice, discount, cost        nullInt
	condition, beneficiary, operator nullText
}

// refund is what can change of a row of refunds.
type refund struct {
	externalID      string
	at, amount, net int64
}

// order is an order with its children, as stored and as it shall be.
type order struct {
	id                     uuid.UUID
	key                    record.Key
	stored, written        bool
	before, now            orderRow
	linesBefore, lines     []line
	refundsBefore, refunds []refund
}

func (o *order) differs() bool {
	return !o.stored || o.now != o.before || o.linesDiffer() || o.refundsDiffer()
}

// linesDiffer and refundsDiffer tell whether the children are written anew; they carry the customer, too.
func (o *order) linesDiffer() bool {
	return !slices.Equal(o.lines, o.linesBefore) || (o.now.customerID != o.before.customerID && len(o.lines) > 0)
}

func (o *order) refundsDiffer() bool {
	return !slices.Equal(o.refunds, o.refundsBefore) || (o.now.customerID != o.before.customerID && len(o.refunds) > 0)
}

// countsOtherwise tells whether more changed than when the source changed it.
func (o *order) countsOtherwise() bool {
	before := o.before
	before.sourceUpdatedAt = o.now.sourceUpdatedAt
	return !o.stored || o.now != before || o.linesDiffer() || o.refundsDiffer()
}

// applyOrder takes in an order.
func (w *batch) applyOrder(r *record.Order) (record.Outcome, error) {
	o := w.orders[r.Key]
	exists := o.stored || o.written
	if r.UpdatedAt.State == record.Present && exists && o.now.sourceUpdatedAt.Valid && r.UpdatedAt.Value.UnixMicro() < o.now.sourceUpdatedAt.V {
		return record.Stale, nil
	}
	if err := checkOrder(r); err != nil {
		return 0, err
	}
	next, err := w.row(o, r, exists)
	if err != nil {
		return 0, err
	}
	lines, refunds := o.lines, slices.Clone(o.refunds)
	if r.Lines.State != record.Omitted {
		lines = w.lines(r.Lines.Value)
	}
	if r.Refunds.State != record.Omitted {
		refunds = makeRefunds(r.Refunds.Value)
	}
	if err := w.value(r, &next, refunds); err != nil {
		return 0, err
	}
	if exists && next == o.now && slices.Equal(lines, o.lines) && slices.Equal(refunds, o.refunds) {
		return record.Unchanged, nil
	}
	o.now, o.lines, o.refunds, o.written = next, lines, refunds, true
	if exists {
		return record.Updated, nil
	}
	return record.Created, nil
}

// checkOrder refuses what no caller should send, before the database does with words for nobody.
func checkOrder(r *record.Order) error {
	switch {
	case r.ExternalID == "" || r.Source == "":
		return invalid(r.Key, "it has no key (give its source and external id)")
	case r.Customer.ExternalID == "" || r.Customer.Source == "":
		return invalid(r.Key, "it has no customer (give the customer's source and external id)")
	case r.PlacedAt.IsZero():
		return invalid(r.Key, "it has no instant (say when it was placed)")
	case r.Status.State == record.Present && !slices.Contains(record.Statuses(), r.Status.Value):
		return invalid(r.Key, "unknown status %q (one of %v)", r.Status.Value, record.Statuses())
	}
	for _, l := range r.Lines.Value {
		switch {
		case l.SKU == "":
			return invalid(r.Key, "a line has no product (give its sku)")
		case l.Quantity == 0:
			return invalid(r.Key, "a line of product %q has quantity 0 (leave it out, or give its quantity)", l.SKU)
		case l.Condition != nil && !slices.Contains([]string{"NEW", "REFURBISHED", "USED"}, *l.Condition):
			return invalid(r.Key, "unknown condition %q of product %q (one of NEW, USED, REFURBISHED)", *l.Condition, l.SKU)
		}
	}
	seen := map[string]bool{}
	for _, f := range r.Refunds.Value {
		switch {
		case f.ExternalID == "" || f.Amount <= 0:
			return invalid(r.Key, "refund %q has no key or no amount above 0 (give both)", f.ExternalID)
		case seen[f.ExternalID]:
			return invalid(r.Key, "refund %q is there twice (give each its own key)", f.ExternalID)
		}
		seen[f.ExternalID] = true
	}
	return nil
}

// row is an order's row with what a record says of it, but for what follows from the rest.
func (w *batch) row(o *order, r *record.Order, exists bool) (orderRow, error) {
	next := o.now
	next.customerID = w.keys[r.Customer].id
	next.placedAt = r.PlacedAt.UnixMicro()
	for _, f := range []struct {
		to   *nullInt
		from record.Field[time.Time]
	}{
		{&next.sourceUpdatedAt, r.UpdatedAt},
		{&next.paidAt, r.PaidAt},
		{&next.dueAt, r.DueAt},
		{&next.deliveredAt, r.DeliveredAt},
		{&next.cancelledAt, r.CancelledAt},
	} {
		if f.from.State != record.Omitted {
			*f.to = nullInt{}
		}
		if f.from.State == record.Present {
			*f.to = nullInt{V: f.from.Value.UnixMicro(), Valid: true}
		}
	}
	replaceText(&next.channel, r.Channel)
	replaceText(&next.coupon, r.Coupon)
	replaceAmount(&next.discount, r.Discount)
	replaceAmount(&next.tax, r.Tax)
	replaceAmount(&next.shipping, r.Shipping)
	switch {
	case r.Status.State == record.Present:
		next.status = r.Status.Value
	case r.Status.State == record.Null || !exists:
		next.status = "PAID"
	}
	return next, w.currency(r, &next, exists)
}

// currency sets an order's currency and rate, and makes the first of all the base currency.
func (w *batch) currency(r *record.Order, next *orderRow, exists bool) error {
	code, base := r.Currency, w.business.currency
	switch {
	case code == "" && !base.Valid:
		return fault.New(UnknownCurrency, "order %q has no currency, and there is no base currency yet (name one, such as --base-currency USD)", r.ExternalID)
	case code == "" && exists && next.currency != base.String && hasAmounts(r):
		return fault.New(UnknownCurrency, "order %q is in %s (name the currency of its amounts)", r.ExternalID, next.currency)
	case code == "" && exists:
		code = next.currency
	case code == "":
		code = base.String
	}
	if _, err := w.exponent(code); err != nil {
		return fault.New(UnknownCurrency, "order %q: %w", r.ExternalID, err)
	}
	if !base.Valid {
		base.String, base.Valid = code, true
		w.business.currency, w.adopted = base, true
	}
	switch {
	case code == base.String && !r.Rate.IsZero() && !r.Rate.Equal(decimal.NewFromInt(1)):
		return invalid(r.Key, "the rate of the base currency %s is 1, not %s (leave it out)", code, r.Rate)
	case code == base.String:
		next.rate = "1"
	case r.Rate.IsPositive():
		next.rate = r.Rate.String()
	case !r.Rate.IsZero():
		return invalid(r.Key, "the rate %s is not above 0 (give %s for one %s)", r.Rate, base.String, code)
	case !exists || next.currency != code:
		return fault.New(UnknownCurrency, "order %q is in %s and the base currency is %s (give its rate: %[3]s for one %[2]s)", r.ExternalID, code, base.String)
	}
	next.currency = code
	return nil
}

func (w *batch) exponent(code string) (int, error) {
	if e, ok := w.exponents[code]; ok {
		return e, nil
	}
	e, err := record.Exponent(code)
	if err == nil {
		w.exponents[code] = e
	}
	return e, err
}

// value sets an order's total and how it counts, and how its refunds do.
func (w *batch) value(r *record.Order, next *orderRow, refunds []refund) error {
	exponent, err := w.exponent(next.currency)
	if err != nil {
		return err
	}
	base, err := w.exponent(w.business.currency.String)
	if err != nil {
		return err
	}
	switch {
	case r.Total.State == record.Present:
		next.total = r.Total.Value
	case len(r.Lines.Value) > 0:
		if next.total, err = record.LinesTotal(r.Lines.Value, exponent); err != nil {
			return invalid(r.Key, "%w (give its total)", err)
		}
	}
	rate, err := decimal.NewFromString(next.rate)
	if err != nil {
		return err
	}
	sale := record.Sale{
		PlacedAt: time.UnixMicro(next.placedAt), PaidAt: instantOf(next.paidAt), DeliveredAt: instantOf(next.deliveredAt),
		CancelledAt: instantOf(next.cancelledAt), Status: next.status, Total: next.total, Tax: next.tax,
		Rate: rate, Exponent: exponent, BaseExponent: base, Refunds: make([]record.Refund, len(refunds)),
	}
	for i, f := range refunds {
		sale.Refunds[i] = record.Refund{ExternalID: f.externalID, At: time.UnixMicro(f.at), Amount: f.amount}
	}
	effect := sale.Effect()
	next.net, next.validFrom, next.validUntil = effect.Net, micros(effect.ValidFrom), micros(effect.ValidUntil)
	for i := range refunds {
		refunds[i].net = effect.RefundNets[i]
	}
	return nil
}
