package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	entsql "entgo.io/ent/dialect/sql"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// Cells counts the customers by two outputs of a scorer, given by index, as of the oldest of their scores; where are
// conditions on customers. Without any the counts are kept until a score changes.
func (s *Store) Cells(ctx context.Context, scorer string, rows, columns int, where ...func(*entsql.Selector)) ([]engine.GridCell, scoring.Instant, error) {
	if len(where) > 0 {
		return s.cells(ctx, scorer, rows, columns, where)
	}
	var revision int64
	err := s.reads.QueryRowContext(ctx, "SELECT coalesce(max(revision), 0) FROM scorer_states WHERE scorer = ?", scorer).Scan(&revision)
	if err != nil {
		return nil, 0, explain(s.path, fmt.Errorf("read the revision of %s: %w", scorer, err))
	}
	return s.counted.get(countedKey{scorer, rows, columns}, revision, func() ([]engine.GridCell, scoring.Instant, error) {
		return s.cells(ctx, scorer, rows, columns, nil)
	})
}

func (s *Store) cells(ctx context.Context, scorer string, rows, columns int, where []func(*entsql.Selector)) ([]engine.GridCell, scoring.Instant, error) {
	d := entsql.Dialect(s.dialect.name())
	customers, scores := d.Table("customers"), d.Table("scores").As("counted")
	a, b := scores.C("v"+strconv.Itoa(rows)), scores.C("v"+strconv.Itoa(columns))
	q := d.Select().From(customers).Join(scores).On(customers.C("id"), scores.C("customer_id"))
	q.SelectExpr(entsql.Expr(a), entsql.Expr(b), entsql.Expr("count(*)"), entsql.Expr(s.dialect.sum(scores.C("revenue"))), entsql.Expr("min("+scores.C("as_of")+")"))
	q.Where(entsql.ExprP(scores.C("scorer") + " = " + scorerName(scorer) + " AND " + a + " IS NOT NULL AND " + b + " IS NOT NULL"))
	q.Where(entsql.ExprP("NOT (" + customers.C("merged_into") + " IS NOT NULL)"))
	for _, w := range where {
		w(q)
	}
	q.GroupBy(a, b).OrderBy(a, b)
	text, args := q.Query()
	found, err := s.reads.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, 0, explain(s.path, fmt.Errorf("count the cells of %s: %w", scorer, err))
	}
	defer found.Close()
	var all []engine.GridCell
	oldest := instant{}
	for found.Next() {
		var c engine.GridCell
		var asOf instant
		if err := found.Scan(&c.Row, &c.Column, &c.Customers, &c.Revenue, &asOf); err != nil {
			return nil, 0, err
		}
		if !oldest.Valid || asOf.V < oldest.V {
			oldest = asOf
		}
		all = append(all, c)
	}
	return all, oldest.scored(), found.Err()
}

// counted keeps counts as long as the scores stay the same.
type counted struct {
	mu  sync.Mutex
	all map[countedKey]countedCells
}

type countedKey struct {
	scorer        string
	rows, columns int
}

type countedCells struct {
	revision int64
	cells    []engine.GridCell
	asOf     scoring.Instant
}

func (c *counted) get(key countedKey, revision int64, count func() ([]engine.GridCell, scoring.Instant, error)) ([]engine.GridCell, scoring.Instant, error) {
	c.mu.Lock()
	defer c.mu.Unlock() // those who ask meanwhile wait for the same count
	if known, ok := c.all[key]; ok && known.revision == revision {
		return known.cells, known.asOf, nil
	}
	cells, asOf, err := count()
	if err != nil {
		return nil, 0, err
	}
	if c.all == nil {
		c.all = map[countedKey]countedCells{}
	}
	c.all[key] = countedCells{revision, cells, asOf}
	return cells, asOf, nil
}

// prepareIndexes makes the indexes of a scorer's outputs: each by label, so that those of one label are read in order. It
// is called when all rows are there for the first time: to keep seven indexes while they are written takes longer than all else.
func (s *stored) prepareIndexes(ctx context.Context, l engine.Lease, scorer string, outputs []int) error {
	return s.scoring(ctx, &l, func(tx *batchTx) error {
		for _, i := range outputs {
			name, column := scoreIndex(scorer, i), "v"+strconv.Itoa(i)
			if _, err := tx.ExecContext(ctx, strings.Join([]string{
				"CREATE INDEX IF NOT EXISTS", name, "ON scores (label,", column + ", customer_id) WHERE scorer =", scorerName(scorer),
			}, " ")); err != nil {
				return fmt.Errorf("index the scores of %s: %w", scorer, err)
			}
		}
		return nil
	})
}

// scoreIndex names the index of a scorer's output.
func scoreIndex(scorer string, output int) string {
	return "scores_" + scorer + "_" + strconv.Itoa(output)
}
