package ingest_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bellwether/internal/ingest"
	"bellwether/internal/record"
)

// TestRowIDs: rows without an order id are known by what they say, wherever it stands.
func TestRowIDs(t *testing.T) {
	const head, a, b = "cid,date,amount,note\n", "1,2024-01-01,5,x\n", "2,2024-01-01,5,y\n"
	mapped := map[string]string{"customer_id": "cid", "placed_at": "date", "total": "amount"}
	want := newMemory("USD")
	options := stdin(head + a + b + a + a)
	options.Map = mapped
	mustImport(t, want, options)
	// The ids are part of the product: what was imported once has to be found again by later versions.
	golden := []string{
		"row-662b85df2ae35c6304c1ba8935a6e5f0-1",
		"row-fc74e7f71f5453a085bd16d301446b04-1",
		"row-fc74e7f71f5453a085bd16d301446b04-2",
		"row-fc74e7f71f5453a085bd16d301446b04-3",
	}
	if ids := want.ids(); !slices.Equal(ids, golden) {
		t.Errorf("the ids are %q", ids)
	}
	for name, files := range map[string][]string{
		"renamed":                {write(t, "other.txt", head+a+b+a+a)},
		"other order of rows":    {write(t, "1.csv", head+b+a+a+a)},
		"split":                  {write(t, "1.csv", head+a+b), write(t, "2.csv", head+a+a)},
		"other columns":          {write(t, "1.csv", "amount,x,DATE,Cid\n5,x,2024-01-01,1\n 5 ,y,2024-01-01,2\n5,z,2024-01-01,1\n5,,2024-01-01,\"1\"\n")},
		"other order, no column": {write(t, "1.csv", "date,amount,cid\n2024-01-01,5,1\n2024-01-01,5,1\n2024-01-01,5,1\n2024-01-01,5,2")},
	} {
		got := newMemory("USD")
		mustImport(t, got, ingest.Options{Files: files, Map: mapped})
		if !reflect.DeepEqual(got.orders, want.orders) {
			t.Errorf("%s: the orders are %q", name, got.ids())
		}
	}
}

// TestScattered: the rows of an order may stand anywhere, in any file, and be sorted on disk.
func TestScattered(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var rows []string
	for i := range 3000 {
		order := i % 700
		rows = append(rows, fmt.Sprintf("o%d,c%d,2024-01-%02d,s%d,%d,1.25\n", order, order%50, order%28+1, i, i%7+1))
	}
	const head = "order_id,customer_id,placed_at,sku,quantity,unit_price\n"
	want := lines(mustOrders(t, ingest.Options{Files: []string{write(t, "all.csv", head+strings.Join(rows, ""))}}))
	for range 3 {
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		cut := random.IntN(len(rows))
		files := []string{
			write(t, "1.csv", head+strings.Join(rows[:cut], "")), write(t, "2.csv", head+strings.Join(rows[cut:], "")),
		}
		for _, memory := range []int{0, 20_000} {
			got := mustOrders(t, ingest.Options{Files: files, Memory: memory, BatchLines: 100, TempDir: t.TempDir()})
			if !reflect.DeepEqual(lines(got), want) {
				t.Fatalf("other orders when shuffled, memory %d", memory)
			}
		}
	}
}

func mustOrders(t *testing.T, options ingest.Options) *memory {
	sink := newMemory("USD")
	mustImport(t, sink, options)
	return sink
}

// lines are the orders with their products, whose order within an order is that of the file.
func lines(m *memory) map[string][]string {
	out := map[string][]string{}
	for id, o := range m.orders {
		for _, l := range o.Lines.Value {
			out[id] = append(out[id], fmt.Sprint(o.Customer, o.PlacedAt, o.Total, l.SKU, l.Quantity, l.UnitPrice))
		}
		slices.Sort(out[id])
	}
	return out
}

// TestLineOrder: within an order, lines stand as in the files.
func TestLineOrder(t *testing.T) {
	const head = "order_id,customer_id,placed_at,sku,quantity,unit_price\n"
	sink := mustOrders(t, ingest.Options{Memory: 1, TempDir: t.TempDir(), Files: []string{
		write(t, "b.csv", head+"o1,c,2024-01-01,z,1,1\no2,c,2024-01-01,y,1,1\no1,c,2024-01-01,a,1,1\n"),
		write(t, "a.csv", head+"o1,c,2024-01-01,m,1,1\n"),
	}})
	var skus []string
	for _, l := range sink.orders["o1"].Lines.Value {
		skus = append(skus, l.SKU)
	}
	if !slices.Equal(skus, []string{"z", "a", "m"}) {
		t.Errorf("lines %q, want z, a, m", skus)
	}
}

// TestAgain: an import that stopped in the middle and runs again ends as if it had run once.
func TestAgain(t *testing.T) {
	var text strings.Builder
	text.WriteString("order_id,customer_id,placed_at,total,customer_name\n")
	for i := range 500 {
		fmt.Fprintf(&text, "o%d,c%d,2024-01-%02d,%d,name %d\n", i, i%40, i%28+1, i, i)
	}
	file := write(t, "orders.csv", text.String())
	clean := newMemory("")
	mustImport(t, clean, ingest.Options{Files: []string{file}, BatchOrders: 20})
	killed := newMemory("")
	killed.fail = func(batch int) error {
		if batch == 11 {
			return errKilled
		}
		return nil
	}
	s, err := ingest.Orders(t.Context(), killed, ingest.Options{Files: []string{file}, BatchOrders: 20})
	if !errors.Is(err, errKilled) || s.Created != 220 {
		t.Fatalf("the import that fails: %v, %+v", err, s)
	}
	killed.fail = nil
	s = mustImport(t, killed, ingest.Options{Files: []string{file}, BatchOrders: 20})
	if s.Unchanged != 220 || s.Created != 280 {
		t.Errorf("the second run: %+v", s)
	}
	if !reflect.DeepEqual(killed.orders, clean.orders) || !maps.EqualFunc(killed.customers, clean.customers, sameHint) {
		t.Error("the second run ends in another state")
	}
}

func sameHint(a, b record.CustomerHint) bool { return reflect.DeepEqual(a, b) }

var errKilled = errors.New("killed")
