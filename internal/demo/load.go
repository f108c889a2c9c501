package demo

import (
	"context"
	"fmt"
	"time"

	"bellwether/internal/record"
)

// Store is what a shop is written into.
type Store interface {
	Configure(ctx context.Context, currency, zone string) error
	WriteCustomers(context.Context, []record.Customer) ([]record.Written, error)
	WriteOrders(context.Context, record.Batch) ([]record.Written, error)
	WriteProducts(context.Context, []record.Product) ([]record.Written, error)
	WriteTouchpoints(context.Context, []record.Touchpoint) ([]record.Written, error)
}

// batchOrders is how many orders are written in one transaction, at least.
const batchOrders = 4000

// LoadUntil writes the usual shop into a store. It ends when the day of now began, so that what is written later is news.
func LoadUntil(ctx context.Context, now time.Time, into Store) error {
	shop, err := New(Options{Customers: Customers, Seed: Seed, End: now.UTC().Truncate(24 * time.Hour)})
	if err != nil {
		return err
	}
	return shop.Load(ctx, into)
}

// Load writes a shop into a store, in the base currency of the shop.
func (s *Shop) Load(ctx context.Context, into Store) error {
	err := into.Configure(ctx, BaseCurrency, "")
	if err == nil {
		_, err = into.WriteProducts(ctx, s.Products())
	}
	batch := &Neighbourhood{}
	for n := range s.Neighbourhoods() {
		if err != nil {
			break
		}
		batch.Customers = append(batch.Customers, n.Customers...)
		batch.Orders = append(batch.Orders, n.Orders...)
		batch.Touchpoints = append(batch.Touchpoints, n.Touchpoints...)
		if len(batch.Orders) >= batchOrders {
			err = batch.write(ctx, into)
			*batch = Neighbourhood{Customers: batch.Customers[:0], Orders: batch.Orders[:0], Touchpoints: batch.Touchpoints[:0]}
		}
	}
	if err == nil {
		err = batch.write(ctx, into)
	}
	if err != nil {
		return fmt.Errorf("load the demo: %w", err)
	}
	return nil
}

func (n *Neighbourhood) write(ctx context.Context, into Store) error {
	_, err := into.WriteCustomers(ctx, n.Customers)
	if err == nil {
		_, err = into.WriteOrders(ctx, record.Batch{Orders: n.Orders})
	}
	if err == nil {
		_, err = into.WriteTouchpoints(ctx, n.Touchpoints)
	}
	return err
}
