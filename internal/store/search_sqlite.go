package store

import (
	"strconv"
	"strings"
)

func (sqliteDialect) position(column string) string { return "instr(" + column + ", ?)" }

func (sqliteDialect) search(terms, begins []string, limit int) statement {
	var all []string
	for _, t := range terms {
		all = append(all, `"`+t+`"`)
	}
	for _, b := range begins {
		all = append(all, `"`+b+`"*`)
	}
	return statement{
		"SELECT s.customer_id FROM customer_grams CROSS JOIN customer_search s ON s.id = customer_grams.rowid WHERE customer_grams MATCH ? LIMIT " + strconv.Itoa(limit),
		[]any{strings.Join(all, " AND ")},
	}
}

// saveSearch gives customers numbers, for the index knows rows by nothing else.
func (d sqliteDialect) saveSearch(all []searchable) []statement {
	ids, rows := make([]string, len(all)), make([]any, 0, 2*len(all))
	for i, s := range all {
		ids[i] = s.id
		rows = append(rows, s.id, strings.Join(grams(s.text), " "))
	}
	return []statement{
		{"INSERT INTO customer_search (customer_id) SELECT value FROM json_each(?) WHERE true ON CONFLICT (customer_id) DO NOTHING", []any{d.list(ids)}},
		{"INSERT OR REPLACE INTO customer_grams (rowid, grams) SELECT s.id, j.value ->> 1 FROM json_each(?) j CROSS JOIN customer_search s ON s.customer_id = j.value ->> 0", []any{jsonRows(rows, 2)}},
	}
}
