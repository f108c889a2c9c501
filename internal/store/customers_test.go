package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/pgtest"
	"bellwether/internal/record"
	"bellwether/internal/store"
)

// TestHints takes in what orders say of customers and products in every order: the outcome is the same.
func TestHints(t *testing.T) {
	said := func(days int, name, email string) record.CustomerHint {
		h := record.CustomerHint{Key: key("ann"), SeenAt: day.AddDate(0, 0, days)}
		if name != "" {
			h.Name = &name
		}
		if email != "" {
			h.Email = &email
		}
		return h
	}
	hints := []record.CustomerHint{
		said(1, "Ann", "ANN@example.com"), said(3, "Anna Ｌｉ", "anna@example.com"), said(2, "Annie", "x@example.com"),
		said(3, "Ann Li", ""), said(4, "", "ann@example.com"), said(9, "", ""),
	}
	var want []string
	for range 30 {
		s := open(t)
		if want != nil {
			write(t, s, sale("1", "ann")) // known before it was described
		}
		for _, h := range hints {
			name := "Green " + *cmpOr(h.Name, new(string))
			writeBatch(t, s, record.Batch{Customers: []record.CustomerHint{h}, Products: []record.ProductHint{{SKU: "tea", SeenAt: h.SeenAt, Name: &name}}})
		}
		got := append(tableState(t, s, "customers"), tableState(t, s, "products")...)
		if want == nil {
			want = got
			if !strings.Contains(got[0], `"search_text":"anna li\nann@example.com\nann"`) {
				t.Errorf("got %s", got[0])
			}
		}
		compare(t, got, want)
		hints = append(hints[1:], hints[0])
		if len(want) > 0 {
			hints[0], hints[2] = hints[2], hints[0]
		}
	}
}

func cmpOr[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// TestDescribedCustomer leaves alone what a record of its own described.
func TestDescribedCustomer(t *testing.T) {
	s := open(t)
	write(t, s, sale("1", "ann"))
	writeCustomers(t, s, record.Customer{Key: key("ann"), Name: record.Set("Ann"), Email: record.Clear[string]()})
	before, other := tableState(t, s, "customers"), "Other"
	writeBatch(t, s, record.Batch{Customers: []record.CustomerHint{{Key: key("ann"), SeenAt: day.AddDate(1, 0, 0), Name: &other, Email: &other}}})
	compare(t, tableState(t, s, "customers"), before)
}

// TestMergedCustomer writes under the keys of merged customers.
func TestMergedCustomer(t *testing.T) {
	s := open(t)
	for i, name := range []string{"a", "b", "c"} {
		write(t, s, sale(fmt.Sprint(i), name))
	}
	merge := func(from, into string) {
		if _, err := s.DB().Exec("UPDATE customers SET merged_into = ? WHERE id = ?", store.CustomerID(key(into)).String(), store.CustomerID(key(from)).String()); err != nil {
			t.Fatal(err)
		}
	}
	merge("a", "b")
	merge("b", "c")
	name := "Carol"
	writeBatch(t, s, record.Batch{
		Customers: []record.CustomerHint{{Key: key("a"), SeenAt: day, Name: &name}},
		Orders:    []record.Order{sale("new", "a"), sale("0", "a")},
	})
	for _, id := range []string{"new", "0"} {
		if got := orderLine(t, s, id); !strings.HasPrefix(got, "c PAID") || !strings.Contains(got, "1 lines") {
			t.Errorf("order %s: %s", id, got)
		}
	}
	var got string
	if err := s.DB().QueryRow("SELECT external_id FROM customers WHERE name = 'Carol'").Scan(&got); err != nil || got != "c" {
		t.Errorf("the hint went to %q, %v", got, err)
	}
	merge("c", "a")
	if _, err := s.Write(t.Context(), record.Batch{Orders: []record.Order{sale("new", "a")}}); err == nil || fault.Code(err) != "" {
		t.Errorf("a cycle of merges: %v, want an internal error", err)
	}
}

// TestRevision follows who changed when, also with a clock that stands still.
func TestRevision(t *testing.T) {
	dsn := pgtest.DSN(t)
	s := openAt(t, dsn, store.Options{Now: func() time.Time { return day }})
	r, err := s.Revision(t.Context())
	if err != nil || r.Customers != 0 {
		t.Fatalf("empty: %+v, %v", r, err)
	}
	for i, step := range []struct {
		orders             []record.Order
		changed, customers int
	}{
		{[]record.Order{sale("1", "ann"), sale("2", "bob"), sale("3", "cat")}, 3, 3},
		{[]record.Order{sale("1", "ann")}, 0, 3},
		{[]record.Order{sale("1", "ann", func(o *record.Order) { o.UpdatedAt = record.Set(day) })}, 0, 3},
		{[]record.Order{sale("1", "bob"), sale("2", "bob")}, 2, 3},
		{[]record.Order{sale("4", "dan")}, 1, 4},
	} {
		write(t, s, step.orders...)
		next, err := s.Revision(t.Context())
		if err != nil || next.Customers != step.customers || (next.At > r.At) != (step.changed > 0) {
			t.Errorf("step %d: %+v after %+v, %v", i, next, r, err)
		}
		if n, err := s.ChangedSince(t.Context(), r.At); n != step.changed || err != nil {
			t.Errorf("step %d: %d changed, %v; want %d", i, n, err, step.changed)
		}
		r = next
	}
}

// TestProductCategory stamps whoever bought a product whose category changes, since scorers read it.
func TestProductCategory(t *testing.T) {
	s := open(t)
	write(t, s, sale("1", "ann"), sale("2", "bob"))
	r, err := s.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	category := "Drinks"
	writeBatch(t, s, record.Batch{Products: []record.ProductHint{{SKU: "tea", SeenAt: day, Category: &category}}})
	if n, err := s.ChangedSince(t.Context(), r.At); n != 2 || err != nil {
		t.Errorf("%d changed, %v; want 2", n, err)
	}
}

// TestStaleHints hears nothing of what stale orders alone say, and creates nothing that only they name.
func TestStaleHints(t *testing.T) {
	s := open(t)
	current := sale("1", "ann", func(o *record.Order) { o.UpdatedAt = record.Set(day.Add(time.Hour)) })
	write(t, s, current)
	stale := sale("1", "bob", func(o *record.Order) { o.UpdatedAt, o.Lines.Value[0].SKU = record.Set(day), "cup" })
	said := "Said"
	hints := func(orders ...record.Order) record.Batch {
		b := record.Batch{Orders: orders}
		for _, o := range orders {
			b.Customers = append(b.Customers, record.CustomerHint{Key: o.Customer, SeenAt: o.PlacedAt, Name: &said})
			b.Products = append(b.Products, record.ProductHint{SKU: o.Lines.Value[0].SKU, SeenAt: o.PlacedAt, Name: &said})
		}
		return b
	}
	before := state(t, s)
	if got := writeBatch(t, s, hints(stale)); got[0] != record.Stale {
		t.Fatalf("got %v", got)
	}
	compare(t, state(t, s), before)
	if got := writeBatch(t, s, hints(stale, current, stale)); got[0] != record.Stale || got[1] != record.Unchanged {
		t.Fatalf("got %v", got)
	}
	if got := one(t, s, "SELECT count(*) AS n, max(name) AS name FROM customers"); got != `{"n":1,"name":"Said"}` {
		t.Errorf("customers: %s", got)
	}
	if got := one(t, s, "SELECT count(*) AS n, max(name) AS name FROM products"); got != `{"n":1,"name":"Said"}` {
		t.Errorf("products: %s", got)
	}
}
