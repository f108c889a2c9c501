package demo_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"bellwether/internal/demo"
	"bellwether/internal/record"
)

func shop(t testing.TB, o demo.Options) *demo.Shop {
	t.Helper()
	s, err := demo.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// files writes a shop into a new folder and returns it.
func files(t *testing.T, o demo.Options) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "shop")
	if _, err := shop(t, o).WriteFiles(t.Context(), folder, false); err != nil {
		t.Fatal(err)
	}
	return folder
}

func read(t *testing.T, path ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var names = []string{"customers.ndjson", "orders.ndjson", "products.ndjson", "touchpoints.ndjson", "truth.ndjson", "README.md"}

// TestSame: the same options make the same bytes, others make others.
func TestSame(t *testing.T) {
	o := demo.Options{Customers: 300, Seed: 7, End: end()}
	one, again := files(t, o), files(t, o)
	o.Seed++
	other := files(t, o)
	for _, name := range names {
		if !bytes.Equal(read(t, one, name), read(t, again, name)) {
			t.Errorf("%s differs between two shops of the same options", name)
		}
		if bytes.Equal(read(t, one, name), read(t, other, name)) {
			t.Errorf("%s is the same with another seed", name)
		}
	}
}

// TestMoves: another end moves all instants, and changes nothing else that counts.
func TestMoves(t *testing.T) {
	one, later := shop(t, demo.Options{Customers: 250, Seed: 1, End: end()}), shop(t, demo.Options{Customers: 250, Seed: 1, End: end().AddDate(0, 0, 100)})
	var orders, truths [2][]any
	for i, s := range []*demo.Shop{one, later} {
		for n := range s.Neighbourhoods() {
			for _, o := range n.Orders {
				orders[i] = append(orders[i], fmt.Sprint(o.ExternalID, o.PlacedAt.AddDate(0, 0, -100*i), o.Total))
			}
			for _, truth := range n.Truths {
				truths[i] = append(truths[i], truth)
			}
		}
	}
	if !reflect.DeepEqual(orders[0], orders[1]) || !reflect.DeepEqual(truths[0], truths[1]) {
		t.Error("a shop that ends later is another shop")
	}
}

// objects decodes a file of JSON objects.
func objects(t *testing.T, text []byte) []map[string]any {
	t.Helper()
	var out []map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for d.More() {
		var o map[string]any
		if err := d.Decode(&o); err != nil {
			t.Fatal(err)
		}
		out = append(out, o)
	}
	return out
}

// TestRecords: what the files say is what the store is given: each object is an input without problems, and makes the
// record it came from.
func TestRecords(t *testing.T) {
	o := demo.Options{Customers: 1200, Seed: 5, End: end()}
	folder, s := files(t, o), shop(t, o)
	var want, got struct {
		customers   []record.Customer
		products    []record.Product
		orders      []record.Order
		touchpoints []record.Touchpoint
	}
	want.products = s.Products()
	for n := range s.Neighbourhoods() {
		want.customers, want.orders = append(want.customers, n.Customers...), append(want.orders, n.Orders...)
		want.touchpoints = append(want.touchpoints, n.Touchpoints...)
	}
	d := record.Decoding{Source: demo.Source, KeySource: demo.Source, Base: demo.BaseCurrency}
	none := func(problems []record.Problem) {
		if len(problems) > 0 {
			t.Errorf("problems %v", problems)
		}
	}
	for _, in := range objects(t, read(t, folder, "customers.ndjson")) {
		r, problems := d.Customer(in)
		none(problems)
		got.customers = append(got.customers, r)
	}
	for _, in := range objects(t, read(t, folder, "products.ndjson")) {
		r, problems := d.Product(in)
		none(problems)
		got.products = append(got.products, r)
	}
	for _, in := range objects(t, read(t, folder, "orders.ndjson")) {
		r, _, problems := d.Order(in)
		none(problems)
		got.orders = append(got.orders, r)
	}
	for _, in := range objects(t, read(t, folder, "touchpoints.ndjson")) {
		r, problems := d.Touchpoint(in)
		none(problems)
		got.touchpoints = append(got.touchpoints, r)
	}
	same(t, "customers", want.customers, got.customers)
	same(t, "products", want.products, got.products)
	same(t, "orders", want.orders, got.orders)
	same(t, "touchpoints", want.touchpoints, got.touchpoints)
}

func same[T any](t *testing.T, what string, want, got []T) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%d %s, want %d", len(got), what, len(want))
	}
	for i := range want {
		if a, b := fmt.Sprintf("%+v", plain(want[i])), fmt.Sprintf("%+v", plain(got[i])); a != b {
			t.Fatalf("%s: %s\nwant %s", what, b, a)
		}
	}
}

// plain is a record as JSON, which shows what pointers point to, and decimals by value.
func plain(r any) string {
	text, err := json.Marshal(r)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// TestWithin: everything happens within the two years, belongs to a customer, and is labelled synthetic.
func TestWithin(t *testing.T) {
	for _, customers := range []int{1, 7, 105, 106, 700} {
		s := shop(t, demo.Options{Customers: customers, Seed: 3, End: end()})
		start, known, count := end().AddDate(0, 0, -730), map[record.Key]bool{}, 0
		within := func(what string, at time.Time) {
			if at.Before(start) || !at.Before(end()) {
				t.Errorf("%d customers: %s is at %s", customers, what, at)
			}
		}
		products := map[string]bool{}
		for _, p := range s.Products() {
			products[p.SKU] = true
		}
		for n := range s.Neighbourhoods() {
			for _, c := range n.Customers {
				count++
				known[c.Key] = true
				within(c.ExternalID, c.RegisteredAt.Value)
				if c.Source != demo.Source || c.Tags.Value[0] != "synthetic" {
					t.Errorf("%v is not labelled: %v", c.Key, c.Tags.Value)
				}
			}
			for _, c := range n.Customers {
				if by := c.ReferredBy; by.State == record.Present && !known[by.Value] {
					t.Errorf("%v is referred by %v, who is unknown", c.Key, by.Value)
				}
			}
			for _, o := range n.Orders {
				within(o.ExternalID, o.PlacedAt)
				for _, at := range []record.Field[time.Time]{o.PaidAt, o.DeliveredAt, o.CancelledAt} {
					if at.State == record.Present {
						within(o.ExternalID, at.Value)
					}
				}
				for _, l := range o.Lines.Value {
					if !products[l.SKU] {
						t.Errorf("%s has the unknown product %s", o.ExternalID, l.SKU)
					}
				}
				if !known[o.Customer] || o.Source != demo.Source {
					t.Errorf("order %v of %v", o.Key, o.Customer)
				}
			}
			for _, p := range n.Touchpoints {
				within(p.ExternalID, p.At)
				if !known[p.Customer] || p.Source != demo.Source {
					t.Errorf("touchpoint %v of %v", p.Key, p.Customer)
				}
			}
		}
		if count != customers || len(known) != customers {
			t.Errorf("%d customers with %d keys, want %d", count, len(known), customers)
		}
	}
}

// TestNoLinks: a shop without links has none.
func TestNoLinks(t *testing.T) {
	for n := range shop(t, demo.Options{Customers: 500, Seed: 1, End: end(), NoLinks: true}).Neighbourhoods() {
		for i, c := range n.Customers {
			if c.Account.State != record.Omitted || c.ReferredBy.State != record.Omitted || n.Truths[i].Benchmark {
				t.Errorf("%+v is linked: %+v", c, n.Truths[i])
			}
		}
	}
}

// TestMemory: a shop is made up as it is read; forty neighbourhoods take no more memory than one.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole shop: runs without the race detector, in make test")
	}
	s, blocks := shop(t, demo.Options{Customers: 10_000, Seed: 1, End: end()}), 0
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range s.Neighbourhoods() {
		if blocks++; blocks%40 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			if grown := int64(now.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
				t.Fatalf("after %d neighbourhoods %d MB are kept", blocks, grown>>20)
			}
		}
	}
}

// TestRefused: shops that cannot be made, and folders that are not empty.
func TestRefused(t *testing.T) {
	for _, o := range []demo.Options{{Customers: 0, End: end()}, {Customers: -1, End: end()}, {Customers: 1 << 40, End: end()}, {Customers: 5}} {
		if _, err := demo.New(o); err == nil || !strings.Contains(err.Error(), "(give ") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	s, folder := shop(t, demo.Options{Customers: 5, End: end()}), t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "mine.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.WriteFiles(t.Context(), folder, false); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("a folder with a file in it: %v", err)
	}
	if _, err := s.WriteFiles(t.Context(), folder, true); err != nil {
		t.Error(err)
	}
	if string(read(t, folder, "mine.txt")) != "mine" || !strings.Contains(string(read(t, folder, "README.md")), "synthetic") {
		t.Error("the folder has not both files")
	}
	if _, err := s.WriteFiles(t.Context(), filepath.Join(folder, "mine.txt"), false); err == nil {
		t.Error("a file for a folder")
	}
}

// BenchmarkNeighbourhoods makes up customers.
func BenchmarkNeighbourhoods(b *testing.B) {
	const customers = 2100
	b.ReportAllocs()
	for b.Loop() {
		s := shop(b, demo.Options{Customers: customers, Seed: 1, End: end()})
		for n := range s.Neighbourhoods() {
			if len(n.Customers) == 0 {
				b.Fatal("nobody")
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*customers), "ns/customer")
}
