package abi

import "bellwether/scoring"

// columns writes columns of equal length, and says where.
func (w *writer) columns(columns []scoring.Column) uint32 {
	if len(columns) == 0 {
		return 0
	}
	part := w.reserve(sizeColumn * len(columns))
	for i := range columns {
		w.column(part+uint32(sizeColumn*i), &columns[i])
	}
	return part
}

func (w *writer) column(part uint32, c *scoring.Column) {
	w.put(part, 0, uint32(c.Kind))
	if c.Null != nil && some(c.Null) {
		w.put(part, 1, w.offset())
		w.b = appendFlags(w.b, c.Null)
	}
	at := w.offset()
	switch c.Kind {
	case scoring.Number:
		w.b = appendNumbers(w.b, c.Floats)
	case scoring.Text, scoring.Label:
		var bytes uint32
		at, bytes = w.texts(c.Texts)
		w.put(part, 3, bytes)
	default:
		w.b = appendNumbers(w.b, c.Ints)
	}
	w.put(part, 2, at)
}

// columns reads columns of so many rows; texts are copied where they outlive the message.
func (r *reader) columns(what string, offset, count, rows uint32, keep bool) []scoring.Column {
	b := r.view(what, offset, count, sizeColumn)
	if r.err != nil || count == 0 {
		return nil
	}
	out := make([]scoring.Column, count)
	for i := range out {
		out[i] = r.column(what, words(b[sizeColumn*i:]), rows, keep)
	}
	return out
}

func (r *reader) column(what string, b words, rows uint32, keep bool) scoring.Column {
	c := scoring.Column{Kind: scoring.Kind(b.at(0))}
	if b.at(0) > uint32(maxKind) {
		r.fail("%s: a column of kind %d", what, b.at(0))
		return c
	}
	if b.at(1) != 0 {
		c.Null = r.flags(what, b.at(1), rows)
	}
	switch c.Kind {
	case scoring.Number:
		c.Floats = r.floats(what, b.at(2), rows)
	case scoring.Text, scoring.Label:
		c.Texts = r.texts(what, b.at(2), b.at(3), rows, keep)
	default:
		c.Ints = r.ints(what, b.at(2), rows)
	}
	return c
}
