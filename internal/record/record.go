// Package record has the records that sources send - customers, products, orders - as plain data, and what follows
// from them by arithmetic alone: totals, net revenue, and when an order counts. Start with [Batch]; the store writes
// it, imports and mutations make it.
package record

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Key names a record in the system it came from.
type Key struct{ Source, ExternalID string }

// Field is a field of a record that may be left out (unchanged, the zero Field), null (cleared) or set.
type Field[T any] struct {
	Value T
	State State
}

// State tells what a record says of a field.
type State uint8

// The states of a field.
const (
	Omitted State = iota
	Null
	Present
)

// Set is a field with a value.
func Set[T any](v T) Field[T] { return Field[T]{Value: v, State: Present} }

// Clear is a field that is null.
func Clear[T any]() Field[T] { return Field[T]{State: Null} }

// Ptr is the value of a field that is set, else nil.
func (f Field[T]) Ptr() *T {
	if f.State != Present {
		return nil
	}
	v := f.Value
	return &v
}

// Batch is what is written in one transaction: customers and products first, then the orders that name them.
type Batch struct {
	Customers []CustomerHint
	Products  []ProductHint
	Orders    []Order
}

// CustomerHint is what an order says of its customer. It creates a missing customer. Of each field the newest hint
// counts, of two of one instant the text that sorts last; and no hint does once a record of the customer's own has said
// something of that field, be it null. So hints and records may come in any order, any number of times.
type CustomerHint struct {
	Key
	SeenAt               time.Time // of the order
	Name, Email, Country *string
}

// ProductHint is what an order line says of its product, by the same rules as [CustomerHint].
type ProductHint struct {
	SKU            string
	SeenAt         time.Time // of the order
	Name, Category *string
}

// Order is a purchase, or a credit note where its total is negative. Amounts are minor units of its currency.
type Order struct {
	Key
	Customer    Key
	PlacedAt    time.Time
	UpdatedAt   Field[time.Time] // an order older than the stored one is stale
	Status      Field[string]    // of a new order: PAID
	PaidAt      Field[time.Time]
	DueAt       Field[time.Time]
	DeliveredAt Field[time.Time]
	CancelledAt Field[time.Time]
	Channel     Field[string]
	Coupon      Field[string]
	Currency    string          // ISO 4217; "": the base currency
	Rate        decimal.Decimal // base units for one unit of Currency; 1 for the base currency; zero: not given
	Total       Field[int64]    // omitted: the lines make it
	Discount    Field[int64]
	Tax         Field[int64]
	Shipping    Field[int64]
	Refunds     Field[[]Refund]
	Lines       Field[[]Line]
}

// Refund is money given back for an order.
type Refund struct {
	ExternalID string // within the order
	At         time.Time
	Amount     int64 // minor units of the order's currency, above 0
}

// Line is one item of an order. Prices are micro-units of the order's currency.
type Line struct {
	SKU         string
	Quantity    int // not 0; negative: a return
	UnitPrice   int64
	ListPrice   *int64
	Discount    *int64 // off the whole line
	Cost        *int64 // a unit
	Condition   *string
	Beneficiary *string
	Operator    *string
}

// Outcome is what became of a record that was written.
type Outcome uint8

// The outcomes of writing a record.
const (
	Created Outcome = iota
	Updated
	Unchanged
	Stale
)

// Written is what became of a record that was written, and the id of what it is about: for a customer that of the
// survivor, where customers were merged.
type Written struct {
	ID      uuid.UUID
	Outcome Outcome
}

// String is the outcome's name in the API.
func (o Outcome) String() string {
	return [...]string{Created: "CREATED", Updated: "UPDATED", Unchanged: "UNCHANGED", Stale: "STALE"}[o]
}

// Statuses are the states of an order.
func Statuses() []string {
	return []string{"PENDING", "PAID", "FULFILLED", "PARTIALLY_REFUNDED", "REFUNDED", "CANCELLED"}
}
