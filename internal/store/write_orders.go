package store

import (
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bellwether/internal/record"
)

// orderRow is what can change of a row of orders. It is comparable.
type orderRow struct {
	customerID                                               string
	sourceUpdatedAt, paidAt, dueAt, deliveredAt, cancelledAt instant
	placedAt                                                 instant
	status, currency, rate                                   string
	channel, coupon                                          nullText
	total, discount, tax, shipping, net                      int64
	validFrom, validUntil                                    instant
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
	externalID  string
	at          instant
	amount, net int64
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
	if !o.stored {
		return o.written
	}
	return o.now != o.before || o.linesDiffer() || o.refundsDiffer()
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
func (w *batch) applyOrder(r *record.Order) (record.Written, error) {
	if err := checkOrder(r); err != nil {
		return record.Written{}, err
	}
	o := w.orders[r.Key]
	exists := o.stored || o.written
	out := record.Written{ID: o.id, Outcome: record.Created}
	if exists && stale(r.UpdatedAt, o.now.sourceUpdatedAt) {
		out.Outcome = record.Stale
		return out, nil
	}
	next, err := w.row(o, r, exists)
	if err != nil {
		return out, err
	}
	lines, refunds := o.lines, slices.Clone(o.refunds)
	if r.Lines.State != record.Omitted {
		lines = w.lines(r.Lines.Value)
	}
	if r.Refunds.State != record.Omitted {
		refunds = makeRefunds(r.Refunds.Value)
	}
	if err := w.value(r, &next, refunds); err != nil {
		return out, err
	}
	w.keys[r.Customer].named = true
	for _, l := range r.Lines.Value {
		w.products[l.SKU].named = true
	}
	switch {
	case exists && next == o.now && slices.Equal(lines, o.lines) && slices.Equal(refunds, o.refunds):
		out.Outcome = record.Unchanged
	case exists:
		out.Outcome = record.Updated
	}
	if out.Outcome != record.Unchanged {
		o.now, o.lines, o.refunds, o.written = next, lines, refunds, true
	}
	return out, nil
}

// row is an order's row with what a record says of it, but for what follows from the rest.
func (w *batch) row(o *order, r *record.Order, exists bool) (orderRow, error) {
	next := o.now
	next.customerID = w.keys[r.Customer].id
	next.placedAt = at(r.PlacedAt.UnixMicro())
	replaceInstant(&next.sourceUpdatedAt, r.UpdatedAt)
	replaceInstant(&next.paidAt, r.PaidAt)
	replaceInstant(&next.dueAt, r.DueAt)
	replaceInstant(&next.deliveredAt, r.DeliveredAt)
	replaceInstant(&next.cancelledAt, r.CancelledAt)
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
		return problem(record.CodeUnknownCurrency, "currency", "it has no currency, and there is no base currency yet (name one)",
			"未指明币种，且尚未确定本位币（请指明币种）")
	case code == "" && exists && next.currency != base.String && hasAmounts(r):
		return problem(record.CodeUnknownCurrency, "currency", "the order is in %s (name the currency of its amounts)", "该订单的币种为 %s（请指明金额的币种）", next.currency)
	case code == "" && exists:
		code = next.currency
	case code == "":
		code = base.String
	}
	if err := w.known(code); err != nil {
		return err
	}
	if !base.Valid {
		base.String, base.Valid = code, true
		w.business.currency, w.adopted = base, true
	}
	switch {
	case code == base.String && !r.Rate.IsZero() && !r.Rate.Equal(decimal.NewFromInt(1)):
		return problem(record.CodeInvalid, "rate", "the rate of the base currency %s is 1, not %s (leave it out)", "本位币 %s 的汇率为 1，而不是 %s（请去除）", code, r.Rate)
	case code == base.String:
		next.rate = "1"
	case r.Rate.IsPositive():
		next.rate = r.Rate.String()
	case !r.Rate.IsZero():
		return problem(record.CodeInvalid, "rate", "the rate %[1]s is not above 0 (give %[2]s for one %[3]s)", "汇率 %[1]s 不大于 0（请提供一单位 %[3]s 折合的 %[2]s）", r.Rate, base.String, code)
	case !exists || next.currency != code:
		return problem(record.CodeUnknownCurrency, "rate", "the order is in %[1]s and the base currency is %[2]s (give its rate: %[2]s for one %[1]s)",
			"订单币种为 %[1]s，本位币为 %[2]s（请提供汇率：一单位 %[1]s 折合的 %[2]s）", code, base.String)
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

// tooMuch tells whether amounts in the base currency would not be exact as float64, which scorers use.
func tooMuch(o *orderRow, rate decimal.Decimal) bool {
	most := decimal.NewFromInt(1 << 53)
	return decimal.NewFromInt(o.total).Mul(rate).Abs().GreaterThan(most) || decimal.NewFromInt(o.tax).Mul(rate).Abs().GreaterThan(most)
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
			return problem(record.CodeOutOfRange, "lines", "%v (give its total)", "行合计过大：%v（请提供订单总额）", err)
		}
	}
	if r.Tax.State == record.Present && !record.TaxFits(next.total, next.tax) {
		return problem(record.CodeOutOfRange, "tax", "the tax is more than the total, or of the other sign (give what of the total is tax)", "税额大于总额或符号相反（请提供总额中所含的税）")
	}
	rate, err := decimal.NewFromString(next.rate)
	if err != nil {
		return err
	}
	sale := record.Sale{
		PlacedAt: *next.placedAt.time(), PaidAt: next.paidAt.time(), DeliveredAt: next.deliveredAt.time(),
		CancelledAt: next.cancelledAt.time(), Status: next.status, Total: next.total, Tax: next.tax,
		Rate: rate, Exponent: exponent, BaseExponent: base, Refunds: make([]record.Refund, len(refunds)),
	}
	for i, f := range refunds {
		sale.Refunds[i] = record.Refund{ExternalID: f.externalID, At: *f.at.time(), Amount: f.amount}
	}
	if next.rate != "1" && tooMuch(next, rate.Shift(int32(base-exponent))) {
		return problem(record.CodeOutOfRange, "rate", "the order's amounts are too large in the base currency (check the rate)", "订单金额折合本位币后过大（请检查汇率）")
	}
	effect := sale.Effect()
	next.net, next.validFrom, next.validUntil = effect.Net, atTime(effect.ValidFrom), atTime(effect.ValidUntil)
	for i := range refunds {
		refunds[i].net = effect.RefundNets[i]
	}
	return nil
}
