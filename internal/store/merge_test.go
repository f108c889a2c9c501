package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"bellwether/internal/record"
	"bellwether/internal/store"
)

// TestMerge merges two customers with everything they can have.
func TestMerge(t *testing.T) {
	s := open(t)
	writeCustomers(
		t, s,
		record.Customer{
			Key: key("old"), Name: record.Set("Old Name"), Email: record.Set("old@example.com"), Phone: record.Set("111"), City: record.Set("Ulm"),
			Account: record.Set("Group"), ReferredBy: record.Set(key("z")), Tags: record.Set([]string{"x", "y"}), RegisteredAt: record.Set(day),
			UpdatedAt: record.Set(day), Kind: record.Set("BUSINESS"), Resells: record.Set(true), Employees: record.Set(4),
		},
		record.Customer{
			Key: key("new"), Name: record.Set("New"), Phone: record.Clear[string](), Tags: record.Set([]string{"y", "z"}), Employees: record.Set(5),
			ReferredBy: record.Set(key("old")),
		},
		record.Customer{Key: key("fan"), ReferredBy: record.Set(key("old"))},
		record.Customer{Key: key("bystander"), ReferredBy: record.Set(key("z"))},
	)
	write(t, s, sale("1", "old", func(o *record.Order) {
		o.Refunds = record.Set([]record.Refund{{ExternalID: "r", At: day, Amount: 100}})
	}), sale("2", "new"), sale("3", "bystander"))
	writeTouchpoints(t, s, visit("1", "old"), visit("2", "bystander"))
	was := must(s.Revision(t.Context()))
	old, survivor := store.CustomerID(key("old")), store.CustomerID(key("new"))
	for range 2 { // the second changes nothing
		got, merged, err := s.Merge(t.Context(), old, survivor)
		if err != nil || got != survivor || merged != old {
			t.Fatalf("survivor %v, merged %v, %v", got, merged, err)
		}
		want := `{"account":"Group","email":"old@example.com","employees":5,"kind":"PERSON","name":"New","city":"Ulm","phone":"111","referrer":"z",` +
			`"registered_at":"2026-01-01T12:00:00Z","search":"new|old@example.com|111|new|old name|old@example.com|111|old","tags":"[\"y\",\"z\",\"x\"]"}`
		if got := customerLine(t, s, "new"); !sameJSON(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if got, want := changed(t, s, was), []string{"fan", "new"}; !slices.Equal(got, want) {
			t.Errorf("changed %v, want %v", got, want)
		}
		if got := orderLine(t, s, "1"); !strings.HasPrefix(got, "new PAID") || !strings.HasSuffix(got, "1 lines, 1 refunds of 100") {
			t.Errorf("order: %s", got)
		}
		if got := touchpointLine(t, s, "1"); !strings.Contains(got, `"customer":"new"`) {
			t.Errorf("touchpoint: %s", got)
		}
		if got := customerLine(t, s, "fan"); !strings.Contains(got, `"referrer":"new"`) {
			t.Errorf("referral: %s", got)
		}
	}
	now := must(s.Revision(t.Context()))
	if now.Customers != was.Customers-1 {
		t.Errorf("%d customers after %d", now.Customers, was.Customers)
	}
	if n := must(s.ChangedSince(t.Context(), now.At)); n != 0 {
		t.Errorf("merging again changed %d", n)
	}
}

func sameJSON(a, b string) bool {
	split := func(s string) []string {
		parts := strings.Split(strings.Trim(s, "{}"), `,"`)
		for i := range parts {
			parts[i] = strings.TrimPrefix(parts[i], `"`)
		}
		slices.Sort(parts)
		return parts
	}
	return slices.Equal(split(a), split(b))
}

// TestMergedKey writes under the key of a merged customer: to the survivor, by the key's own clock.
func TestMergedKey(t *testing.T) {
	s := open(t)
	writeCustomers(
		t, s, record.Customer{Key: key("old"), Name: record.Set("Old"), UpdatedAt: record.Set(day)},
		record.Customer{Key: key("new"), UpdatedAt: record.Set(day.AddDate(1, 0, 0))},
	)
	merge(t, s, "old", "new")
	was := must(s.Revision(t.Context()))
	id := store.CustomerID(key("new"))
	for i, step := range []struct {
		write   record.Customer
		outcome record.Outcome
		says    string
	}{
		{record.Customer{Key: key("old"), Name: record.Set("Older"), UpdatedAt: record.Set(day.AddDate(0, 0, -1))}, record.Stale, `"name":"Old"`},
		{record.Customer{Key: key("old"), UpdatedAt: record.Set(day.AddDate(0, 0, 1))}, record.Updated, `"name":"Old"`},
		{record.Customer{Key: key("old"), Name: record.Set("Older"), UpdatedAt: record.Set(day)}, record.Stale, `"name":"Old"`},
		{record.Customer{Key: key("old"), Name: record.Set("Now"), UpdatedAt: record.Set(day.AddDate(0, 0, 2))}, record.Updated, `"search":"now|new|old|old"`},
		{record.Customer{Key: key("new"), Name: record.Set("No"), UpdatedAt: record.Set(day.AddDate(0, 0, 9))}, record.Stale, `"name":"Now"`},
		{record.Customer{Key: key("new"), ReferredBy: record.Set(key("old"))}, record.Unchanged, `"name":"Now"`},
		{record.Customer{Key: key("new"), ReferredBy: record.Set(key("z"))}, record.Updated, `"referrer":"z"`},
		{record.Customer{Key: key("old"), ReferredBy: record.Set(key("new"))}, record.Unchanged, `"referrer":"z"`},
	} {
		if got := writeCustomers(t, s, step.write); got[0] != (record.Written{ID: id, Outcome: step.outcome}) {
			t.Errorf("step %d: %v, want %v of %v", i, got, step.outcome, id)
		}
		if i == 1 {
			if got := changed(t, s, was); len(got) > 0 {
				t.Errorf("the instant alone changed the data of %v", got)
			}
		}
		if got := customerLine(t, s, "new"); !strings.Contains(got, step.says) {
			t.Errorf("step %d: got %s, want %s", i, got, step.says)
		}
	}
	writeCustomers(t, s, record.Customer{Key: key("fan"), ReferredBy: record.Set(key("old"))})
	if got := customerLine(t, s, "fan"); !strings.Contains(got, `"referrer":"new"`) {
		t.Errorf("a referral by a merged key: %s", got)
	}
	writeTouchpoints(t, s, visit("1", "old"))
	if got := touchpointLine(t, s, "1"); !strings.Contains(got, `"customer":"new"`) {
		t.Errorf("a touchpoint of a merged key: %s", got)
	}
}

// TestMergeAgain merges what was merged before, in every way there is.
func TestMergeAgain(t *testing.T) {
	id := func(name string) uuid.UUID { return store.CustomerID(key(name)) }
	for _, c := range []struct {
		before           string // merges, "ab cd": a into b, c into d
		from, into       string
		survivor, merged string
		code, says       string
	}{
		{"", "a", "b", "b", "a", "", ""},
		{"ab", "a", "b", "b", "a", "", ""},
		{"ab", "b", "c", "c", "b", "", ""},
		{"ab bc", "a", "b", "c", "a", "", ""}, // repeated, and the second, too
		{"ab bc", "b", "c", "c", "b", "", ""},
		{"ab", "c", "a", "b", "c", "", ""},
		{"ab", "a", "c", "c", "b", "", ""},
		{"ab cd", "a", "c", "d", "b", "", ""},
		{"ac bc", "a", "b", "c", "a", "", ""},
		{"ab", "b", "a", "", "", record.CodeConflict, "into: it was merged into the customer that is to be merged (they are one already"},
		{"ab bc", "c", "a", "", "", record.CodeConflict, "into: it was merged"},
		{"", "a", "a", "", "", record.CodeConflict, "into: a customer cannot be merged into itself"},
		{"ab", "a", "a", "", "", record.CodeConflict, "into: a customer cannot be merged into itself"},
		{"", "x", "a", "", "", record.CodeNotFound, "from: there is no such customer"},
		{"", "a", "x", "", "", record.CodeNotFound, "into: there is no such customer"},
	} {
		s := open(t)
		for i, name := range []string{"a", "b", "c", "d"} {
			write(t, s, sale(fmt.Sprint(i), name))
		}
		for _, pair := range strings.Fields(c.before) {
			merge(t, s, pair[:1], pair[1:])
		}
		before := state(t, s)
		survivor, merged, err := s.Merge(t.Context(), id(c.from), id(c.into))
		if c.code != "" {
			wantRejected(t, err, 0, c.code, c.says)
			compare(t, state(t, s), before)
			continue
		}
		if err != nil || survivor != id(c.survivor) || merged != id(c.merged) {
			t.Errorf("%+v: survivor %v, merged %v, %v", c, survivor, merged, err)
		}
		again := state(t, s)
		if _, _, err := s.Merge(t.Context(), id(c.from), id(c.into)); err != nil {
			t.Errorf("%+v again: %v", c, err)
		}
		compare(t, state(t, s), again)
		for _, name := range []string{c.from, c.into} {
			if got, err := s.Lookup(t.Context(), []record.Key{key(name)}); err != nil || got[0] != survivor {
				t.Errorf("%+v: %s is %v, %v", c, name, got, err)
			}
		}
		var apart int
		err = s.DB().QueryRow(`SELECT count(*) FROM customers c JOIN customers s ON s.id = c.merged_into WHERE s.merged_into IS NOT NULL`).Scan(&apart)
		if err != nil || apart != 0 {
			t.Errorf("%+v: %d chains left, %v", c, apart, err)
		}
	}
}

func at(hours int) time.Time { return day.Add(time.Duration(hours) * time.Hour) }

// TestMergeHints merges customers of whom orders and records said something: records come first, then the newest hint;
// and hints that come again after the merge change nothing.
func TestMergeHints(t *testing.T) {
	hint := func(s *store.Store, customer string, hours int, name string) {
		writeBatch(t, s, record.Batch{Customers: []record.CustomerHint{{Key: key(customer), SeenAt: at(hours), Name: &name}}})
	}
	said := func(customer string, name record.Field[string]) func(*store.Store) {
		return func(s *store.Store) { writeCustomers(t, s, record.Customer{Key: key(customer), Name: name}) }
	}
	nothing := func(*store.Store) {}
	for i, c := range []struct {
		from, into func(*store.Store)
		want       string
	}{
		{nothing, nothing, "from"}, // hinted last
		{said("from", record.Set("said")), nothing, "said"},
		{nothing, said("into", record.Set("kept")), "kept"},
		{said("from", record.Set("said")), said("into", record.Set("kept")), "kept"},
		{said("from", record.Set("said")), said("into", record.Clear[string]()), "said"},
		{nothing, said("into", record.Clear[string]()), "from"},
		{said("from", record.Clear[string]()), nothing, "into"},
		{said("from", record.Clear[string]()), said("into", record.Clear[string]()), ""},
	} {
		s := open(t)
		hints := func() { hint(s, "into", 1, "into"); hint(s, "from", 2, "from") }
		hints()
		c.from(s)
		c.into(s)
		merge(t, s, "from", "into")
		for range 2 {
			var got string
			if err := s.DB().QueryRow("SELECT coalesce(name, '') FROM customers WHERE external_id = 'into'").Scan(&got); err != nil || got != c.want {
				t.Errorf("case %d: %q, %v; want %q", i, got, err, c.want)
			}
			hints()
		}
	}
}
