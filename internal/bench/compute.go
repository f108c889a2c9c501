package main

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"runtime"
	"sync"
	"time"

	"bellwether/plugins/rfm"
	"bellwether/scoring"
)

// chunk is how many customers the engine hands over at a time.
const chunk = 4096

// facts reads what rfm wants to know of every buyer into memory.
func facts(ctx context.Context, db *sql.DB) ([]*scoring.Batch, error) {
	manifest := rfm.New().Manifest()
	env := &scoring.Env{AsOf: scoring.At(end()), Currency: "EUR", Exponent: 2, Location: time.UTC}
	for _, p := range manifest.Params {
		env.Params = append(env.Params, p.Default)
	}
	env.Params[manifest.Param("binning")] = scoring.String("NTILE")
	rows, err := db.QueryContext(ctx, "SELECT customer_id, max(placed_at), count(*), sum(total_cents)::bigint FROM orders GROUP BY customer_id ORDER BY customer_id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	kinds := map[string]scoring.Kind{}
	for _, f := range scoring.Facts() {
		kinds[f.Name] = f.Kind
	}
	var out []*scoring.Batch
	for rows.Next() {
		var customer int
		var last time.Time
		var orders, cents int64
		if err := rows.Scan(&customer, &last, &orders, &cents); err != nil {
			return nil, err
		}
		if len(out) == 0 || len(out[len(out)-1].IDs) == chunk {
			out = append(out, &scoring.Batch{Env: env, Facts: make([]scoring.Column, len(manifest.Facts))})
		}
		b := out[len(out)-1]
		b.IDs = append(b.IDs, scoring.ID{})
		for i, f := range manifest.Facts {
			value := map[string]scoring.Value{
				"external_id": scoring.String(externalID(customer)), "last_order_at": scoring.Time(scoring.At(last)),
				"orders": scoring.Int(orders), "net_revenue": scoring.Minor(cents),
			}[f.Name]
			b.Facts[i].Kind = kinds[f.Name]
			b.Facts[i].Append(value)
		}
	}
	return out, rows.Err()
}

// compute fits rfm to everybody and scores everybody, on all CPUs.
func compute(ctx context.Context, population []*scoring.Batch) error {
	s := rfm.New()
	everybody := scoring.NewPopulation(s.Manifest(), population[0].Env, func(yield func(*scoring.Batch) error) error {
		for _, b := range population {
			if err := yield(b); err != nil {
				return err
			}
		}
		return nil
	}, nil)
	model, err := s.Fit(ctx, everybody)
	if err != nil {
		return err
	}
	workers := runtime.GOMAXPROCS(0)
	errs := make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := w; i < len(population); i += workers {
				if _, err := s.Score(ctx, model, population[i]); err != nil {
					errs[w] = err
				}
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// computeOurs is the cost of computing alone, facts in memory.
func (b *bench) computeOurs(ctx context.Context, db *sql.DB) (cost, error) {
	population, err := facts(ctx, db)
	if err != nil {
		return cost{}, err
	}
	return b.repeat(func() error { return compute(ctx, population) }, os.Getpid())
}
