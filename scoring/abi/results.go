package abi

import (
	"fmt"
	"math"
	"slices"
	"unsafe"

	"bellwether/scoring"
)

// noLabel is the index of a null label.
const noLabel = -1

// AppendResults writes the answers of a scorer behind b, which ends on a multiple of 8.
func AppendResults(b []byte, m *scoring.Manifest, results *scoring.Results, rows int) ([]byte, error) {
	if len(results.Outputs) != len(m.Outputs) {
		return nil, fmt.Errorf("answered %d outputs of %d (answer all of the manifest)", len(results.Outputs), len(m.Outputs))
	}
	w := &writer{b: b, base: len(b)}
	part := w.reserve(sizeResults)
	w.put(part, 0, uint32(rows))
	w.put(part, 1, uint32(len(m.Outputs)))
	columns := w.reserve(sizeColumn * len(m.Outputs))
	w.put(part, 2, columns)
	for i := range m.Outputs {
		o, c, at := &m.Outputs[i], &results.Outputs[i], columns+uint32(sizeColumn*i)
		if c.Kind != o.Kind || c.Len() != rows {
			return nil, fmt.Errorf("output %s has %d values of kind %s for %d customers (answer each with %s or null)", o.Name, c.Len(), c.Kind, rows, o.Kind)
		}
		if o.Kind != scoring.Label {
			w.column(at, c)
			continue
		}
		w.put(at, 0, uint32(scoring.Label))
		w.put(at, 2, w.offset())
		if err := w.labels(o, c); err != nil {
			return nil, err
		}
	}
	if results.Until != nil {
		w.put(part, 3, w.offset())
		w.b = appendNumbers(w.b, results.Until)
	}
	if results.Evidence != nil {
		w.put(part, 4, w.evidence(results.Evidence))
	}
	if length := len(w.b) - w.base; length > maxMessage {
		return nil, fmt.Errorf("answers of %d bytes (answer for fewer customers at once)", length)
	}
	return w.b, nil
}

// labels writes indices of labels. A scorer mostly gives the very texts of its manifest, so that most of them are found by
// their address among those found before: comparing texts is what most of the time here would go into.
func (w *writer) labels(o *scoring.Output, c *scoring.Column) error {
	const slots = 64
	var known [slots]struct {
		text  *byte
		index uint32
	}
	from := len(w.b)
	w.b = slices.Grow(w.b, 4*len(c.Texts))[:from+4*len(c.Texts)]
	to := w.b[from:]
	for i, name := range c.Texts {
		if c.Null != nil && c.Null[i] {
			le.PutUint32(to[4*i:], math.MaxUint32)
			continue
		}
		at := unsafe.StringData(name)
		slot := &known[uint32(uintptr(unsafe.Pointer(at)))*0x9E3779B1>>26]
		if slot.text != at || o.Labels[slot.index].Name != name {
			index := slices.IndexFunc(o.Labels, func(l scoring.LabelDoc) bool { return l.Name == name })
			if index < 0 {
				return fmt.Errorf("output %s is %q, which is not one of its labels (declare it in the manifest)", o.Name, name)
			}
			slot.text, slot.index = at, uint32(index)
		}
		le.PutUint32(to[4*i:], slot.index)
	}
	return nil
}

// DecodeResults reads the answers for so many customers, which are of the manifest or an error. They are views of b, which
// must not be written to again.
func DecodeResults(b []byte, m *scoring.Manifest, rows int, explain bool) (*scoring.Results, error) {
	r := &reader{b: b}
	h := r.words("results", 0, sizeResults)
	if r.err == nil && int(h.at(0)) != rows {
		r.fail("answered %d customers of %d", h.at(0), rows)
	}
	if r.err == nil && int(h.at(1)) != len(m.Outputs) {
		r.fail("answered %d outputs of %d", h.at(1), len(m.Outputs))
	}
	columns := r.view("outputs", h.at(2), uint32(len(m.Outputs)), sizeColumn)
	if r.err != nil {
		return nil, r.err
	}
	results := &scoring.Results{Outputs: make([]scoring.Column, len(m.Outputs)), Until: make([]scoring.Instant, 0)}
	for i := range m.Outputs {
		results.Outputs[i] = r.output(&m.Outputs[i], words(columns[sizeColumn*i:]), uint32(rows))
	}
	if h.at(3) != 0 {
		results.Until = numbers[scoring.Instant](r.view("until", h.at(3), uint32(rows), 8))
	} else {
		results.Until = make([]scoring.Instant, rows)
		for i := range results.Until {
			results.Until[i] = scoring.Never
		}
	}
	switch {
	case !explain:
	case h.at(4) != 0:
		results.Evidence = r.evidence(m, h.at(4), uint32(rows))
	default:
		results.Evidence = make([][]scoring.Evidence, rows)
	}
	if r.err != nil {
		return nil, r.err
	}
	return results, nil
}

// output reads one output, and holds it against what the manifest says of it.
func (r *reader) output(o *scoring.Output, b words, rows uint32) scoring.Column {
	if b.at(0) != uint32(o.Kind) {
		r.fail("output %s is of kind %d, want %d", o.Name, b.at(0), o.Kind)
		return scoring.Column{}
	}
	if o.Kind == scoring.Label {
		return r.labels(o, b.at(2), rows)
	}
	c := r.column("output "+o.Name, b, rows, false)
	if r.err != nil {
		return c
	}
	if c.Null == nil {
		c.Null = make([]bool, rows)
	}
	switch o.Kind {
	case scoring.Number:
		for i, x := range c.Floats {
			if (math.IsNaN(x) || math.IsInf(x, 0)) && !c.Null[i] {
				r.fail("output %s is %v, not a number or null", o.Name, x)
				return c
			}
		}
	case scoring.Flag:
		for i, x := range c.Ints {
			if uint64(x) > 1 && !c.Null[i] {
				r.fail("output %s is %d, not 0, 1 or null", o.Name, x)
				return c
			}
		}
	}
	return c
}

func (r *reader) labels(o *scoring.Output, at, rows uint32) scoring.Column {
	indices := numbers[int32](r.view("output "+o.Name, at, rows, 4))
	c := scoring.Column{Kind: scoring.Label, Texts: make([]string, len(indices)), Null: make([]bool, len(indices))}
	for i, index := range indices {
		switch {
		case index >= 0 && int(index) < len(o.Labels):
			c.Texts[i] = o.Labels[index].Name
		case index == noLabel:
			c.Null[i] = true
		default:
			r.fail("output %s is label %d of %d, which is not declared", o.Name, index, len(o.Labels))
			return c
		}
	}
	return c
}
