package abi

import (
	"math"

	"bellwether/scoring"
)

// States of a value.
const (
	stateNull   = 0
	stateScalar = 1
	stateList   = 2 // of numbers
)

// maxKind is the last kind that a value may have.
const maxKind = scoring.Text

// null is a null of a kind.
func null(kind scoring.Kind) scoring.Value {
	c := scoring.Column{Kind: kind, Null: []bool{true}}
	return c.At(0)
}

// values writes values side by side, with their texts and lists behind them, and says where.
func (w *writer) values(values []scoring.Value) uint32 {
	if len(values) == 0 {
		return 0
	}
	part := w.reserve(sizeValue * len(values))
	for i, v := range values {
		w.value(part+uint32(sizeValue*i), v)
	}
	return part
}

// value writes one value into room that was reserved, and its text or list at the end.
func (w *writer) value(part uint32, v scoring.Value) {
	kind, state, length, bits := v.Kind(), stateNull, 0, uint64(0)
	if v.Ok() {
		state = stateScalar
		switch xs := v.Floats(); {
		case xs != nil:
			state, length, bits = stateList, len(xs), uint64(w.offset())
			w.b = appendNumbers(w.b, xs)
		case kind == scoring.Text || kind == scoring.Label:
			length, bits = len(v.Text()), uint64(w.offset())
			w.b = append(w.b, v.Text()...)
		case kind == scoring.Number:
			bits = math.Float64bits(v.Float())
		default:
			bits = uint64(v.Int())
		}
	}
	w.put(part, 0, uint32(kind)|uint32(state)<<8)
	w.put(part, 1, uint32(length))
	w.put64(part, 2, bits)
}

// values reads count values. Their texts are copied: they outlive the message.
func (r *reader) values(what string, offset, count uint32) []scoring.Value {
	b := r.view(what, offset, count, sizeValue)
	r.spend(what, count, 48)
	if r.err != nil || count == 0 {
		return nil
	}
	out := make([]scoring.Value, count)
	for i := range out {
		out[i] = r.value(what, b[sizeValue*i:])
	}
	return out
}

func (r *reader) value(what string, b []byte) scoring.Value {
	kind, state, length, bits := scoring.Kind(b[0]), b[1], le.Uint32(b[4:]), le.Uint64(b[8:])
	if kind > maxKind || state > stateList || b[2] != 0 || b[3] != 0 || (state == stateList && kind != scoring.Number) {
		r.fail("%s: a value of kind %d and state %d", what, kind, state)
		return scoring.Value{}
	}
	if state == stateNull {
		return null(kind)
	}
	if bits > math.MaxUint32 && (state == stateList || kind == scoring.Text || kind == scoring.Label) {
		r.fail("%s: offset %d of a value", what, bits)
		return scoring.Value{}
	}
	if state == stateList {
		r.spend(what, length, 16)
	} else if kind == scoring.Text || kind == scoring.Label {
		r.spend(what, length, 1)
	}
	if r.err != nil {
		return scoring.Value{}
	}
	switch {
	case state == stateList:
		return scoring.Numbers(r.floats(what, uint32(bits), length))
	case kind == scoring.Label:
		return scoring.Name(string(r.view(what, uint32(bits), length, 1)))
	case kind == scoring.Text:
		return scoring.String(string(r.view(what, uint32(bits), length, 1)))
	case kind == scoring.Number:
		return scoring.Float(math.Float64frombits(bits))
	case kind == scoring.Flag:
		return scoring.Bool(bits != 0)
	case kind == scoring.Money:
		return scoring.Minor(int64(bits))
	case kind == scoring.Moment:
		return scoring.Time(scoring.Instant(bits))
	}
	return scoring.Int(int64(bits))
}
