package ingest

import (
	"slices"
	"strings"

	"bellwether/internal/fault"
)

// field is a field of a row, by its place in the table of its kind. Those of orders have names here, because orders are
// put together of several rows, by hand; the others are data.
type field uint8

const (
	fieldCancelledAt field = iota
	fieldCategory
	fieldChannel
	fieldCondition
	fieldCost
	fieldCountry
	fieldCoupon
	fieldCurrency
	fieldCustomerID
	fieldCustomerName
	fieldDiscount
	fieldEmail
	fieldListPrice
	fieldOrderID
	fieldPaidAt
	fieldPlacedAt
	fieldProduct
	fieldQuantity
	fieldRate
	fieldRefunded
	fieldShipping
	fieldSKU
	fieldStatus
	fieldTax
	fieldTotal
	fieldUnitPrice
	fieldCount
)

// fieldNames are the names that --map uses, alphabetical: rows are hashed in this order.
var fieldNames = [fieldCount]string{
	fieldCancelledAt:  "cancelled_at",
	fieldCategory:     "category",
	fieldChannel:      "channel",
	fieldCondition:    "condition",
	fieldCost:         "cost",
	fieldCountry:      "country",
	fieldCoupon:       "coupon",
	fieldCurrency:     "currency",
	fieldCustomerID:   "customer_id",
	fieldCustomerName: "customer_name",
	fieldDiscount:     "discount",
	fieldEmail:        "email",
	fieldListPrice:    "list_price",
	fieldOrderID:      "order_id",
	fieldPaidAt:       "paid_at",
	fieldPlacedAt:     "placed_at",
	fieldProduct:      "product",
	fieldQuantity:     "quantity",
	fieldRate:         "rate",
	fieldRefunded:     "refunded",
	fieldShipping:     "shipping",
	fieldSKU:          "sku",
	fieldStatus:       "status",
	fieldTax:          "tax",
	fieldTotal:        "total",
	fieldUnitPrice:    "unit_price",
}

// OrderFields are the fields that columns of order files can be mapped to, alphabetical.
func OrderFields() []string { return slices.Clone(fieldNames[:]) }

// table are the fields that rows of a kind of record can have.
type table struct {
	names   []string // alphabetical: rows are hashed in this order
	missing func(m *mapping) []string
	limit   func(f field) int // bytes of a value
	open    string            // any column that begins so is a field of its own
}

func orderTable() *table {
	return &table{names: fieldNames[:], missing: missingOfOrder, limit: field.limit}
}

// field is the field of a name, read as leniently as a header's.
func (t *table) field(name string) (field, bool) {
	plain := plainName(name)
	for f, known := range t.names {
		if plainName(known) == plain {
			return field(f), true
		}
	}
	return 0, false
}

// parse is the field of a name that a user wrote.
func (t *table) parse(name string) (field, error) {
	if f, ok := t.field(name); ok {
		return f, nil
	}
	if near, ok := nearest(name, t.names); ok {
		return 0, fault.New(fault.Invalid, "no field %q (did you mean %s?)", name, near)
	}
	return 0, fault.New(fault.Invalid, "no field %q (there are %s)", name, strings.Join(t.names, ", "))
}

// limit is how many bytes a value may have. Keys are kept short because databases index them.
func (f field) limit() int {
	switch f {
	case fieldCustomerID, fieldOrderID, fieldSKU:
		return maxKey
	case fieldCustomerName, fieldEmail:
		return maxName
	default:
		return maxText
	}
}

const (
	maxKey  = 255
	maxName = 2_000
	maxText = 10_000
)

// plainName is a name as names are compared: without case, blanks, underscores and hyphens.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '_', '-', '\t', '\u00a0':
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// nearest is the candidate that differs least from name, if it is near enough to be a slip.
func nearest(name string, candidates []string) (string, bool) {
	best, least := "", len(name)/2+1
	for _, c := range candidates {
		if d := distance(plainName(name), plainName(c)); d < least {
			best, least = c, d
		}
	}
	return best, best != ""
}

// distance is Levenshtein's, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
