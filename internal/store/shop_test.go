package store_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"bellwether/internal/record"
)

// shop is what should be stored, kept the simplest way: each record as last said, under the key it was said of.
type shop struct {
	mergedInto  map[string]string
	people      map[string]*person
	products    map[string]*goods
	orders      model
	touchpoints map[string]record.Touchpoint
}

// person is a customer: what records said of it, and of what they did not speak, what orders did.
type person struct {
	record.Customer
	hints hints
}

type goods struct {
	record.Product
	hints hints
}

type hints map[string]hint

type hint struct {
	at   time.Time
	text string
}

func newShop() *shop {
	return &shop{map[string]string{}, map[string]*person{}, map[string]*goods{}, model{}, map[string]record.Touchpoint{}}
}

// fieldState is that of a field of a record; other members have none.
func fieldState(v reflect.Value) record.State {
	if v.Kind() == reflect.Struct {
		if state := v.FieldByName("State"); state.IsValid() {
			return record.State(state.Uint())
		}
	}
	return record.Omitted
}

// overlay sets the fields that a record does not leave out.
func overlay(to, from any) {
	t, f := reflect.ValueOf(to).Elem(), reflect.ValueOf(from).Elem()
	for i := range f.NumField() {
		if fieldState(f.Field(i)) != record.Omitted {
			t.Field(i).Set(f.Field(i))
		}
	}
}

// fill sets the fields that have no value to those that do.
func fill(to, from any) {
	t, f := reflect.ValueOf(to).Elem(), reflect.ValueOf(from).Elem()
	for i := range f.NumField() {
		if fieldState(f.Field(i)) == record.Present && fieldState(t.Field(i)) != record.Present {
			t.Field(i).Set(f.Field(i))
		}
	}
}

func (h hints) hear(field, text string, at time.Time) {
	if old, ok := h[field]; !ok || at.After(old.at) || at.Equal(old.at) && text > old.text {
		h[field] = hint{at, text}
	}
}

// text is a field that orders hint at: a record's word, even null, comes first.
func (h hints) text(field string, said record.Field[string]) string {
	switch hinted, ok := h[field]; {
	case said.State == record.Present:
		return said.Value
	case said.State == record.Omitted && ok:
		return hinted.text
	}
	return "-"
}

func (s *shop) resolve(key string) string {
	for s.mergedInto[key] != "" {
		key = s.mergedInto[key]
	}
	return key
}

func (s *shop) person(key string) *person {
	key = s.resolve(key)
	if s.people[key] == nil {
		s.people[key] = &person{hints: hints{}}
		s.people[key].Key = record.Key{Source: "shop", ExternalID: key}
	}
	return s.people[key]
}

// line is a customer as text: what can be seen of it, and which fields a record spoke of.
func (s *shop) line(p *person) string {
	kind, referrer := p.Kind.Value, "-"
	if kind == "" {
		kind = "PERSON"
	}
	if r := s.resolve(p.ReferredBy.Value.ExternalID); p.ReferredBy.State == record.Present && r != p.ExternalID {
		referrer = r
	}
	tags := slices.Clone(p.Tags.Value)
	slices.Sort(tags)
	return fmt.Sprint(p.hints.text("name", p.Name), p.Name.State > 0, p.hints.text("country", p.Country), p.Country.State > 0, kind, referrer, slices.Compact(tags),
		p.City.Value, p.Account.Value, p.RegisteredAt.Value, p.UpdatedAt.Value)
}

func (s *shop) writeCustomer(c record.Customer) record.Outcome {
	exists := s.people[c.ExternalID] != nil
	own := s.people[c.ExternalID]
	if exists && c.UpdatedAt.State == record.Present && c.UpdatedAt.Value.Before(own.UpdatedAt.Value) {
		return record.Stale
	}
	p := s.person(c.ExternalID)
	own = s.people[c.ExternalID]
	before, clock := s.line(p), own.UpdatedAt
	if c.UpdatedAt.State != record.Omitted {
		own.UpdatedAt = c.UpdatedAt
	}
	c.UpdatedAt = record.Field[time.Time]{}
	if c.ReferredBy.State == record.Present && s.resolve(c.ReferredBy.Value.ExternalID) == p.ExternalID {
		c.ReferredBy.State = record.Omitted
	}
	overlay(&p.Customer, &c)
	if c.ReferredBy.State == record.Present {
		s.person(c.ReferredBy.Value.ExternalID)
	}
	switch {
	case !exists:
		return record.Created
	case s.line(p) != before || own.UpdatedAt != clock:
		return record.Updated
	}
	return record.Unchanged
}

func (s *shop) writeProduct(r record.Product) record.Outcome {
	p, exists := s.products[r.SKU]
	if !exists {
		p = s.product(r.SKU)
	}
	line := func() string {
		return fmt.Sprint(p.hints.text("category", p.Category), p.Category.State > 0, p.Technology.Value, max(p.Kind.Value, "GOODS"))
	}
	before := line()
	overlay(&p.Product, &r)
	switch {
	case !exists:
		return record.Created
	case line() != before:
		return record.Updated
	}
	return record.Unchanged
}

func (s *shop) product(sku string) *goods {
	if s.products[sku] == nil {
		s.products[sku] = &goods{record.Product{SKU: sku}, hints{}}
	}
	return s.products[sku]
}

// writeOrder takes in an order, which hints at its customer and products.
func (s *shop) writeOrder(o record.Order) record.Outcome {
	said := o.Customer.ExternalID
	o.Customer.ExternalID = s.resolve(said)
	outcome := s.orders.write(o)
	if outcome == record.Stale {
		return outcome
	}
	p := s.person(said)
	p.hints.hear("name", hintOf(said, o), o.PlacedAt)
	p.hints.hear("country", hintOf(said, o), o.PlacedAt)
	for _, l := range o.Lines.Value {
		s.product(l.SKU).hints.hear("category", hintOf(l.SKU, o), o.PlacedAt)
	}
	return outcome
}

// hintOf is what an order says of something.
func hintOf(what string, o record.Order) string { return what + " as of " + o.ExternalID }

func (s *shop) writeTouchpoint(p record.Touchpoint) record.Outcome {
	old, exists := s.touchpoints[p.ExternalID]
	next := old
	overlay(&next, &p)
	next.Key, next.At, next.Kind, next.Customer = p.Key, p.At, p.Kind, s.person(p.Customer.ExternalID).Key
	s.touchpoints[p.ExternalID] = next
	line := func(p record.Touchpoint) string {
		return fmt.Sprint(s.resolve(p.Customer.ExternalID), p.At, p.Kind, p.Topic.Value, p.Rating.Value)
	}
	switch {
	case !exists:
		return record.Created
	case line(next) != line(old):
		return record.Updated
	}
	return record.Unchanged
}

// merge merges customers and returns the survivor, or why it cannot.
func (s *shop) merge(from, into string) (survivor, code string) {
	f, i := s.resolve(from), s.resolve(into)
	switch {
	case s.people[from] == nil || s.people[into] == nil:
		return "", record.CodeNotFound
	case from == into || f == i && f == from:
		return "", record.CodeConflict
	case f == i:
		return i, ""
	}
	lost, kept := s.people[f], s.people[i]
	for field, said := range map[string][2]*record.Field[string]{"name": {&kept.Name, &lost.Name}, "country": {&kept.Country, &lost.Country}} {
		if said[0].State+said[1].State == 0 { // hints alone
			if h, ok := lost.hints[field]; ok {
				kept.hints.hear(field, h.text, h.at)
			}
			continue
		}
		for _, text := range []string{said[0].Value, said[1].Value, kept.hints.text(field, *said[0]), lost.hints.text(field, *said[1])} {
			if said[0].State = record.Null; text != "" && text != "-" {
				*said[0] = record.Set(text)
				break
			}
		}
	}
	if s.resolve(kept.ReferredBy.Value.ExternalID) == f {
		kept.ReferredBy = record.Field[record.Key]{}
	}
	tags, kind, clock := append(slices.Clone(kept.Tags.Value), lost.Tags.Value...), kept.Kind, kept.UpdatedAt
	if said := lost.ReferredBy; s.resolve(said.Value.ExternalID) != i {
		fill(&kept.Customer, &lost.Customer)
	} else {
		lost.ReferredBy = record.Field[record.Key]{}
		fill(&kept.Customer, &lost.Customer)
		lost.ReferredBy = said
	}
	kept.Tags, kept.Kind, kept.UpdatedAt = record.Set(tags), kind, clock
	s.mergedInto[f] = i
	for id, o := range s.orders {
		o.Customer.ExternalID = s.resolve(o.Customer.ExternalID)
		s.orders[id] = o
	}
	return i, ""
}

// final are the records that make the shop as it is now.
func (s *shop) final() (customers []record.Customer, products []record.Product, orders []record.Order, touchpoints []record.Touchpoint) {
	text := func(h hints, field string, said record.Field[string]) record.Field[string] {
		if value := h.text(field, said); value != "-" {
			return record.Set(value)
		}
		return record.Clear[string]()
	}
	for _, key := range slices.Sorted(maps.Keys(s.people)) {
		if s.mergedInto[key] != "" {
			continue
		}
		c := s.people[key].Customer
		c.Name, c.Country = text(s.people[key].hints, "name", c.Name), text(s.people[key].hints, "country", c.Country)
		c.ReferredBy.Value.ExternalID = s.resolve(c.ReferredBy.Value.ExternalID)
		customers = append(customers, c)
	}
	for _, p := range s.products {
		r := p.Product
		r.Category = text(p.hints, "category", r.Category)
		products = append(products, r)
	}
	orders = slices.Collect(maps.Values(s.orders))
	for _, p := range s.touchpoints {
		p.Customer.ExternalID = s.resolve(p.Customer.ExternalID)
		touchpoints = append(touchpoints, p)
	}
	return customers, products, orders, touchpoints
}
