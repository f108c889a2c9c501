package store

import (
	"strconv"
	"strings"
)

func (postgresDialect) position(column string) string { return "strpos(" + column + ", ?)" }

// search has the terms, which are letters and digits, in its text: a plan for any terms would read the table from end to
// end for rare ones, or the index for common ones.
func (postgresDialect) search(terms, begins []string, limit int) statement {
	all := append([]string{}, terms...)
	for _, b := range begins {
		all = append(all, b+":*")
	}
	return statement{
		query: "SELECT customer_id FROM customer_search WHERE grams @@ '" + strings.Join(all, " & ") + "'::tsquery LIMIT " + strconv.Itoa(limit),
	}
}

// saveSearch hands the terms of a customer over as the text of an array: arrays of arrays are all of one length.
func (d postgresDialect) saveSearch(all []searchable) []statement {
	ids, terms := make([]string, len(all)), make([]string, len(all))
	for i, s := range all {
		ids[i], terms[i] = s.id, "{"+strings.Join(grams(s.text), ",")+"}"
	}
	return []statement{{
		"INSERT INTO customer_search (customer_id, grams) SELECT id, array_to_tsvector(terms::text[]) FROM unnest(?::uuid[], ?::text[]) AS j(id, terms) " +
			"ON CONFLICT (customer_id) DO UPDATE SET grams = excluded.grams",
		[]any{d.list(ids), d.list(terms)},
	}}
}
