package store

import (
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"

	entdialect "entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
)

// sqliteDialect is SQLite's. Lists are JSON.
type sqliteDialect struct{}

func (sqliteDialect) name() string { return entdialect.SQLite }

func (sqliteDialect) each(alias string, _ elements) string { return "json_each(?) AS " + alias }

func (d sqliteDialect) few(alias string, of elements) string { return d.each(alias, of) }

func (sqliteDialect) list(values []string) any { return jsonList(values) }

func (sqliteDialect) then() string { return " CROSS JOIN " }

func (sqliteDialect) clock(later string) string {
	return "(CAST(unixepoch('subsec') * 1000000 AS integer) + " + later + ")"
}

// exclusive is nothing: a transaction that writes is alone.
func (sqliteDialect) exclusive(string) string { return "SELECT 1" }

func (sqliteDialect) firstRows(alias, table, key, condition string) string {
	return " CROSS JOIN " + table + " " + alias + " ON " + alias + "." + key + " IN (SELECT " + alias + "." + key + " FROM " + table + " " + alias + " WHERE " + condition + ")"
}

func (sqliteDialect) batch() int { return 1500 }

func (sqliteDialect) snapshot() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }

// sum adds millions and the rest apart: a sum that overflows is an error to SQLite, for everybody. Millions that come to
// twice the bound are beyond it, whatever the rest; below, their sum with the rest is exact.
func (sqliteDialect) sum(amount string) string {
	millions, rest := "SUM("+amount+" / 1000000)", "SUM("+amount+" % 1000000)"
	return "MAX(-4000000000000000000, MIN(4000000000000000000, CASE WHEN ABS(" + millions + ") < 8000000000000 THEN " +
		millions + " * 1000000 + " + rest + " ELSE SIGN(" + millions + ") * 4000000000000000000 END))"
}

func (sqliteDialect) greatest(a, b string) string { return "MAX(" + a + ", " + b + ")" }

func (sqliteDialect) least(a, b string) string { return "MIN(" + a + ", " + b + ")" }

func (sqliteDialect) sent(column, alias string) string { return aliased(column, alias) }

func (sqliteDialect) moment(parameter string) string { return parameter }

func (sqliteDialect) perCustomer(alias, columns, rows, customer, condition, of string) string {
	return " LEFT JOIN (SELECT " + customer + " AS customer_id, " + columns + " FROM " + rows + " WHERE " + customer +
		" IN (SELECT id FROM " + of + ") AND " + condition + " GROUP BY 1) " + alias + " ON " + alias + ".customer_id = c.id"
}

// firstOfEach finds the rows by the index that restrict sorts by, and then by their place: a lateral join is unknown here.
func (d sqliteDialect) firstOfEach(b *entsql.DialectBuilder, table string, _ []string, customers []uuid.UUID, restrict func(*entsql.Selector)) entsql.Querier {
	first := firstOf(b, "each.value", table, []string{"rowid"}, restrict)
	return entsql.ExprFunc(func(b *entsql.Builder) {
		b.Join(entsql.Expr(d.each("each", uuids), d.list(idTexts(customers)))).WriteString(d.then() + table + " AS found ON found.rowid IN (").
			Join(first).WriteString(")")
	})
}

// packed does not: statements cost no way to a server.
func (sqliteDialect) packed(*entsql.Selector) (entsql.Querier, bool) { return nil, false }

// maxVariables is SQLite's limit of parameters of a statement.
const maxVariables = 32766

// insert writes rows with as few statements as can be: one, up to SQLite's limit of parameters. Statements come in few
// sizes, so that they stay prepared; what is left of a size is filled with nulls, which the statement skips.
// (INSERT ... SELECT from a JSON text, one statement for any size, took twice as long.)
func (sqliteDialect) insert(into table, rows []any) (all []statement) {
	width := len(into.names())
	for len(rows) > 0 {
		n := sizeFor(len(rows)/width, maxVariables/width)
		args := make([]any, n*width)
		for i, v := range rows[:min(len(rows), n*width)] {
			if moment, ok := v.(instant); ok { // spares the driver the way over a time
				if v = nil; moment.Valid {
					v = moment.V
				}
			}
			args[i] = v
		}
		rows = rows[min(len(rows), n*width):]
		row := "(" + strings.Repeat("?,", width-1) + "?)"
		all = append(all, statement{
			"INSERT INTO " + into.name + " (" + into.columns + ") SELECT * FROM (VALUES " + strings.Repeat(row+",", n-1) + row +
				") WHERE column1 IS NOT NULL " + into.conflict, args,
		})
	}
	return all
}

func (d sqliteDialect) add(to table, rows []any, sets, where string) []statement {
	to.conflict = "ON CONFLICT (" + strings.Join(to.keys(), ", ") + ") DO UPDATE SET " + sets + " WHERE " + where
	return d.insert(to, rows)
}

// sizeFor is the number of rows of the smallest statement for n rows, or the largest there is.
func sizeFor(n, most int) int {
	size := 4
	for size < n {
		size *= 4
	}
	return min(size, most)
}

// update takes the rows as one JSON text.
func (sqliteDialect) update(of table, rows []any) []statement {
	if len(rows) == 0 {
		return nil
	}
	names := of.names()
	sets := make([]string, len(names)-1)
	for i, name := range names[1:] {
		sets[i] = name + " = j.value ->> " + strconv.Itoa(i+1)
	}
	return []statement{{
		"UPDATE " + of.name + " SET " + strings.Join(sets, ", ") + " FROM json_each(?) AS j WHERE " + of.name + "." + names[0] + " = j.value ->> 0",
		[]any{jsonRows(rows, len(names))},
	}}
}

// jsonRows is a JSON array of rows.
func jsonRows(rows []any, width int) string {
	b := []byte{'['}
	for i, v := range rows {
		switch {
		case i == 0:
			b = append(b, '[')
		case i%width == 0:
			b = append(b, "],["...)
		default:
			b = append(b, ',')
		}
		if moment, ok := v.(instant); ok {
			if v = nil; moment.Valid {
				v = moment.V
			}
		}
		value, _ := json.Marshal(v) //nolint:errchkjson // texts, numbers, booleans and null
		b = append(b, value...)
	}
	return string(append(b, "]]"...))
}

// jsonList is a JSON array of texts.
func jsonList(values []string) string {
	n := 2
	for _, v := range values {
		if !plain(v) {
			list, _ := json.Marshal(values) //nolint:errchkjson // texts
			return string(list)
		}
		n += len(v) + 3
	}
	if len(values) == 0 {
		return "[]"
	}
	b := append(make([]byte, 0, n), `["`...)
	for i, v := range values {
		if i > 0 {
			b = append(b, `","`...)
		}
		b = append(b, v...)
	}
	return string(append(b, `"]`...))
}

// plain tells whether a text needs no escaping: ids do not.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// idTexts are ids as elements of a list.
func idTexts(ids []uuid.UUID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = id.String()
	}
	return all
}
