package scoring

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Formatter words values for people.
type Formatter struct {
	Locale   string
	Currency string         // ISO 4217 code of the base currency
	Exponent int            // minor units of the currency are 10^-Exponent
	Location *time.Location // time zone of the business
}

// Reason is the sentence of a piece of evidence, from the manifest's template.
func (f Formatter) Reason(m *Manifest, e Evidence) string {
	r := &m.Reasons[e.Reason]
	return holder.ReplaceAllStringFunc(r.Text.In(f.Locale), func(h string) string {
		switch name := h[1 : len(h)-1]; name {
		case "value":
			return f.Value(e.Value)
		case "threshold":
			return f.list(e.Threshold)
		case "percentile":
			return f.Percent(e.Percentile)
		default:
			for i, a := range r.Args {
				if a.Name == name && i < len(e.Args) {
					return f.Value(e.Args[i])
				}
			}
			return h
		}
	})
}

// Value words one value: "12", "0.25", "1234.50 GBP", "2011-12-09", "yes".
func (f Formatter) Value(v Value) string {
	zh := (Words{"en", "zh"}).In(f.Locale) == "zh"
	if !v.Ok() {
		return (Words{"unknown", "未知"}).In(f.Locale)
	}
	switch v.Kind() {
	case Number:
		return number(v.Float())
	case Integer:
		return strconv.FormatInt(v.Int(), 10)
	case Money:
		return Decimal(v.Int(), f.Exponent) + " " + f.Currency
	case Moment:
		return v.Instant().Time().In(f.Location).Format(time.DateOnly)
	case Flag:
		if zh {
			return map[bool]string{true: "是", false: "否"}[v.Bool()]
		}
		return map[bool]string{true: "yes", false: "no"}[v.Bool()]
	}
	return v.Text()
}

func (f Formatter) list(vs []Value) string {
	if len(vs) == 0 {
		return (Words{"none", "无"}).In(f.Locale)
	}
	words := make([]string, len(vs))
	for i, v := range vs {
		words[i] = f.Value(v)
	}
	return strings.Join(words, (Words{", ", "、"}).In(f.Locale))
}

// Percent words a share of one: "83.2%".
func (f Formatter) Percent(p float64) string {
	if math.IsNaN(p) {
		return f.Value(Value{})
	}
	return number(math.Round(p*1000)/10) + "%"
}

// number has at most three decimals and no trailing zeros.
func number(x float64) string {
	return strconv.FormatFloat(math.Round(x*1000)/1000, 'f', -1, 64)
}

// Decimal writes minor units as a decimal: (123450, 2) is "1234.50".
func Decimal(minor int64, exponent int) string {
	digits := strconv.FormatInt(minor, 10)
	if exponent == 0 {
		return digits
	}
	sign := ""
	if minor < 0 {
		sign, digits = "-", digits[1:]
	}
	if pad := exponent + 1 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	at := len(digits) - exponent
	return sign + digits[:at] + "." + digits[at:]
}
