package ingest

import (
	"math"
	"slices"
	"time"

	"bellwether/internal/record"

	"github.com/shopspring/decimal"
)

// maxOrderRows bounds what an order may hold in memory.
const maxOrderRows = 10_000

// assembler makes orders of rows. It owns the rules of what is wrong with one.
type assembler struct {
	source   string
	currency string // of orders that name none; "": the base currency
	base     string // "": not known yet
	clock    *clock
	mappings []*mapping
	reject   func(r *row, f field, value string, reason Reason) error
	adopt    func(currency string) (base string, err error) // asked when an order is complete and base not known
	memory   []parsedRow
	parsed   []*parsedRow // into memory: the rows of the order that are not rejected
	decimals map[string]int
}

// parsedRow is what a row says by itself.
type parsedRow struct {
	*row
	sale    record.Order // the order-level fields
	line    record.Line
	hasLine bool
}

// order puts an order together; false: all its rows were rejected. Rows that are wrong by themselves are left out
// first, then those that contradict an earlier one. Of fields that belong to the order the first that is not empty
// counts; of times the earliest, so that it does not matter how rows were sorted or split into files.
func (a *assembler) order(id string, rows []row) (record.Order, hints, bool, error) {
	a.parsed = a.parsed[:0]
	a.memory = slices.Grow(a.memory[:0], len(rows))[:len(rows)]
	if !names(rows, fieldCustomerID) {
		// Said first: who is unknown cannot be cured by curing anything else of the row.
		return record.Order{}, hints{}, false, a.rejectRows(rows, fieldCustomerID, MissingCustomer)
	}
	for i := range rows {
		parsed := &a.memory[i]
		*parsed = parsedRow{row: &rows[i]}
		if f, reason := a.parseRow(parsed); reason != "" {
			if err := a.reject(&rows[i], f, rows[i].values[f], reason); err != nil {
				return record.Order{}, hints{}, false, err
			}
			continue
		}
		a.parsed = append(a.parsed, parsed)
	}
	customer, err := a.agree(fieldCustomerID, CustomerDiffers)
	if err != nil {
		return record.Order{}, hints{}, false, err
	}
	currency, err := a.agree(fieldCurrency, CurrencyDiffers)
	if err != nil || len(a.parsed) == 0 {
		return record.Order{}, hints{}, false, err
	}
	order := record.Order{
		Key:      record.Key{Source: a.source, ExternalID: id},
		Customer: record.Key{Source: a.source, ExternalID: customer},
		Currency: upper(currency),
	}
	if order.Currency == "" {
		order.Currency = a.defaultCurrency()
	}
	if f, reason, err := a.complete(&order); err != nil || reason != "" {
		return order, hints{}, false, a.rejectAll(f, reason, err)
	}
	return order, a.hints(&order), true, nil
}

func (a *assembler) defaultCurrency() string {
	switch {
	case a.currency != "":
		return a.currency
	case a.base != "":
		return a.base
	default:
		return DefaultCurrency
	}
}

// agree is the first value of a field; rows that say otherwise are rejected.
func (a *assembler) agree(f field, reason Reason) (string, error) {
	first, kept := "", a.parsed[:0]
	for _, p := range a.parsed {
		value := p.values[f]
		if first == "" {
			first = value
		}
		if value != "" && value != first && (f != fieldCurrency || upper(value) != upper(first)) {
			if err := a.reject(p.row, f, value, reason); err != nil {
				return "", err
			}
			continue
		}
		kept = append(kept, p)
	}
	a.parsed = kept
	return first, nil
}

// names tells whether any row has a value for a field.
func names(rows []row, f field) bool {
	for i := range rows {
		if rows[i].values[f] != "" {
			return true
		}
	}
	return false
}

func (a *assembler) rejectRows(rows []row, f field, reason Reason) error {
	for i := range rows {
		if err := a.reject(&rows[i], f, rows[i].values[f], reason); err != nil {
			return err
		}
	}
	return nil
}

func (a *assembler) rejectAll(f field, reason Reason, err error) error {
	for _, p := range a.parsed {
		if err == nil {
			err = a.reject(p.row, f, p.values[f], reason)
		}
	}
	return err
}

// complete fills an order from the rows that are left; a reason rejects them all.
func (a *assembler) complete(order *record.Order) (field, Reason, error) {
	if order.Customer.ExternalID == "" {
		return fieldCustomerID, MissingCustomer, nil
	}
	exponent, ok := a.exponent(order.Currency)
	if !ok {
		return fieldCurrency, UnknownCurrency, nil // the default was checked, so no row gets here
	}
	if err := a.amounts(exponent); err != nil {
		return 0, "", err
	}
	for i := range a.parsed {
		merge(order, &a.parsed[i].sale)
	}
	switch {
	case len(a.parsed) == 0:
		return 0, MissingTotal, nil // each row was rejected for its amounts
	case order.PlacedAt.IsZero():
		return fieldPlacedAt, MissingTime, nil
	}
	if order.Refunds.State == record.Present && len(order.Refunds.Value) > 0 {
		order.Refunds.Value[0].At = order.PlacedAt
	}
	if f, reason := a.lines(order, exponent); reason != "" {
		return f, reason, nil
	}
	if !record.TaxFits(order.Total.Value, order.Tax.Value) {
		return fieldTax, BadTax, nil
	}
	return a.rate(order)
}

// rate gives an order in the base currency the rate 1; others must have one.
func (a *assembler) rate(order *record.Order) (field, Reason, error) {
	if a.base == "" {
		var err error
		if a.base, err = a.adopt(order.Currency); err != nil {
			return 0, "", err
		}
	}
	switch {
	case order.Currency == a.base:
		order.Rate = decimal.NewFromInt(1)
	case order.Rate.IsZero() && a.base != "":
		return fieldCurrency, MissingRate, nil
	}
	if a.base != "" && !a.countable(order) {
		return fieldTotal, TooLarge, nil
	}
	return 0, "", nil
}

// countable tells whether an order's net revenue in the base currency can be kept exactly.
func (a *assembler) countable(order *record.Order) bool {
	from, _ := a.exponent(order.Currency)
	to, _ := a.exponent(a.base)
	net := math.Abs(float64(order.Total.Value)) + math.Abs(float64(order.Tax.Value))
	return net*order.Rate.InexactFloat64()*math.Pow10(to-from) <= maxAmount
}

// amounts reads the amounts that belong to the order, now that its currency is known; rows with a bad one are rejected.
func (a *assembler) amounts(exponent int) error {
	kept := a.parsed[:0]
	for _, p := range a.parsed {
		if f, reason := p.amounts(exponent); reason != "" {
			if err := a.reject(p.row, f, p.values[f], reason); err != nil {
				return err
			}
			continue
		}
		kept = append(kept, p)
	}
	a.parsed = kept
	return nil
}

// lines gives the order its lines, and the total that they make if it has none.
func (a *assembler) lines(order *record.Order, exponent int) (field, Reason) {
	count, keep := 0, true
	for i := range a.parsed {
		if a.parsed[i].hasLine {
			count++
			keep = keep && a.mappings[a.parsed[i].file].keepsLines()
		}
	}
	if count == 0 {
		if order.Total.State == record.Omitted {
			return fieldTotal, MissingTotal
		}
		return 0, ""
	}
	lines := make([]record.Line, 0, count)
	for i := range a.parsed {
		if a.parsed[i].hasLine {
			lines = append(lines, a.parsed[i].line)
		}
	}
	total, err := record.LinesTotal(lines, exponent)
	if err != nil || total > maxAmount || total < -maxAmount {
		return fieldUnitPrice, TooLarge
	}
	if order.Total.State == record.Omitted {
		order.Total = record.Set(total)
	}
	if keep {
		order.Lines = record.Set(lines)
	}
	return 0, ""
}

// exponent is how many decimals a currency has.
func (a *assembler) exponent(currency string) (int, bool) {
	if n, ok := a.decimals[currency]; ok {
		return n, n >= 0
	}
	n, err := record.Exponent(currency)
	if err != nil {
		n = -1
	}
	if len(a.decimals) < 1000 { // codes come from the file
		a.decimals[currency] = n
	}
	return n, n >= 0
}

// merge takes from a row what the order does not have yet.
func merge(order, said *record.Order) {
	if !said.PlacedAt.IsZero() && (order.PlacedAt.IsZero() || said.PlacedAt.Before(order.PlacedAt)) {
		order.PlacedAt = said.PlacedAt
	}
	if order.Rate.IsZero() {
		order.Rate = said.Rate
	}
	earliest(&order.PaidAt, &said.PaidAt)
	earliest(&order.CancelledAt, &said.CancelledAt)
	first(&order.Coupon, &said.Coupon)
	first(&order.Status, &said.Status)
	first(&order.Channel, &said.Channel)
	first(&order.Total, &said.Total)
	first(&order.Discount, &said.Discount)
	first(&order.Tax, &said.Tax)
	first(&order.Shipping, &said.Shipping)
	first(&order.Refunds, &said.Refunds)
}

func earliest(have, said *record.Field[time.Time]) {
	if said.State == record.Present && (have.State == record.Omitted || said.Value.Before(have.Value)) {
		*have = *said
	}
}

func first[T any](have, said *record.Field[T]) {
	if have.State == record.Omitted {
		*have = *said
	}
}
