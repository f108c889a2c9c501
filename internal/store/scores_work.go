package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// Changed implements [engine.StoredWork].
func (s *stored) Changed(ctx context.Context, after engine.Place, limit int) ([]engine.Customer, error) {
	return s.customers(ctx, `SELECT c.customer_id, c.data_changed_at FROM customer_rollups c
		WHERE (c.data_changed_at, c.customer_id) > (?, ?) ORDER BY c.data_changed_at, c.customer_id LIMIT ?`, since(after.At), after.ID.String(), limit)
}

// Everybody implements [engine.StoredWork].
func (s *stored) Everybody(ctx context.Context, after scoring.ID, limit int) ([]engine.Customer, error) {
	return s.customers(ctx, "SELECT c.customer_id, c.data_changed_at FROM customer_rollups c WHERE c.customer_id > ? ORDER BY c.customer_id LIMIT ?", after.String(), limit)
}

// Due implements [engine.StoredWork].
func (s *stored) Due(ctx context.Context, scorer string, at scoring.Instant, limit int) ([]engine.Customer, error) {
	return s.customers(ctx, `SELECT c.customer_id, c.data_changed_at FROM scores s`+s.dialect.then()+`customer_rollups c ON c.customer_id = s.customer_id
		WHERE s.scorer = `+scorerName(scorer)+` AND s.until <= ? ORDER BY s.until LIMIT ?`, atInstant(at), limit)
}

func (s *stored) customers(ctx context.Context, query string, args ...any) ([]engine.Customer, error) {
	rows, err := s.reads.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("read customers to be scored: %w", err))
	}
	defer rows.Close()
	var all []engine.Customer
	for rows.Next() {
		var id string
		var at instant
		var c engine.Customer
		if err := rows.Scan(&id, &at); err != nil {
			return nil, err
		}
		if c.ID, err = parseID(id); err != nil {
			return nil, err
		}
		c.At = at.scored()
		all = append(all, c)
	}
	return all, rows.Err()
}

// kept is how many refreshes are remembered.
const keptRefreshes = 10_000

// Begin implements [engine.StoredWork].
func (s *stored) Begin(ctx context.Context, l *engine.Lease, r engine.Refresh) (int64, error) {
	if r.Checked == nil {
		r.Checked = map[string]int64{}
	}
	if r.Errors == nil {
		r.Errors = []engine.RefreshError{}
	}
	if r.ID != 0 {
		return r.ID, s.scoring(ctx, l, func(tx *batchTx) error {
			return tx.exec(ctx, "UPDATE refreshes SET kind = ?, errors = ?, models = ? WHERE id = ?", r.Kind, jsonOf(r.Errors), jsonOf(r.Checked), r.ID)
		})
	}
	id := r.ID
	err := s.scoring(ctx, l, func(tx *batchTx) error {
		var finished instant
		if r.Finished {
			finished = atInstant(r.StartedAt)
		}
		// Two that begin at once, without the lease, would take the same number: the second waits here, and looks again.
		if err := tx.exec(ctx, s.dialect.exclusive("refreshes")); err != nil {
			return err
		}
		if err := tx.queryRow(ctx, "SELECT coalesce(max(id), 0) + 1 FROM refreshes").Scan(&id); err != nil {
			return err
		}
		if err := tx.exec(ctx, "INSERT INTO refreshes (id, kind, scorers, as_of, started_at, finished_at, errors, models) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			id, r.Kind, jsonOf(r.Scorers), atInstant(r.AsOf), atInstant(r.StartedAt), finished, jsonOf(r.Errors), jsonOf(r.Checked)); err != nil {
			return err
		}
		if r.Kind == engine.RefreshRequested { // whoever asks wants those tried that failed, too
			if err := tx.exec(ctx, "UPDATE scorer_states SET failures = 0, retry_at = NULL WHERE scorer IN (SELECT value FROM "+s.dialect.each("j", texts)+")", s.dialect.list(r.Scorers)); err != nil {
				return err
			}
		}
		return tx.exec(ctx, "DELETE FROM refreshes WHERE id <= ? AND finished_at IS NOT NULL", id-keptRefreshes)
	})
	return id, err
}

// Failed implements [engine.StoredWork]. A scorer that never had a state gets one without a model. Failures are counted
// of one version.
func (s *stored) Failed(ctx context.Context, l engine.Lease, scorer, version string, retry scoring.Instant, cause string) error {
	return s.scoring(ctx, &l, func(tx *batchTx) error {
		return tx.exec(ctx, `INSERT INTO scorer_states (scorer, version, model, digest, data_customers, failures, retry_at, error, failed_version) VALUES (?, ?, 0, '', 0, 1, ?, ?, ?)
			ON CONFLICT (scorer) DO UPDATE SET failures = CASE WHEN scorer_states.failed_version = excluded.failed_version THEN scorer_states.failures + 1 ELSE 1 END,
			retry_at = excluded.retry_at, error = excluded.error, failed_version = excluded.failed_version`,
			scorer, version, atInstant(retry), cause, version)
	})
}

// Finish implements [engine.StoredWork].
func (s *stored) Finish(ctx context.Context, l engine.Lease, r engine.Refresh) error {
	if r.Errors == nil {
		r.Errors = []engine.RefreshError{}
	}
	for scorer, outputs := range r.Indexed {
		if err := s.prepareIndexes(ctx, l, scorer, outputs); err != nil {
			return err
		}
	}
	return s.scoring(ctx, &l, func(tx *batchTx) error {
		if err := tx.exec(ctx, "UPDATE refreshes SET finished_at = ?, errors = ? WHERE id = ?", at(s.now().UnixMicro()), jsonOf(r.Errors), r.ID); err != nil {
			return err
		}
		if r.Kind != engine.RefreshEverybody {
			return nil
		}
		for scorer, model := range r.Checked {
			if err := tx.exec(ctx, "UPDATE scorer_states SET checked = model, checked_at = ?, failures = 0, retry_at = NULL, error = '', revision = revision + 1 WHERE scorer = ? AND model = ?",
				atInstant(r.StartedAt), scorer, model); err != nil {
				return err
			}
		}
		return nil
	})
}

const refreshColumns = "id, kind, scorers, as_of, started_at, finished_at, cursor, customers, changed, errors, models"

// Open implements [engine.StoredWork].
func (s *stored) Open(ctx context.Context) ([]engine.Refresh, error) {
	return s.refreshes(ctx, "SELECT "+refreshColumns+" FROM refreshes WHERE finished_at IS NULL ORDER BY id")
}

// Refreshes are the refreshes before one, latest first; 0 is from the latest on.
func (s *Store) Refreshes(ctx context.Context, before int64, limit int) ([]engine.Refresh, error) {
	if before == 0 {
		return s.refreshes(ctx, "SELECT "+refreshColumns+" FROM refreshes ORDER BY id DESC LIMIT ?", limit)
	}
	return s.refreshes(ctx, "SELECT "+refreshColumns+" FROM refreshes WHERE id < ? ORDER BY id DESC LIMIT ?", before, limit)
}

// RefreshesByID are the refreshes of some numbers; those that are not known are left out.
func (s *Store) RefreshesByID(ctx context.Context, ids []int64) ([]engine.Refresh, error) {
	return s.refreshes(ctx, "SELECT "+refreshColumns+" FROM refreshes WHERE id IN (SELECT value FROM "+s.dialect.each("j", integers)+") ORDER BY id", s.dialect.list(numerals(ids)))
}

func numerals(ns []int64) []string {
	out := make([]string, len(ns))
	for i, n := range ns {
		out[i] = strconv.FormatInt(n, 10)
	}
	return out
}

func (s *Store) refreshes(ctx context.Context, query string, args ...any) ([]engine.Refresh, error) {
	rows, err := s.reads.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("read refreshes: %w", err))
	}
	defer rows.Close()
	var all []engine.Refresh
	for rows.Next() {
		var r engine.Refresh
		var scorers, errors, models []byte
		var asOf, started, finished instant
		var cursor sql.NullString
		if err := rows.Scan(&r.ID, &r.Kind, &scorers, &asOf, &started, &finished, &cursor, &r.Customers, &r.Changed, &errors, &models); err != nil {
			return nil, err
		}
		r.AsOf, r.StartedAt, r.FinishedAt, r.Finished = asOf.scored(), started.scored(), finished.scored(), finished.Valid
		if cursor.Valid {
			if r.Cursor, err = parseID(cursor.String); err != nil {
				return nil, err
			}
		}
		for into, data := range map[any][]byte{&r.Scorers: scorers, &r.Errors: errors, &r.Checked: models} {
			if err := json.Unmarshal(data, into); err != nil {
				return nil, fmt.Errorf("read refresh %d: %w", r.ID, err)
			}
		}
		all = append(all, r)
	}
	return all, rows.Err()
}
