package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"bellwether/internal/fault"
	"bellwether/internal/record"
	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// maybe is a field that is left out, null or set.
func maybe[T any](random *rand.Rand, values ...T) record.Field[T] {
	switch n := random.IntN(len(values) + 3); {
	case n < len(values):
		return record.Set(values[n])
	case n == len(values):
		return record.Clear[T]()
	}
	return record.Field[T]{}
}

func randomCustomer(random *rand.Rand) record.Customer {
	c := record.Customer{
		Key: key(fmt.Sprintf("c%d", random.IntN(14))), Name: maybe(random, "Ann", "Bob"), Country: maybe(random, "FR", "CN"),
		Kind: maybe(random, record.Kinds()...), Tags: maybe(random, []string{"a"}, []string{"b", "a"}), City: maybe(random, "Ulm", "Linz"),
		Account: maybe(random, "A", "B"), RegisteredAt: maybe(random, day, day.AddDate(0, 0, 2)), ReferredBy: maybe(random, key(fmt.Sprintf("c%d", random.IntN(16)))),
	}
	if random.IntN(3) == 0 {
		c.UpdatedAt = record.Set(day.Add(time.Duration(random.IntN(50)) * time.Minute))
	}
	return c
}

func randomTouchpoint(random *rand.Rand) record.Touchpoint {
	p := visit(fmt.Sprint(random.IntN(40)), fmt.Sprintf("c%d", random.IntN(16)))
	p.At, p.Kind = day.Add(time.Duration(random.IntN(100))*time.Hour), []string{"visit", "demo"}[random.IntN(2)]
	p.Topic, p.Rating = maybe(random, "price", "size"), maybe(random, 1, 5)
	return p
}

// outcomesOf checks what was written against what the model says, item by item.
func outcomesOf[T any](t *testing.T, records []T, written []record.Written, model func(T) record.Outcome, id func(T) uuid.UUID) {
	t.Helper()
	for i, r := range records {
		want := record.Written{Outcome: model(r), ID: id(r)}
		if written[i] != want {
			t.Fatalf("%+v: %v, want %v", r, written[i], want)
		}
	}
}

func some[T any](random *rand.Rand, make func() T) (all []T) {
	for range 1 + random.IntN(8) {
		all = append(all, make())
		if random.IntN(6) == 0 {
			all = append(all, all[random.IntN(len(all))])
		}
	}
	return all
}

// orderBatch is orders with what they say of their customers and products.
func orderBatch(orders []record.Order) record.Batch {
	b := record.Batch{Orders: orders}
	for _, o := range orders {
		said := hintOf(o.Customer.ExternalID, o)
		b.Customers = append(b.Customers, record.CustomerHint{Key: o.Customer, SeenAt: o.PlacedAt, Name: &said, Country: &said})
		for _, l := range o.Lines.Value {
			said := hintOf(l.SKU, o)
			b.Products = append(b.Products, record.ProductHint{SKU: l.SKU, SeenAt: o.PlacedAt, Category: &said})
		}
	}
	return b
}

// call makes one random call, of the store and of the model, and compares what they answer.
func call(t *testing.T, random *rand.Rand, s *store.Store, shop *shop) {
	t.Helper()
	customer := func(k record.Key) uuid.UUID { return store.CustomerID(key(shop.resolve(k.ExternalID))) }
	switch random.IntN(12) {
	case 0, 1, 2:
		all := some(random, func() record.Customer { return randomCustomer(random) })
		written := writeCustomers(t, s, all...)
		outcomesOf(t, all, written, shop.writeCustomer, func(c record.Customer) uuid.UUID { return customer(c.Key) })
	case 3, 4:
		all := some(random, func() record.Product {
			return record.Product{
				SKU: fmt.Sprintf("p%d", random.IntN(22)), Category: maybe(random, "X", "Y"), Technology: maybe(random, true, false), Kind: maybe(random, record.ProductKinds()...),
			}
		})
		outcomesOf(t, all, writeProducts(t, s, all...), shop.writeProduct, func(p record.Product) uuid.UUID { return store.ProductID(p.SKU) })
	case 5, 6, 7:
		all := some(random, func() record.Order { return randomOrder(random, random.IntN(60)) })
		written, err := s.WriteOrders(t.Context(), orderBatch(all))
		if err != nil {
			t.Fatal(err)
		}
		outcomesOf(t, all, written, shop.writeOrder, func(o record.Order) uuid.UUID { return store.OrderID(o.Key) })
	case 8, 9:
		all := some(random, func() record.Touchpoint { return randomTouchpoint(random) })
		outcomesOf(t, all, writeTouchpoints(t, s, all...), shop.writeTouchpoint, func(p record.Touchpoint) uuid.UUID { return store.TouchpointID(p.Key) })
	case 10:
		if random.IntN(6) > 0 { // else there is soon one customer
			return
		}
		from, into := fmt.Sprintf("c%d", random.IntN(15)), fmt.Sprintf("c%d", random.IntN(15))
		got, _, err := s.Merge(t.Context(), store.CustomerID(key(from)), store.CustomerID(key(into)))
		want, code := shop.merge(from, into)
		if fault.Code(err) != code || err == nil && got != store.CustomerID(key(want)) {
			t.Fatalf("merge %s into %s: %v, %v; want %s, %q", from, into, got, err, want, code)
		}
	case 11:
		ids := []string{fmt.Sprint(random.IntN(60)), fmt.Sprint(random.IntN(60))}
		removed(t, ids, shop.orders, store.OrderID, must(s.DeleteOrders(t.Context(), "shop", ids)))
		removed(t, ids, shop.touchpoints, store.TouchpointID, must(s.DeleteTouchpoints(t.Context(), "shop", ids)))
	}
}

func removed[T any](t *testing.T, ids []string, from map[string]T, id func(record.Key) uuid.UUID, got []uuid.UUID) {
	t.Helper()
	var want []uuid.UUID
	for _, name := range ids {
		if _, ok := from[name]; ok {
			delete(from, name)
			want = append(want, id(key(name)))
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("deleted %v, want %v", got, want)
	}
}

// TestScript makes thousands of random calls: every answer is the model's, and in the end the database shows, and gives to
// scorers as of any moment, what one does into which only the final records were written.
func TestScript(t *testing.T) {
	calls := 2000
	if testing.Short() {
		calls = 300
	}
	for seed := range uint64(3) {
		random := rand.New(rand.NewPCG(seed, 7))
		s, shop := open(t), newShop()
		if err := s.Configure(t.Context(), "EUR", ""); err != nil {
			t.Fatal(err)
		}
		last, scored := must(s.Revision(t.Context())), map[string]bool{}
		for n := range calls {
			call(t, random, s, shop)
			if n%8 == 0 {
				last, scored = stamped(t, s, last, scored)
			}
			if n%(calls/4) == calls/4-1 {
				same(t, s, fresh(t, shop))
			}
		}
		if len(shop.mergedInto) < max(1, calls/600) {
			t.Errorf("seed %d: only %d merges", seed, len(shop.mergedInto))
		}
	}
}

// stamped checks that whoever is scored otherwise than at a revision was stamped since.
func stamped(t *testing.T, s *store.Store, last store.Revision, before map[string]bool) (store.Revision, map[string]bool) {
	t.Helper()
	now, since, scored := must(s.Revision(t.Context())), changed(t, s, last), map[string]bool{}
	if now.At < last.At {
		t.Fatalf("revision %v after %v", now, last)
	}
	for _, line := range scan(t, s, everything(24*365)) {
		if scored[line] = true; !before[line] && !slices.Contains(since, externalID(line)) {
			t.Fatalf("not stamped, and scored otherwise: %s", line)
		}
	}
	return now, scored
}

// fresh is a database of the final records alone.
func fresh(t *testing.T, shop *shop) *store.Store {
	t.Helper()
	s := open(t)
	customers, products, orders, touchpoints := shop.final()
	writeTouchpoints(t, s, touchpoints...)
	write(t, s, orders...)
	writeCustomers(t, s, customers...)
	writeProducts(t, s, products...)
	return s
}

// same compares what can be seen of two databases, and what scorers read, as of several moments.
func same(t *testing.T, got, want *store.Store) {
	t.Helper()
	compare(t, visible(t, got), visible(t, want))
	for _, hours := range []int{0, 5, 31, 60, 24 * 365} {
		a, b := scan(t, got, everything(hours)), scan(t, want, everything(hours))
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("as of %d hours:\ngot  %+v\nwant %+v", hours, a, b)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

// everything is the query of all that scorers can read, as of some hours after the first day.
func everything(hours int) engine.Query {
	asOf := scoring.Instant(at(hours).UnixMicro())
	q := engine.Query{AsOf: asOf, Lines: true, Orders: &engine.Span{From: 0, To: asOf}}
	for _, f := range scoring.Facts() {
		q.Facts = append(q.Facts, engine.FactQuery{Name: f.Name, Span: engine.Span{From: 0, To: asOf}})
	}
	return q
}

// externalID is the key in a line of scan.
func externalID(line string) string {
	_, rest, _ := strings.Cut(line, " external_id=")
	id, _, _ := strings.Cut(rest, " ")
	return id
}

func scan(t *testing.T, s *store.Store, q engine.Query) (lines []string) {
	t.Helper()
	err := s.Facts().Scan(t.Context(), q, func(f *engine.Frame) error {
		if len(f.IDs) == 0 {
			return errors.New("an empty frame")
		}
		for i := range f.IDs {
			line := fmt.Sprintf("%v %+v", f.IDs[i], f.Orders[i])
			for n, c := range f.Facts {
				line += " " + q.Facts[n].Name + "="
				if c.Null != nil && c.Null[i] {
					continue
				}
				switch {
				case len(c.Texts) > 0:
					line += c.Texts[i]
				case len(c.Floats) > 0:
					line += fmt.Sprint(c.Floats[i])
				default:
					line += fmt.Sprint(c.Ints[i])
				}
			}
			lines = append(lines, strings.ReplaceAll(line, "NaN", "-"))
		}
		return nil
	})
	return succeeded(t, lines, err)
}

// visible is what can be seen of a database: all but merged rows, keys' instants and what only decides which word counts.
func visible(t *testing.T, s *store.Store) (all []string) {
	t.Helper()
	rows, err := s.DB().Query(`
		SELECT concat_ws('/', 'customer', external_id, kind, name, '-', country, '-', city, '-', (SELECT name FROM accounts a WHERE a.id = account_id), '-',
			(SELECT external_id FROM customers r WHERE r.id = c.referred_by_id AND r.merged_into IS NULL), '-', registered_at, '-', tags)
		FROM customers c WHERE merged_into IS NULL
		UNION ALL SELECT concat_ws('/', 'product', sku, category, '-', kind, technology) FROM products
			WHERE EXISTS (SELECT 1 FROM order_lines l WHERE l.product_id = products.id)
		UNION ALL SELECT concat_ws('/', 'touchpoint', external_id, (SELECT external_id FROM customers c WHERE c.id = customer_id), at, kind, topic, '-', rating) FROM touchpoints`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	return append(succeeded(t, all, rows.Err()), storedLines(t, s)...)
}
