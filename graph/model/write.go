package model

import (
	"context"
	"io"
	"reflect"

	"github.com/99designs/gqlgen/graphql"

	"bellwether/ent"
	"bellwether/internal/fault"
	"bellwether/internal/record"
	"bellwether/scoring"
)

// Item is a record as it was sent. GraphQL has checked its fields and enums; what is in them package record decodes.
type Item map[string]any

// UnmarshalGQL takes an item as it is.
func (i *Item) UnmarshalGQL(v any) error {
	fields, ok := v.(map[string]any)
	if !ok {
		return fault.New(fault.Invalid, "an item is not an object (write it in braces)")
	}
	*i = fields
	for name, value := range fields {
		fields[name] = listed(value)
	}
	return nil
}

// listed makes lists of any value of those that the validation of variables has made of single ones: it gives them the
// type of their item.
func listed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			v[name] = listed(value)
		}
		return v
	case []any:
		for i, value := range v {
			v[i] = listed(value)
		}
		return v
	}
	list := reflect.ValueOf(v)
	if list.Kind() != reflect.Slice {
		return v
	}
	out := make([]any, list.Len())
	for i := range out {
		out[i] = listed(list.Index(i).Interface())
	}
	return out
}

// MarshalGQL writes an item; none is ever an answer.
func (i Item) MarshalGQL(w io.Writer) { MarshalJSON(map[string]any(i)).MarshalGQL(w) }

// MarshalDate writes a calendar date.
func MarshalDate(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalDate takes a calendar date as it was sent: only items have one, and their decoder checks it.
func UnmarshalDate(v any) (string, error) { return graphql.UnmarshalString(v) }

// UserError is what is wrong with what a client sent.
type UserError interface{ IsUserError() }

// InputError is an error of a value.
type InputError struct {
	Problem record.Problem
	Index   *int
}

// IsUserError marks the type.
func (*InputError) IsUserError() {}

// Code says what is wrong.
func (e *InputError) Code() string { return e.Problem.Code }

// Message says it in words.
func (e *InputError) Message(locale string) string {
	return scoring.Words{En: e.Problem.En, Zh: e.Problem.Zh}.In(locale)
}

// Path from the input to the value, never null.
func (e *InputError) Path() []string {
	if e.Problem.Path == nil {
		return []string{}
	}
	return e.Problem.Path
}

// ExpressionError is an error of an expression, at a place in it.
type ExpressionError struct {
	InputError
	Line, Column int
	Suggestion   *string
}

// Writes is what became of the items of a call.
type Writes[T any] struct {
	Outcomes []string
	Errors   []UserError
	Read     func(context.Context) ([]T, error)
}

// Items are the records as they are stored now, by position; they are read only when they are selected.
func (w *Writes[T]) Items(ctx context.Context) ([]T, error) { return w.Read(ctx) }

type (
	// UpsertCustomersPayload is what became of customers.
	UpsertCustomersPayload struct{ *Writes[*Customer] }
	// UpsertProductsPayload is what became of products.
	UpsertProductsPayload struct{ *Writes[*Product] }
	// RecordOrdersPayload is what became of orders.
	RecordOrdersPayload struct{ *Writes[*Order] }
	// RecordTouchpointsPayload is what became of touchpoints.
	RecordTouchpointsPayload struct{ *Writes[*Touchpoint] }
)

// Product is something that is sold.
type Product struct{ *ent.Product }

// Kind of the product.
func (p *Product) Kind() string { return string(p.Product.Kind) }
