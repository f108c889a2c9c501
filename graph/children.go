package graph

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"
	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"bellwether/ent"
	"bellwether/ent/customer"
	"bellwether/ent/order"
	"bellwether/ent/orderline"
	"bellwether/ent/product"
	"bellwether/ent/refund"
	"bellwether/ent/touchpoint"
	"bellwether/graph/model"
)

// children are what belongs to customers and is listed for each: rows R, shown as objects O.
type children[R, O any] struct {
	field   string
	columns columns[R]
	by      keyset
	owner   func(*R) *uuid.UUID // where a row has its customer
	objects func(*model.Group[*model.Customer], []*R) []*O
	row     func(*O) *R
	along   func(*Resolver, context.Context, graphql.CollectedField) []*companion[R, O] // what comes with the rows; nil: nothing
}

var customerOrders = children[ent.Order, model.Order]{
	field: "orders", columns: orderColumns, by: keyset{column: order.FieldPlacedAt, desc: true},
	owner: func(o *ent.Order) *uuid.UUID { return &o.CustomerID },
	objects: func(g *model.Group[*model.Customer], rows []*ent.Order) []*model.Order {
		return model.Orders(rows, buyers(g))
	},
	row:   func(o *model.Order) *ent.Order { return o.Order },
	along: (*Resolver).linesAlong,
}

var customerTouchpoints = children[ent.Touchpoint, model.Touchpoint]{
	field: "touchpoints", columns: touchpointColumns, by: keyset{column: touchpoint.FieldAt, desc: true},
	owner: func(t *ent.Touchpoint) *uuid.UUID { return &t.CustomerID },
	objects: func(_ *model.Group[*model.Customer], rows []*ent.Touchpoint) []*model.Touchpoint {
		return model.Touchpoints(rows)
	},
	row: func(t *model.Touchpoint) *ent.Touchpoint { return t.Touchpoint },
}

// childPage is a page of the children of each customer of a group.
type childPage[O any] struct {
	args pageArgs
	of   map[uuid.UUID][]*O
}

// childPlace is where in a document children are asked for.
type childPlace struct {
	field *ast.Field
	first *ast.Selection
	n     int
}

// childKey is what a page of children depends on, by value; it is the same for all customers of a group.
type childKey struct {
	field, columns, after, before string
	size                          int
	backward, alone               bool
}

func (p pageArgs) key(field string, columns []string, given paging) childKey {
	k := childKey{field: field, columns: strings.Join(columns, " "), size: p.size, backward: p.backward, alone: p.alone}
	if given.after != nil {
		k.after = *given.after
	}
	if given.before != nil {
		k.before = *given.before
	}
	return k
}

// page is found out once for a group and a place; places that ask for the same share a query.
func (k children[R, O]) page(ctx context.Context, r *Resolver, g *model.Group[*model.Customer], given paging) (*childPage[O], error) {
	field := graphql.GetFieldContext(ctx).Field
	return model.Together(g, childPlace{field.Field, &field.Selections[0], len(field.Selections)}, func() (*childPage[O], error) {
		page, err := k.by.newPage(given)
		if err != nil || !lists(field.Selections) {
			return &childPage[O]{args: page}, err
		}
		page = page.of(field.Selections)
		names := k.columns.selectedIn(field.Selections)
		of, err := model.Together(g, page.key(k.field, names, given), func() (map[uuid.UUID][]*O, error) {
			rows, err := k.columns.first(ctx, r.Store, names, ids(g), k.by, page)
			return k.grouped(k.objects(g, rows), page), err
		})
		return &childPage[O]{page, of}, err
	})
}

// lists tells whether a selection of a connection asks for more than a count.
func lists(set ast.SelectionSet) bool { return selects(set, "edges") || selects(set, "pageInfo") }

// grouped are children by customer, in the order of a page. They are few and mostly are in order, but no database says so.
func (k children[R, O]) grouped(objects []*O, page pageArgs) map[uuid.UUID][]*O {
	found := grouped(objects, func(o *O) uuid.UUID { return *k.owner(k.row(o)) })
	for _, of := range found {
		slices.SortFunc(of, func(a, b *O) int {
			if k.by.desc != page.backward {
				a, b = b, a
			}
			atA, idA := k.columns.place(k.row(a))
			atB, idB := k.columns.place(k.row(b))
			return cmp.Or(atA.Compare(atB), bytes.Compare(idA[:], idB[:]))
		})
	}
	return found
}

// orders answers a page of a customer's orders, latest first, from one query for all customers of the group.
func (r *Resolver) orders(ctx context.Context, c *model.Customer, given paging) (*model.OrderConnection, error) {
	found, err := customerOrders.page(ctx, r, c.Group, given)
	if err != nil {
		return nil, err
	}
	shown, next, previous := cut(found.args, found.of[c.Customer.ID])
	at := func(o *model.Order) string { return customerOrders.by.cursor(o.PlacedAt, o.Order.ID) }
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
	found, err := customerTouchpoints.page(ctx, r, c.Group, given)
	if err != nil {
		return nil, err
	}
	shown, next, previous := cut(found.args, found.of[c.Customer.ID])
	at := func(t *model.Touchpoint) string { return customerTouchpoints.by.cursor(t.At, t.Touchpoint.ID) }
	return &model.TouchpointConnection{Page: connection(shown, next, previous,
		func(t *model.Touchpoint) *model.TouchpointEdge { return &model.TouchpointEdge{Node: t, At: at} }, at,
		func(ctx context.Context) (int, error) {
			return counted(c, "touchpoints", func(ids []uuid.UUID, into *[]childCount) error {
				return r.Ent.Touchpoint.Query().Where(touchpoint.CustomerIDIn(ids...)).GroupBy(touchpoint.FieldCustomerID).Aggregate(ent.Count()).Scan(ctx, into)
			})
		})}, nil
}

// grouped are rows by a key of theirs. Those of a key mostly come one after the other.
func grouped[T any, K comparable](rows []T, of func(T) K) map[K][]T {
	found := map[K][]T{}
	for from := 0; from < len(rows); {
		key, to := of(rows[from]), from+1
		for to < len(rows) && of(rows[to]) == key {
			to++
		}
		if before, ok := found[key]; ok {
			found[key] = append(before, rows[from:to]...)
		} else {
			found[key] = rows[from:to:to]
		}
		from = to
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
			withProducts(s)
			s.Where(r.Store.In(s.C(orderline.FieldOrderID), orderIDs(o.Group)))
		})
		return linesByOrder(rows), err
	})
	lines := make([]*model.OrderLine, len(found[o.Order.ID]))
	for i, l := range found[o.Order.ID] {
		lines[i] = &model.OrderLine{OrderLine: &l.item, Product: &l.product, Currency: o.Currency}
	}
	return lines, err
}

// withProducts joins the products of order lines.
func withProducts(s *sql.Selector) {
	p := sql.Table(product.Table)
	s.Join(p).On(s.C(orderline.FieldProductID), p.C(product.FieldID))
	s.AppendSelect(p.Columns(lineColumns.joined...)...)
}

func linesByOrder(rows []*line) map[uuid.UUID][]*line {
	found := grouped(rows, func(l *line) uuid.UUID { return l.item.OrderID })
	for _, of := range found {
		slices.SortFunc(of, func(a, b *line) int { return cmp.Compare(a.item.Position, b.item.Position) })
	}
	return found
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
