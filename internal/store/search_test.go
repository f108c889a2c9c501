package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	entsql "entgo.io/ent/dialect/sql"

	"bellwether/internal/record"
	"bellwether/internal/store"
)

// TestSearchFindsParts: a search finds whom a look at every text finds, whatever the words, and after every change.
func TestSearchFindsParts(t *testing.T) {
	s := open(t)
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("aabbcZ9 .@_-%'\"\\王小明李😀ßＡé")
	word := func(most int) string {
		runes := make([]rune, 1+random.IntN(most))
		for i := range runes {
			runes[i] = alphabet[random.IntN(len(alphabet))]
		}
		return string(runes)
	}
	names := map[string]string{}
	for range 3 { // the second and third time names change
		var all []record.Customer
		for i := range 120 {
			id := fmt.Sprint("k", i)
			names[id] = strings.TrimSpace("n" + word(8))
			all = append(all, record.Customer{Key: key(id), Name: record.Set(names[id])})
		}
		writeCustomers(t, s, all...)
		for range 150 {
			search := word(4)
			var want []string
			for id, name := range names {
				text := store.Fold(name) + "\n" + store.Fold(id)
				if !slices.ContainsFunc(strings.Fields(store.Fold(search)), func(w string) bool { return !strings.Contains(text, w) }) {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			if got := searched(t, s, search); !slices.Equal(got, want) {
				t.Fatalf("%q: got %v, want %v", search, got, want)
			}
		}
	}
}

// TestSearchOfOldDatabase opens a database from before there was an index of searches: it is filled.
func TestSearchOfOldDatabase(t *testing.T) {
	path := t.TempDir() + "/shop.db"
	s, err := store.Open(t.Context(), "sqlite:"+path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var all []record.Customer
	for i := range 1100 { // more than are filled at once
		all = append(all, record.Customer{Key: key(fmt.Sprint("k", i)), Name: record.Set(fmt.Sprintf("Person Nº %d王小明", i))})
	}
	writeCustomers(t, s, all...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	downgrade(t, path, "search")
	s = openAt(t, "sqlite:"+path, store.Options{})
	if got := searched(t, s, "1099王"); !slices.Equal(got, []string{"k1099"}) {
		t.Errorf("got %v", got)
	}
	if n := len(searched(t, s, "小明")); n != 1100 {
		t.Errorf("%d customers", n)
	}
}

// TestSearchOfMany: common words are found, too.
func TestSearchOfMany(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of customers")
	}
	s := open(t)
	for from := 0; from < 2500; from += 500 {
		var all []record.Customer
		for i := from; i < from+500; i++ {
			all = append(all, record.Customer{Key: key(fmt.Sprint("k", i)), Email: record.Set(fmt.Sprintf("Someone%04d@example.com", i))})
		}
		writeCustomers(t, s, all...)
	}
	for search, want := range map[string]int{"EXAMPLE": 2500, "example one0001": 1, "one2": 500, "ne": 2500, "zz": 0, "one 9@": 250} {
		if n := len(searched(t, s, search)); n != want {
			t.Errorf("%q: %d customers, want %d", search, n, want)
		}
	}
}

// searched are the external ids of whom a search finds.
func searched(t *testing.T, s *store.Store, text string) (found []string) {
	t.Helper()
	matches, err := s.Search(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Select(t.Context(), func(d *entsql.DialectBuilder) *entsql.Selector {
		customers := d.Table("customers")
		q := d.Select(customers.C("external_id")).From(customers).OrderBy(customers.C("external_id"))
		matches(q)
		return q
	})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		found = append(found, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}
