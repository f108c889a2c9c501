package store

import (
	"database/sql"
	"strings"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
)

// The seam between the databases. Every statement of this package is written once, and runs on both:
//
//   - Placeholders are ? or ?1; PostgreSQL's connections number them ($1) on the way (see rebind).
//   - A list is one parameter. Its elements are rows of a table function with the columns key (which grows) and value:
//
//     "SELECT o.id FROM "+d.each("j", uuids)+d.then()+"orders o ON o.id = j.value", d.list(ids)
//
//     then joins and lets the left side come first: SQLite keeps the order of CROSS JOIN, PostgreSQL plans for itself.
//   - Instants are parameters and results of the type [instant], and columns are read as they are. What comes of an
//     expression is an integer on SQLite and a time on PostgreSQL; an instant takes either.
//   - "NOT (column IS NOT NULL)" keeps SQLite from the index of a column, and is IS NULL to PostgreSQL.
//   - concat and string_agg are in both. Neither || of numbers, nor a scalar MAX, IFNULL, typeof or ->> is.
//   - Rows are written by batchTx.insert and batchTx.update, many by one statement.
//   - No division of integers is rounded, no SUM of a bigint is left as it is (numeric on PostgreSQL): see sum.
//   - Order by a column that can be null says NULLS LAST or NULLS FIRST.

// dialect is what differs between the databases.
type dialect interface {
	// name is ent's name of the dialect.
	name() string
	// each is a table function over a list of elements, given as one parameter, under an alias.
	each(alias string, of elements) string
	// few is each for a request's list, whose length the plan does not depend on: a plan that is kept serves them all.
	few(alias string, of elements) string
	// list is a list as the parameter of each or few.
	list(values []string) any
	// then joins a table to rows that come first; a condition follows.
	then() string
	// sum is a sum of integers that cannot overflow: it stops at four fifths of what an int64 holds, so that the
	// difference of two still fits. Sums of real amounts are exact and far below.
	sum(amount string) string
	// greatest and least are the last and the first of two values that are not null.
	greatest(a, b string) string
	least(a, b string) string
	// sent is a column ("orders.id") of a result in the form that is written and read fastest, where it is an instant or an
	// id; under an alias of its table.
	sent(column, alias string) string
	// moment is a parameter that is an instant, where nothing else says so.
	moment(parameter string) string
	// perCustomer joins, under an alias, what columns make of the rows of each customer c of a table of ids: a row of
	// aggregates. customer is the rows' column of the customer; the condition is about the rows alone.
	perCustomer(alias, columns, rows, customer, condition, of string) string
	// firstOfEach are tables from which columns of the first rows of each customer are selected, of one called found.
	firstOfEach(d *entsql.DialectBuilder, table string, columns []string, customers []uuid.UUID, restrict func(*entsql.Selector)) entsql.Querier
	// packed makes one value of the rows of a query, called packed; false where that spares nothing.
	packed(rows *entsql.Selector) (entsql.Querier, bool)
	// position is where in a column a text begins, given as a parameter; 0 where it does not come up.
	position(column string) string
	// search finds up to some customers who have terms, and terms that begin so.
	search(terms, begins []string, limit int) statement
	// saveSearch writes what customers are found by.
	saveSearch(all []searchable) []statement
	// insert and update are the statements that write rows, given one after the other.
	insert(into table, rows []any) []statement
	update(of table, rows []any) []statement
	// add writes rows to a table that has most of them already: sets and where are those of ON CONFLICT DO UPDATE. Rows that
	// are not there may be left out.
	add(to table, rows []any, sets, where string) []statement
	// clock is the instant by the database's own clock, microseconds later.
	clock(later string) string
	// exclusive keeps others from writing a table until the transaction ends.
	exclusive(table string) string
	// firstRows joins, under an alias, the rows of a table that a condition with an order and a limit finds for each row
	// before it; key is the table's.
	firstRows(alias, table, key, condition string) string
	// batch is how many orders are best written at once.
	batch() int
	// snapshot is a transaction that reads one state throughout.
	snapshot() *sql.TxOptions
}

// aliased is a column under an alias of its table.
func aliased(column, alias string) string {
	_, name, _ := strings.Cut(column, ".")
	return alias + "." + name
}

// elements is the type of the elements of a list, by PostgreSQL's name.
type elements string

// The elements of lists.
const (
	integers elements = "bigint"
	texts    elements = "text"
	uuids    elements = "uuid"
)

// statement is a statement with its parameters.
type statement struct {
	query string
	args  []any
}

// table is how rows of a table are written; the first column is never null, and the key of an update.
type table struct {
	name     string
	columns  string // separated by commas
	conflict string // what to do with a row that is there
	key      string // columns, separated by commas; "" is the first
}

// keys are the columns of the key.
func (t table) keys() []string {
	if t.key == "" {
		return t.names()[:1]
	}
	return strings.Split(t.key, ", ")
}

// names are the columns.
func (t table) names() []string { return strings.Split(t.columns, ", ") }

// upsert makes a conflict clause that updates columns.
func upsert(columns string) string {
	return "ON CONFLICT (id) DO UPDATE SET " + assigned(columns, "excluded.")
}

// assigned sets columns to those of a source of the same name.
func assigned(columns, source string) string {
	names := strings.Split(columns, ", ")
	for i, name := range names {
		names[i] = name + " = " + source + name
	}
	return strings.Join(names, ", ")
}
