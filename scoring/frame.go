package scoring

import (
	"math"
	"strings"
	"time"
)

// ID is a customer's id in the store.
type ID [16]byte

// String is the id as a text: a UUID in lower case.
func (id ID) String() string {
	var b [36]byte
	for i, at := 0, 0; i < len(id); i, at = i+1, at+2 {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b[at] = '-'
			at++
		}
		b[at], b[at+1] = hexDigits[id[i]>>4], hexDigits[id[i]&15]
	}
	return string(b[:])
}

const hexDigits = "0123456789abcdef"

// ParseID reads what ID.String wrote.
func ParseID(text string) (id ID, ok bool) {
	if len(text) != 36 {
		return ID{}, false
	}
	for i, at := 0, 0; i < len(id); i, at = i+1, at+2 {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			if text[at] != '-' {
				return ID{}, false
			}
			at++
		}
		high, low := strings.IndexByte(hexDigits, text[at]), strings.IndexByte(hexDigits, text[at+1])
		if high < 0 || low < 0 {
			return ID{}, false
		}
		id[i] = byte(high<<4 | low)
	}
	return id, true
}

// Env is the environment of a call: everything besides the data that an answer may depend on. There is no clock.
type Env struct {
	AsOf     Instant
	Currency string         // ISO 4217 code of the base currency
	Exponent int            // its minor units are 10^-Exponent
	Location *time.Location // time zone of the business
	Params   []Value        // by index of the manifest's Params
}

// Today is the calendar day of asOf in the business's time zone, in days since 1970-01-01.
func (e *Env) Today() int64 { return e.Day(e.AsOf) }

// Day is the calendar day of an instant in the business's time zone, in days since 1970-01-01.
func (e *Env) Day(i Instant) int64 {
	seconds := floorDiv(int64(i), 1_000_000)
	_, offset := time.Unix(seconds, 0).In(e.Location).Zone()
	return floorDiv(seconds+int64(offset), 86400)
}

// DayStart is the instant at which a calendar day begins in the business's time zone. Where clocks skip midnight, that is
// the change of the clocks; where midnight comes twice, the first.
func (e *Env) DayStart(day int64) Instant {
	utc := time.Unix(day*86400, 0).UTC()
	t := time.Date(utc.Year(), utc.Month(), utc.Day(), 0, 0, 0, 0, e.Location)
	if e.Day(At(t)) < day {
		_, t = t.ZoneBounds()
		return At(t)
	}
	if e.Day(At(t)-1) >= day {
		if start, _ := t.ZoneBounds(); !start.IsZero() {
			_, before := start.Add(-time.Second).Zone()
			return At(utc.Add(-time.Duration(before) * time.Second))
		}
	}
	return At(t)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Column is one fact or output of many customers. Which slice holds it follows from its kind.
type Column struct {
	Kind   Kind
	Ints   []int64   // Integer, Money, Moment ([Never] is null), Flag (0 or 1)
	Floats []float64 // Number (NaN is null)
	Texts  []string  // Text, Label
	Null   []bool    // nil: as the values say
}

// MakeColumn is a column of n nulls.
func MakeColumn(kind Kind, n int) Column {
	c := Column{Kind: kind, Null: make([]bool, n)}
	for i := range c.Null {
		c.Null[i] = true
	}
	switch kind {
	case Number:
		c.Floats = make([]float64, n)
	case Text, Label:
		c.Texts = make([]string, n)
	default:
		c.Ints = make([]int64, n)
	}
	return c
}

// Len is the number of rows.
func (c *Column) Len() int { return max(len(c.Ints), len(c.Floats), len(c.Texts)) }

// At is the value of row i.
func (c *Column) At(i int) Value {
	if c.Null != nil && c.Null[i] {
		return Value{kind: c.Kind}
	}
	switch c.Kind {
	case Number:
		return Value{kind: Number, ok: !math.IsNaN(c.Floats[i]), bits: math.Float64bits(c.Floats[i])}
	case Text, Label:
		return Value{kind: c.Kind, ok: true, text: c.Texts[i]}
	default:
		return Value{kind: c.Kind, ok: c.Ints[i] != int64(Never), bits: uint64(c.Ints[i])}
	}
}

// Set writes the value of row i; v must be of the column's kind or null.
func (c *Column) Set(i int, v Value) {
	if c.Null != nil {
		c.Null[i] = !v.ok
	}
	switch c.Kind {
	case Number:
		c.Floats[i] = v.Float()
	case Text, Label:
		c.Texts[i] = v.text
	default:
		c.Ints[i] = int64(v.bits)
	}
}

// Append adds a row.
func (c *Column) Append(v Value) {
	switch c.Kind {
	case Number:
		c.Floats = append(c.Floats, 0)
	case Text, Label:
		c.Texts = append(c.Texts, "")
	default:
		c.Ints = append(c.Ints, 0)
	}
	c.Null = append(c.Null, false)
	c.Set(c.Len()-1, v)
}

// Order is one order of a customer as scorers see it: valid at asOf, or a credit note.
type Order struct {
	PlacedAt Instant
	PaidAt   Instant // Never: unknown
	DueAt    Instant // Never: unknown
	Net      int64   // without tax and refunds by asOf, minor units of the base currency; negative: a credit note
	Credit   bool    // a credit note: its total is negative
	Lines    []Line  // if asked for, in their order
}

// Line is one item of an order.
type Line struct {
	SKU        string
	Category   string  // "": not known
	Kind       string  // GOODS, SERVICE or WARRANTY
	LaunchedAt Instant // of the product; Never: unknown
	Technology bool
	Quantity   int64   // negative: a return
	Price      float64 // a unit, in base units
	ListPrice  float64 // a unit, in base units; NaN: unknown
	Discount   float64 // off the whole line, in base units; NaN: unknown
	Cost       float64 // a unit, in base units; NaN: unknown
	Condition  string  // NEW, USED, REFURBISHED; "": unknown
}

// Batch is what Score answers for: columns by the manifest's indices, a row a customer.
type Batch struct {
	Env      *Env
	IDs      []ID
	Facts    []Column
	Requires []Column
	Derived  []Column
	Orders   [][]Order // by row; nil unless the manifest asks
	Explain  bool      // evidence is wanted
}

// Len is the number of customers.
func (b *Batch) Len() int { return len(b.IDs) }

// Slice is rows [from, to) of the batch, sharing its memory.
func (b *Batch) Slice(from, to int) *Batch {
	s := *b
	s.IDs = b.IDs[from:to]
	s.Facts, s.Requires, s.Derived = sliceColumns(b.Facts, from, to), sliceColumns(b.Requires, from, to), sliceColumns(b.Derived, from, to)
	if b.Orders != nil {
		s.Orders = b.Orders[from:to]
	}
	return &s
}

func sliceColumns(cs []Column, from, to int) []Column {
	if cs == nil {
		return nil
	}
	out := make([]Column, len(cs))
	for i, c := range cs {
		out[i] = Column{Kind: c.Kind, Ints: cut(c.Ints, from, to), Floats: cut(c.Floats, from, to), Texts: cut(c.Texts, from, to), Null: cut(c.Null, from, to)}
	}
	return out
}

func cut[T any](s []T, from, to int) []T {
	if s == nil {
		return nil
	}
	return s[from:to]
}

// Results are the answers for a batch.
type Results struct {
	Outputs  []Column     // by the manifest's indices
	Until    []Instant    // until when an answer holds without new data; Never: not known
	Evidence [][]Evidence // by row; nil unless the batch asked
}

// Evidence is one fact that decided.
type Evidence struct {
	Reason     int // index of the manifest's Reasons
	Value      Value
	Threshold  []Value // what the value was held against: none, one, or all borders
	Percentile float64 // within the population, 0 to 1; NaN: not rank-based
	Args       []Value // by index of the reason's Args
}
