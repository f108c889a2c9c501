package ingest

import (
	"time"

	"bellwether/internal/record"
)

// hints are what an order says of its customer and products.
type hints struct {
	customer record.CustomerHint
	products []record.ProductHint
}

// hints collects them: of the customer the first value of each field in the order, of a product what its line says.
func (a *assembler) hints(order *record.Order) hints {
	h := hints{customer: record.CustomerHint{Key: order.Customer, SeenAt: order.PlacedAt}}
	for i := range a.parsed {
		p := a.parsed[i]
		fill(&h.customer.Name, p.values[fieldCustomerName])
		fill(&h.customer.Email, p.values[fieldEmail])
		fill(&h.customer.Country, p.values[fieldCountry])
	}
	if order.Lines.State != record.Present {
		return h
	}
	h.products = make([]record.ProductHint, 0, len(order.Lines.Value))
	for i := range a.parsed {
		p := a.parsed[i]
		if !p.hasLine {
			continue
		}
		product := record.ProductHint{SKU: p.line.SKU, SeenAt: order.PlacedAt}
		fill(&product.Name, p.values[fieldProduct])
		fill(&product.Category, p.values[fieldCategory])
		h.products = append(h.products, product)
	}
	return h
}

func fill(field **string, value string) {
	if *field == nil && value != "" {
		*field = &value
	}
}

// batch collects orders until there are enough for a transaction. Its hints are merged, one for each customer and
// product, by the rule of package record: what is newer replaces, what is older fills what is missing; of two of one
// instant the first is the newer one.
type batch struct {
	record.Batch
	rows      int64 // that it is made of, and those rejected meanwhile
	lines     int
	customers map[record.Key]*customerSeen
	products  map[string]*productSeen
}

// customerSeen is where a hint stands in the batch, and of when its fields are.
type customerSeen struct {
	index                int
	name, email, country time.Time
}

type productSeen struct {
	index          int
	name, category time.Time
}

func newBatch(orders int) *batch {
	return &batch{
		Batch:     record.Batch{Orders: make([]record.Order, 0, orders)},
		customers: make(map[record.Key]*customerSeen, orders),
		products:  map[string]*productSeen{},
	}
}

func (b *batch) add(order record.Order, h hints) {
	b.Orders = append(b.Orders, order)
	b.lines += len(order.Lines.Value)
	b.addCustomer(h.customer)
	for _, product := range h.products {
		b.addProduct(product)
	}
}

func (b *batch) addCustomer(h record.CustomerHint) {
	seen, ok := b.customers[h.Key]
	if !ok {
		b.customers[h.Key] = &customerSeen{len(b.Customers), h.SeenAt, h.SeenAt, h.SeenAt}
		b.Customers = append(b.Customers, h)
		return
	}
	have := &b.Customers[seen.index]
	newer(&have.Name, &seen.name, h.Name, h.SeenAt)
	newer(&have.Email, &seen.email, h.Email, h.SeenAt)
	newer(&have.Country, &seen.country, h.Country, h.SeenAt)
	have.SeenAt = latest(have.SeenAt, h.SeenAt)
}

func (b *batch) addProduct(h record.ProductHint) {
	seen, ok := b.products[h.SKU]
	if !ok {
		b.products[h.SKU] = &productSeen{len(b.Products), h.SeenAt, h.SeenAt}
		b.Products = append(b.Products, h)
		return
	}
	have := &b.Products[seen.index]
	newer(&have.Name, &seen.name, h.Name, h.SeenAt)
	newer(&have.Category, &seen.category, h.Category, h.SeenAt)
	have.SeenAt = latest(have.SeenAt, h.SeenAt)
}

// newer replaces a field by a value that was seen later, or fills it.
func newer(have **string, at *time.Time, value *string, seen time.Time) {
	if value != nil && (*have == nil || seen.After(*at)) {
		*have, *at = value, seen
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
