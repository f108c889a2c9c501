package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"bellwether/internal/record"
)

type (
	nullFloat = sql.Null[float64]
	nullInt   = sql.Null[int64]
	nullText  = sql.Null[string]
)

// orNil is a value as a parameter.
func orNil[T any](n sql.Null[T]) any {
	if !n.Valid {
		return nil
	}
	return n.V
}

func text(s *string) nullText {
	if s == nil {
		return nullText{}
	}
	return nullText{V: *s, Valid: true}
}

func integer(n *int64) nullInt {
	if n == nil {
		return nullInt{}
	}
	return nullInt{V: *n, Valid: true}
}

func replaceText(to *nullText, f record.Field[string]) {
	if f.State != record.Omitted {
		*to = text(f.Ptr())
	}
}

func replaceInstant(to *instant, f record.Field[time.Time]) {
	if f.State != record.Omitted {
		*to = atTime(f.Ptr())
	}
}

func replaceInteger[T int | int64](to *nullInt, f record.Field[T]) {
	if f.State != record.Omitted {
		*to = nullInt{V: int64(f.Value), Valid: f.State == record.Present}
	}
}

func replaceFloat(to *nullFloat, f record.Field[float64]) {
	if f.State != record.Omitted {
		*to = nullFloat{V: f.Value, Valid: f.State == record.Present}
	}
}

func replaceJSON(to *nullText, f record.Field[json.RawMessage]) {
	if f.State != record.Omitted {
		*to = nullText{V: string(f.Value), Valid: f.State == record.Present}
	}
}

// replaceAmount clears to 0: amounts of an order are never unknown.
func replaceAmount(to *int64, f record.Field[int64]) {
	switch f.State {
	case record.Present:
		*to = f.Value
	case record.Null:
		*to = 0
	case record.Omitted:
	}
}
