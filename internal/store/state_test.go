package store_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"bellwether/internal/store"
)

// state is everything in a database, but for when it was written: a line of JSON for each row.
func state(t testing.TB, s *store.Store) []string {
	t.Helper()
	var all []string
	for _, table := range []string{"accounts", "business", "customers", "products", "orders", "order_lines", "refunds", "touchpoints", "customer_rollups"} {
		all = append(all, tableState(t, s, table)...)
	}
	return all
}

func tableState(t testing.TB, s *store.Store, table string) (all []string) {
	t.Helper()
	rows, err := s.DB().Query("SELECT * FROM " + table + " ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		named := map[string]any{"table": table}
		for i, c := range columns {
			row[i] = said(row[i])
			if !slices.Contains([]string{"created_at", "updated_at", "data_changed_at"}, c) {
				named[c] = row[i]
			}
		}
		text, err := json.Marshal(named)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// said is a value as tests compare it: PostgreSQL's driver gives texts as bytes.
func said(value any) any {
	if b, ok := value.([]byte); ok {
		return string(b)
	}
	return value
}

// compare reports the rows that only one of two states has.
func compare(t testing.TB, got, want []string) {
	t.Helper()
	for _, row := range got {
		if !slices.Contains(want, row) {
			t.Errorf("unexpected %s", row)
		}
	}
	for _, row := range want {
		if !slices.Contains(got, row) {
			t.Errorf("missing %s", row)
		}
	}
}

// orderLine is an order as one line: what a test looks at.
func orderLine(t testing.TB, s *store.Store, id string) string {
	t.Helper()
	var customer, status, currency, rate string
	var total, discount, tax, shipping, net int64
	var from, until sql.NullTime
	var channel, refunded sql.NullString
	var lines, refunds int
	err := s.DB().QueryRow(`SELECT (SELECT external_id FROM customers c WHERE c.id = o.customer_id), status, currency, rate, total, discount, tax, shipping,
			net, valid_from, valid_until, channel,
			(SELECT count(*) FROM order_lines l WHERE l.order_id = o.id AND l.customer_id = o.customer_id),
			(SELECT count(*) FROM refunds r WHERE r.order_id = o.id AND r.customer_id = o.customer_id),
			(SELECT sum(net) FROM refunds r WHERE r.order_id = o.id)
		FROM orders o WHERE id = ?`, store.OrderID(key(id)).String()).
		Scan(&customer, &status, &currency, &rate, &total, &discount, &tax, &shipping, &net, &from, &until, &channel, &lines, &refunds, &refunded)
	if err != nil {
		t.Fatal(err)
	}
	day := func(at sql.NullTime) string {
		if !at.Valid {
			return "-"
		}
		return at.Time.Format("01-02")
	}
	if !channel.Valid {
		channel.String = "-"
	}
	if !refunded.Valid {
		refunded.String = "0"
	}
	return fmt.Sprintf("%s %s %s@%s total %d discount %d tax %d shipping %d net %d from %s until %s channel %s, %d lines, %d refunds of %s",
		customer, status, currency, rate, total, discount, tax, shipping, net, day(from), day(until), channel.String, lines, refunds, refunded.String)
}
