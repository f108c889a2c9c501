package store_test

import (
	"fmt"
	"testing"
	"time"

	"bellwether/internal/pgtest"
	"bellwether/internal/record"
	"bellwether/internal/store"
)

// TestPartnerStatements counts the statements of every writer: as many for 500 records as for 10, whether they are new,
// corrected or the same again.
func TestPartnerStatements(t *testing.T) {
	var queries []string
	s := openAt(t, pgtest.DSN(t), store.Options{Trace: func(query string) { queries = append(queries, query) }})
	write(t, s, sale("1", "ann"))
	for what, records := range map[string]func(n int, prefix, says string){
		"customers": func(n int, prefix, says string) {
			all := make([]record.Customer, n)
			for i := range all {
				all[i] = record.Customer{
					Key: key(fmt.Sprint(prefix, i)), Name: record.Set(says), Account: record.Set(fmt.Sprint(says, i)),
					ReferredBy: record.Set(key(fmt.Sprint(prefix, says, i))), Tags: record.Set([]string{says}),
				}
			}
			writeCustomers(t, s, all...)
		},
		"instants": func(n int, prefix, says string) {
			all := make([]record.Customer, n)
			for i := range all {
				all[i] = record.Customer{Key: key(fmt.Sprint(prefix, i)), UpdatedAt: record.Set(day.Add(time.Duration(len(says)) * time.Hour))}
			}
			writeCustomers(t, s, all...)
		},
		"products": func(n int, prefix, says string) {
			all := make([]record.Product, n)
			for i := range all {
				all[i] = record.Product{SKU: fmt.Sprint(prefix, i), Category: record.Set(says)}
			}
			writeProducts(t, s, all...)
		},
		"touchpoints": func(n int, prefix, says string) {
			all := make([]record.Touchpoint, n)
			for i := range all {
				all[i] = visit(fmt.Sprint(prefix, i), fmt.Sprint(prefix, says, i))
			}
			writeTouchpoints(t, s, all...)
		},
		"deletes": func(n int, prefix, says string) {
			ids := make([]string, n)
			all := make([]record.Order, n)
			for i := range all {
				ids[i] = fmt.Sprint(prefix, says, i)
				all[i] = sale(ids[i], fmt.Sprint("c", i))
			}
			write(t, s, all...)
			queries = nil
			if _, err := s.DeleteOrders(t.Context(), "shop", ids); err != nil {
				t.Fatal(err)
			}
		},
		"look-ups": func(n int, prefix, _ string) {
			keys := make([]record.Key, n)
			for i := range keys {
				keys[i] = key(fmt.Sprint(prefix, i))
			}
			if _, err := s.Lookup(t.Context(), keys); err != nil {
				t.Fatal(err)
			}
		},
	} {
		count := func(n int, prefix, says string) int {
			queries = nil
			records(n, what+prefix, says)
			return len(queries)
		}
		for i, says := range []string{"one", "one", "three"} {
			count(1, "first", says) // reads the base currency, if there is one
			few, many := count(10, "few", says), count(500, "many", says)
			if many < few || many > few+1 || many > 11 || many == 0 {
				t.Errorf("%s %d: %d statements for 10, %d for 500:\n%q", what, i, few, many, queries)
			}
			t.Logf("%s %d: %d statements", what, i, many)
		}
	}
}
