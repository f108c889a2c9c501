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
		SetCreatedAt(now).SetUpdatedAt(now).SetDataChangedAt(now)
	if set != nil {
		set(create)
	}
	if name, ok := create.Mutation().Name(); ok {
		create.SetSearchText(store.Fold(name + "\n" + key))
	}
	c, err := create.Save(t.Context())
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
