package graph

import (
	"context"
	"slices"

	"entgo.io/ent/dialect/sql"
	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"bellwether/ent"
	"bellwether/ent/customer"
	"bellwether/ent/predicate"
	"bellwether/graph/model"
	"bellwether/internal/fault"
)

// customers answers a page of customers.
func (r *Resolver) customers(ctx context.Context, given paging, search *string, where *model.CustomerWhere, sort *model.CustomerSort) (*model.CustomerConnection, error) {
	if sort != nil && sort.Field != nil && sort.Score != nil {
		return nil, fault.New(fault.Invalid, "orderBy has both field and score (give one)")
	}
	if sort != nil && sort.Score != nil {
		return r.ranked(ctx, given, search, where, sort)
	}
	chosen, err := r.chosen(ctx, search, where)
	if err != nil {
		return nil, err
	}
	key := customerOrder(sort)
	page, err := key.newPage(given)
	if err != nil {
		return nil, err
	}
	page = page.of(graphql.GetFieldContext(ctx).Field.Selections)
	names := customerColumns.selected(ctx)
	if key.column != "" && !slices.Contains(names, key.column) {
		names = append(names, key.column)
	}
	along := r.alongCustomers(ctx, toCustomers()...)
	rows, err := eachHalf(key, page, func(h half, limit int) ([]*ent.Customer, error) {
		return customerColumns.read(ctx, r.Store, names, func(s *sql.Selector) {
			for _, p := range chosen {
				p(s)
			}
			h.restrict(s)
			h.sort(s)
			s.Limit(limit)
		}, parts(along)...)
	})
	if err != nil {
		return nil, err
	}
	shown, next, previous := cut(page, rows)
	at := func(c *model.Customer) string { return key.cursor(customerValue(key, c.Customer), c.Customer.ID) }
	all := model.Customers(shown)
	seed(along, all)
	return &model.CustomerConnection{Page: connection(all, next, previous,
		func(c *model.Customer) *model.CustomerEdge { return &model.CustomerEdge{Node: c, At: at} }, at,
		func(ctx context.Context) (int, error) { return r.countCustomers(ctx, chosen) })}, nil
}

// countCustomers counts rows, which an index alone answers where there is no filter; ent counts ids.
func (r *Resolver) countCustomers(ctx context.Context, chosen []predicate.Customer) (n int, err error) {
	rows, err := r.Store.Select(ctx, func(d *sql.DialectBuilder) *sql.Selector {
		s := d.Select().AppendSelectExpr(sql.Raw("COUNT(*)")).From(d.Table(customer.Table))
		for _, p := range chosen {
			p(s)
		}
		return s
	})
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, err
		}
	}
	return n, rows.Err()
}

// chosen are the conditions of a search and a filter, on customers that show.
func (r *Resolver) chosen(ctx context.Context, search *string, where *model.CustomerWhere) ([]predicate.Customer, error) {
	if err := bounded(search, where); err != nil {
		return nil, err
	}
	scores, err := r.storedOf(ctx, where)
	if err != nil {
		return nil, err
	}
	all := []predicate.Customer{visible(), scores.matches(where)}
	if search != nil {
		found, err := r.Store.Search(ctx, *search)
		if err != nil {
			return nil, err
		}
		all = append(all, found)
	}
	return all, nil
}

// visible is true of customers that show: those not merged into another. The double negation keeps SQLite from the index
// of merged_into, under which it would read and sort them all instead of following the list's own index.
func visible() predicate.Customer {
	return func(s *sql.Selector) { s.Where(sql.ExprP("NOT (" + s.C(customer.FieldMergedInto) + " IS NOT NULL)")) }
}

// customerOrder is the keyset of a sort; by default that of the ids.
func customerOrder(sort *model.CustomerSort) keyset {
	if sort == nil {
		return keyset{}
	}
	k := keyset{desc: sort.Direction == model.OrderDirectionDesc, nullable: sort.Field != nil}
	if sort.Field != nil {
		switch *sort.Field {
		case model.CustomerSortFieldName:
			k.column = customer.FieldName
		case model.CustomerSortFieldRegisteredAt:
			k.column = customer.FieldRegisteredAt
		}
	}
	return k
}

func customerValue(k keyset, c *ent.Customer) any {
	switch k.column {
	case customer.FieldName:
		return c.Name
	case customer.FieldRegisteredAt:
		return c.RegisteredAt
	}
	return nil
}

// customer looks one customer up.
func (r *Resolver) customer(ctx context.Context, by model.CustomerBy) (*model.Customer, error) {
	where, err := r.key(ctx, by, keysGiven(ctx, "by"))
	if err != nil || where == nil {
		return nil, err
	}
	names := append(customerColumns.selected(ctx), customer.FieldMergedInto)
	along := r.alongCustomers(ctx)
	found, err := customerColumns.read(ctx, r.Store, names, func(s *sql.Selector) {
		where(s)
		s.Limit(2)
	}, parts(along)...)
	switch {
	case err != nil || len(found) == 0:
		return nil, err
	case len(found) > 1:
		return nil, fault.New(fault.Ambiguous, "several customers have this e-mail or phone (look them up with customers(where:), or by id or external key)")
	}
	survivor, err := r.survivor(ctx, names, found[0])
	if err != nil || survivor == nil {
		return nil, err
	}
	all := model.Customers([]*ent.Customer{survivor})
	if survivor == found[0] {
		seed(along, all)
	}
	return all[0], nil
}

// keysGiven is how many fields an argument of the current field has, null ones too, which gqlgen forgets of variables.
func keysGiven(ctx context.Context, path ...string) int {
	args := graphql.GetFieldContext(ctx).Field.ArgumentMap(graphql.GetOperationContext(ctx).Variables)
	for _, name := range path {
		args, _ = args[name].(map[string]any)
	}
	return len(args)
}

// key is the condition of a look-up by exactly one field; nil for a malformed id, which nobody has.
func (r *Resolver) key(ctx context.Context, by model.CustomerBy, given int) (predicate.Customer, error) {
	if given != 1 || (by.ID == nil && by.External == nil && by.Email == nil && by.Phone == nil) {
		return nil, fault.New(fault.Invalid, "%d fields of by are given (give exactly one of id, external, email and phone)", given)
	}
	switch {
	case by.ID != nil:
		prefix, id, ok := model.ParseID(*by.ID)
		if !ok || prefix != model.CustomerID {
			return nil, nil
		}
		return customer.ID(id), nil
	case by.External != nil:
		return customer.And(customer.Source(by.External.Source), customer.ExternalID(by.External.ExternalID)), nil
	case by.Email != nil:
		found, err := r.Store.Search(ctx, *by.Email) // of which there is an index, whatever the case
		return customer.And(found, customer.EmailEqualFold(*by.Email), visible()), err
	}
	return customer.And(customer.Phone(*by.Phone), visible()), nil
}

// survivor follows a merged customer to the one it was merged into, of which it reads some columns.
func (r *Resolver) survivor(ctx context.Context, names []string, c *ent.Customer) (*ent.Customer, error) {
	for seen := map[uuid.UUID]bool{}; c.MergedInto != nil; {
		if seen[c.ID] {
			return nil, nil
		}
		seen[c.ID] = true
		next, err := customerColumns.read(ctx, r.Store, names, func(s *sql.Selector) { customer.ID(*c.MergedInto)(s) })
		if err != nil || len(next) == 0 {
			return nil, err
		}
		c = next[0]
	}
	return c, nil
}

// identities are the keys of a customer and of those merged into it, read for all that were loaded with it.
func (r *Resolver) identities(ctx context.Context, c *model.Customer) ([]*model.Identity, error) {
	merged, err := model.Together(c.Group, "identities", func() (map[uuid.UUID][]*model.Identity, error) {
		rows, err := customerColumns.read(ctx, r.Store, []string{customer.FieldMergedInto, customer.FieldSource, customer.FieldExternalID}, func(s *sql.Selector) {
			s.Where(r.Store.In(s.C(customer.FieldMergedInto), ids(c.Group)))
			s.OrderBy(s.C(customer.FieldCreatedAt), s.C(customer.FieldID))
		})
		found := map[uuid.UUID][]*model.Identity{}
		for _, row := range rows {
			found[*row.MergedInto] = append(found[*row.MergedInto], &model.Identity{Source: row.Source, ExternalID: row.ExternalID})
		}
		return found, err
	})
	own := &model.Identity{Source: c.Source, ExternalID: c.Customer.ExternalID}
	return append([]*model.Identity{own}, merged[c.Customer.ID]...), err
}

func ids(g *model.Group[*model.Customer]) []uuid.UUID {
	out := make([]uuid.UUID, len(g.Members))
	for i, c := range g.Members {
		out[i] = c.Customer.ID
	}
	return out
}
