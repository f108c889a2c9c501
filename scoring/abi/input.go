package abi

import (
	"fmt"
	"math"
	"unsafe"

	"bellwether/scoring"
)

// maxMessage is how long a message may be, so that every offset and length fits into 31 bits.
const maxMessage = math.MaxInt32

// AppendInput writes a batch behind b, which ends on a multiple of 8. A population is a sequence of inputs, and the
// environment of a fit an input without customers.
func (e *Encoder) AppendInput(b []byte, batch *scoring.Batch) ([]byte, error) {
	w := &writer{b: b, base: len(b)}
	part := w.reserve(sizeInput)
	w.put(part, 0, uint32(batch.Len()))
	if batch.Explain {
		w.put(part, 1, flagExplain)
	}
	w.put(part, 2, e.env(w, batch.Env))
	w.put(part, 3, w.offset())
	if batch.Len() > 0 {
		w.b = append(w.b, unsafe.Slice(&batch.IDs[0][0], len(scoring.ID{})*batch.Len())...)
	}
	for i, columns := range [][]scoring.Column{batch.Facts, batch.Requires, batch.Derived} {
		for j := range columns {
			if columns[j].Len() != batch.Len() {
				return nil, fmt.Errorf("a column of %d values for %d customers (give one value to each)", columns[j].Len(), batch.Len())
			}
		}
		w.put(part, 4+2*i, uint32(len(columns)))
		w.put(part, 5+2*i, w.columns(columns))
	}
	if batch.Orders != nil {
		w.put(part, 10, e.orders(w, batch.Orders))
	}
	if length := len(w.b) - w.base; length > maxMessage {
		return nil, fmt.Errorf("an input of %d bytes (give fewer customers at once)", length)
	}
	w.put(part, 11, uint32(len(w.b)-w.base))
	return w.b, nil
}

// Input reads what AppendInput wrote. Ids and columns are views of b; texts are, too, unless keep says that they
// outlive it.
func (d *Decoder) Input(b []byte, keep bool) (*scoring.Batch, error) {
	r := &reader{b: b}
	h := r.words("input", 0, sizeInput)
	rows := h.at(0)
	batch := &scoring.Batch{Env: d.env(r, h.at(2)), Explain: h.at(1)&flagExplain != 0}
	if h.at(1)&^flagExplain != 0 || h.at(11) != uint32(len(b)) {
		r.fail("input: flags %#x and length %d, which is %d", h.at(1), h.at(11), len(b))
	}
	ids := r.view("ids", h.at(3), rows, len(scoring.ID{}))
	batch.Facts = r.columns("facts", h.at(5), h.at(4), rows, keep)
	batch.Requires = r.columns("requires", h.at(7), h.at(6), rows, keep)
	batch.Derived = r.columns("derived", h.at(9), h.at(8), rows, keep)
	if h.at(10) != 0 {
		batch.Orders = r.orders(h.at(10), rows, keep)
	}
	if r.err != nil {
		return nil, r.err
	}
	batch.IDs = unsafe.Slice((*scoring.ID)(unsafe.Pointer(unsafe.SliceData(ids))), rows)
	return batch, nil
}
