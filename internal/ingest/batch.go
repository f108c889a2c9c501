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

// batch collects orders until there are enough for a transaction.
type batch struct {
	record.Batch
	rows      int64 // that it is made of, and those rejected meanwhile
	lines     int
	customers said[record.Key]
	products  said[string]
}

func newBatch(orders int) *batch {
	return &batch{
		Batch:     record.Batch{Orders: make([]record.Order, 0, orders)},
		customers: said[record.Key]{index: make(map[record.Key]int, orders)},
		products:  said[string]{index: map[string]int{}},
	}
}

func (b *batch) add(order record.Order, h hints) {
	b.Orders = append(b.Orders, order)
	b.lines += len(order.Lines.Value)
	b.customers.hear(h.customer.Key, h.customer.SeenAt, h.customer.Name, h.customer.Email, h.customer.Country)
	for _, product := range h.products {
		b.products.hear(product.SKU, product.SeenAt, product.Name, product.Category)
	}
}

// finish makes the hints of what was said.
func (b *batch) finish() {
	for i := range b.customers.all {
		b.customers.all[i].each(func(key record.Key, at time.Time, texts [3]*string) {
			b.Customers = append(b.Customers, record.CustomerHint{Key: key, SeenAt: at, Name: texts[0], Email: texts[1], Country: texts[2]})
		})
	}
	for i := range b.products.all {
		b.products.all[i].each(func(sku string, at time.Time, texts [3]*string) {
			b.Products = append(b.Products, record.ProductHint{SKU: sku, SeenAt: at, Name: texts[0], Category: texts[1]})
		})
	}
}

// said is what a batch's orders say of customers or products, each once. The newest text counts, of two of one instant
// the one that sorts last: the rule of the store, so that it does not matter how orders fall into batches.
type said[K comparable] struct {
	index map[K]int
	all   []saying[K]
}

type saying[K comparable] struct {
	key   K
	at    time.Time // of the newest order
	texts [3]*string
	seen  [3]time.Time
}

func (s *said[K]) hear(key K, at time.Time, texts ...*string) {
	i, ok := s.index[key]
	if !ok {
		i = len(s.all)
		s.index[key] = i
		s.all = append(s.all, saying[K]{key: key, at: at})
	}
	have := &s.all[i]
	if at.After(have.at) {
		have.at = at
	}
	for j, text := range texts {
		if text == nil {
			continue
		}
		if old := have.texts[j]; old == nil || at.After(have.seen[j]) || at.Equal(have.seen[j]) && *text > *old {
			have.texts[j], have.seen[j] = text, at
		}
	}
}

// each yields the texts by instant, oldest first: a hint has one instant for all its texts, and one that is too young
// would hide what is newer in the database.
func (s *saying[K]) each(yield func(key K, at time.Time, texts [3]*string)) {
	for {
		var oldest time.Time
		for j, text := range s.texts {
			if text != nil && (oldest.IsZero() || s.seen[j].Before(oldest)) {
				oldest = s.seen[j]
			}
		}
		if oldest.IsZero() {
			break
		}
		var together [3]*string
		for j, text := range s.texts {
			if text != nil && s.seen[j].Equal(oldest) {
				together[j], s.texts[j] = text, nil
				s.at = time.Time{} // said
			}
		}
		yield(s.key, oldest, together)
	}
	if !s.at.IsZero() {
		yield(s.key, s.at, s.texts) // only that it is there
	}
}
