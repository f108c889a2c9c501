package store_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"bellwether/internal/record"
	"bellwether/internal/store"
)

// TestLookup finds the customers that keys mean.
func TestLookup(t *testing.T) {
	s := open(t)
	writeCustomers(t, s, record.Customer{Key: key("a")}, record.Customer{Key: key("b")}, record.Customer{Key: key("c")}, record.Customer{Key: key("d")})
	merge(t, s, "a", "b")
	merge(t, s, "b", "c")
	got, err := s.Lookup(t.Context(), []record.Key{key("d"), key("a"), key("unknown"), key("c"), key("b"), key("a")})
	c, d := store.CustomerID(key("c")), store.CustomerID(key("d"))
	if want := []uuid.UUID{d, c, {}, c, c, c}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if none, err := s.BaseCurrency(t.Context()); none != "" || err != nil {
		t.Errorf("base currency %q, %v", none, err)
	}
	write(t, s, sale("1", "a"))
	if euro, err := s.BaseCurrency(t.Context()); euro != "EUR" || err != nil {
		t.Errorf("base currency %q, %v", euro, err)
	}
	if got := fmt.Sprint(record.Created, record.Updated, record.Unchanged, record.Stale); got != "CREATED UPDATED UNCHANGED STALE" {
		t.Error(got)
	}
}
