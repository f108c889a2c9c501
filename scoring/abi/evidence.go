package abi

import (
	"math"

	"bellwether/scoring"
)

// evidence writes the pieces of evidence of all customers, and says where: offset of the starts, count, offset of the pieces.
func (w *writer) evidence(byRow [][]scoring.Evidence) uint32 {
	part := w.reserve(16)
	starts, all := make([]uint32, 0, len(byRow)+1), []*scoring.Evidence{}
	for _, pieces := range byRow {
		starts = append(starts, uint32(len(all)))
		for i := range pieces {
			all = append(all, &pieces[i])
		}
	}
	w.words(part, 0, append(starts, uint32(len(all))))
	w.put(part, 1, uint32(len(all)))
	items := w.reserve(sizeEvidence * len(all))
	w.put(part, 2, items)
	for i, e := range all {
		at := items + uint32(sizeEvidence*i)
		w.put(at, 0, uint32(int32(e.Reason)))
		w.put(at, 1, uint32(len(e.Threshold)))
		w.put(at, 2, w.values(e.Threshold))
		w.put(at, 3, uint32(len(e.Args)))
		w.put(at, 4, w.values(e.Args))
		w.put64(at, 6, math.Float64bits(e.Percentile))
		w.value(at+32, e.Value)
	}
	return part
}

func (r *reader) evidence(m *scoring.Manifest, at, rows uint32) [][]scoring.Evidence {
	h := r.words("evidence", at, 16)
	count := h.at(1)
	starts := r.starts("evidence of customers", h.at(0), rows, count)
	items := r.view("evidence", h.at(2), count, sizeEvidence)
	if r.err != nil {
		return nil
	}
	r.spend("evidence", count, 128)
	r.spend("evidence of customers", rows, 24)
	if r.err != nil {
		return nil
	}
	all := make([]scoring.Evidence, count)
	for i := range all {
		b := words(items[sizeEvidence*i : sizeEvidence*(i+1)])
		if int64(b.at(0)) >= int64(len(m.Reasons)) {
			r.fail("evidence: reason %d of %d", b.at(0), len(m.Reasons))
		}
		if r.err != nil {
			return nil
		}
		all[i] = scoring.Evidence{
			Reason:     int(b.at(0)),
			Threshold:  r.values("thresholds", b.at(2), b.at(1)),
			Args:       r.values("arguments", b.at(4), b.at(3)),
			Percentile: math.Float64frombits(le.Uint64(b[24:])),
			Value:      r.value("value", b[32:]),
		}
	}
	if r.err != nil {
		return nil
	}
	byRow := make([][]scoring.Evidence, rows)
	for i := range byRow {
		if starts[i] < starts[i+1] {
			byRow[i] = all[starts[i]:starts[i+1]:starts[i+1]]
		}
	}
	return byRow
}
