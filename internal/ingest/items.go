package ingest

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"bellwether/internal/record"
)

// items takes records that have a row or line of their own, in the shape of the API's inputs.
type items interface {
	take(p place) error
	// finish writes what is left, unless there was an error, and waits until all is written.
	finish(err error) error
}

// place is a record and where it stands.
type place struct {
	file int
	line int64
	item map[string]any
}

// readLines reads a file of NDJSON.
func (im *importer) readLines(ctx context.Context, file int, name string, s *scanner) error {
	for n := 0; ; n++ {
		if n%1024 == 0 {
			im.showRead()
		}
		row, err := s.nextLine()
		if errors.Is(err, io.EOF) {
			im.showRead()
			return nil
		}
		if err != nil {
			return fileError(ctx, name, err)
		}
		im.summary.Rows++
		var item map[string]any
		reason := row.reason
		switch {
		case reason != "":
		case im.foreign(row.text):
			reason = InvalidEncoding
		case checkText(row.text, maxRow) != "":
			reason = checkText(row.text, maxRow)
		case decodeJSON(row.text, &item) != nil || item == nil:
			reason = MalformedJSON
		}
		if reason != "" {
			err = im.rejects.add(file, row.line, "", string(row.text[:min(len(row.text), 2*maxShown)]), reason)
		} else {
			err = im.items.take(place{file, row.line, item})
		}
		if err != nil {
			return err
		}
	}
}

// decodeJSON reads one JSON value, numbers as they are written.
func decodeJSON(text []byte, into any) error {
	if !record.ValidJSON(text) {
		return errors.New("text that is not Unicode")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if len(bytes.TrimSpace(text[d.InputOffset():])) > 0 {
		return errors.New("more than one value")
	}
	return nil
}

// readItem takes a row of CSV that is a record. One that has no key where it needs one is sorted in, so that equal rows
// can be numbered.
func (im *importer) readItem(r *reader, row scanned) error {
	m := r.mapping
	values := make([]string, len(im.rules.table.names))
	for i := range m.targets {
		t := &m.targets[i]
		r.joined = r.joined[:0]
		value := r.cell(t, row.cells)
		if reason := checkText(value, maxRow); reason != "" {
			return im.rejects.add(r.file, row.line, m.labels[t.field], string(value), reason)
		}
		values[t.field] = string(value)
	}
	for _, e := range m.extras {
		value := bytes.TrimSpace(row.cells[e.column])
		if reason := checkText(value, maxRow); reason != "" {
			return im.rejects.add(r.file, row.line, im.rules.table.open+e.name, string(value), reason)
		}
		values = append(values, string(value))
	}
	if key, _ := im.rules.table.field("external_id"); im.kind == KindTouchpoints && values[key] == "" {
		return im.rows.add(im.hash(r, m, values), encodeValues(r.file, row.line, values))
	}
	return im.items.take(place{r.file, row.line, im.item(m, values)})
}

// item is the record of a row's values. An empty cell leaves its field out.
func (im *importer) item(m *mapping, values []string) map[string]any {
	item := map[string]any{}
	columns := columnsOf(im.kind)
	for i, c := range columns {
		if values[i] == "" {
			continue
		}
		into := item
		for _, outer := range c.path[:len(c.path)-1] {
			if into[outer] == nil {
				into[outer] = map[string]any{}
			}
			into = into[outer].(map[string]any)
		}
		into[c.path[len(c.path)-1]] = c.read(im.assembler.clock, values[i])
	}
	for i, e := range m.extras {
		if value := values[len(columns)+i]; value != "" {
			attributes, ok := item["attributes"].(map[string]any)
			if !ok {
				attributes = map[string]any{}
				item["attributes"] = attributes
			}
			attributes[e.name] = value
		}
	}
	return item
}

// hash is the key of a row without one: it depends on the values and the names of their fields alone.
func (im *importer) hash(r *reader, m *mapping, values []string) []byte {
	r.digest.Reset()
	write := func(name, value string) {
		if value != "" {
			r.hashed = append(append(append(append(r.hashed[:0], name...), '='), value...), '\n')
			_, _ = r.digest.Write(r.hashed) // never fails
		}
	}
	names := im.rules.table.names
	for i, name := range names {
		write(name, values[i])
	}
	extras := make([]int, len(m.extras))
	for i := range extras {
		extras[i] = i
	}
	slices.SortFunc(extras, func(a, b int) int { return strings.Compare(m.extras[a].name, m.extras[b].name) })
	for _, i := range extras {
		write(im.rules.table.open+m.extras[i].name, values[len(names)+i])
	}
	return r.digest.Sum([]byte{keyHash})[:1+hashSize]
}

func encodeValues(file int, line int64, values []string) []byte {
	out := binary.AppendUvarint(nil, uint64(file))
	out = binary.AppendUvarint(out, uint64(line))
	for _, v := range values {
		out = binary.AppendUvarint(out, uint64(len(v)))
		out = append(out, v...)
	}
	return out
}

// takeUnnamed takes the rows without a key, equal ones numbered.
func (im *importer) takeUnnamed(ctx context.Context) error {
	var last []byte
	occurrence := 0
	return im.rows.merge(ctx, func(key, value []byte) error {
		if !bytes.Equal(key, last) {
			last, occurrence = append(last[:0], key...), 0
		}
		occurrence++
		text := string(value)
		file, n := uvarint(text)
		text = text[n:]
		line, n := uvarint(text)
		text = text[n:]
		var values []string
		for len(text) > 0 {
			size, n := uvarint(text)
			values, text = append(values, text[n:n+int(size)]), text[n+int(size):]
		}
		item := im.item(im.assembler.mappings[file], values)
		item["externalId"] = rowID(key, occurrence)
		return im.items.take(place{int(file), int64(line), item})
	})
}

// wrong rejects a record: what is wrong with it first.
func (im *importer) wrong(p place, problem record.Problem) error {
	column, value := strings.Join(problem.Path, "."), valueAt(p.item, problem.Path)
	if m := im.assembler.mappings[p.file]; m != nil && len(problem.Path) > 0 {
		column = im.label(m, problem.Path)
	}
	return im.rejects.add(p.file, p.line, column, value, Reason(strings.ToLower(problem.Code)))
}

// label is what a file of CSV calls a field of the input.
func (im *importer) label(m *mapping, path []string) string {
	for _, exact := range []bool{true, false} {
		for i, c := range columnsOf(im.kind) {
			if c.path[0] == path[0] && (!exact || slices.Equal(c.path, path)) {
				if m.labels[i] != "" {
					return m.labels[i]
				}
				return c.name
			}
		}
	}
	return strings.Join(path, ".")
}

func valueAt(v any, path []string) string {
	for _, step := range path {
		switch inner := v.(type) {
		case map[string]any:
			v = inner[step]
		case []any:
			i := 0
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(inner) {
				return ""
			}
			v = inner[i]
		default:
			return ""
		}
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number: // which a cell may have made of any text
		return v.String()
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}
