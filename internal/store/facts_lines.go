package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"strconv"

	"bellwether/scoring"
)

// products are those of the lines read so far, by id: there are few, and many lines of each.
type products map[string]scoring.Line

// products reads the products of packed lines that are not known yet.
func (r reader) products(ctx context.Context, orders []packedOrder) error {
	var missing []string
	for _, o := range orders {
		for rest := o.lines; rest != nil; {
			var line []byte
			line, rest = cutAt(rest, ';')
			id, _ := cutAt(line, ',')
			if _, known := r.known[string(id)]; !known {
				text := string(id)
				r.known[text] = scoring.Line{}
				missing = append(missing, text)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	rows, err := r.QueryContext(ctx, "SELECT p.id, p.sku, p.category, p.kind, p.launched_at, p.technology FROM "+
		r.each("j", uuids)+r.then()+"products p ON p.id = j.value", r.list(missing))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var category sql.NullString
		var launched instant
		var l scoring.Line
		if err := rows.Scan(&id, &l.SKU, &category, &l.Kind, &launched, &l.Technology); err != nil {
			return err
		}
		l.Category, l.LaunchedAt = category.String, launched.scored()
		r.known[id] = l
	}
	return rows.Err()
}

// line unpacks one line; amounts are converted at the order's rate.
func (p products) line(packed []byte, rate float64) (scoring.Line, error) {
	var fields [7][]byte // product, quantity, unit price, list price, discount, cost, condition
	for i := range fields {
		fields[i], packed = cutAt(packed, ',')
	}
	l := p[string(fields[0])]
	var errs [5]error
	l.Quantity, errs[0] = strconv.ParseInt(string(fields[1]), 10, 64)
	l.Price, errs[1] = units(fields[2], rate)
	l.ListPrice, errs[2] = units(fields[3], rate)
	l.Discount, errs[3] = units(fields[4], rate)
	l.Cost, errs[4] = units(fields[5], rate)
	l.Condition = condition(fields[6])
	return l, errors.Join(errs[:]...)
}

// condition spares a copy of each of the few names.
func condition(name []byte) string {
	switch string(name) {
	case "":
		return ""
	case "NEW":
		return "NEW"
	case "USED":
		return "USED"
	}
	return string(name)
}

// cutAt splits a text at a separator; the rest is nil where there is none.
func cutAt(text []byte, separator byte) (before, rest []byte) {
	if i := bytes.IndexByte(text, separator); i >= 0 {
		return text[:i], text[i+1:]
	}
	return text, nil
}
