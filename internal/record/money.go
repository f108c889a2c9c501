package record

import (
	"fmt"
	"math"
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
)

// MicroDigits is how many decimals a unit price keeps: real price lists have 0.001.
const MicroDigits = 6

// Exponent is how many decimals the minor unit of an ISO 4217 currency has: 2 for EUR, 0 for JPY.
func Exponent(code string) (int, error) {
	unit, err := currency.ParseISO(code)
	if err != nil || len(code) != 3 || strings.ToUpper(code) != code {
		return 0, fmt.Errorf("unknown currency %q (write an ISO 4217 code such as USD, EUR or CNY)", code)
	}
	scale, _ := currency.Standard.Rounding(unit)
	return scale, nil
}

// Scaled reads an exact decimal as an integer of 10^-digits units. More decimals than that are refused, never rounded.
func Scaled(text string, digits int) (int64, error) {
	if n, ok := scaledFast(text, digits); ok {
		return n, nil
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a decimal number (write it like 1234.50)", text)
	}
	d = d.Shift(int32(digits))
	if !d.IsInteger() {
		return 0, fmt.Errorf("%q has more than %d decimals (round it first)", text, digits)
	}
	if d.Abs().GreaterThan(decimal.NewFromInt(maxAmount)) {
		return 0, fmt.Errorf("%q is too large", text)
	}
	return d.IntPart(), nil
}

// maxAmount keeps sums of many amounts, and their float64 images, exact.
const maxAmount = 1 << 53

// scaledFast reads what nearly all files have - an optional minus, digits, a point, few decimals - without allocating.
func scaledFast(text string, digits int) (int64, bool) {
	if len(text) == 0 || len(text) > 15 {
		return 0, false
	}
	rest, negative := strings.CutPrefix(text, "-")
	var n int64
	decimals, seen, point := 0, false, false
	for _, c := range []byte(rest) {
		switch {
		case c == '.' && !point:
			point = true
		case c >= '0' && c <= '9':
			n, seen = n*10+int64(c-'0'), true
			if point {
				decimals++
			}
		default:
			return 0, false
		}
	}
	if !seen || decimals > digits {
		return 0, false
	}
	for range digits - decimals {
		n *= 10
	}
	if n > maxAmount {
		return 0, false
	}
	if negative {
		n = -n
	}
	return n, true
}

// roundHalfEven is x rounded to whole units, halves to the even one.
func roundHalfEven(x decimal.Decimal) int64 { return x.RoundBank(0).IntPart() }

// LinesTotal is what the lines of an order come to, in minor units of a currency with the exponent given: quantity
// times unit price, less the line's discount.
func LinesTotal(lines []Line, exponent int) (int64, error) {
	var micro int64
	for _, l := range lines {
		amount := int64(l.Quantity) * l.UnitPrice
		if l.UnitPrice != 0 && (amount/l.UnitPrice != int64(l.Quantity) || math.Abs(float64(amount)) > 1<<60) {
			return 0, fmt.Errorf("quantity %d times the unit price is too large", l.Quantity)
		}
		if l.Discount != nil {
			amount -= *l.Discount
		}
		if micro += amount; micro > 1<<61 || micro < -(1<<61) {
			return 0, fmt.Errorf("the lines add up to too large a total")
		}
	}
	return roundHalfEven(decimal.New(micro, int32(exponent-MicroDigits))), nil
}
