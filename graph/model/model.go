// Package model has the Go types behind the GraphQL types: thin wrappers around entities and scores, whose methods are
// the fields. What needs no wrapper is generated into models_gen.go, the types of plugins into scores_gen.go.
package model

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"bellwether/ent"
)

// Group are the objects that one query loaded: what a field of one of them needs is fetched for all at once.
type Group[T any] struct {
	Members []T

	mu   sync.Mutex
	memo map[any]*once
}

type once struct {
	sync.Once
	value any
	err   error
}

// Together answers a key for a whole group: load runs once, for the first member that asks. The key must say all that
// load depends on, by value.
func Together[V, T any](g *Group[T], key any, load func() (V, error)) (V, error) {
	g.mu.Lock()
	if g.memo == nil {
		g.memo = map[any]*once{}
	}
	o, ok := g.memo[key]
	if !ok {
		o = &once{}
		g.memo[key] = o
	}
	g.mu.Unlock()
	o.Do(func() { o.value, o.err = load() })
	v, _ := o.value.(V)
	return v, o.err
}

// Seed answers a key for a whole group before anybody asks.
func Seed[V, T any](g *Group[T], key any, value V) {
	_, _ = Together(g, key, func() (V, error) { return value, nil })
}

// Node is an object with a global id.
type Node interface {
	IsNode()
	ID() string
}

// Customer is a customer with those that were loaded together with it.
type Customer struct {
	*ent.Customer
	Group *Group[*Customer]
}

// Customers wraps customers that one query loaded.
func Customers(loaded []*ent.Customer) []*Customer {
	g := &Group[*Customer]{Members: make([]*Customer, len(loaded))}
	for i, c := range loaded {
		g.Members[i] = &Customer{c, g}
	}
	return g.Members
}

// IsNode marks the type.
func (*Customer) IsNode() {}

// ID is the global id.
func (c *Customer) ID() string { return CustomerID.Of(c.Customer.ID) }

// ExternalID is the key of the first identity; an identity nobody named has none.
func (c *Customer) ExternalID() *string { return &c.Customer.ExternalID }

// Kind of the customer.
func (c *Customer) Kind() string { return string(c.Customer.Kind) }

// Tags of the customer, never null.
func (c *Customer) Tags() []string {
	if c.Customer.Tags == nil {
		return []string{}
	}
	return c.Customer.Tags
}

// Attributes as the source sent them.
func (c *Customer) Attributes() any {
	if len(c.Customer.Attributes) == 0 {
		return nil
	}
	return c.Customer.Attributes
}

// Order is an order with those that were loaded together with it.
type Order struct {
	*ent.Order
	Group *Group[*Order]
	Buyer *Customer // nil where the order was not reached through its customer
}

// Orders wraps orders that one query loaded.
func Orders(loaded []*ent.Order, buyer func(uuid.UUID) *Customer) []*Order {
	g := &Group[*Order]{Members: make([]*Order, len(loaded))}
	for i, o := range loaded {
		g.Members[i] = &Order{o, g, buyer(o.CustomerID)}
	}
	return g.Members
}

// IsNode marks the type.
func (*Order) IsNode() {}

// ID is the global id.
func (o *Order) ID() string { return OrderID.Of(o.Order.ID) }

// ExternalID is the key in the system the order came from.
func (o *Order) ExternalID() *string { return &o.Order.ExternalID }

// Status of the order.
func (o *Order) Status() string { return string(o.Order.Status) }

// Total is what the customer pays.
func (o *Order) Total() (*Money, error) { return minor(o.Order.Total, o.Currency) }

// Discount is by how much the total was lowered.
func (o *Order) Discount() (*Money, error) { return minor(o.Order.Discount, o.Currency) }

// Refund is a refund with the currency of its order.
type Refund struct {
	*ent.Refund
	Currency string
}

// ID is the global id.
func (r *Refund) ID() string { return RefundID.Of(r.Refund.ID) }

// ExternalID is the key of the refund within its order.
func (r *Refund) ExternalID() *string { return &r.Refund.ExternalID }

// Amount that was given back.
func (r *Refund) Amount() (*Money, error) { return minor(r.Refund.Amount, r.Currency) }

// OrderLine is an order line with its product and the currency of its order.
type OrderLine struct {
	*ent.OrderLine
	Product  *ent.Product
	Currency string
}

// Sku is the key of the product.
func (l *OrderLine) Sku() string { return l.Product.Sku }

// Name of the product.
func (l *OrderLine) Name() *string { return l.Product.Name }

// Category of the product.
func (l *OrderLine) Category() *string { return l.Product.Category }

// UnitPrice is the price of one.
func (l *OrderLine) UnitPrice() (*Money, error) { return micro(l.OrderLine.UnitPrice, l.Currency) }

// Touchpoint is a touchpoint.
type Touchpoint struct{ *ent.Touchpoint }

// Touchpoints wraps touchpoints.
func Touchpoints(loaded []*ent.Touchpoint) []*Touchpoint {
	out := make([]*Touchpoint, len(loaded))
	for i, t := range loaded {
		out[i] = &Touchpoint{t}
	}
	return out
}

// IsNode marks the type.
func (*Touchpoint) IsNode() {}

// ID is the global id.
func (t *Touchpoint) ID() string { return TouchpointID.Of(t.Touchpoint.ID) }

// ExternalID is the key in the system the touchpoint came from.
func (t *Touchpoint) ExternalID() *string { return &t.Touchpoint.ExternalID }

// Page is one page of a list.
type Page[E any] struct {
	Edges    []E
	PageInfo PageInfo
	Total    func(context.Context) (int, error)
}

// TotalCount counts the whole list; it runs only when it is selected.
func (p *Page[E]) TotalCount(ctx context.Context) (*int, error) {
	n, err := p.Total(ctx)
	return &n, err
}

// PageInfo is where a page lies within its list.
type PageInfo struct {
	HasNextPage, HasPreviousPage bool
	Start, End                   func() string // cursors; nil of an empty page
}

// StartCursor is the cursor of the first edge.
func (p PageInfo) StartCursor() *string { return made(p.Start) }

// EndCursor is the cursor of the last edge.
func (p PageInfo) EndCursor() *string { return made(p.End) }

func made(cursor func() string) *string {
	if cursor == nil {
		return nil
	}
	c := cursor()
	return &c
}

type (
	// CustomerConnection is a page of customers.
	CustomerConnection struct{ Page[*CustomerEdge] }
	// OrderConnection is a page of orders.
	OrderConnection struct{ Page[*OrderEdge] }
	// TouchpointConnection is a page of touchpoints.
	TouchpointConnection struct{ Page[*TouchpointEdge] }

	// CustomerEdge is a customer within a page.
	CustomerEdge struct {
		Node *Customer
		At   func(*Customer) string
	}
	// OrderEdge is an order within a page.
	OrderEdge struct {
		Node *Order
		At   func(*Order) string
	}
	// TouchpointEdge is a touchpoint within a page.
	TouchpointEdge struct {
		Node *Touchpoint
		At   func(*Touchpoint) string
	}
)

// Cursor of the edge; made where it is selected.
func (e *CustomerEdge) Cursor() string { return e.At(e.Node) }

// Cursor of the edge; made where it is selected.
func (e *OrderEdge) Cursor() string { return e.At(e.Node) }

// Cursor of the edge; made where it is selected.
func (e *TouchpointEdge) Cursor() string { return e.At(e.Node) }

// TimeKey is an optional instant as part of a memo's key, by value.
func TimeKey(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
