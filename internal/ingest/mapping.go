package ingest

import (
	"slices"
	"strings"

	"bellwether/internal/fault"
)

// mapping says which columns of one file make which fields.
type mapping struct {
	file    string
	width   int // cells in a row
	targets []target
	labels  []string // what the file calls a field; "" when it has none
	extras  []extra  // columns of an open table
}

// target is a field and the columns whose cells, joined by blanks, are its value.
type target struct {
	field      field
	columns    []int
	trimSuffix string
	values     map[string]string // what values mean, by their lower case
}

// extra is a column that is a field of its own.
type extra struct {
	name   string
	column int
}

func (m *mapping) has(f field) bool { return m.labels[f] != "" }

// keepsLines: lines name a product and have a price. Else they can only make the total.
func (m *mapping) keepsLines() bool {
	return (m.has(fieldSKU) || m.has(fieldProduct)) && m.has(fieldUnitPrice)
}

// rules are what options and preset say of columns.
type rules struct {
	table    *table
	explicit []*string // by --map; nil: not mentioned
	preset   []string
	trim     []string
	values   []map[string]string
	columns  []string   // by --columns
	shapes   [][]string // the preset's columns
}

func newRules(t *table, options Options, preset Preset) (*rules, error) {
	n := len(t.names)
	r := &rules{
		table: t, explicit: make([]*string, n), preset: make([]string, n), trim: make([]string, n), values: make([]map[string]string, n),
		columns: options.Columns, shapes: preset.Columns,
	}
	for name, column := range options.Map {
		f, err := t.parse(name)
		if err != nil {
			return nil, err
		}
		r.explicit[f] = &column
	}
	// Names of fields in a preset were checked when it was read.
	for name, column := range preset.Map {
		f, _ := t.field(name)
		r.preset[f] = column
	}
	for name, suffix := range preset.TrimSuffix {
		f, _ := t.field(name)
		r.trim[f] = suffix
	}
	for name, values := range preset.Values {
		f, _ := t.field(name)
		r.values[f] = map[string]string{}
		for from, to := range values {
			r.values[f][strings.ToLower(from)] = to
		}
	}
	return r, nil
}

// resolve finds the columns of a file from its first row. header tells whether that row was one.
func (r *rules) resolve(file string, first []string) (m *mapping, header bool, err error) {
	columns, header := first, true
	switch {
	case len(r.columns) > 0:
		columns, header = r.columns, false
	case len(r.shapes) > 0 && !r.isHeader(first):
		i := slices.IndexFunc(r.shapes, func(shape []string) bool { return len(shape) == len(first) })
		if i >= 0 {
			columns, header = r.shapes[i], false
		}
	}
	m = &mapping{file: file, width: len(columns), labels: make([]string, len(r.table.names))}
	names := newColumns(columns)
	for f := range r.table.names {
		if err := r.mapField(m, names, field(f)); err != nil {
			return nil, false, err
		}
	}
	for i, name := range columns {
		if rest, ok := strings.CutPrefix(name, r.table.open); ok && r.table.open != "" && rest != "" && !names.double[i] {
			m.extras = append(m.extras, extra{rest, i})
		}
	}
	return m, header, m.complete(columns, r.table.missing(m))
}

// isHeader tells whether a first row names a column that the preset maps.
func (r *rules) isHeader(first []string) bool {
	names := newColumns(first)
	for _, spec := range r.preset {
		if spec == "" {
			continue
		}
		if indexes, _ := names.find(spec); indexes != nil {
			return true
		}
	}
	return false
}

func (r *rules) mapField(m *mapping, names columns, f field) error {
	spec, must := r.preset[f], false
	if r.explicit[f] != nil {
		spec, must = *r.explicit[f], true
		if spec == "" {
			return nil // left out on purpose
		}
	}
	if spec == "" {
		spec = r.table.names[f]
	}
	indexes, missing := names.find(spec)
	if indexes == nil && !must && spec != r.table.names[f] {
		spec = r.table.names[f]
		indexes, _ = names.find(spec)
	}
	if indexes == nil {
		if must {
			return names.unknown(m.file, missing, r.table.names[f])
		}
		return nil
	}
	for _, i := range indexes {
		if names.double[i] {
			return fault.New(fault.Invalid, "%q has more than one column %q (rename one, or name all with --columns)", m.file, names.names[i])
		}
	}
	m.labels[f] = names.label(indexes)
	m.targets = append(m.targets, target{field: f, columns: indexes, trimSuffix: r.trim[f], values: r.values[f]})
	return nil
}

// missingOfOrder is what a file lacks to make orders.
func missingOfOrder(m *mapping) []string {
	var missing []string
	for _, f := range []field{fieldCustomerID, fieldPlacedAt} {
		if !m.has(f) {
			missing = append(missing, fieldNames[f])
		}
	}
	if !m.has(fieldTotal) && (!m.has(fieldQuantity) || !m.has(fieldUnitPrice)) {
		missing = append(missing, "total (or quantity and unit_price)")
	}
	return missing
}

// complete tells whether a file has what makes its records.
func (m *mapping) complete(columns, missing []string) error {
	if len(missing) == 0 {
		return nil
	}
	cure := "map them with --map field=Column,..."
	if len(columns) == 1 && strings.ContainsAny(columns[0], ",;|\t ") {
		cure = "is the delimiter right? See --delimiter"
	}
	return fault.New(fault.Invalid, "%q has no column for %s; its columns are %s (%s)",
		m.file, strings.Join(missing, ", "), quotedList(columns), cure)
}

// unused names columns that are mapped but make nothing, for the summary.
func (im *importer) unused(m *mapping) []string {
	if im.kind != KindOrders || m.keepsLines() {
		return nil
	}
	var unused []string
	for _, f := range []field{fieldCategory, fieldCondition, fieldCost, fieldListPrice, fieldProduct, fieldQuantity, fieldSKU, fieldUnitPrice} {
		makesTotal := (f == fieldQuantity || f == fieldUnitPrice) && m.has(fieldUnitPrice) && !m.has(fieldTotal)
		if m.has(f) && !makesTotal {
			unused = append(unused, m.labels[f])
		}
	}
	return unused
}

// columns are the names of a file's columns.
type columns struct {
	names  []string
	double []bool // the same name stands elsewhere too
}

func newColumns(names []string) columns {
	c := columns{names: names, double: make([]bool, len(names))}
	at := make(map[string]int, len(names))
	for i, name := range names {
		if first, ok := at[name]; ok {
			c.double[i], c.double[first] = true, true
			continue
		}
		at[name] = i
	}
	return c
}

// find reads "a|b", the first that there is, and "a+b", all of them. A column whose very name is the text goes first.
// nil: not found, and what is missing.
func (c columns) find(spec string) (indexes []int, missing string) {
	if i := c.index(spec); i >= 0 {
		return []int{i}, ""
	}
	for alternative := range strings.SplitSeq(spec, "|") {
		if i := c.index(alternative); i >= 0 {
			return []int{i}, ""
		}
		var all []int
		missing = ""
		for part := range strings.SplitSeq(alternative, "+") {
			i := c.index(part)
			if i < 0 {
				missing = strings.TrimSpace(part)
				break
			}
			all = append(all, i)
		}
		if missing == "" {
			return all, ""
		}
	}
	return nil, missing
}

// index is the column of a name: exactly, else leniently.
func (c columns) index(name string) int {
	if i := slices.Index(c.names, name); i >= 0 {
		return i
	}
	plain := plainName(name)
	if plain == "" {
		return -1
	}
	return slices.IndexFunc(c.names, func(other string) bool { return plainName(other) == plain })
}

func (c columns) label(indexes []int) string {
	parts := make([]string, len(indexes))
	for i, index := range indexes {
		parts[i] = c.names[index]
	}
	return strings.Join(parts, "+")
}

func (c columns) unknown(file, missing, field string) error {
	near, ok := nearest(missing, c.names)
	if !ok {
		near = "COLUMN"
	}
	return fault.New(fault.Invalid, "%q has no column %q for %s; its columns are %s (--map %s=%s?)",
		file, missing, field, quotedList(c.names), field, near)
}

// quotedList is a list of names as a header would have them, cut where it gets too long to read.
func quotedList(names []string) string {
	const most = 60
	shown := make([]string, 0, min(len(names), most)+1)
	for i, name := range names {
		if i == most {
			shown = append(shown, "...")
			break
		}
		shown = append(shown, `"`+shorten(name)+`"`)
	}
	return strings.Join(shown, ", ")
}
