package store

import (
	"context"
	"database/sql"

	"github.com/pressly/goose/v3"
)

// searchFilled is the version of the migration that makes what is there searchable. It follows the one that makes the
// tables, and is Go because the terms are.
const searchFilled = 20261122010801

func fillSearch(d dialect) *goose.Migration {
	return goose.NewGoMigration(searchFilled, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		for from := ""; ; {
			all, err := searchables(ctx, tx, from)
			if err != nil || len(all) == 0 {
				return err
			}
			for _, s := range d.saveSearch(all) {
				if _, err := tx.ExecContext(ctx, s.query, s.args...); err != nil {
					return err
				}
			}
			from = all[len(all)-1].id
		}
	}}, nil)
}

// searchables are what the next customers after an id are found by.
func searchables(ctx context.Context, tx *sql.Tx, from string) (all []searchable, err error) {
	if from == "" {
		from = "00000000-0000-0000-0000-000000000000" // whom nobody has
	}
	rows, err := tx.QueryContext(ctx, "SELECT id, search_text FROM customers WHERE id > $1 ORDER BY id LIMIT 1000", from)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s searchable
		if err := rows.Scan(&s.id, &s.text); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}
