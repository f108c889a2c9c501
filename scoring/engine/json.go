package engine

import (
	"time"

	"bellwether/scoring"
)

// JSON is a value as JSON shows it: numbers and flags as such, money as a decimal string of the currency with the
// exponent given, instants in RFC 3339, null where there is none.
func JSON(v scoring.Value, exponent int) any {
	if !v.Ok() {
		return nil
	}
	if xs := v.Floats(); xs != nil {
		return xs
	}
	switch v.Kind() {
	case scoring.Number:
		return v.Float()
	case scoring.Integer:
		return v.Int()
	case scoring.Money:
		return scoring.Decimal(v.Int(), exponent)
	case scoring.Flag:
		return v.Bool()
	case scoring.Moment:
		return v.Instant().Time().Format(time.RFC3339Nano)
	}
	return v.Text()
}
