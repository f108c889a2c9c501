package store

import (
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"
)

// manyRows is from how many rows on what is the same in all of them is given once. Each choice of columns makes a
// statement of its own, which is prepared: small writes always have the same.
const manyRows = 200

// insert hands every column over as an array: one statement for any number of rows. (COPY into a table of its own and an
// INSERT from there takes as long, and twice the time here.)
func (d postgresDialect) insert(into table, rows []any) []statement {
	if len(rows) == 0 {
		return nil
	}
	from, args := d.rows(into, rows)
	return []statement{{"INSERT INTO " + into.name + " (" + into.columns + ") " + from + " " + into.conflict, args}}
}

// add updates: what INSERT does before it finds a conflict costs half as much again.
func (d postgresDialect) add(to table, rows []any, sets, where string) []statement {
	if len(rows) == 0 {
		return nil
	}
	from, args := d.rows(to, rows)
	for _, key := range to.keys() {
		where = to.name + "." + key + " = excluded." + key + " AND " + where
	}
	return []statement{{"UPDATE " + to.name + " SET " + sets + " FROM (" + from + ") AS excluded WHERE " + where, args}}
}

// rows selects rows, given one after the other, for a table. Of many, columns that are the same throughout are given once:
// more than half of an import's are, and a third of its time goes with them.
func (d postgresDialect) rows(of table, rows []any) (query string, args []any) {
	names := of.names()
	var lists, aliases []string
	var given, columns []any
	selected := make([]string, len(names))
	for c, name := range names {
		kind := d.types[of.name+"."+name]
		if same(rows, c, len(names)) {
			given, selected[c] = append(given, rows[c]), "?::"+kind+" AS "+name
			continue
		}
		lists, columns = append(lists, "?::"+kind+"[]"), append(columns, array(rows, c, len(names)))
		aliases, selected[c] = append(aliases, name), "u."+name
	}
	return "SELECT " + strings.Join(selected, ", ") + " FROM unnest(" + strings.Join(lists, ", ") + ") AS u(" + strings.Join(aliases, ", ") + ")",
		append(given, columns...)
}

// same tells whether a column is the same in all of many rows. The first never is: it is the key.
func same(rows []any, column, width int) bool {
	if column == 0 || len(rows) < manyRows*width {
		return false
	}
	for i := column + width; i < len(rows); i += width {
		if rows[i] != rows[column] {
			return false
		}
	}
	return true
}

// update joins the rows to the columns handed over as arrays.
func (d postgresDialect) update(of table, rows []any) []statement {
	if len(rows) == 0 {
		return nil
	}
	names := of.names()
	return []statement{{
		"UPDATE " + of.name + " SET " + assigned(strings.Join(names[1:], ", "), "j.") + " FROM " + d.unnest(of.name, names) +
			" AS j(" + of.columns + ") WHERE " + of.name + "." + names[0] + " = j." + names[0],
		arrays(rows, len(names)),
	}}
}

// unnest is a table of arrays, one for each column.
func (d postgresDialect) unnest(table string, columns []string) string {
	lists := make([]string, len(columns))
	for i, name := range columns {
		lists[i] = "?::" + d.types[table+"."+name] + "[]"
	}
	return "unnest(" + strings.Join(lists, ", ") + ")"
}

// arrays are rows, given one after the other, as an array for each column.
func arrays(rows []any, width int) []any {
	columns := make([]any, width)
	for c := range columns {
		columns[c] = array(rows, c, width)
	}
	return columns
}

// array is a column of rows. (A driver's array of any takes five times as long: it goes over reflection for each element.)
func array(rows []any, column, width int) any {
	b := append(make([]byte, 0, 16*len(rows)/width), '{')
	for i := column; i < len(rows); i += width {
		if i > column {
			b = append(b, ',')
		}
		b = appendElement(b, rows[i])
	}
	return string(append(b, '}'))
}

func appendElement(b []byte, value any) []byte {
	switch v := value.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case float64:
		return strconv.AppendFloat(b, v, 'g', -1, 64)
	case instant:
		if v.Valid {
			return append(append(append(b, '"'), pq.FormatTimestamp(time.UnixMicro(v.V).UTC())...), '"')
		}
	case int64:
		return strconv.AppendInt(b, v, 10)
	case string:
		return appendQuoted(b, v)
	}
	return append(b, "NULL"...)
}

// appendQuoted appends a text as an element of an array.
func appendQuoted(b []byte, text string) []byte {
	b = append(b, '"')
	for i := range len(text) {
		if c := text[i]; c == '"' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, text[i])
	}
	return append(b, '"')
}
