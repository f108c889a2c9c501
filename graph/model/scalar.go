package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/shopspring/decimal"

	"bellwether/internal/fault"
	"bellwether/internal/record"
	"bellwether/scoring"
)

// MarshalDateTime writes an instant in RFC 3339, in UTC.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		var buffer [40]byte
		b := append(buffer[:0], '"')
		b = t.UTC().AppendFormat(b, time.RFC3339Nano)
		w.Write(append(b, '"')) //nolint:errcheck // gqlgen writes into memory
	})
}

// UnmarshalDateTime reads an instant in RFC 3339, truncated to microseconds.
func UnmarshalDateTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, fault.New(fault.Invalid, "%.60q is not an instant (write it in RFC 3339, such as 2026-01-31T08:30:00Z)", fmt.Sprint(v))
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 1 {
		return time.Time{}, fault.New(fault.Invalid, "%.60q is not an instant (write it in RFC 3339, such as 2026-01-31T08:30:00Z)", s)
	}
	return t.UTC().Truncate(time.Microsecond), nil
}

// MarshalDecimal writes an exact decimal as a string.
func MarshalDecimal(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalDecimal reads an exact decimal: a string, or a number without an exponent.
func UnmarshalDecimal(v any) (string, error) {
	s := fmt.Sprint(v)
	if _, err := decimal.NewFromString(s); err != nil {
		return "", fault.New(fault.Invalid, "%.60q is not a decimal (write it as a string such as \"1234.50\")", s)
	}
	return s, nil
}

// MarshalJSON writes any value as JSON.
func MarshalJSON(v any) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		var text bytes.Buffer
		out := json.NewEncoder(&text)
		out.SetEscapeHTML(false) // it is no part of a page, and people read it
		if err := out.Encode(v); err != nil {
			text.Reset()
			text.WriteString("null")
		}
		w.Write(bytes.TrimSuffix(text.Bytes(), []byte("\n"))) //nolint:errcheck // gqlgen writes into memory
	})
}

// UnmarshalJSON takes any value.
func UnmarshalJSON(v any) (any, error) { return v, nil }

// Money is an amount in a currency.
type Money struct {
	Amount   string
	Currency string
}

// minor is an amount in minor units of a currency.
func minor(amount int64, currency string) (*Money, error) {
	exponent, err := record.Exponent(currency)
	if err != nil {
		return nil, err
	}
	return &Money{scoring.Decimal(amount, exponent), currency}, nil
}

// micro is an amount in micro-units, with the currency's decimals or more where the amount has more.
func micro(amount int64, currency string) (*Money, error) {
	exponent, err := record.Exponent(currency)
	if err != nil {
		return nil, err
	}
	digits := record.MicroDigits
	for ; digits > exponent && amount%10 == 0; digits-- {
		amount /= 10
	}
	return &Money{scoring.Decimal(amount, digits), currency}, nil
}
