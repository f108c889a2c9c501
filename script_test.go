package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// known is the state that the model speaks of, and the scores, at moments in the past, too. Customers are in order.
func known(t *testing.T, s *Server) []string {
	const score = `{ scorer label outputs { name number flag at text money { amount } } }`
	data := ask(t, s, `{ customers(first: 100) { edges { node { externalId city phone tags
		orders(first: 100) { totalCount edges { node { id externalId placedAt status cancelledAt total { amount } refunds { externalId at amount { amount } } lines { sku quantity unitPrice { amount } } } } }
		touchpoints(first: 100) { totalCount edges { node { id at kind rating } } } now: scores `+score+` early: scores(asOf: "2024-02-15T00:00:00Z") `+score+` late: scores(asOf: "2024-05-01T12:00:00Z") `+score+` } } } }`, nil)
	var lines []string
	for _, node := range at(data, "customers.edges.*.node").([]any) {
		tags := texts(node, "tags")
		slices.Sort(tags)
		node.(map[string]any)["tags"] = tags
		raw, err := json.Marshal(node)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(raw))
	}
	slices.Sort(lines)
	return lines
}

// TestScript sends random calls, and holds what became of each, and the state and scores in the end, against the model.
func TestScript(t *testing.T) {
	calls := 2000
	if testing.Short() {
		calls = 300
	}
	s, random := empty(t), rand.New(rand.NewPCG(7, 7))
	m := &shopModel{map[string]*modelCustomer{}, map[string]modelOrder{}, map[string]modelTouch{}}
	for i := range 40 {
		id := fmt.Sprint("c", i)
		m.customer(vars{"externalId": id})
		write(t, s, upsertCustomers, vars{"customers": []vars{key(id)}})
	}
	someKey := func() string { return fmt.Sprint("c", random.IntN(40)) }
	instant := func() string {
		return time.Date(2024, 1, 1, random.IntN(24*180), 0, 0, 0, time.UTC).Format(time.RFC3339)
	}
	type sentCall struct {
		mutation, field string
		items           []vars
	}
	var before []sentCall
	for n := range calls {
		var c sentCall
		switch p := random.IntN(100); {
		case p < 15 && len(before) > 0:
			c = before[random.IntN(len(before))] // again, however much has happened since
		case p < 35:
			c = sentCall{upsertCustomers, "customers", someItems(random, func() vars { return randomCustomer(random, someKey(), instant) })}
		case p < 75:
			c = sentCall{recordOrders, "orders", someItems(random, func() vars { return randomOrder(random, someKey(), instant) })}
		case p < 90:
			c = sentCall{recordTouches, "touchpoints", someItems(random, func() vars {
				item := vars{"externalId": fmt.Sprint("t", random.IntN(150)), "customer": key(someKey()), "at": instant(), "kind": []string{"visit", "complaint", "demo"}[random.IntN(3)]}
				if random.IntN(2) == 0 {
					item["rating"] = []any{nil, 1, 5}[random.IntN(3)]
				}
				return item
			})}
		case p < 92:
			from, into := someKey(), someKey()
			out := write(t, s, mergeCustomers, vars{"from": vars{"external": key(from)}, "into": vars{"external": key(into)}})
			if conflict := len(at(out, "errors").([]any)) > 0; conflict != m.merge(from, into) {
				t.Fatalf("call %d: merge %s into %s: %s", n, from, into, text(out))
			}
			continue
		default:
			id := fmt.Sprint("o", random.IntN(200))
			out := write(t, s, `mutation($in: DeleteInput!) { out: deleteOrders(input: $in) { deletedIds errors { code } } }`, vars{"externalIds": []string{id}})
			if _, there := m.orders[id]; there != (len(at(out, "deletedIds").([]any)) == 1) {
				t.Fatalf("call %d: delete %s: %s", n, id, text(out))
			}
			delete(m.orders, id)
			continue
		}
		before = append(before, c)
		take := map[string]func(vars) string{"customers": m.customer, "orders": m.order, "touchpoints": m.touch}[c.field]
		var want []string
		for _, item := range c.items {
			want = append(want, take(item))
		}
		if out := write(t, s, c.mutation, vars{c.field: c.items}); !slices.Equal(texts(out, "outcomes"), want) {
			t.Fatalf("call %d: %s %v: %s, want %v", n, c.field, c.items, text(out), want)
		}
	}
	fresh := empty(t)
	m.rebuild(t, fresh)
	got, want := known(t, s), known(t, fresh)
	if len(got) != len(want) || len(got) < 3 {
		t.Fatalf("%d customers, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("after the script\n%s\nwritten at once\n%s", got[i], want[i])
		}
	}
	if !strings.Contains(strings.Join(got, ""), `"CANCELLED"`) {
		t.Error("the script has not cancelled anything")
	}
}

// someItems are up to three items with different keys.
func someItems(random *rand.Rand, item func() vars) []vars {
	items, keys := []vars{}, map[any]bool{}
	for range 1 + random.IntN(3) {
		if next := item(); !keys[next["externalId"]] {
			keys[next["externalId"]] = true
			items = append(items, next)
		}
	}
	return items
}

func randomCustomer(random *rand.Rand, id string, instant func() string) vars {
	item := vars{"externalId": id}
	if random.IntN(2) == 0 {
		item["updatedAt"] = instant()
	}
	if random.IntN(2) == 0 {
		item["city"] = []any{nil, "Wien", "上海"}[random.IntN(3)]
	}
	if random.IntN(2) == 0 {
		item["phone"] = []any{nil, "1", "2"}[random.IntN(3)]
	}
	if random.IntN(2) == 0 {
		item["tags"] = [][]string{{}, {"a"}, {"b", "c"}}[random.IntN(3)]
	}
	return item
}

func randomOrder(random *rand.Rand, customer string, instant func() string) vars {
	item := vars{"externalId": fmt.Sprint("o", random.IntN(200)), "customer": key(customer), "placedAt": instant(), "total": 10 + random.IntN(90)}
	if random.IntN(2) == 0 {
		item["updatedAt"] = instant()
	}
	if random.IntN(2) == 0 {
		item["status"] = []string{"PENDING", "PAID", "FULFILLED", "CANCELLED"}[random.IntN(4)]
	}
	if random.IntN(3) == 0 {
		item["cancelledAt"] = []any{nil, instant()}[random.IntN(2)]
	}
	if random.IntN(2) == 0 {
		lines := []vars{}
		for i := range random.IntN(3) {
			lines = append(lines, vars{"sku": fmt.Sprint("s", random.IntN(20)), "quantity": 1 + i, "unitPrice": fmt.Sprint(1+random.IntN(9)) + ".50"})
		}
		item["lines"] = lines
	}
	if random.IntN(3) == 0 {
		refunds := []vars{}
		for i := range random.IntN(3) {
			refunds = append(refunds, vars{"externalId": fmt.Sprint("r", i), "at": instant(), "amount": fmt.Sprint(1 + random.IntN(40))})
		}
		item["refunds"] = refunds
	}
	return item
}
