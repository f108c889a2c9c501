package graph

import (
	"bytes"
	"cmp"
	"context"
	stdsql "database/sql"
	"encoding/json"
	"fmt"
	"slices"
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
	place  func(*T) (time.Time, uuid.UUID) // of a customer's child in its list
}

// selected are the columns that the selection of the current field needs, wherever in it the type comes up: an object may
// be met again further down, as an order's customer is.
func (c columns[T]) selected(ctx context.Context) []string {
	names := slices.Clone(c.always)
	eachField(graphql.GetFieldContext(ctx).Field.Selections, func(f *ast.Field) {
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

// read reads some columns of the rows that a query restricts and sorts.
func (c columns[T]) read(ctx context.Context, from Store, names []string, restrict func(*sql.Selector)) ([]*T, error) {
	rows, err := from.Select(ctx, func(d *sql.DialectBuilder) *sql.Selector {
		s := d.Select().AppendSelectExpr(from.Columns(c.table, c.table, names)...).From(d.Table(c.table))
		restrict(s)
		return s
	})
	if err != nil {
		return nil, err
	}
	return c.scan(rows, from)
}

// first reads a page of the rows of each customer. They are few, and sorted here: the database found them in order, but
// does not say so of all customers together.
func (c columns[T]) first(ctx context.Context, from Store, names []string, customers []uuid.UUID, by keyset, page pageArgs) ([]*T, error) {
	h := by.halves(page)[0] // a child's instant is never null
	rows, err := from.Select(ctx, func(d *sql.DialectBuilder) *sql.Selector {
		return from.FirstOfEach(d, c.table, names, customers, func(s *sql.Selector) {
			h.restrict(s)
			h.sort(s)
			s.Limit(page.size + 1)
		})
	})
	if err != nil {
		return nil, err
	}
	all, err := c.scan(rows, from)
	slices.SortFunc(all, func(a, b *T) int {
		if h.desc != page.backward {
			a, b = b, a
		}
		atA, idA := c.place(a)
		atB, idB := c.place(b)
		return cmp.Or(atA.Compare(atB), bytes.Compare(idA[:], idB[:]))
	})
	return all, err
}

// scan makes objects of rows.
func (c columns[T]) scan(rows *stdsql.Rows, from Store) (all []*T, err error) {
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	into, targets := make([]func(*T) any, len(names)), make([]any, len(names))
	for i, name := range names {
		if into[i] = c.into[name]; into[i] == nil {
			return nil, fmt.Errorf("column %s of %s is not read (add it to graph/tables.go)", name, c.table)
		}
	}
	var free []T // many at once: an allocation for each would cost as much as reading it
	for rows.Next() {
		if len(free) == 0 {
			free = make([]T, 16)
		}
		one := &free[0]
		free = free[1:]
		for i := range into {
			targets[i] = from.Target(into[i](one))
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, fmt.Errorf("read %s: %w", c.table, err)
		}
		all = append(all, one)
	}
	return all, rows.Err()
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
