package graph

import (
	"context"
	stdsql "database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
)

// columns is how rows of a table become objects of a type, and which columns its fields need: rows are wide, and most
// pages show little of them. ent reads all columns, and makes of each a value of its own first.
type columns[T any] struct {
	table  string
	object string              // the type's name in the API
	always []string            // what rows are told apart, grouped and sorted by
	fields map[string][]string // columns by field; a scorer's field needs none
	into   map[string]func(*T) any
	joined []string                        // columns of other tables, which a query adds itself
	place  func(*T) (time.Time, uuid.UUID) // of a customer's child in its list
}

// selected are the columns that the selection of the current field needs.
func (c columns[T]) selected(ctx context.Context) []string {
	return c.selectedIn(graphql.GetFieldContext(ctx).Field.Selections)
}

// selectedIn are the columns that a selection needs, wherever in it the type comes up: an object may be met again further
// down, as an order's customer is.
func (c columns[T]) selectedIn(set ast.SelectionSet) []string {
	names := slices.Clone(c.always)
	eachField(set, func(f *ast.Field) {
		if f.ObjectDefinition.Name != c.object {
			return
		}
		for _, name := range c.fields[f.Name] {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	})
	return names
}

// eachField calls a function with every field of a selection, and those below.
func eachField(set ast.SelectionSet, visit func(*ast.Field)) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			visit(s)
			eachField(s.SelectionSet, visit)
		case *ast.InlineFragment:
			eachField(s.SelectionSet, visit)
		case *ast.FragmentSpread:
			eachField(s.Definition.SelectionSet, visit)
		}
	}
}

// part is what belongs to a row and is read along with it, packed in a column.
type part[T any] struct {
	query  func(*sql.DialectBuilder) *sql.Selector
	unpack func(of *T, packed []byte) error
	read   bool // or the database leaves it to a statement of its own
}

// read reads some columns of the rows that a query restricts and sorts, and what is read along.
func (c columns[T]) read(ctx context.Context, from Store, names []string, restrict func(*sql.Selector), along ...*part[T]) ([]*T, error) {
	rows, err := from.Select(ctx, func(d *sql.DialectBuilder) *sql.Selector {
		s := d.Select().AppendSelectExpr(from.Columns(c.table, c.table, names)...).From(d.Table(c.table))
		restrict(appendParts(d, from, s, along))
		return s
	})
	if err != nil {
		return nil, err
	}
	return c.scan(rows, from, names, along)
}

// appendParts adds the columns of what is read along with a query's rows.
func appendParts[T any](d *sql.DialectBuilder, from Store, to *sql.Selector, along []*part[T]) *sql.Selector {
	for i, p := range along {
		var packed sql.Querier
		if packed, p.read = from.Packed(p.query(d)); p.read {
			to.AppendSelectExprAs(packed, "part"+strconv.Itoa(i))
		}
	}
	return to
}

// first reads a page of the rows of each customer. The database found those of a customer in order.
func (c columns[T]) first(ctx context.Context, from Store, names []string, customers []uuid.UUID, by keyset, page pageArgs) ([]*T, error) {
	rows, err := from.Select(ctx, func(d *sql.DialectBuilder) *sql.Selector {
		return from.FirstOfEach(d, c.table, names, customers, by.childrenOn(page))
	})
	if err != nil {
		return nil, err
	}
	return c.scan(rows, from, names, nil)
}

// scan makes objects of rows.
func (c columns[T]) scan(rows *stdsql.Rows, from Store, names []string, along []*part[T]) (all []*T, err error) {
	defer rows.Close()
	r, err := c.reader(names, along, from.Target)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		one, err := r.row(func(places []any) error { return rows.Scan(places...) })
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", c.table, err)
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// unpacked makes objects of rows that were packed.
func (r *reader[T]) unpacked(from Store, packed []byte) (all []*T, err error) {
	err = from.Unpack(packed, func(scan func([]any) error) error {
		one, err := r.row(scan)
		all = append(all, one)
		return err
	})
	return all, err
}

// reader makes objects of rows of some columns.
type reader[T any] struct {
	into   []func(*T) any
	along  []*part[T]
	packed [][]byte
	places []any
	target func(any) any // nil: the places are what the scan wants
	free   []T           // many at once: an allocation for each would cost as much as reading it
}

func (c columns[T]) reader(names []string, along []*part[T], target func(any) any) (*reader[T], error) {
	names = slices.Concat(names, c.joined)
	r := &reader[T]{into: make([]func(*T) any, len(names)), target: target}
	for i, name := range names {
		if r.into[i] = c.into[name]; r.into[i] == nil {
			return nil, fmt.Errorf("column %s of %s is not read (add it to graph/tables.go)", name, c.table)
		}
	}
	for _, p := range along {
		if p.read {
			r.along = append(r.along, p)
		}
	}
	r.packed = make([][]byte, len(r.along))
	r.places = make([]any, len(names)+len(r.along))
	for i := range r.packed {
		r.places[len(names)+i] = &r.packed[i]
	}
	return r, nil
}

// row makes an object of the next row.
func (r *reader[T]) row(scan func(places []any) error) (*T, error) {
	if len(r.free) == 0 {
		r.free = make([]T, 16)
	}
	one := &r.free[0]
	r.free = r.free[1:]
	for i, into := range r.into {
		if r.places[i] = into(one); r.target != nil {
			r.places[i] = r.target(r.places[i])
		}
	}
	clear(r.packed)
	if err := scan(r.places); err != nil {
		return nil, err
	}
	for i, p := range r.along {
		if err := p.unpack(one, r.packed[i]); err != nil {
			return nil, err
		}
	}
	return one, nil
}

// jsonValue reads a column of JSON into what it points to.
type jsonValue struct{ to any }

// Scan implements [database/sql.Scanner].
func (j jsonValue) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(v), j.to)
	case []byte:
		return json.Unmarshal(v, j.to)
	}
	return fmt.Errorf("JSON cannot be a %T", value)
}
