package graph

import (
	"strings"

	"entgo.io/ent/dialect/sql"

	"bellwether/ent/customer"
	"bellwether/ent/predicate"
	"bellwether/graph/model"
	"bellwether/internal/fault"
)

// Bounds of a filter: what databases take in one statement has an end, and nobody types as much.
const (
	maxConditions = 500
	maxWords      = 50
)

// bounded refuses filters and searches that no database would answer.
func bounded(search *string, where *model.CustomerWhere) error {
	if search != nil && len(strings.Fields(*search)) > maxWords {
		return fault.New(fault.OutOfRange, "the search has more than %d words (leave some out)", maxWords)
	}
	if conditions(where) > maxConditions {
		return fault.New(fault.OutOfRange, "the filter has more than %d conditions and values (ask in several requests)", maxConditions)
	}
	return nil
}

// conditions counts what a filter compares with.
func conditions(w *model.CustomerWhere) int {
	if w == nil {
		return 0
	}
	n := 1 + conditions(w.Not)
	for _, list := range [][]*model.CustomerWhere{w.And, w.Or} {
		for _, inner := range list {
			n += conditions(inner)
		}
	}
	for _, f := range []*model.StringFilter{w.Name, w.Email, w.Phone, w.Country, w.City} {
		if f != nil {
			n += 1 + len(f.In)
		}
	}
	for _, s := range w.Scores {
		n += 1 + len(s.Labels)
	}
	return n
}

// matches is a filter as a predicate; nil matches everybody.
func (known stored) matches(w *model.CustomerWhere) predicate.Customer {
	all := []predicate.Customer{} // of no conditions: true
	if w == nil {
		return and(all)
	}
	if w.And != nil {
		all = append(all, and(known.each(w.And)))
	}
	if w.Or != nil {
		all = append(all, or(known.each(w.Or)))
	}
	if w.Not != nil {
		all = append(all, not(known.matches(w.Not)))
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
	for _, s := range w.Scores {
		all = append(all, known[s])
	}
	return and(all)
}

func (known stored) each(ws []*model.CustomerWhere) []predicate.Customer {
	ps := make([]predicate.Customer, len(ws))
	for i, w := range ws {
		ps[i] = known.matches(w)
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
