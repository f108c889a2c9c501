package engine

import (
	"bytes"
	"slices"

	"bellwether/scoring"
)

// derived are the columns that a fit has written about customers: a row for each of whom there is something. While it grows
// rows are found by a map; settled, by their order, which takes a quarter of the memory, and models stay for long.
type derived struct {
	ids     []scoring.ID // of the rows; in order, once it is settled
	rows    map[scoring.ID]int
	columns []scoring.Column
}

func newDerived(m *scoring.Manifest) *derived {
	d := &derived{rows: map[scoring.ID]int{}, columns: make([]scoring.Column, len(m.Derived))}
	for i := range m.Derived {
		d.columns[i] = scoring.MakeColumn(m.Derived[i].Kind, 0)
	}
	return d
}

// set writes a value, before it is settled.
func (d *derived) set(id scoring.ID, column int, v scoring.Value) {
	row, ok := d.rows[id]
	if !ok {
		row = len(d.ids)
		d.ids, d.rows[id] = append(d.ids, id), row
		for i := range d.columns {
			d.columns[i].Append(scoring.Value{})
		}
	}
	d.columns[column].Set(row, v)
}

// settle puts the rows in the order of the customers, in no more memory than they need. Nothing is written from then on.
func (d *derived) settle() {
	ids := slices.Clone(d.ids)
	slices.SortFunc(ids, compareIDs)
	columns := make([]scoring.Column, len(d.columns))
	for i := range columns {
		columns[i] = scoring.MakeColumn(d.columns[i].Kind, len(ids))
		for row, id := range ids {
			columns[i].Set(row, d.columns[i].At(d.rows[id]))
		}
	}
	d.ids, d.columns, d.rows = ids, columns, nil
}

// columnsFor are the derived columns of some customers, of one that is settled; null for those the fit did not see.
func (d *derived) columnsFor(ids []scoring.ID) []scoring.Column {
	if len(d.columns) == 0 {
		return nil
	}
	out := make([]scoring.Column, len(d.columns))
	for i := range out {
		out[i] = scoring.MakeColumn(d.columns[i].Kind, len(ids))
	}
	for j, id := range ids {
		row, ok := slices.BinarySearchFunc(d.ids, id, compareIDs)
		if !ok {
			continue
		}
		for i := range out {
			out[i].Set(j, d.columns[i].At(row))
		}
	}
	return out
}

func compareIDs(a, b scoring.ID) int { return bytes.Compare(a[:], b[:]) }
