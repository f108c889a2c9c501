package graph

import (
	"context"
	"strings"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"bellwether/ent"
	"bellwether/ent/customer"
	"bellwether/ent/order"
	"bellwether/ent/orderline"
	"bellwether/ent/product"
	"bellwether/ent/refund"
	"bellwether/ent/touchpoint"
	"bellwether/graph/model"
)

// childKey is what a page of children depends on, by value; it is the same for all customers of a group.
type childKey struct {
	field, columns, after, before string
	size                          int
	backward                      bool
}

func (p pageArgs) key(field string, columns []string, given paging) childKey {
	k := childKey{field: field, columns: strings.Join(columns, " "), size: p.size, backward: p.backward}
	if given.after != nil {
		k.after = *given.after
	}
	if given.before != nil {
		k.before = *given.before
	}
	return k
}

// orders answers a page of a customer's orders, latest first, from one query for all customers of the group.
func (r *Resolver) orders(ctx context.Context, c *model.Customer, given paging) (*model.OrderConnection, error) {
	by := keyset{column: order.FieldPlacedAt, desc: true}
	page, err := by.newPage(given)
	if err != nil {
		return nil, err
	}
	names := orderColumns.selected(ctx)
	found, err := model.Together(c.Group, page.key("orders", names, given), func() (map[uuid.UUID][]*model.Order, error) {
		rows, err := orderColumns.first(ctx, r.Store, names, ids(c.Group), by, page)
		return grouped(model.Orders(rows, buyers(c.Group)), func(o *model.Order) uuid.UUID { return o.CustomerID }), err
	})
	if err != nil {
		return nil, err
	}
	shown, next, previous := cut(page, found[c.Customer.ID])
	at := func(o *model.Order) string { return by.cursor(o.PlacedAt, o.Order.ID) }
	return &model.OrderConnection{Page: connection(shown, next, previous,
		func(o *model.Order) *model.OrderEdge { return &model.OrderEdge{Node: o, At: at} }, at,
		func(ctx context.Context) (int, error) {
			return counted(c, "orders", func(ids []uuid.UUID, into *[]childCount) error {
				return r.Ent.Order.Query().Where(order.CustomerIDIn(ids...)).GroupBy(order.FieldCustomerID).Aggregate(ent.Count()).Scan(ctx, into)
			})
		})}, nil
}

// touchpoints answers a page of a customer's touchpoints, latest first, from one query for all customers of the group.
func (r *Resolver) touchpoints(ctx context.Context, c *model.Customer, given paging) (*model.TouchpointConnection, error) {
	by := keyset{column: touchpoint.FieldAt, desc: true}
	page, err := by.newPage(given)
	if err != nil {
		return nil, err
	}
	names := touchpointColumns.selected(ctx)
	found, err := model.Together(c.Group, page.key("touchpoints", names, given), func() (map[uuid.UUID][]*model.Touchpoint, error) {
		rows, err := touchpointColumns.first(ctx, r.Store, names, ids(c.Group), by, page)
		return grouped(model.Touchpoints(rows), func(o *model.Touchpoint) uuid.UUID { return o.CustomerID }), err
	})
	if err != nil {
		return nil, err
	}
	shown, next, previous := cut(page, found[c.Customer.ID])
	at := func(t *model.Touchpoint) string { return by.cursor(t.At, t.Touchpoint.ID) }
	return &model.TouchpointConnection{Page: connection(shown, next, previous,
		func(t *model.Touchpoint) *model.TouchpointEdge { return &model.TouchpointEdge{Node: t, At: at} }, at,
		func(ctx context.Context) (int, error) {
			return counted(c, "touchpoints", func(ids []uuid.UUID, into *[]childCount) error {
				return r.Ent.Touchpoint.Query().Where(touchpoint.CustomerIDIn(ids...)).GroupBy(touchpoint.FieldCustomerID).Aggregate(ent.Count()).Scan(ctx, into)
			})
		})}, nil
}

func grouped[T any, K comparable](rows []T, of func(T) K) map[K][]T {
	found := map[K][]T{}
	for _, row := range rows {
		found[of(row)] = append(found[of(row)], row)
	}
	return found
}

func buyers(g *model.Group[*model.Customer]) func(uuid.UUID) *model.Customer {
	byID := make(map[uuid.UUID]*model.Customer, len(g.Members))
	for _, c := range g.Members {
		byID[c.Customer.ID] = c
	}
	return func(id uuid.UUID) *model.Customer { return byID[id] }
}

// childCount is a row of a count per customer.
type childCount struct {
	CustomerID uuid.UUID `json:"customer_id"`
	Count      int       `json:"count"`
}

// counted is how many children a customer has, counted for the whole group at once.
func counted(c *model.Customer, field string, count func([]uuid.UUID, *[]childCount) error) (int, error) {
	totals, err := model.Together(c.Group, "count "+field, func() (map[uuid.UUID]int, error) {
		var rows []childCount
		err := count(ids(c.Group), &rows)
		found := make(map[uuid.UUID]int, len(rows))
		for _, row := range rows {
			found[row.CustomerID] = row.Count
		}
		return found, err
	})
	return totals[c.Customer.ID], err
}

// buyer is who placed an order.
func (r *Resolver) buyer(ctx context.Context, o *model.Order) (*model.Customer, error) {
	if o.Buyer != nil {
		return o.Buyer, nil
	}
	names := customerColumns.selected(ctx)
	found, err := model.Together(o.Group, "customer "+strings.Join(names, " "), func() (map[uuid.UUID]*model.Customer, error) {
		var wanted []uuid.UUID
		for _, member := range o.Group.Members {
			wanted = append(wanted, member.CustomerID)
		}
		rows, err := customerColumns.read(ctx, r.Store, names, func(s *sql.Selector) { s.Where(r.Store.In(s.C(customer.FieldID), wanted)) })
		byID := map[uuid.UUID]*model.Customer{}
		for _, c := range model.Customers(rows) {
			byID[c.Customer.ID] = c
		}
		return byID, err
	})
	return found[o.CustomerID], err
}

// lines are the items of an order, read for all orders of the group.
func (r *Resolver) lines(ctx context.Context, o *model.Order) ([]*model.OrderLine, error) {
	found, err := model.Together(o.Group, "lines", func() (map[uuid.UUID][]*line, error) {
		rows, err := lineColumns.read(ctx, r.Store, lineColumns.always, func(s *sql.Selector) {
			p := sql.Table(product.Table)
			s.Join(p).On(s.C(orderline.FieldProductID), p.C(product.FieldID))
			s.AppendSelect(p.C(product.FieldSku), p.C(product.FieldName), p.C(product.FieldCategory))
			s.Where(r.Store.In(s.C(orderline.FieldOrderID), orderIDs(o.Group)))
			s.OrderBy(s.C(orderline.FieldOrderID), s.C(orderline.FieldPosition))
		})
		return grouped(rows, func(l *line) uuid.UUID { return l.item.OrderID }), err
	})
	lines := make([]*model.OrderLine, len(found[o.Order.ID]))
	for i, l := range found[o.Order.ID] {
		lines[i] = &model.OrderLine{OrderLine: &l.item, Product: &l.product, Currency: o.Currency}
	}
	return lines, err
}

// refunds are the refunds of an order, earliest first, read for all orders of the group.
func (r *Resolver) refunds(ctx context.Context, o *model.Order) ([]*model.Refund, error) {
	found, err := model.Together(o.Group, "refunds", func() (map[uuid.UUID][]*ent.Refund, error) {
		rows, err := refundColumns.read(ctx, r.Store, refundColumns.always, func(s *sql.Selector) {
			s.Where(r.Store.In(s.C(refund.FieldOrderID), orderIDs(o.Group)))
			s.OrderBy(s.C(refund.FieldAt), s.C(refund.FieldID))
		})
		return grouped(rows, func(f *ent.Refund) uuid.UUID { return f.OrderID }), err
	})
	refunds := make([]*model.Refund, len(found[o.Order.ID]))
	for i, f := range found[o.Order.ID] {
		refunds[i] = &model.Refund{Refund: f, Currency: o.Currency}
	}
	return refunds, err
}

func orderIDs(g *model.Group[*model.Order]) []uuid.UUID {
	out := make([]uuid.UUID, len(g.Members))
	for i, o := range g.Members {
		out[i] = o.Order.ID
	}
	return out
}
