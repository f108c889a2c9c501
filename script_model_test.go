package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
)

// shopModel is what mutations mean, said as simply as can be.
type shopModel struct {
	customers map[string]*modelCustomer // by key; keys of merged customers have the survivor
	orders    map[string]modelOrder
	touches   map[string]modelTouch
}

type modelCustomer struct {
	key         string // its first
	city, phone any
	tags        []string
	sent        map[string]string // updatedAt by key
}

type modelOrder struct {
	customer, placedAt, updatedAt, status, cancelledAt string
	total                                              int
	lines, refunds                                     []vars
}

type modelTouch struct {
	customer, at, kind string
	rating             any
}

func (m *shopModel) customer(item vars) string {
	id := item["externalId"].(string)
	c, created := m.customers[id], false
	if c == nil {
		c, created = &modelCustomer{key: id, sent: map[string]string{}}, true
		m.customers[id] = c
	}
	at, timed := item["updatedAt"].(string)
	if timed && at < c.sent[id] {
		return "STALE"
	}
	before, stamps := *c, maps.Clone(c.sent)
	if timed {
		c.sent[id] = at
	}
	if city, given := item["city"]; given {
		c.city = city
	}
	if phone, given := item["phone"]; given {
		c.phone = phone
	}
	if tags, given := item["tags"]; given {
		c.tags, _ = tags.([]string)
	}
	switch {
	case created:
		return "CREATED"
	case reflect.DeepEqual(before.city, c.city) && reflect.DeepEqual(before.phone, c.phone) && slices.Equal(before.tags, c.tags) && maps.Equal(stamps, c.sent):
		return "UNCHANGED"
	}
	return "UPDATED"
}

func (m *shopModel) order(item vars) string {
	id := item["externalId"].(string)
	o, there := m.orders[id]
	at, timed := item["updatedAt"].(string)
	if there && timed && at < o.updatedAt {
		return "STALE"
	}
	before := o
	o.customer, o.placedAt = item["customer"].(vars)["externalId"].(string), item["placedAt"].(string)
	if timed {
		o.updatedAt = at
	}
	if status, given := item["status"]; given {
		o.status = status.(string)
	} else if !there {
		o.status = "PAID"
	}
	if cancelled, given := item["cancelledAt"]; given {
		o.cancelledAt, _ = cancelled.(string)
	}
	if total, given := item["total"]; given {
		o.total = total.(int)
	}
	if lines, given := item["lines"]; given {
		o.lines, _ = lines.([]vars)
	}
	if refunds, given := item["refunds"]; given {
		o.refunds, _ = refunds.([]vars)
	}
	m.orders[id] = o
	return outcome(there, sameShop(before, o, m))
}

// sameShop tells whether two versions of an order are the same; an order of a merged customer is the survivor's.
func sameShop(a, b modelOrder, m *shopModel) bool {
	if ca, cb := m.customers[a.customer], m.customers[b.customer]; ca != nil && ca == cb {
		a.customer = b.customer
	}
	return a.customer == b.customer && a.placedAt == b.placedAt && a.updatedAt == b.updatedAt && a.status == b.status && a.cancelledAt == b.cancelledAt && a.total == b.total &&
		fmt.Sprint(a.lines) == fmt.Sprint(b.lines) && fmt.Sprint(a.refunds) == fmt.Sprint(b.refunds)
}

func outcome(there, same bool) string {
	switch {
	case !there:
		return "CREATED"
	case same:
		return "UNCHANGED"
	}
	return "UPDATED"
}

func (m *shopModel) touch(item vars) string {
	id := item["externalId"].(string)
	before, there := m.touches[id]
	now := before
	now.customer, now.at, now.kind = item["customer"].(vars)["externalId"].(string), item["at"].(string), item["kind"].(string)
	if rating, given := item["rating"]; given {
		now.rating = rating
	}
	m.touches[id] = now
	if m.customers[before.customer] == m.customers[now.customer] {
		before.customer = now.customer
	}
	return outcome(there, reflect.DeepEqual(before, now))
}

func (m *shopModel) merge(from, into string) (conflict bool) {
	lost, kept := m.customers[from], m.customers[into]
	if lost == kept {
		return from == into || lost.key == from
	}
	if kept.city == nil {
		kept.city = lost.city
	}
	if kept.phone == nil {
		kept.phone = lost.phone
	}
	for _, tag := range lost.tags {
		if !slices.Contains(kept.tags, tag) {
			kept.tags = append(slices.Clone(kept.tags), tag)
		}
	}
	maps.Copy(kept.sent, lost.sent)
	for key, c := range m.customers {
		if c == lost {
			m.customers[key] = kept
		}
	}
	return false
}

// rebuild writes the final state into another server, as if nothing had ever been corrected.
func (m *shopModel) rebuild(t *testing.T, s *Server) {
	var customers, orders, touches []vars
	seen := map[*modelCustomer]bool{}
	for _, c := range m.customers {
		if !seen[c] {
			seen[c] = true
			customers = append(customers, vars{"externalId": c.key, "city": c.city, "phone": c.phone, "tags": c.tags})
		}
	}
	for id, o := range m.orders {
		item := vars{"externalId": id, "customer": key(m.customers[o.customer].key), "placedAt": o.placedAt, "status": o.status, "total": o.total, "lines": o.lines, "refunds": o.refunds}
		if o.cancelledAt != "" {
			item["cancelledAt"] = o.cancelledAt
		}
		orders = append(orders, item)
	}
	for id, o := range m.touches {
		touches = append(touches, vars{"externalId": id, "customer": key(m.customers[o.customer].key), "at": o.at, "kind": o.kind, "rating": o.rating})
	}
	for mutation, lists := range map[string]struct {
		field string
		items []vars
	}{upsertCustomers: {"customers", customers}, recordOrders: {"orders", orders}, recordTouches: {"touchpoints", touches}} {
		for some := range slices.Chunk(lists.items, 500) {
			if out := write(t, s, mutation, vars{lists.field: some}); len(at(out, "errors").([]any)) > 0 {
				t.Fatalf("%s", text(out))
			}
		}
	}
}
