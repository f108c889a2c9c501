package graph

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

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
	alone    bool // nobody asks whether there are more
	after    *cursor
	before   *cursor
}

// keyset is the order of a list: by a column, if any, nulls last, then by id in the same direction.
type keyset struct {
	column   string
	nullable bool
	desc     bool
}

// half is a part of a list that an index holds in the list's order: rows with a value, or rows without one. (An index of
// PostgreSQL has nulls first where it is read backwards, one of SQLite where it is read forwards; with a condition for
// both halves databases read and sort everything.)
type half struct {
	keyset
	nulls bool
	page  pageArgs
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

// of is a page of which a connection's selection is answered.
func (p pageArgs) of(connection ast.SelectionSet) pageArgs {
	p.alone = !selects(connection, "pageInfo")
	return p
}

// limit is how many rows are read: one more than the page has tells that there are more.
func (p pageArgs) limit() int {
	if p.alone {
		return p.size
	}
	return p.size + 1
}

// halves are the parts of a list in which a page may lie, in the order in which to read them.
func (k keyset) halves(p pageArgs) []half {
	if !k.nullable {
		return []half{{k, false, p}}
	}
	var all []half
	if p.after == nil || p.after.Value != nil {
		all = append(all, half{k, false, p})
	}
	if p.before == nil || p.before.Value == nil {
		all = append(all, half{k, true, p})
	}
	if p.backward {
		slices.Reverse(all)
	}
	return all
}

// restrict keeps what lies between the cursors.
func (h half) restrict(s *sql.Selector) {
	if h.nullable {
		is := " IS NOT NULL"
		if h.nulls {
			is = " IS NULL"
		}
		s.Where(sql.ExprP(s.C(h.column) + is))
	}
	if c := h.page.after; c != nil && h.nulls == (h.nullable && c.Value == nil) {
		s.Where(h.beyond(s, c, false))
	}
	if c := h.page.before; c != nil && h.nulls == (h.nullable && c.Value == nil) {
		s.Where(h.beyond(s, c, true))
	}
}

// beyond is what comes after a cursor, or before it. The row form (a, id) < (x, y) is what databases answer from an index.
func (h half) beyond(s *sql.Selector, c *cursor, back bool) *sql.Predicate {
	op := ">"
	if h.desc != back {
		op = "<"
	}
	if h.column == "" || h.nulls {
		return sql.ExprP(s.C("id")+" "+op+" ?", c.ID)
	}
	return sql.ExprP("("+s.C(h.column)+", "+s.C("id")+") "+op+" (?, ?)", c.arg(), c.ID)
}

// sort puts rows in the order of a page: that of the list, or the opposite one.
func (h half) sort(s *sql.Selector) {
	direction := " ASC"
	if h.desc != h.page.backward {
		direction = " DESC"
	}
	if h.column != "" {
		s.OrderExpr(sql.Expr(s.C(h.column) + direction))
	}
	s.OrderExpr(sql.Expr(s.C("id") + direction))
}

// childrenOn restricts and sorts the rows of a page of one customer's children, whose instants are never null.
func (k keyset) childrenOn(p pageArgs) func(*sql.Selector) {
	h := half{k, false, p}
	return func(s *sql.Selector) {
		h.restrict(s)
		h.sort(s)
		s.Limit(p.limit())
	}
}

// eachHalf reads the halves that a page needs.
func eachHalf[T any](k keyset, p pageArgs, read func(h half, limit int) ([]T, error)) (rows []T, err error) {
	for _, h := range k.halves(p) {
		more, err := read(h, p.limit()-len(rows))
		if err != nil {
			return nil, err
		}
		if rows = append(rows, more...); len(rows) == p.limit() {
			break
		}
	}
	return rows, nil
}

// cut makes a page of the rows that a query gave with its limit, and tells what lies beyond.
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
