package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"bellwether/internal/fault"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// Stored is the store as the place where the engine keeps scores.
func (s *Store) Stored() engine.Stored { return &stored{s} }

type stored struct{ *Store }

// slots are the columns of the outputs of a scorer that has n of them.
func slots(alias string, n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = alias + "v" + strconv.Itoa(i)
	}
	return strings.Join(names, ", ")
}

var scorerNames = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// scorerName is a scorer's name as a text of SQL. It has to be in the statement itself: an index on the scores of one
// scorer serves no statement to which the scorer is a parameter.
func scorerName(name string) string {
	if !scorerNames.MatchString(name) {
		panic("store: the scorer's name " + name + " was not checked")
	}
	return "'" + name + "'"
}

// Scores implements [engine.StoredScores].
func (s *stored) Scores(ctx context.Context, ids []scoring.ID, scorers []string, outputs int) (*engine.StoredRows, error) {
	names := make([]string, len(scorers))
	for i, name := range scorers {
		names[i] = scorerName(name)
	}
	d := s.dialect
	rows, err := s.reads.QueryContext(ctx, `SELECT `+strings.Join([]string{
		d.sent("customer_rollups.customer_id", "c"), d.sent("customer_rollups.data_changed_at", "c"), "s.scorer", "s.version", "s.label", d.sent("scores.as_of", "s"),
		d.sent("scores.model_as_of", "s"), d.sent("scores.data_seen_at", "s"), d.sent("scores.until", "s"), "s.texts", slots("s.", outputs),
	}, ", ")+` FROM `+s.dialect.few("j", uuids)+s.dialect.then()+`customer_rollups c ON c.customer_id = j.value
		LEFT JOIN scores s ON s.customer_id = c.customer_id AND s.scorer IN (`+strings.Join(names, ", ")+`)`, s.dialect.list(scoredIDs(ids)))
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("read scores: %w", err))
	}
	defer rows.Close()
	out, places := &engine.StoredRows{Rows: make([]engine.StoredRow, 0, len(ids)*len(scorers))}, make(map[uuid.UUID]int, len(ids))
	r := newRowReader(outputs)
	for rows.Next() {
		if err := rows.Scan(r.into...); err != nil {
			return nil, err
		}
		at, known := places[r.id]
		if !known {
			at = len(out.IDs)
			places[r.id] = at
			out.IDs, out.Changed = append(out.IDs, scoring.ID(r.id)), append(out.Changed, r.changed.scored())
		}
		if r.scorer.Valid {
			out.Rows = append(out.Rows, r.row(at))
		}
	}
	return out, rows.Err()
}

// rowReader takes in the rows of stored scores.
type rowReader struct {
	id                                 uuid.UUID
	scorer, version, label, texts      sql.NullString
	changed, asOf, modelAsOf, seen, to instant
	slots                              []sql.NullInt64
	into                               []any
}

func newRowReader(outputs int) *rowReader {
	r := &rowReader{slots: make([]sql.NullInt64, outputs)}
	r.into = []any{&r.id, &r.changed, &r.scorer, &r.version, &r.label, &r.asOf, &r.modelAsOf, &r.seen, &r.to, &r.texts}
	for i := range r.slots {
		r.into = append(r.into, &r.slots[i])
	}
	return r
}

func (r *rowReader) row(customer int) engine.StoredRow {
	row := engine.StoredRow{
		Customer: customer, Scorer: r.scorer.String, Version: r.version.String, Label: r.label.String, AsOf: r.asOf.scored(),
		ModelAsOf: r.modelAsOf.scored(), Seen: r.seen.scored(), Until: r.to.scored(), Texts: r.texts.String,
	}
	for i := range row.Slots {
		row.Slots[i] = engine.Null
		if i < len(r.slots) && r.slots[i].Valid {
			row.Slots[i] = r.slots[i].Int64
		}
	}
	return row
}

func scoredIDs(ids []scoring.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}

// States implements [engine.StoredScores].
func (s *stored) States(ctx context.Context) ([]engine.ScorerState, error) {
	rows, err := s.reads.QueryContext(ctx, `SELECT scorer, version, model, digest, model_as_of, data_at, data_customers, seen_at, seen_id, checked, checked_at,
		failures, retry_at, error, failed_version, revision FROM scorer_states ORDER BY scorer`)
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("read the states of scorers: %w", err))
	}
	defer rows.Close()
	var all []engine.ScorerState
	for rows.Next() {
		var one engine.ScorerState
		var modelAsOf, dataAt, seenAt, checkedAt, retryAt instant
		var seenID sql.NullString
		if err := rows.Scan(&one.Scorer, &one.Version, &one.Model, &one.Digest, &modelAsOf, &dataAt, &one.Data.Customers, &seenAt, &seenID,
			&one.Checked, &checkedAt, &one.Failures, &retryAt, &one.Error, &one.Failed, &one.Revision); err != nil {
			return nil, err
		}
		one.ModelAsOf, one.Data.At, one.Seen.At = modelAsOf.scored(), dataAt.scored(), seenAt.scored()
		one.CheckedAt, one.RetryAt = checkedAt.scored(), retryAt.scored()
		if seenID.Valid {
			if one.Seen.ID, err = parseID(seenID.String); err != nil {
				return nil, err
			}
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// Labels implements [engine.StoredScores].
func (s *stored) Labels(ctx context.Context, scorer string) (map[string]engine.LabelCount, error) {
	rows, err := s.reads.QueryContext(ctx, "SELECT label, count(*), "+s.dialect.sum("revenue")+" FROM scores WHERE scorer = "+scorerName(scorer)+" GROUP BY label")
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("count scores: %w", err))
	}
	defer rows.Close()
	counts := map[string]engine.LabelCount{}
	for rows.Next() {
		var label string
		var n engine.LabelCount
		if err := rows.Scan(&label, &n.Customers, &n.Revenue); err != nil {
			return nil, err
		}
		counts[label] = n
	}
	return counts, rows.Err()
}

// SaveModel implements [engine.StoredModels].
func (s *stored) SaveModel(ctx context.Context, l engine.Lease, state engine.ScorerState, parts [][]byte) (number int64, err error) {
	err = s.scoring(ctx, &l, func(tx *batchTx) error {
		if err := tx.queryRow(ctx, "SELECT coalesce(max(model), 0) + 1 FROM scorer_states").Scan(&number); err != nil {
			return err
		}
		if err := tx.exec(ctx, "DELETE FROM models WHERE scorer = ?", state.Scorer); err != nil {
			return err
		}
		for i, data := range parts {
			if data == nil {
				data = []byte{}
			}
			if err := tx.exec(ctx, "INSERT INTO models (scorer, number, part, data) VALUES (?, ?, ?, ?)", state.Scorer, number, i, data); err != nil {
				return err
			}
		}
		// What was seen before stays seen, unless another version of the scorer saw it.
		return tx.exec(ctx, `INSERT INTO scorer_states (scorer, version, model, digest, model_as_of, data_at, data_customers, seen_at, seen_id)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (scorer) DO UPDATE SET
			seen_at = CASE WHEN scorer_states.version = excluded.version THEN scorer_states.seen_at ELSE excluded.seen_at END,
			seen_id = CASE WHEN scorer_states.version = excluded.version THEN scorer_states.seen_id ELSE excluded.seen_id END,
			version = excluded.version, model = excluded.model, digest = excluded.digest, model_as_of = excluded.model_as_of,
			data_at = excluded.data_at, data_customers = excluded.data_customers, failures = 0, retry_at = NULL, error = ''`,
			state.Scorer, state.Version, number, state.Digest, atInstant(state.ModelAsOf), atInstant(state.Data.At), state.Data.Customers,
			atInstant(state.Seen.At), state.Seen.ID.String())
	})
	return number, err
}

// Model implements [engine.StoredModels].
func (s *stored) Model(ctx context.Context, scorer string, number int64, yield func([]byte) error) error {
	rows, err := s.reads.QueryContext(ctx, "SELECT data FROM models WHERE scorer = ? AND number = ? ORDER BY part", scorer, number)
	if err != nil {
		return explain(s.path, fmt.Errorf("read the model of %s: %w", scorer, err))
	}
	defer rows.Close()
	for rows.Next() {
		var data []byte
		if err := rows.Scan(&data); err != nil {
			return err
		}
		if err := yield(data); err != nil {
			return err
		}
	}
	return rows.Err()
}

// scoring is a transaction on the tables of scores. It does not wait for those that write the data. With a lease it fails
// where that is another's by now, and holds it back from being taken until it ends.
func (s *Store) scoring(ctx context.Context, l *engine.Lease, do func(*batchTx) error) error {
	if s.readOnly {
		return fault.New(fault.Unavailable, "the database %s was opened for reading alone (use a command that writes)", s.path)
	}
	db := s.writer
	if s.statements == nil { // where connections keep their own, there can be several writers
		db = s.scans
	}
	sqlTx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return explain(s.path, fmt.Errorf("begin a transaction: %w", err))
	}
	tx := &batchTx{Tx: sqlTx, dialect: s.dialect, kept: s.statements}
	err = s.fence(ctx, tx, l)
	if err == nil {
		err = do(tx)
	}
	if err != nil {
		return explain(s.path, errors.Join(err, sqlTx.Rollback()))
	}
	if err := sqlTx.Commit(); err != nil {
		return explain(s.path, fmt.Errorf("commit: %w", err))
	}
	if s.statements != nil {
		s.statements.keep(ctx, db, tx.own)
	}
	return nil
}

// lists are texts as JSON.
func jsonOf(v any) string {
	data, _ := json.Marshal(v) //nolint:errchkjson // texts and numbers
	return string(data)
}
