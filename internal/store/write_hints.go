package store

import "bellwether/internal/record"

// heard is a text of a customer or a product, and the instant of what said it: a hint's is its order's, and a record of
// its own speaks for all time. The newest counts, of two of one instant the text that sorts last; so it does not matter
// in which order hints and records come, nor how often. It is comparable.
type heard struct {
	text nullText
	at   instant // null: nobody said anything
}

// told is the instant of what a record of its own said: later than that of any hint.
const told = 253402300799999999 // 9999-12-31T23:59:59.999999Z

// hear takes in a hint.
func (h *heard) hear(when int64, said *string) {
	if said == nil || when >= told || h.at.Valid && (when < h.at.V || when == h.at.V && *said <= h.text.V) {
		return
	}
	*h = heard{text(said), at(when)}
}

// tell takes in what a record of its own says.
func (h *heard) tell(f record.Field[string]) {
	if f.State != record.Omitted {
		*h = heard{text(f.Ptr()), at(told)}
	}
}

// told tells whether a record of its own said something, be it null.
func (h heard) told() bool { return h.at.Valid && h.at.V == told }

// join is what is left of a survivor's text and that of one that is merged into it: what records said comes before what
// hints did; of two records the survivor's counts unless it is null, of two hints the newest.
func (h heard) join(other heard) heard {
	if !h.told() && !other.told() {
		if other.text.Valid {
			h.hear(other.at.V, &other.text.V)
		}
		return h
	}
	said := h.text
	if other.text.Valid && (!said.Valid || other.told() && !h.told()) {
		said = other.text
	}
	return heard{said, at(told)}
}

// unheard are the hints that are not taken in: those of stale orders alone, which change nothing.
type unheard[K comparable] map[hinted[K]]bool

type hinted[K comparable] struct {
	key K
	at  int64
}

// hear takes in what orders say of customers and products.
func (w *batch) hear(b record.Batch) {
	customers, products := w.unheard(b.Orders)
	for _, h := range b.Customers {
		if at := h.SeenAt.UnixMicro(); !customers[hinted[record.Key]{h.Key, at}] {
			c := w.keys[h.Key]
			c.named = true
			c.now.name.hear(at, h.Name)
			c.now.email.hear(at, h.Email)
			c.now.country.hear(at, h.Country)
		}
	}
	for _, h := range b.Products {
		if at := h.SeenAt.UnixMicro(); !products[hinted[string]{h.SKU, at}] {
			p := w.products[h.SKU]
			p.named = true
			p.now.name.hear(at, h.Name)
			p.now.category.hear(at, h.Category)
		}
	}
}

// unheard finds the hints of stale orders: a hint has its order's instant.
func (w *batch) unheard(orders []record.Order) (unheard[record.Key], unheard[string]) {
	customers, products := unheard[record.Key]{}, unheard[string]{}
	mark := func(stale bool) {
		for i := range orders {
			o := &orders[i]
			if (w.written[i].Outcome == record.Stale) != stale {
				continue
			}
			at := o.PlacedAt.UnixMicro()
			customers[hinted[record.Key]{o.Customer, at}] = stale
			for _, l := range o.Lines.Value {
				products[hinted[string]{l.SKU, at}] = stale
			}
		}
	}
	for i := range orders {
		if w.written[i].Outcome == record.Stale {
			mark(true)
			mark(false)
			break
		}
	}
	return customers, products
}
