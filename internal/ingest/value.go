package ingest

import (
	"slices"
	"strings"
	"time"

	"bellwether/internal/record"

	"github.com/shopspring/decimal"
)

const (
	maxAmount   = 1 << 53 // as in package record
	maxQuantity = 1_000_000_000
	maxDigits   = 60 // of a number's text: exact arithmetic with more takes long
)

// parseRow reads what a row says by itself, but for the amounts that need the order's currency.
func (a *assembler) parseRow(p *parsedRow) (field, Reason) {
	v := &p.values
	if text := v[fieldPlacedAt]; text != "" {
		at, err := a.clock.parse(text)
		if err != nil {
			return fieldPlacedAt, BadTime
		}
		p.sale.PlacedAt = at
	}
	for _, instant := range [...]struct {
		field field
		into  *record.Field[time.Time]
	}{
		{fieldPaidAt, &p.sale.PaidAt},
		{fieldCancelledAt, &p.sale.CancelledAt},
	} {
		if text := v[instant.field]; text != "" {
			at, err := a.clock.parse(text)
			if err != nil {
				return instant.field, BadTime
			}
			*instant.into = record.Set(at)
		}
	}
	if text := v[fieldCoupon]; text != "" {
		p.sale.Coupon = record.Set(text)
	}
	if text := v[fieldCurrency]; text != "" {
		if _, ok := a.exponent(upper(text)); !ok {
			return fieldCurrency, UnknownCurrency
		}
	}
	if text := v[fieldStatus]; text != "" {
		status := constant(text)
		if !slices.Contains(record.Statuses(), status) {
			return fieldStatus, UnknownStatus
		}
		p.sale.Status = record.Set(status)
	}
	if text := v[fieldChannel]; text != "" {
		p.sale.Channel = record.Set(text)
	}
	if text := v[fieldRate]; text != "" {
		rate, ok := parseRate(text)
		if !ok {
			return fieldRate, BadRate
		}
		p.sale.Rate = rate
	}
	return a.parseLine(p)
}

// parseLine reads the line item of a row that has one. A row without says only something of the order.
func (a *assembler) parseLine(p *parsedRow) (field, Reason) {
	v, m := &p.values, a.mappings[p.file]
	if !m.has(fieldUnitPrice) || v[fieldSKU] == "" && v[fieldProduct] == "" && v[fieldQuantity] == "" && v[fieldUnitPrice] == "" {
		return 0, ""
	}
	p.hasLine = true
	p.line.SKU = v[fieldSKU]
	if p.line.SKU == "" {
		p.line.SKU = v[fieldProduct]
	}
	switch {
	case p.line.SKU == "" && m.keepsLines():
		return fieldSKU, MissingSKU
	case len(p.line.SKU) > maxKey:
		return fieldProduct, TooLong
	case v[fieldUnitPrice] == "":
		return fieldUnitPrice, MissingPrice
	case v[fieldQuantity] == "" && m.has(fieldQuantity):
		return fieldQuantity, MissingQuantity
	}
	p.line.Quantity = 1
	if text := v[fieldQuantity]; text != "" {
		quantity, reason := scaled(text, 0)
		switch {
		case reason == TooPrecise:
			return fieldQuantity, BadNumber
		case reason != "":
			return fieldQuantity, reason
		case quantity == 0:
			return fieldQuantity, ZeroQuantity
		case quantity > maxQuantity || quantity < -maxQuantity:
			return fieldQuantity, TooLarge
		}
		p.line.Quantity = int(quantity)
	}
	return p.parsePrices()
}

func (p *parsedRow) parsePrices() (field, Reason) {
	var reason Reason
	if p.line.UnitPrice, reason = price(p.values[fieldUnitPrice]); reason != "" {
		return fieldUnitPrice, reason
	}
	if text := p.values[fieldListPrice]; text != "" {
		n, reason := price(text)
		if reason != "" {
			return fieldListPrice, reason
		}
		p.line.ListPrice = &n
	}
	if text := p.values[fieldCost]; text != "" {
		n, reason := price(text)
		if reason != "" {
			return fieldCost, reason
		}
		p.line.Cost = &n
	}
	if text := p.values[fieldCondition]; text != "" {
		condition := constant(text)
		if !slices.Contains(record.Conditions(), condition) {
			return fieldCondition, UnknownCondition
		}
		p.line.Condition = &condition
	}
	return 0, ""
}

// amounts reads the amounts of the order in its currency's minor units.
func (p *parsedRow) amounts(exponent int) (field, Reason) {
	for _, amount := range [...]struct {
		field field
		into  *record.Field[int64]
	}{
		{fieldTotal, &p.sale.Total},
		{fieldDiscount, &p.sale.Discount},
		{fieldTax, &p.sale.Tax},
		{fieldShipping, &p.sale.Shipping},
	} {
		text := p.values[amount.field]
		if text == "" {
			continue
		}
		n, reason := scaled(text, exponent)
		if reason != "" {
			return amount.field, reason
		}
		*amount.into = record.Set(n)
	}
	text := p.values[fieldRefunded]
	if text == "" {
		return 0, ""
	}
	n, reason := scaled(text, exponent)
	switch {
	case reason != "":
		return fieldRefunded, reason
	case n < 0:
		return fieldRefunded, NegativeRefund
	case n == 0:
		p.sale.Refunds = record.Set([]record.Refund{})
	default:
		p.sale.Refunds = record.Set([]record.Refund{{ExternalID: refundID, Amount: n}})
	}
	return 0, ""
}

// refundID is the id, within its order, of the refund that the column refunded makes.
const refundID = "refunded"

func price(text string) (int64, Reason) {
	n, reason := scaled(text, record.MicroDigits)
	if reason == "" && n < 0 {
		reason = NegativePrice
	}
	return n, reason
}

// scaled is record.Scaled with a reason.
func scaled(text string, digits int) (int64, Reason) {
	if len(text) > maxDigits {
		return 0, BadNumber
	}
	n, err := record.Scaled(text, digits)
	if err == nil {
		return n, ""
	}
	switch d, parseErr := decimal.NewFromString(text); {
	case parseErr != nil:
		return 0, BadNumber
	case d.Exponent() > maxDigits || d.Abs().GreaterThan(decimal.New(maxAmount, -int32(digits))):
		return 0, TooLarge
	default:
		return 0, TooPrecise
	}
}

// parseRate reads a rate, which must be above 0 and of a size that rates have.
func parseRate(text string) (decimal.Decimal, bool) {
	if len(text) > maxDigits {
		return decimal.Decimal{}, false
	}
	rate, err := decimal.NewFromString(text)
	if err != nil || rate.Exponent() > 9 || rate.Exponent() < -18 {
		return decimal.Decimal{}, false
	}
	return rate, rate.IsPositive() && rate.LessThanOrEqual(decimal.New(1, 9))
}

func upper(text string) string {
	for _, c := range []byte(text) {
		if c < 'A' || c > 'Z' {
			return strings.ToUpper(text)
		}
	}
	return text
}

// constant is a name as constants are written: "Partially refunded" is PARTIALLY_REFUNDED.
func constant(text string) string {
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToUpper(text))
}
