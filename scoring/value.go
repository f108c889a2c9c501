package scoring

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"
)

// Kind is the type of a fact, a parameter or an output.
type Kind uint8

// The kinds, with the unit in which their values travel.
const (
	Label   Kind = iota // an UPPER_SNAKE name out of a declared list
	Number              // a finite float64
	Integer             // an int64
	Money               // int64 minor units of the base currency
	Flag                // true or false
	Moment              // an [Instant]
	Text                // any string
)

// String is the kind's name in the API.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

var kindNames = [...]string{Label: "LABEL", Number: "NUMBER", Integer: "INTEGER", Money: "MONEY", Flag: "FLAG", Moment: "INSTANT", Text: "TEXT"}

// Instant is a moment: microseconds since 1970-01-01T00:00:00Z.
type Instant int64

// Never is the instant of what is not known or has not happened.
const Never Instant = math.MinInt64

// At is t as an instant, truncated to microseconds.
func At(t time.Time) Instant { return Instant(t.UnixMicro()) }

// Time is the instant in UTC.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).UTC() }

// Add is the instant d later.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Microseconds()) }

// Day is the length of a window's day: 24 hours, whatever the clocks do.
const Day = 24 * time.Hour

// Value is one fact, parameter or output of one customer; the zero Value is null. Equal values are equal by ==.
//
// It has four fields of four words together, and no more, so that the compiler keeps it in registers: a fifth made
// scoring three times slower. That is why a list is kept as the bytes of its items.
type Value struct {
	kind Kind // with the bit list
	ok   bool
	bits uint64
	text string
}

const list Kind = 1 << 7

// Constructors of values, one for each kind.

// Int is a value of kind [Integer].
func Int(n int64) Value { return Value{kind: Integer, ok: true, bits: uint64(n)} }

// Float is a value of kind [Number].
func Float(x float64) Value { return Value{kind: Number, ok: true, bits: math.Float64bits(x)} }

// Minor is a value of kind [Money] in minor units of the base currency.
func Minor(n int64) Value { return Value{kind: Money, ok: true, bits: uint64(n)} }

// Bool is a value of kind [Flag].
func Bool(b bool) Value {
	v := Value{kind: Flag, ok: true}
	if b {
		v.bits = 1
	}
	return v
}

// Time is a value of kind [Moment]; [Never] makes a null.
func Time(i Instant) Value {
	if i == Never {
		return Value{kind: Moment}
	}
	return Value{kind: Moment, ok: true, bits: uint64(i)}
}

// String is a value of kind [Text].
func String(s string) Value { return Value{kind: Text, ok: true, text: s} }

// Name is a value of kind [Label].
func Name(label string) Value { return Value{kind: Label, ok: true, text: label} }

// Numbers is a list of kind [Number], as list parameters have.
func Numbers(xs []float64) Value {
	bytes := make([]byte, 0, 8*len(xs))
	for _, x := range xs {
		bytes = binary.LittleEndian.AppendUint64(bytes, math.Float64bits(x))
	}
	return Value{kind: Number | list, ok: true, text: string(bytes)}
}

// Kind of the value.
func (v Value) Kind() Kind { return v.kind &^ list }

// Ok is false where the value is null.
func (v Value) Ok() bool { return v.ok }

// Int is the value of an [Integer], [Money], [Moment] or [Flag]; 0 where it is null.
func (v Value) Int() int64 { return int64(v.bits) }

// Float is the value as a float64, whatever its numeric kind; 0 where it is null.
func (v Value) Float() float64 {
	if v.kind == Number {
		return math.Float64frombits(v.bits)
	}
	return float64(int64(v.bits))
}

// Instant is the value of a [Moment]; [Never] where it is null.
func (v Value) Instant() Instant {
	if !v.ok {
		return Never
	}
	return Instant(v.bits)
}

// Bool is the value of a [Flag]; false where it is null.
func (v Value) Bool() bool { return v.bits != 0 }

// Text is the value of a [Text] or [Label]; "" where it is null.
func (v Value) Text() string {
	if v.kind&list != 0 {
		return ""
	}
	return v.text
}

// Floats is a copy of the items of a list parameter; nil for a scalar. Call it in fit rather than for every customer.
func (v Value) Floats() []float64 {
	if v.kind&list == 0 {
		return nil
	}
	xs := make([]float64, len(v.text)/8)
	for i := range xs {
		xs[i] = math.Float64frombits(binary.LittleEndian.Uint64([]byte(v.text[8*i : 8*i+8])))
	}
	return xs
}
