package graph

import (
	"context"
	"slices"

	"entgo.io/ent/dialect/sql"
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"bellwether/ent"
	"bellwether/ent/customer"
	"bellwether/ent/order"
	"bellwether/ent/orderline"
	"bellwether/graph/model"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// companion is what comes with rows R, from the same statement; seed hands it to the objects O that are made of them, so that
// their fields find it there.
type companion[R, O any] struct {
	part[R]
	seed func([]*O)
}

// parts are those of companions.
func parts[R, O any](all []*companion[R, O]) []*part[R] {
	out := make([]*part[R], len(all))
	for i, c := range all {
		out[i] = &c.part
	}
	return out
}

// seed hands what came with rows to the objects made of them.
func seed[R, O any](all []*companion[R, O], objects []*O) {
	for _, c := range all {
		if c.read && len(objects) > 0 {
			c.seed(objects)
		}
	}
}

// selectionBelow is what a field selects of the objects at the end of a path: names of types, each with a field of theirs.
func selectionBelow(operation *graphql.OperationContext, from graphql.CollectedField, path ...string) ast.SelectionSet {
	set := from.Selections
	for i := 0; i < len(path); i += 2 {
		var next ast.SelectionSet
		for _, f := range graphql.CollectFields(operation, set, path[i:i+1]) {
			if f.Name == path[i+1] {
				next = append(next, f.Selections...)
			}
		}
		set = next
	}
	return set
}

// toCustomers leads from a connection to its customers.
func toCustomers() []string { return []string{"CustomerConnection", "edges", "CustomerEdge", "node"} }

// alongCustomers is what comes with the customers of the current field, at the end of a path from there.
func (r *Resolver) alongCustomers(ctx context.Context, path ...string) (all []*companion[ent.Customer, model.Customer]) {
	operation := graphql.GetOperationContext(ctx)
	field := graphql.GetFieldContext(ctx).Field
	around := selectionBelow(operation, field, path...)
	if c := r.scoresAlong(ctx, around); c != nil {
		all = append(all, c)
	}
	for _, f := range graphql.CollectFields(operation, around, []string{"Customer"}) {
		var c *companion[ent.Customer, model.Customer]
		switch f.Name {
		case customerOrders.field:
			c = customerOrders.companion(ctx, r, f)
		case customerTouchpoints.field:
			c = customerTouchpoints.companion(ctx, r, f)
		}
		if c != nil {
			all = append(all, c)
		}
	}
	return all
}

// scoresAlong is what is stored of the scores that a selection of customers asks for without asOf; nil where that is nothing.
func (r *Resolver) scoresAlong(ctx context.Context, around ast.SelectionSet) *companion[ent.Customer, model.Customer] {
	wanted := r.wanted(ctx, around, nil)
	if len(wanted) == 0 {
		return nil
	}
	e := r.engine(ctx)
	names, outputs, err := e.Kept(ctx, wanted)
	if err != nil || len(names) == 0 {
		return nil // the resolver of the score says why
	}
	rows := &engine.StoredRows{}
	c := &companion[ent.Customer, model.Customer]{}
	c.query = func(d *sql.DialectBuilder) *sql.Selector {
		return r.Scores.ScoresOf(d, d.Table(customer.Table).C(customer.FieldID), names, outputs)
	}
	c.unpack = func(of *ent.Customer, packed []byte) error {
		return r.Scores.UnpackScores(packed, scoring.ID(of.ID), outputs, rows)
	}
	c.seed = func(customers []*model.Customer) {
		g := customers[0].Group
		if answers, err := e.ScoreKept(ctx, members(g), wanted, rows); err == nil {
			model.Seed(g, scoresKey("", wanted), answers)
		}
	}
	return c
}

// pagingOf are the arguments of a connection; false where they are not valid, which its resolver says.
func pagingOf(args map[string]any) (p paging, ok bool) {
	numbers, texts := map[string]**int{"first": &p.first, "last": &p.last}, map[string]**string{"after": &p.after, "before": &p.before}
	for name, value := range args {
		if value == nil {
			continue
		}
		if to := numbers[name]; to != nil {
			n, err := graphql.UnmarshalInt(value)
			if err != nil {
				return p, false
			}
			*to = &n
		}
		if to := texts[name]; to != nil {
			text, err := graphql.UnmarshalString(value)
			if err != nil {
				return p, false
			}
			*to = &text
		}
	}
	return p, true
}

// companion is a page of children of each customer; nil where none is asked for.
func (k children[R, O]) companion(ctx context.Context, r *Resolver, field graphql.CollectedField) *companion[ent.Customer, model.Customer] {
	given, ok := pagingOf(field.ArgumentMap(graphql.GetOperationContext(ctx).Variables))
	if !ok || !lists(field.Selections) {
		return nil
	}
	page, err := k.by.newPage(given)
	if err != nil {
		return nil
	}
	page = page.of(field.Selections)
	var more []*companion[R, O]
	if k.along != nil {
		more = k.along(r, ctx, field)
	}
	names := k.columns.selectedIn(field.Selections)
	packed := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == order.FieldCustomerID }) // of the row around
	var rows []*R
	var reading *reader[R]
	c := &companion[ent.Customer, model.Customer]{}
	c.query = func(d *sql.DialectBuilder) *sql.Selector {
		of := d.Table(customer.Table).C(customer.FieldID)
		return appendParts(d, r.Store, r.Store.ChildrenOf(d, of, k.columns.table, packed, k.by.childrenOn(page)), parts(more))
	}
	c.unpack = func(of *ent.Customer, value []byte) (err error) {
		if reading == nil {
			if reading, err = k.columns.reader(packed, parts(more), nil); err != nil {
				return err
			}
		}
		found, err := reading.unpacked(r.Store, value)
		for _, row := range found {
			*k.owner(row) = of.ID
		}
		rows = append(rows, found...)
		return err
	}
	c.seed = func(customers []*model.Customer) {
		g := customers[0].Group
		known := buyers(g)
		rows = slices.DeleteFunc(rows, func(row *R) bool { return known(*k.owner(row)) == nil }) // of one more than the page has
		objects := k.objects(g, rows)
		model.Seed(g, page.key(k.field, names, given), k.grouped(objects, page))
		seed(more, objects)
	}
	return c
}

// linesAlong are the lines of orders, where a connection of orders asks for them.
func (r *Resolver) linesAlong(ctx context.Context, field graphql.CollectedField) []*companion[ent.Order, model.Order] {
	operation := graphql.GetOperationContext(ctx)
	around := selectionBelow(operation, field, "OrderConnection", "edges", "OrderEdge", "node")
	asked := graphql.CollectFields(operation, around, []string{"Order"})
	if !slices.ContainsFunc(asked, func(f graphql.CollectedField) bool { return f.Name == "lines" }) {
		return nil
	}
	names := slices.DeleteFunc(slices.Clone(lineColumns.always), func(name string) bool { return name == orderline.FieldOrderID })
	var rows []*line
	var reading *reader[line]
	c := &companion[ent.Order, model.Order]{}
	c.query = func(d *sql.DialectBuilder) *sql.Selector {
		lines := d.Table(orderline.Table)
		s := d.Select(lines.Columns(names...)...).From(lines)
		withProducts(s)
		return s.Where(sql.ExprP(lines.C(orderline.FieldOrderID) + " = " + d.Table("first").C(order.FieldID)))
	}
	c.unpack = func(of *ent.Order, value []byte) (err error) {
		if reading == nil {
			if reading, err = lineColumns.reader(names, nil, nil); err != nil {
				return err
			}
		}
		found, err := reading.unpacked(r.Store, value)
		for _, l := range found {
			l.item.OrderID = of.ID
		}
		rows = append(rows, found...)
		return err
	}
	c.seed = func(orders []*model.Order) { model.Seed(orders[0].Group, "lines", linesByOrder(rows)) }
	return []*companion[ent.Order, model.Order]{c}
}
