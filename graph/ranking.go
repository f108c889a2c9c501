package graph

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"

	"entgo.io/ent/dialect/sql"
	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"bellwether/ent"
	"bellwether/ent/customer"
	"bellwether/ent/predicate"
	"bellwether/graph/model"
	"bellwether/internal/fault"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// StoredScores is what the API needs of scores that are kept; internal/store is one.
type StoredScores interface {
	Changes
	Histories
	Refreshes
	Ranking
}

// Histories look back.
type Histories interface {
	// History are each customer's changes before a place, latest first, at most so many of each.
	History(ctx context.Context, customers []scoring.ID, scorer string, before *engine.ChangePlace, limit int) ([]engine.Change, error)
	// ChangesByID are changes by number, those that there are.
	ChangesByID(ctx context.Context, seqs []int64) ([]engine.Change, error)
	// Transitions count the pairs of labels that customers have at two instants.
	Transitions(ctx context.Context, scorer string, from, to scoring.Instant) ([]engine.Transition, error)
}

// Refreshes tell what keeps scores current.
type Refreshes interface {
	// Refreshes are some before a number, latest first; before 0 from the latest.
	Refreshes(ctx context.Context, before int64, limit int) ([]engine.Refresh, error)
	// RefreshesByID are refreshes by number, those that there are.
	RefreshesByID(ctx context.Context, ids []int64) ([]engine.Refresh, error)
}

// Ranking chooses and sorts customers by their scores.
type Ranking interface {
	WhereScore(f engine.StoredFilter) func(*sql.Selector)
	// ScoresOf is a query of what is stored of the customer of a row around it, whose id is an expression, by some scorers, of
	// each so many outputs; UnpackScores reads it where it was packed.
	ScoresOf(d *sql.DialectBuilder, customer string, scorers []string, outputs int) *sql.Selector
	UnpackScores(packed []byte, customer scoring.ID, outputs int, into *engine.StoredRows) error
	// Rank is a page of the customers that where keeps, nulls last, ties by id. columns adds columns of customers to a query, and
	// row takes each row in: it scans them into places.
	Rank(ctx context.Context, by engine.StoredSort, page engine.RankPage, columns func(*sql.DialectBuilder, *sql.Selector), row func(scan func(places []any) error) error,
		where ...func(*sql.Selector)) ([]engine.Ranked, error)
	// Cells count the customers that where keeps by two outputs, given by index, as of the oldest score.
	Cells(ctx context.Context, scorer string, rows, columns int, where ...func(*sql.Selector)) ([]engine.GridCell, scoring.Instant, error)
}

// ranked answers a page of the customers that a search and a filter choose, in the order of an output.
func (r *Resolver) ranked(ctx context.Context, given paging, search *string, where *model.CustomerWhere, sort *model.CustomerSort) (*model.CustomerConnection, error) {
	by, rest, err := r.sortedBy(ctx, sort, where)
	if err != nil {
		return nil, err
	}
	conditions, err := r.chosen(ctx, search, rest)
	if err != nil {
		return nil, err
	}
	key := keyset{column: by.Name()}
	page, err := key.newPage(given)
	if err != nil {
		return nil, err
	}
	page = page.of(graphql.GetFieldContext(ctx).Field.Selections)
	along := r.alongCustomers(ctx, toCustomers()...)
	found, values, err := r.readRanked(ctx, by, page, along, conditions)
	if err != nil {
		return nil, err
	}
	shown, next, previous := cut(page, found)
	all := model.Customers(shown)
	seed(along, all)
	at := func(c *model.Customer) string { return key.cursor(values[c.Customer.ID], c.Customer.ID) }
	return &model.CustomerConnection{Page: connection(all, next, previous,
		func(c *model.Customer) *model.CustomerEdge { return &model.CustomerEdge{Node: c, At: at} }, at,
		func(ctx context.Context) (int, error) {
			chosen, err := r.chosen(ctx, search, where)
			if err != nil {
				return 0, err
			}
			return r.countCustomers(ctx, chosen)
		})}, nil
}

// readRanked reads a page of customers in the order of an output, with its values, and what is read along.
func (r *Resolver) readRanked(ctx context.Context, by engine.StoredSort, page pageArgs, along []*companion[ent.Customer, model.Customer], conditions []predicate.Customer) (
	customers []*ent.Customer, values map[uuid.UUID]*int64, err error,
) {
	names, values := customerColumns.selected(ctx), map[uuid.UUID]*int64{}
	var reading *reader[ent.Customer]
	columns := func(d *sql.DialectBuilder, to *sql.Selector) {
		appendParts(d, r.Store, to.AppendSelectExpr(r.Store.Columns(customer.Table, customer.Table, names)...), parts(along))
	}
	row := func(scan func([]any) error) error {
		if reading == nil {
			if reading, err = customerColumns.reader(names, parts(along), r.Store.Target); err != nil {
				return err
			}
		}
		c, err := reading.row(scan)
		customers = append(customers, c)
		return err
	}
	of := engine.RankPage{After: page.after.ranked(), Before: page.before.ranked(), Backward: page.backward, Limit: page.limit()}
	ranked, err := r.Scores.Rank(ctx, by, of, columns, row, selectors(conditions)...)
	for _, row := range ranked {
		values[uuid.UUID(row.ID)] = row.Value
	}
	return customers, values, err
}

// customersByID reads some columns of the customers of some ids that show.
func (r *Resolver) customersByID(ctx context.Context, columns []string, ids []uuid.UUID) ([]*ent.Customer, error) {
	return customerColumns.read(ctx, r.Store, columns, func(s *sql.Selector) {
		visible()(s)
		s.Where(r.Store.In(s.C(customer.FieldID), ids))
	})
}

func selectors(ps []predicate.Customer) []func(*sql.Selector) {
	out := make([]func(*sql.Selector), len(ps))
	for i, p := range ps {
		out[i] = p
	}
	return out
}

// ranked is a cursor as a place among scores; nil is none.
func (c *cursor) ranked() *engine.Ranked {
	if c == nil {
		return nil
	}
	r := &engine.Ranked{ID: scoring.ID(c.ID)}
	if n, ok := c.Value.(json.Number); ok {
		value, _ := n.Int64() // fits has read it
		r.Value = &value
	}
	return r
}

// sortedBy is the order by an output, and what is left of a filter then: labels of the same scorer are part of the order,
// which is read from the index of these labels alone. Given twice, they would keep the planner from that index.
func (r *Resolver) sortedBy(ctx context.Context, sort *model.CustomerSort, where *model.CustomerWhere) (by engine.StoredSort, rest *model.CustomerWhere, err error) {
	if by, err = r.engine(ctx).SortBy(sort.Score.Scorer, sort.Score.Output, sort.Direction == model.OrderDirectionDesc); err != nil || where == nil {
		return by, where, err
	}
	i := slices.IndexFunc(where.Scores, func(w *model.ScoreWhere) bool {
		return w.Labels != nil && reflect.DeepEqual(w, &model.ScoreWhere{Scorer: sort.Score.Scorer, Labels: w.Labels})
	})
	if i < 0 {
		return by, where, nil
	}
	left := *where
	left.Scores = slices.Delete(slices.Clone(where.Scores), i, i+1)
	return by.Only(where.Scores[i].Labels), &left, nil
}

// stored are conditions on stored scores, checked and in terms of what is stored.
type stored map[*model.ScoreWhere]predicate.Customer

// storedOf checks all conditions on stored scores within a filter.
func (r *Resolver) storedOf(ctx context.Context, w *model.CustomerWhere) (stored, error) {
	all := stored{}
	return all, r.collect(ctx, w, all)
}

func (r *Resolver) collect(ctx context.Context, w *model.CustomerWhere, all stored) error {
	if w == nil {
		return nil
	}
	for _, inner := range append(append([]*model.CustomerWhere{w.Not}, w.And...), w.Or...) {
		if err := r.collect(ctx, inner, all); err != nil {
			return err
		}
	}
	for _, s := range w.Scores {
		f := engine.ScoreFilter{
			Scorer: s.Scorer, Labels: s.Labels, Min: s.Min, Max: s.Max, Flag: s.Flag,
			At: rangeOf(s.At), MovedAt: rangeOf(s.MovedAt), UpdatedAt: rangeOf(s.UpdatedAt),
		}
		if s.Output != nil {
			f.Output = *s.Output
		}
		checked, err := r.engine(ctx).Filter(ctx, f)
		if err != nil {
			return err
		}
		all[s] = r.Scores.WhereScore(checked)
	}
	return nil
}

func rangeOf(f *model.DateTimeFilter) engine.Range {
	if f == nil {
		return engine.Range{}
	}
	return engine.Range{From: f.Gte, Before: f.Lt, Null: f.Null}
}

// gridded answers the field of a scorer's grid; generated resolvers call it.
func gridded[T any](ctx context.Context, r *Resolver, scorer string, where *model.CustomerWhere, typed func(model.Grid) *T) (*T, error) {
	m, err := r.engine(ctx).Manifest(scorer)
	if err != nil {
		return nil, err
	}
	if m.Grid == nil {
		return nil, fault.New(fault.Invalid, "scorer %s has no grid (its manifest describes one)", scorer)
	}
	var chosen []func(*sql.Selector)
	if where != nil {
		conditions, err := r.chosen(ctx, nil, where)
		if err != nil {
			return nil, err
		}
		chosen = selectors(conditions)
	}
	counted, asOf, err := r.Scores.Cells(ctx, scorer, m.Grid.Rows, m.Grid.Columns, chosen...)
	if err != nil {
		return nil, err
	}
	business, err := r.engine(ctx).Business(ctx)
	if err != nil {
		return nil, err
	}
	return typed(model.NewGrid(m, business, asOf, counted)), nil
}
