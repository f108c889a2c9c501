package store

import (
	"context"

	"bellwether/internal/record"
)

// Batch is how many orders an import best writes at once.
func (s *Store) Batch() int { return s.dialect.batch() }

// Write writes a batch as [Store.WriteOrders] does, and tells what became of each order, by position.
func (s *Store) Write(ctx context.Context, b record.Batch) ([]record.Outcome, error) {
	written, err := s.WriteOrders(ctx, b)
	if err != nil {
		return nil, err
	}
	outcomes := make([]record.Outcome, len(written))
	for i, w := range written {
		outcomes[i] = w.Outcome
	}
	return outcomes, nil
}

// WriteOrders writes orders, and what they say of customers and products, in one transaction, and tells what became of
// each order, by position. Writing the same again changes nothing. Of an order that is there, a field left out stays,
// null clears, and lists are replaced; sent under another customer it moves there; one that is older than what is stored
// is stale and changes nothing. A new order is PAID and in the base currency unless it says otherwise, and the first
// order of all decides what that is. Customers and products that nobody described are created.
//
// Here and in the other writers the error of records that cannot be written is [*record.RejectedError]: it names all of
// them, and nothing was written.
func (s *Store) WriteOrders(ctx context.Context, b record.Batch) ([]record.Written, error) {
	return s.write(ctx, len(b.Orders), func(w *batch) {
		for _, h := range b.Customers {
			w.keys[h.Key] = nil
			w.described = w.described || h.Name != nil || h.Email != nil || h.Country != nil
		}
		for _, h := range b.Products {
			w.products[h.SKU] = nil
		}
		for i := range b.Orders {
			o := &b.Orders[i]
			w.keys[o.Customer], w.orders[o.Key] = nil, nil
			for _, l := range o.Lines.Value {
				w.products[l.SKU] = nil
			}
		}
	}, func(w *batch) error {
		if err := each(w, b.Orders, func(o *record.Order) string { return o.ExternalID }, w.applyOrder); err != nil {
			return err
		}
		w.hear(b)
		return nil
	})
}

// WriteCustomers writes what sources say of customers, in one transaction, and tells what became of each record, by
// position. A key of a merged customer writes to the survivor; whether a record is stale is decided by what the same key
// sent before, since sources have clocks of their own. Accounts and referrers that are not known are created; a customer
// that would refer itself, because its referrer was merged into it, is referred as before.
func (s *Store) WriteCustomers(ctx context.Context, customers []record.Customer) ([]record.Written, error) {
	return s.write(ctx, len(customers), func(w *batch) {
		for i := range customers {
			c := &customers[i]
			w.keys[c.Key], w.described = nil, true
			if c.ReferredBy.State == record.Present {
				w.keys[c.ReferredBy.Value] = nil
			}
		}
	}, func(w *batch) error {
		return each(w, customers, func(c *record.Customer) string { return c.ExternalID }, w.applyCustomer)
	})
}

// WriteProducts writes what sources say of products, in one transaction, and tells what became of each record, by
// position.
func (s *Store) WriteProducts(ctx context.Context, products []record.Product) ([]record.Written, error) {
	return s.write(ctx, len(products), func(w *batch) {
		for i := range products {
			w.products[products[i].SKU] = nil
		}
	}, func(w *batch) error {
		return each(w, products, func(p *record.Product) string { return p.SKU }, w.applyProduct)
	})
}

// WriteTouchpoints writes touchpoints in one transaction and tells what became of each, by position. One that is sent
// again under another customer moves to that customer; customers that are not known are created.
func (s *Store) WriteTouchpoints(ctx context.Context, touchpoints []record.Touchpoint) ([]record.Written, error) {
	return s.write(ctx, len(touchpoints), func(w *batch) {
		for i := range touchpoints {
			t := &touchpoints[i]
			w.touchpoints[t.Key], w.keys[t.Customer] = nil, nil
		}
	}, func(w *batch) error {
		return each(w, touchpoints, func(t *record.Touchpoint) string { return t.ExternalID }, w.applyTouchpoint)
	})
}
