package ingest

import (
	"slices"
	"strings"
)

// field is a field of an order row. The order of the constants appears in no output.
type field uint8

const (
	fieldCategory field = iota
	fieldChannel
	fieldCondition
	fieldCost
	fieldCountry
	fieldCurrency
	fieldCustomerID
	fieldCustomerName
	fieldDiscount
	fieldEmail
	fieldListPrice
	fieldOrderID
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
	fieldCategory:     "category",
	fieldChannel:      "channel",
	fieldCondition:    "condition",
	fieldCost:         "cost",
	fieldCountry:      "country",
	fieldCurrency:     "currency",
	fieldCustomerID:   "customer_id",
	fieldCustomerName: "customer_name",
	fieldDiscount:     "discount",
	fieldEmail:        "email",
	fieldListPrice:    "list_price",
	fieldOrderID:      "order_id",
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

// fieldNamed is the field of a name, read as leniently as a header's.
func fieldNamed(name string) (field, bool) {
	plain := plainName(name)
	for f, known := range fieldNames {
		if plainName(known) == plain {
			return field(f), true
		}
	}
	return 0, false
}

// limit is how many bytes a value may have. Keys are kept short because databases index them.
func (f field) limit() int {
	switch f {
	case fieldCustomerID, fieldOrderID, fieldSKU:
		return maxKey
	default:
		return maxText
	}
}

const (
	maxKey  = 255
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
