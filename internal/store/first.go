package store

import (
	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
)

// FirstOfEach restricts a query of a table with customer_id to the first n rows of each customer, among those that
// restrict keeps and in the order that sort gives. Each customer's rows come from the start of an index; a window
// function would read all of them.
func (s *Store) FirstOfEach(table string, customers []uuid.UUID, restrict, sort func(*entsql.Selector), n int) func(*entsql.Selector) {
	return func(query *entsql.Selector) {
		inner := entsql.Dialect(query.Dialect()).Table(table).As("first")
		first := entsql.Dialect(query.Dialect()).Select(inner.C("id")).From(inner)
		first.Where(entsql.ExprP(first.C("customer_id") + " = each.value"))
		restrict(first)
		sort(first)
		first.Limit(n)
		query.Where(entsql.P(func(b *entsql.Builder) {
			b.WriteString(query.C("id") + " IN (").Join(s.dialect.firstOfEach(table, customers, first)).WriteString(")")
		}))
	}
}

// Fold brings a text into the form in which customers are searched.
func (s *Store) Fold(text string) string { return Fold(text) }
