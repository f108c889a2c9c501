package graph

import (
	"context"
	"strings"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"bellwether/ent"
	"bellwether/ent/customer"
	"bellwether/ent/predicate"
	"bellwether/graph/model"
	"bellwether/internal/fault"
)

// customers answers a page of customers.
func (r *Resolver) customers(ctx context.Context, given paging, search *string, where *model.CustomerWhere, sort *model.CustomerSort) (*model.CustomerConnection, error) {
	key := customerOrder(sort)
	page, err := key.newPage(given)
	if err != nil {
		return nil, err
	}
	query := r.Ent.Customer.Query().Where(visible(), matches(where))
	if search != nil {
		for _, word := range strings.Fields(r.Store.Fold(*search)) {
			query = query.Where(customer.SearchTextContains(word))
		}
	}
	total := query.Clone()
	rows, err := query.Where(key.restrict(page)).Order(key.sort(page.backward)).Limit(page.size + 1).All(ctx)
	if err != nil {
		return nil, err
	}
	shown, next, previous := cut(page, rows)
	return &model.CustomerConnection{Page: connection(model.Customers(shown), next, previous,
		func(c *model.Customer) (*model.CustomerEdge, string) {
			at := key.cursor(customerValue(key, c.Customer), c.Customer.ID)
			return &model.CustomerEdge{Node: c, Cursor: at}, at
		}, total.Count)}, nil
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
	k := keyset{desc: sort.Direction == model.OrderDirectionDesc}
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

// matches is a filter as a predicate; nil matches everybody.
func matches(w *model.CustomerWhere) predicate.Customer {
	all := []predicate.Customer{} // of no conditions: true
	if w == nil {
		return and(all)
	}
	if w.And != nil {
		all = append(all, and(each(w.And)))
	}
	if w.Or != nil {
		all = append(all, or(each(w.Or)))
	}
	if w.Not != nil {
		all = append(all, not(matches(w.Not)))
	}
	for column, f := range map[string]*model.StringFilter{
		customer.FieldName: w.Name, customer.FieldEmail: w.Email, customer.FieldPhone: w.Phone,
		customer.FieldCountry: w.Country, customer.FieldCity: w.City,
	} {
		all = append(all, stringFilter(column, f)...)
	}
	if w.Kind != nil {
		if w.Kind.Eq != nil {
			all = append(all, customer.KindEQ(customer.Kind(*w.Kind.Eq)))
		}
		if w.Kind.In != nil {
			all = append(all, in(customer.FieldKind, w.Kind.In))
		}
	}
	all = append(all, timeFilter(customer.FieldRegisteredAt, w.RegisteredAt)...)
	all = append(all, timeFilter(customer.FieldUpdatedAt, w.UpdatedAt)...)
	return and(all)
}

func each(ws []*model.CustomerWhere) []predicate.Customer {
	ps := make([]predicate.Customer, len(ws))
	for i, w := range ws {
		ps[i] = matches(w)
	}
	return ps
}

// and is true of everybody where there is no condition; or of nobody.
func and(ps []predicate.Customer) predicate.Customer {
	if len(ps) == 0 {
		return constant("1 = 1")
	}
	return customer.And(ps...)
}

func or(ps []predicate.Customer) predicate.Customer {
	if len(ps) == 0 {
		return constant("1 = 0")
	}
	return customer.Or(ps...)
}

// not is true wherever the condition is not: of what is missing, too. SQL's own NOT is true of neither.
func not(p predicate.Customer) predicate.Customer {
	return func(s *sql.Selector) {
		s.CollectPredicates()
		p(s)
		collected := s.CollectedPredicates()
		s.UncollectedPredicates()
		s.Where(sql.P(func(b *sql.Builder) {
			b.Wrap(func(b *sql.Builder) { b.Join(sql.And(collected...)) }).WriteString(" IS NOT TRUE")
		}))
	}
}

func constant(condition string) predicate.Customer {
	return func(s *sql.Selector) { s.Where(sql.ExprP(condition)) }
}

func in(column string, values []string) predicate.Customer {
	if len(values) == 0 {
		return constant("1 = 0")
	}
	return sql.FieldIn(column, values...)
}

func null(column string, is bool) predicate.Customer {
	if is {
		return sql.FieldIsNull(column)
	}
	return sql.FieldNotNull(column)
}

func stringFilter(column string, f *model.StringFilter) (ps []predicate.Customer) {
	if f == nil {
		return nil
	}
	if f.Eq != nil {
		ps = append(ps, sql.FieldEQ(column, *f.Eq))
	}
	if f.In != nil {
		ps = append(ps, in(column, f.In))
	}
	if f.StartsWith != nil {
		ps = append(ps, startsWith(column, *f.StartsWith))
	}
	if f.Null != nil {
		ps = append(ps, null(column, *f.Null))
	}
	return ps
}

// startsWith is a range of code points, because LIKE ignores case on SQLite and needs an index of its own elsewhere.
func startsWith(column, prefix string) predicate.Customer {
	return func(s *sql.Selector) {
		s.Where(sql.And(sql.GTE(s.C(column), prefix), sql.LT(s.C(column), prefix+"\U0010FFFF")))
	}
}

func timeFilter(column string, f *model.DateTimeFilter) (ps []predicate.Customer) {
	if f == nil {
		return nil
	}
	if f.Gte != nil {
		ps = append(ps, sql.FieldGTE(column, *f.Gte))
	}
	if f.Lt != nil {
		ps = append(ps, sql.FieldLT(column, *f.Lt))
	}
	if f.Null != nil {
		ps = append(ps, null(column, *f.Null))
	}
	return ps
}

// customer looks one customer up.
func (r *Resolver) customer(ctx context.Context, by model.CustomerBy) (*model.Customer, error) {
	where, err := key(by)
	if err != nil || where == nil {
		return nil, err
	}
	found, err := r.Ent.Customer.Query().Where(where).Limit(2).All(ctx)
	switch {
	case err != nil || len(found) == 0:
		return nil, err
	case len(found) > 1:
		return nil, fault.New(fault.Ambiguous, "several customers have this e-mail or phone (look them up with customers(where:), or by id or external key)")
	}
	survivor, err := r.survivor(ctx, found[0])
	if err != nil || survivor == nil {
		return nil, err
	}
	return model.Customers([]*ent.Customer{survivor})[0], nil
}

// key is the condition of a look-up; nil for a malformed id, which nobody has.
func key(by model.CustomerBy) (predicate.Customer, error) {
	given := 0
	for _, is := range []bool{by.ID != nil, by.External != nil, by.Email != nil, by.Phone != nil} {
		if is {
			given++
		}
	}
	if given != 1 {
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
		return customer.And(customer.EmailEqualFold(*by.Email), visible()), nil
	}
	return customer.And(customer.Phone(*by.Phone), visible()), nil
}

// survivor follows a merged customer to the one it was merged into.
func (r *Resolver) survivor(ctx context.Context, c *ent.Customer) (*ent.Customer, error) {
	for seen := map[uuid.UUID]bool{}; c.MergedInto != nil; {
		if seen[c.ID] {
			return nil, nil
		}
		seen[c.ID] = true
		next, err := r.Ent.Customer.Get(ctx, *c.MergedInto)
		if err != nil {
			return nil, err
		}
		c = next
	}
	return c, nil
}

// identities are the keys of a customer and of those merged into it, read for all that were loaded with it.
func (r *Resolver) identities(ctx context.Context, c *model.Customer) ([]*model.Identity, error) {
	merged, err := model.Together(c.Group, "identities", func() (map[uuid.UUID][]*model.Identity, error) {
		rows, err := r.Ent.Customer.Query().Where(customer.MergedIntoIn(ids(c.Group)...)).
			Order(customer.ByCreatedAt(), customer.ByID()).All(ctx)
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
