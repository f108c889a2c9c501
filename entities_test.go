package main

import (
	"strings"
	"testing"
	"time"

	"bellwether/ent"
	"bellwether/ent/customer"
	"bellwether/graph/model"
	"bellwether/internal/record"
	"bellwether/internal/store"
)

// addCustomer adds a customer that no order brought; set may add to it.
func addCustomer(t testing.TB, s *Server, key string, set func(*ent.CustomerCreate)) *ent.Customer {
	t.Helper()
	now := time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC)
	create := s.Store.Ent().Customer.Create().SetID(store.CustomerID(record.Key{Source: "api", ExternalID: key})).SetSource("api").SetExternalID(key).
		SetCreatedAt(now).SetUpdatedAt(now)
	if set != nil {
		set(create)
	}
	name, named := create.Mutation().Name()
	email, mailed := create.Mutation().Email()
	_, merged := create.Mutation().MergedInto()
	c, err := create.Save(t.Context())
	if err == nil && !merged && (named || mailed) { // once more by the store, which makes it searchable
		_, err = s.Store.Ent().Customer.UpdateOne(c).ClearName().ClearEmail().Save(t.Context())
		said := record.Customer{Key: record.Key{Source: "api", ExternalID: key}, Name: record.Field[string]{Value: name}, Email: record.Field[string]{Value: email}}
		if named {
			said.Name.State = record.Present
		}
		if mailed {
			said.Email.State = record.Present
		}
		if err == nil {
			_, err = s.Store.WriteCustomers(t.Context(), []record.Customer{said})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// addTouchpoint adds a visit of a customer at an instant and returns its global id.
func addTouchpoint(t testing.TB, s *Server, customerKey, at string) string {
	t.Helper()
	c, err := s.Store.Ent().Customer.Query().Where(customer.ExternalID(customerKey)).Only(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	key := strings.Join([]string{customerKey, at}, " ")
	p, err := s.Store.Ent().Touchpoint.Create().SetID(store.TouchpointID(record.Key{Source: "api", ExternalID: key})).SetSource("api").SetExternalID(key).
		SetCustomerID(c.ID).SetAt(when).SetKind("visit").SetCreatedAt(when).SetUpdatedAt(when).Save(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return model.TouchpointID.Of(p.ID)
}

// TestCustomerByKey: each key finds its customer; a merged one gives the survivor, whose identities have it.
func TestCustomerByKey(t *testing.T) {
	s := shop(t, ordersCSV, "--currency", "EUR", "--source", "till")
	last := addCustomer(t, s, "last", func(c *ent.CustomerCreate) { c.SetPhone("+49 1").SetEmail("Last@Example.com") })
	middle := addCustomer(t, s, "middle", func(c *ent.CustomerCreate) { c.SetMergedInto(last.ID).SetPhone("+49 1") })
	addCustomer(t, s, "first", func(c *ent.CustomerCreate) { c.SetMergedInto(middle.ID).SetEmail("ann@example.com") })
	addCustomer(t, s, "twin", func(c *ent.CustomerCreate) { c.SetPhone("+49 2") })
	addCustomer(t, s, "other twin", func(c *ent.CustomerCreate) { c.SetPhone("+49 2") })
	for _, test := range []struct {
		by   vars
		want any
	}{
		{vars{"id": model.CustomerID.Of(last.ID)}, "last"},
		{vars{"id": model.CustomerID.Of(middle.ID)}, "last"},
		{vars{"id": "cus_nonsense"}, nil},
		{vars{"id": "ord_" + model.CustomerID.Of(last.ID)[4:]}, nil},
		{vars{"external": vars{"externalId": "last"}}, "last"},
		{vars{"external": vars{"externalId": "first"}}, "last"},
		{vars{"external": vars{"source": "till", "externalId": "bob"}}, "bob"},
		{vars{"external": vars{"source": "till", "externalId": "last"}}, nil},
		{vars{"email": "LAST@example.COM"}, "last"},
		{vars{"email": "Ann@Example.com"}, "ann"}, // not of the one that was merged
		{vars{"email": "a%"}, nil},
		{vars{"phone": "+49 1"}, "last"},
		{vars{"phone": "+49"}, nil},
	} {
		data := ask(t, s, `query($by: CustomerBy!) { customer(by: $by) { externalId } }`, vars{"by": test.by})
		if got := at(data, "customer.externalId"); got != test.want {
			t.Errorf("%v is %v, want %v", test.by, got, test.want)
		}
	}
	a := try(t, s.Handler, `{ customer(by: {phone: "+49 2"}) { id } }`, nil)
	if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "AMBIGUOUS" {
		t.Errorf("a phone of two: %+v", a)
	}
	data := ask(t, s, `query($id: ID!) { node(id: $id) { id } customers { edges { node { externalId } } } }`, vars{"id": model.CustomerID.Of(middle.ID)})
	if names := texts(data, "customers.edges.*.node.externalId"); at(data, "node") != nil || len(names) != 6 {
		t.Errorf("merged customers show: %s", text(data))
	}
}
