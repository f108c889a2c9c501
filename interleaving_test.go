package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// sent is a record that a source sends, as mutations and files take it.
type sent struct {
	kind string // of import
	item vars
	csv  string // the same as a row, where its kind of file can say it
}

var doors = map[string]struct{ mutation, field, header string }{
	"customers":   {upsertCustomers, "customers", "external_id,updated_at,name,kind,city,tags,attributes\n"},
	"products":    {upsertProducts, "products", "sku,name,category,kind,technology\n"},
	"orders":      {recordOrders, "orders", "order_id,customer_id,placed_at,total,sku,product,quantity,unit_price\n"},
	"touchpoints": {recordTouches, "touchpoints", "external_id,customer_id,at,kind,rating,cost\n"},
}

// records are all that some sources have to say. Of customers and some orders there are two versions, of which the
// later counts, whichever comes first.
func records() (all []sent) {
	for i := range 12 {
		for version := 1; version <= 2; version++ {
			at, name := fmt.Sprintf("2024-01-0%dT00:00:00Z", version), fmt.Sprintf("Name %d 版%d", i, version)
			all = append(all, sent{
				"customers",
				vars{"externalId": fmt.Sprint("c", i), "updatedAt": at, "name": name, "kind": "BUSINESS", "city": "上海", "tags": []string{"t", fmt.Sprint(version)}, "attributes": vars{"n": i}},
				fmt.Sprintf("c%d,%s,%s,business,上海,t;%d,\"{\"\"n\"\":%d}\"\n", i, at, name, version, i),
			})
		}
	}
	for i := range 6 {
		all = append(all, sent{
			"products",
			vars{"sku": fmt.Sprint("s", i), "name": fmt.Sprint("Product ", i), "category": "c", "kind": "GOODS", "technology": i%2 == 0},
			fmt.Sprintf("s%d,Product %d,c,goods,%v\n", i, i, i%2 == 0),
		})
	}
	for i := range 40 {
		customer, at, sku := fmt.Sprint("c", i%15), fmt.Sprintf("2024-%02d-%02dT10:00:00Z", 1+i%6, 1+i%28), fmt.Sprint("s", i%9)
		all = append(all, sent{
			"orders",
			vars{"externalId": fmt.Sprint("o", i), "customer": key(customer), "placedAt": at, "total": fmt.Sprint(i + 1), "lines": []vars{{"sku": sku, "name": fmt.Sprint("said ", i), "quantity": 1 + i%3, "unitPrice": "1.5"}}},
			fmt.Sprintf("o%d,%s,%s,%d,%s,said %d,%d,1.5\n", i, customer, at, i+1, sku, i, 1+i%3),
		})
		for version := 1; version <= 2 && i < 10; version++ {
			all = append(all, sent{"orders", vars{
				"externalId": fmt.Sprint("v", i), "customer": key(fmt.Sprint("c", i+version)), "placedAt": at, "updatedAt": fmt.Sprintf("2024-06-0%dT00:00:00Z", version), "status": "FULFILLED",
				"total": fmt.Sprint(10 * version), "lines": []vars{{"sku": sku, "quantity": version, "unitPrice": "2"}}, "refunds": []vars{{"externalId": "r", "at": at, "amount": version}},
			}, ""})
		}
		all = append(all, sent{
			"touchpoints",
			vars{"externalId": fmt.Sprint("t", i), "customer": key(fmt.Sprint("c", i%14)), "at": at, "kind": "visit", "rating": i % 5, "cost": "0.5"},
			fmt.Sprintf("t%d,c%d,%s,visit,%d,0.5\n", i, i%14, at, i%5),
		})
	}
	return all
}

// state is all that the API tells of what was sent, in one order.
func state(t testing.TB, s *Server) string {
	t.Helper()
	data := ask(t, s, `{ customers(first: 100) { totalCount edges { node { id externalId identities { source externalId } kind name email phone country city tags attributes registeredAt
		orders(first: 100) { totalCount edges { node { id externalId placedAt paidAt cancelledAt status channel total { amount currency } discount { amount } refunds { id externalId at amount { amount } } lines { sku name category quantity unitPrice { amount } } } } }
		touchpoints(first: 100) { totalCount edges { node { id externalId at kind channel campaign topic rating sku } } }
		scores { scorer label outputs { name number flag at text money { amount } } } past: scores(asOf: "2024-04-01T00:00:00Z") { scorer label outputs { name number flag at text money { amount } } } } } } }`, nil)
	var lines []string
	for _, node := range at(data, "customers.edges.*.node").([]any) {
		raw, err := json.Marshal(node)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(raw))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// deliver sends records of one kind through a door: a mutation, or a file of CSV or NDJSON.
func deliver(t testing.TB, s *Server, dsn, kind string, door int, some []sent) {
	t.Helper()
	d := doors[kind]
	switch {
	case door == 0:
		in, keys := vars{}, map[any]bool{}
		var items, again []vars
		for _, r := range some {
			id := r.item["externalId"]
			if kind == "products" {
				id = r.item["sku"]
			}
			if keys[id] { // a call has each key once
				again = append(again, r.item)
				continue
			}
			keys[id] = true
			items = append(items, r.item)
		}
		for _, list := range [][]vars{items, again} {
			if in[d.field] = list; len(list) > 0 {
				out := write(t, s, d.mutation, in)
				if errs := at(out, "errors").([]any); len(errs) > 0 && len(list) > 1 && text(at(errs[0], "code")) == "DUPLICATE" {
					for _, one := range list {
						write(t, s, d.mutation, vars{d.field: []vars{one}})
					}
				} else if len(errs) > 0 {
					t.Fatalf("%s", text(errs))
				}
			}
		}
	case door == 1 && !slices.ContainsFunc(some, func(r sent) bool { return r.csv == "" }):
		file := d.header
		for _, r := range some {
			file += r.csv
		}
		if kind == "orders" { // rows of one order would be its lines
			slices.SortStableFunc(some, func(a, b sent) int { return strings.Compare(a.csv, b.csv) })
			file = d.header
			for _, r := range slices.CompactFunc(slices.Clone(some), func(a, b sent) bool { return a.csv == b.csv }) {
				file += r.csv
			}
		}
		load(t, 0, dsn, kind, file, "--source", "api")
	default:
		var file strings.Builder
		for _, r := range some {
			raw, err := json.Marshal(r.item)
			if err != nil {
				t.Fatal(err)
			}
			file.Write(append(raw, '\n'))
		}
		load(t, 0, dsn, kind, file.String(), "--source", "api", "--format", "ndjson")
	}
}

// TestInterleaving: the same records, in any order, through any doors and any number of times, end in the same state.
func TestInterleaving(t *testing.T) {
	var want string
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 1))
		dsn := newDSN(t)
		o := optionsOf(dsn)
		o.BaseCurrency = "EUR"
		s, err := NewServer(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		all := records()
		if seed > 0 { // some twice
			for range len(all) / 3 {
				all = append(all, all[random.IntN(len(all))])
			}
			random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		}
		for len(all) > 0 {
			n := 1 + random.IntN(min(30, len(all)))
			byKind := map[string][]sent{}
			for _, r := range all[:n] {
				byKind[r.kind] = append(byKind[r.kind], r)
			}
			for _, kind := range []string{"customers", "orders", "products", "touchpoints"} {
				if some := byKind[kind]; some != nil {
					door := random.IntN(3)
					if seed == 0 {
						door = 0
					}
					deliver(t, s, dsn, kind, door, some)
				}
			}
			all = all[n:]
		}
		if got := state(t, s); want == "" {
			want = got
			if strings.Count(want, "版2") != 12 || strings.Contains(want, "版1") || strings.Count(want, `"externalId":"o`) != 40 {
				t.Fatalf("the records are not there:\n%s", want)
			}
		} else if got != want {
			a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
			for i := range min(len(a), len(b)) {
				if a[i] != b[i] {
					t.Fatalf("seed %d, %d and %d customers:\n%s\nwant\n%s", seed, len(a), len(b), a[i], b[i])
				}
			}
			t.Fatalf("seed %d: %d customers, want %d", seed, len(a), len(b))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
