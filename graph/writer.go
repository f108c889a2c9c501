package graph

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// writer writes objects into the answer, field by field (objects_gen.go). gqlgen makes a closure and a context of every
// field and keeps the answer as a tree; here what is read from memory costs neither. The context of a place is made only
// where something needs it: a resolver, an error.
type writer struct {
	operation *graphql.OperationContext
	base      context.Context // of the field that is answered
	buffer    []byte
	path      []step // from there to the object that is being written
	plans     []plan
	arguments []arguments
}

// step is a field, or a place in a list.
type step struct {
	field *graphql.CollectedField
	index int
	made  context.Context // nil until something needs it
}

// plan are the fields that a selection asks of a type. A writer meets few of them, most of them many times.
type plan struct {
	of     *ast.Selection
	on     *string
	fields []graphql.CollectedField
}

// arguments of a field, which are the same for all objects of a list.
type arguments struct {
	of   *ast.Field
	read map[string]any
}

// extent is how far an answer is.
type extent struct{ written, path int }

// written is an answer, or a part of one.
type written []byte

// MarshalGQL implements graphql.Marshaler.
func (b written) MarshalGQL(w io.Writer) {
	w.Write(b) //nolint:errcheck // gqlgen writes into memory
}

// writing is what a function writes; null where that is not possible, because something is null that must not be.
func writing(ctx context.Context, operation *graphql.OperationContext, write func(*writer) bool) (m graphql.Marshaler) {
	w := &writer{operation: operation, base: ctx, buffer: make([]byte, 0, 512)}
	defer func() {
		if p := recover(); p != nil {
			operation.Error(w.context(), operation.Recover(w.context(), p))
			m = graphql.Null
		}
	}()
	if !write(w) {
		return graphql.Null
	}
	return written(w.buffer)
}

// listed is a list of what is not written here: interfaces.
func listed[T any](ctx context.Context, values []T, nonNull bool, one func(context.Context, T) graphql.Marshaler) graphql.Marshaler {
	out := make(graphql.Array, len(values))
	for i, v := range values {
		out[i] = one(graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i, Result: &values[i]}), v)
		if nonNull && out[i] == graphql.Null {
			return graphql.Null
		}
	}
	return out
}

// list writes a list; false where one is null that must not be. A function tells whether it could write one.
func list[T any](w *writer, values []T, nonNull bool, write func(T) bool) bool {
	start := len(w.buffer)
	w.buffer = append(w.buffer, '[')
	w.path = append(w.path, step{})
	at := len(w.path) - 1
	for i, v := range values {
		if i > 0 {
			w.buffer = append(w.buffer, ',')
		}
		w.path[at].index, w.path[at].made = i, nil
		if write(v) {
			continue
		}
		if nonNull {
			w.path = w.path[:at]
			return w.undo(start)
		}
		w.null()
	}
	w.path = w.path[:at]
	w.buffer = append(w.buffer, ']')
	return true
}

// fields are those that a selection asks of a type.
func (w *writer) fields(set ast.SelectionSet, satisfies []string) []graphql.CollectedField {
	if len(set) == 0 {
		return nil
	}
	for i := range w.plans {
		if w.plans[i].of == &set[0] && w.plans[i].on == &satisfies[0] {
			return w.plans[i].fields
		}
	}
	fields := graphql.CollectFields(w.operation, set, satisfies)
	once := make([]graphql.CollectedField, 0, len(fields))
	for _, f := range fields { // an interface's field and its type's are one
		if !slices.ContainsFunc(once, func(o graphql.CollectedField) bool { return o.Alias == f.Alias }) {
			once = append(once, f)
		}
	}
	w.plans = append(w.plans, plan{&set[0], &satisfies[0], once})
	return once
}

// open begins an object and returns where.
func (w *writer) open() int {
	w.buffer = append(w.buffer, '{')
	return len(w.buffer) - 1
}

func (w *writer) key(alias string) {
	if w.buffer[len(w.buffer)-1] != '{' {
		w.buffer = append(w.buffer, ',')
	}
	w.buffer = append(w.buffer, '"')
	w.buffer = append(w.buffer, alias...)
	w.buffer = append(w.buffer, '"', ':')
}

func (w *writer) close() { w.buffer = append(w.buffer, '}') }

// undo takes back what was written from a place on.
func (w *writer) undo(start int) bool {
	w.buffer = w.buffer[:start]
	return false
}

func (w *writer) null() bool {
	w.buffer = append(w.buffer, "null"...)
	return true
}

func (w *writer) boolean(v bool) { w.buffer = strconv.AppendBool(w.buffer, v) }
func (w *writer) integer(v int)  { w.buffer = strconv.AppendInt(w.buffer, int64(v), 10) }

func (w *writer) instant(v time.Time) {
	w.buffer = append(w.buffer, '"')
	w.buffer = v.UTC().AppendFormat(w.buffer, time.RFC3339Nano)
	w.buffer = append(w.buffer, '"')
}

func (w *writer) number(field *graphql.CollectedField, v float64, nonNull bool) bool {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return w.failed(field, fmt.Errorf("%g is not a number of JSON", v), nonNull)
	}
	w.buffer = strconv.AppendFloat(w.buffer, v, 'g', -1, 64)
	return true
}

func (w *writer) text(v string) {
	for i := range len(v) {
		if c := v[i]; c < 0x20 || c == '\\' || c == '"' {
			graphql.MarshalString(v).MarshalGQL(w)
			return
		}
	}
	w.buffer = append(w.buffer, '"')
	w.buffer = append(w.buffer, v...)
	w.buffer = append(w.buffer, '"')
}

// Write implements io.Writer for what gqlgen marshals.
func (w *writer) Write(b []byte) (int, error) {
	w.buffer = append(w.buffer, b...)
	return len(b), nil
}

// marshaled writes what gqlgen answered; false for a null that must not be.
func (w *writer) marshaled(m graphql.Marshaler, nonNull bool) bool {
	if m == graphql.RequiredNull || nonNull && m == graphql.Null {
		return false
	}
	m.MarshalGQL(w)
	return true
}

// enter goes on with the object, or objects, of a field.
func (w *writer) enter(field *graphql.CollectedField) { w.path = append(w.path, step{field: field}) }

func (w *writer) leave() { w.path = w.path[:len(w.path)-1] }

// failed reports a field's error.
func (w *writer) failed(field *graphql.CollectedField, err error, nonNull bool) bool {
	w.operation.Error(w.at(field), err)
	return !nonNull && w.null()
}

// call is the context in which a field with arguments is answered; nil where they are not valid.
func (w *writer) call(field *graphql.CollectedField, read func(context.Context, map[string]any) (map[string]any, error)) (context.Context, *graphql.FieldContext) {
	here := &graphql.FieldContext{Object: field.ObjectDefinition.Name, Field: *field, IsMethod: true, IsResolver: true}
	ctx := graphql.WithFieldContext(w.context(), here)
	for i := range w.arguments {
		if w.arguments[i].of == field.Field {
			here.Args = w.arguments[i].read
			return ctx, here
		}
	}
	var err error
	if here.Args, err = read(ctx, field.ArgumentMap(w.operation.Variables)); err != nil {
		w.operation.Error(ctx, err)
		return nil, nil
	}
	w.arguments = append(w.arguments, arguments{field.Field, here.Args})
	return ctx, here
}

// refused reports the error of a field that was called.
func (w *writer) refused(ctx context.Context, err error, nonNull bool) bool {
	w.operation.Error(ctx, graphql.AddFieldLocationToError(ctx, err))
	return !nonNull && w.null()
}

func (w *writer) extent() extent { return extent{len(w.buffer), len(w.path)} }

// recovered makes an error of a panic, and of what was written since then a null.
func (w *writer) recovered(ctx context.Context, since extent, nonNull bool, ok *bool) {
	if p := recover(); p != nil {
		w.buffer, w.path = w.buffer[:since.written], w.path[:since.path]
		w.operation.Error(ctx, w.operation.Recover(ctx, p))
		*ok = !nonNull && w.null()
	}
}

// missing reports a null that must not be.
func (w *writer) missing(field *graphql.CollectedField) bool {
	return w.failed(field, errors.New("the requested element is null which the schema does not allow"), true)
}

// context is that of the object that is being written.
func (w *writer) context() context.Context {
	ctx := w.base
	for i := range w.path {
		s := &w.path[i]
		if s.made == nil {
			here := &graphql.FieldContext{}
			if s.field != nil {
				here.Object, here.Field = s.field.ObjectDefinition.Name, *s.field
			} else {
				here.Index = &[]int{s.index}[0]
			}
			s.made = graphql.WithFieldContext(ctx, here)
		}
		ctx = s.made
	}
	return ctx
}

// at is the context of a field of that object.
func (w *writer) at(field *graphql.CollectedField) context.Context {
	return graphql.WithFieldContext(w.context(), &graphql.FieldContext{Object: field.ObjectDefinition.Name, Field: *field})
}
