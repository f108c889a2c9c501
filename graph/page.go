package graph

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"bellwether/internal/fault"
)

// Sizes of pages.
const (
	defaultPage = 20
	maxPage     = 100
)

// pageArgs are the arguments of a connection, by value.
type pageArgs struct {
	size     int
	backward bool // the last ones are asked for
	after    *cursor
	before   *cursor
}

// keyset is the order of a list: by a column, if any, nulls last, then by id in the same direction.
type keyset struct {
	column string
	desc   bool
}

// cursor is a place in a list.
type cursor struct {
	In    string    `json:"in"` // the list's order: a cursor of another one is refused
	Value any       `json:"v,omitempty"`
	ID    uuid.UUID `json:"id"`
}

func (k keyset) name() string {
	if k.desc {
		return "-" + k.column
	}
	return k.column
}

// newPage checks the arguments of a connection.
func (k keyset) newPage(given paging) (p pageArgs, err error) {
	switch {
	case given.first != nil && given.last != nil:
		return p, fault.New(fault.Invalid, "both first and last are given (give one)")
	case given.first != nil:
		p.size = *given.first
	case given.last != nil:
		p.size, p.backward = *given.last, true
	default:
		p.size, p.backward = defaultPage, given.before != nil && given.after == nil
	}
	if p.size < 1 || p.size > maxPage {
		return p, fault.New(fault.OutOfRange, "page size %d is out of range (give 1 to %d)", p.size, maxPage)
	}
	if p.after, err = k.parse(given.after); err == nil {
		p.before, err = k.parse(given.before)
	}
	return p, err
}

func (k keyset) parse(text *string) (*cursor, error) {
	if text == nil {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(*text)
	var c cursor
	if err != nil || c.decode(raw) != nil || c.In != k.name() || !k.fits(c.Value) {
		return nil, fault.New(fault.Invalid, "bad cursor %.60q (use one that this list gave, in the same order)", *text)
	}
	return &c, nil
}

// decode reads a cursor; microseconds are kept as they are, for a float64 is not exact after the year 2255.
func (c *cursor) decode(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(c)
}

// fits tells whether a value can be one of the column: instants travel as microseconds.
func (k keyset) fits(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return k.column == "name"
	case json.Number:
		_, err := v.Int64()
		return err == nil && k.column != "" && k.column != "name"
	}
	return false
}

func (k keyset) cursor(value any, id uuid.UUID) string {
	switch v := value.(type) {
	case *time.Time:
		value = nil
		if v != nil {
			value = v.UnixMicro()
		}
	case time.Time:
		value = v.UnixMicro()
	case *string:
		value = nil
		if v != nil {
			value = *v
		}
	}
	raw, _ := json.Marshal(cursor{k.name(), value, id}) //nolint:errchkjson // strings, numbers and ids
	return base64.RawURLEncoding.EncodeToString(raw)
}

// arg is a cursor's value as the database compares it.
func (c *cursor) arg() any {
	if n, ok := c.Value.(json.Number); ok {
		micros, _ := n.Int64() // fits has read it
		return time.UnixMicro(micros).UTC()
	}
	return c.Value
}

// restrict keeps what lies between the cursors.
func (k keyset) restrict(p pageArgs) func(*sql.Selector) {
	return func(s *sql.Selector) {
		if p.after != nil {
			s.Where(k.beyond(s, p.after, false))
		}
		if p.before != nil {
			s.Where(k.beyond(s, p.before, true))
		}
	}
}

// beyond is what comes after a cursor, or before it. The row form (a, id) < (x, y) is what databases answer from an
// index; rows without a value come after all others.
func (k keyset) beyond(s *sql.Selector, c *cursor, back bool) *sql.Predicate {
	op := ">"
	if k.desc != back {
		op = "<"
	}
	id := s.C("id")
	if k.column == "" {
		return sql.ExprP(fmt.Sprintf("%s %s ?", id, op), c.ID)
	}
	column := s.C(k.column)
	switch {
	case c.Value == nil && back:
		return sql.ExprP(fmt.Sprintf("(%s IS NOT NULL OR %s %s ?)", column, id, op), c.ID)
	case c.Value == nil:
		return sql.ExprP(fmt.Sprintf("(%s IS NULL AND %s %s ?)", column, id, op), c.ID)
	case back:
		return sql.ExprP(fmt.Sprintf("(%s, %s) %s (?, ?)", column, id, op), c.arg(), c.ID)
	}
	return sql.ExprP(fmt.Sprintf("((%s, %s) %s (?, ?) OR %s IS NULL)", column, id, op, column), c.arg(), c.ID)
}

// sort puts rows in the list's order, or in the opposite one.
func (k keyset) sort(backward bool) func(*sql.Selector) {
	return func(s *sql.Selector) {
		direction, nulls := "ASC", "NULLS LAST"
		if k.desc != backward {
			direction = "DESC"
		}
		if backward {
			nulls = "NULLS FIRST"
		}
		if k.column != "" {
			s.OrderExpr(sql.Expr(s.C(k.column) + " " + direction + " " + nulls))
		}
		s.OrderExpr(sql.Expr(s.C("id") + " " + direction))
	}
}

// cut makes a page of the rows that a query gave with a limit of one more than its size, and tells what lies beyond.
func cut[T any](p pageArgs, rows []T) (page []T, next, previous bool) {
	more := len(rows) > p.size
	if more {
		rows = rows[:p.size]
	}
	if !p.backward {
		return rows, more, p.after != nil
	}
	page = make([]T, len(rows))
	for i, r := range rows {
		page[len(rows)-1-i] = r
	}
	return page, p.before != nil, more
}
