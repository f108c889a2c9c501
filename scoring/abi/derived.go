package abi

import "bellwether/scoring"

// Derived is a value that a fit keeps for a customer.
type Derived struct {
	ID     scoring.ID
	Column int // of the manifest
	Value  scoring.Value
}

// AppendDerived writes derived values behind b, which ends on a multiple of 8.
func AppendDerived(b []byte, values []Derived) []byte {
	w := &writer{b: b, base: len(b)}
	part := w.reserve(8 + sizeDerived*len(values))
	w.put(part, 0, uint32(len(values)))
	for i := range values {
		at := part + 8 + uint32(sizeDerived*i)
		copy(w.b[w.base+int(at):], values[i].ID[:])
		w.put(at, 4, uint32(values[i].Column))
		w.value(at+24, values[i].Value)
	}
	return w.b
}

// DecodeDerived reads derived values, which are of the manifest or an error.
func DecodeDerived(b []byte, m *scoring.Manifest) ([]Derived, error) {
	r := &reader{b: b}
	count := r.words("derived", 0, 8).at(0)
	items := r.view("derived", 8, count, sizeDerived)
	r.spend("derived", count, 80)
	if r.err != nil {
		return nil, r.err
	}
	out := make([]Derived, count)
	for i := range out {
		item := items[sizeDerived*i : sizeDerived*(i+1)]
		column := words(item).at(4)
		if int64(column) >= int64(len(m.Derived)) {
			r.fail("derived column %d of %d", column, len(m.Derived))
			return nil, r.err
		}
		out[i] = Derived{ID: scoring.ID(item[:16]), Column: int(column), Value: r.value("derived "+m.Derived[column].Name, item[24:])}
		if v := out[i].Value; r.err == nil && v.Ok() && (v.Kind() != m.Derived[column].Kind || v.Floats() != nil) {
			r.fail("derived %s is %s, want %s", m.Derived[column].Name, v.Kind(), m.Derived[column].Kind)
		}
		if r.err != nil {
			return nil, r.err
		}
	}
	return out, nil
}
