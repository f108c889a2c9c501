package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// scoresTable is how the scores of a scorer with n outputs are written, and what is set where they are written over.
func scoresTable(n int) (to table, sets string) {
	columns := "customer_id, scorer, label, version, as_of, model_as_of, data_seen_at, until, moved_at, updated_at, digest, revenue, texts"
	if n > 0 {
		columns += ", " + slots("", n)
	}
	var all []string
	for _, c := range strings.Split(columns, ", ")[2:] {
		switch c {
		case "moved_at":
			all = append(all, "moved_at = CASE WHEN scores.label = excluded.label THEN scores.moved_at ELSE excluded.moved_at END")
		case "updated_at":
			all = append(all, "updated_at = CASE WHEN scores.digest = excluded.digest THEN scores.updated_at ELSE excluded.updated_at END")
		default:
			all = append(all, c+" = excluded."+c)
		}
	}
	return table{name: "scores", columns: columns, key: "customer_id, scorer"}, strings.Join(all, ", ")
}

// scoreColumns are the types of the columns that rows of scores and changes are written into, as PostgreSQL names them:
// ent does not know these tables, whose keys are of two columns.
func scoreColumns() map[string]string {
	columns := map[string]string{}
	for of, names := range map[string]string{
		"bigint":      "scores.digest scores.revenue score_changes.seq",
		"text":        "scores.scorer scores.label scores.version scores.texts score_changes.scorer score_changes.from_label score_changes.to_label score_changes.version",
		"timestamptz": "scores.as_of scores.data_seen_at scores.model_as_of scores.moved_at scores.until scores.updated_at score_changes.at",
		"uuid":        "scores.customer_id score_changes.customer_id",
	} {
		for _, name := range strings.Fields(names) {
			columns[name] = of
		}
	}
	for i := range scoring.MaxOutputs {
		columns["scores.v"+strconv.Itoa(i)] = "bigint"
	}
	return columns
}

// changesTable is how moves are written.
func changesTable() table {
	return table{name: "score_changes", columns: "seq, customer_id, scorer, at, from_label, to_label, version", conflict: ""}
}

// storedBefore is what is compared with a new score.
type storedBefore struct {
	digest int64
	label  string
	seen   instant
}

// move is a customer's move to another label.
type move struct {
	customer scoring.ID
	from, to string
	version  string
}

// Write implements [engine.StoredWork].
func (s *stored) Write(ctx context.Context, l engine.Lease, c engine.Chunk) (engine.Written, error) {
	var w engine.Written
	err := s.scoring(ctx, &l, func(tx *batchTx) error {
		w = engine.Written{}
		for i := range c.Scorers {
			written, err := s.writeScorer(ctx, tx, &c, &c.Scorers[i])
			if err != nil {
				return fmt.Errorf("write scores of %s: %w", c.Scorers[i].Scorer, err)
			}
			w.Changed, w.Moved = w.Changed+written.Changed, w.Moved+written.Moved
		}
		// A merge changes the survivor's data, so it comes by here.
		if err := tx.exec(ctx, "DELETE FROM scores WHERE customer_id IN (SELECT m.id FROM "+s.dialect.each("j", uuids)+s.dialect.then()+
			"customers m ON m.merged_into = j.value)", s.dialect.list(scoredIDs(c.IDs))); err != nil {
			return fmt.Errorf("delete scores of merged customers: %w", err)
		}
		return s.advance(ctx, tx, c, w.Changed)
	})
	if err == nil && w.Moved > 0 {
		s.changes.wake()
	}
	return w, err
}

// writeScorer writes what differs of the scores by one scorer, and the moves.
func (s *stored) writeScorer(ctx context.Context, tx *batchTx, c *engine.Chunk, of *engine.ChunkScores) (engine.Written, error) {
	var w engine.Written
	before, err := s.before(ctx, tx, of)
	if err != nil {
		return w, err
	}
	var added, changed []any
	var moves []move
	asOf := atInstant(c.AsOf)
	for i := range of.Rows {
		r := &of.Rows[i]
		digest := digestOf(r, of.Outputs)
		was, known := before[of.IDs[i]]
		if known && was.digest == digest && was.seen == atInstant(r.Seen) {
			continue
		}
		if !known || was.digest != digest {
			w.Changed++
		}
		if !known || was.label != r.Label {
			moves = append(moves, move{of.IDs[i], was.label, r.Label, r.Version})
		}
		rows := &changed
		if !known {
			rows = &added
		}
		*rows = append(*rows, of.IDs[i].String(), r.Scorer, r.Label, r.Version, atInstant(r.AsOf), atInstant(r.ModelAsOf), atInstant(r.Seen), atInstant(r.Until),
			asOf, asOf, digest, r.Revenue, orNull(r.Texts))
		for _, slot := range r.Slots[:of.Outputs] {
			*rows = append(*rows, unlessNull(slot))
		}
	}
	to, sets := scoresTable(of.Outputs)
	if err := tx.insert(ctx, to, added); err != nil {
		return w, err
	}
	if err := tx.run(ctx, to, tx.add(to, changed, sets, "scores.scorer = "+scorerName(of.Scorer))); err != nil {
		return w, err
	}
	w.Moved, err = s.writeMoves(ctx, tx, of.Scorer, moves, c.AsOf)
	if err != nil {
		return w, err
	}
	return w, s.see(ctx, tx, of, w)
}

// see notes how far the scores of a scorer are.
func (s *stored) see(ctx context.Context, tx *batchTx, of *engine.ChunkScores, w engine.Written) error {
	if w.Changed > 0 {
		if err := tx.exec(ctx, "UPDATE scorer_states SET revision = revision + 1 WHERE scorer = ?", of.Scorer); err != nil {
			return err
		}
	}
	if of.Seen == nil {
		return nil
	}
	return tx.exec(ctx, "UPDATE scorer_states SET seen_at = ?, seen_id = ?, failures = 0, retry_at = NULL, error = '' WHERE scorer = ?",
		atInstant(of.Seen.At), of.Seen.ID.String(), of.Scorer)
}

// before reads what is stored of the customers of a chunk.
func (s *stored) before(ctx context.Context, tx *batchTx, of *engine.ChunkScores) (map[scoring.ID]storedBefore, error) {
	rows, err := tx.query(ctx, "SELECT s.customer_id, s.digest, s.label, s.data_seen_at FROM "+s.dialect.each("j", uuids)+s.dialect.then()+
		"scores s ON s.customer_id = j.value AND s.scorer = "+scorerName(of.Scorer), s.dialect.list(scoredIDs(of.IDs)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	before := make(map[scoring.ID]storedBefore, len(of.IDs))
	labels := map[string]string{}
	for rows.Next() {
		var id, label sql.RawBytes
		var b storedBefore
		if err := rows.Scan(&id, &b.digest, &label, &b.seen); err != nil {
			return nil, err
		}
		if b.label = labels[string(label)]; b.label == "" {
			b.label = string(label)
			labels[b.label] = b.label
		}
		parsed, err := parseID(string(id))
		if err != nil {
			return nil, err
		}
		before[parsed] = b
	}
	return before, rows.Err()
}

// writeMoves adds moves to the history. They are numbered by the holder of the lease alone, so that a number that is seen
// has all lower ones before it.
func (s *stored) writeMoves(ctx context.Context, tx *batchTx, scorer string, moves []move, at scoring.Instant) (int, error) {
	if len(moves) == 0 {
		return 0, nil
	}
	var last int64
	if err := tx.queryRow(ctx, "SELECT coalesce(max(seq), 0) FROM score_changes").Scan(&last); err != nil {
		return 0, err
	}
	rows := make([]any, 0, 7*len(moves))
	for i, m := range moves {
		rows = append(rows, last+int64(i)+1, m.customer.String(), scorer, atInstant(at), orNull(m.from), orNull(m.to), m.version)
	}
	return len(moves), tx.insert(ctx, changesTable(), rows)
}

// advance notes how far a refresh is.
func (s *stored) advance(ctx context.Context, tx *batchTx, c engine.Chunk, changed int) error {
	if c.Cursor != nil {
		return tx.exec(ctx, "UPDATE refreshes SET customers = customers + ?, changed = changed + ?, cursor = ? WHERE id = ?", len(c.IDs), changed, c.Cursor.String(), c.Refresh)
	}
	return tx.exec(ctx, "UPDATE refreshes SET customers = customers + ?, changed = changed + ? WHERE id = ?", len(c.IDs), changed, c.Refresh)
}

// digestOf tells two scores apart: all that a reader sees but for the instants at which it was found.
func digestOf(r *engine.StoredRow, outputs int) int64 {
	h := fnv.New64a()
	var b [8]byte
	number := func(n int64) {
		binary.LittleEndian.PutUint64(b[:], uint64(n))
		_, _ = h.Write(b[:]) // never fails
	}
	for _, text := range []string{r.Label, r.Version, r.Texts} {
		number(int64(len(text)))
		_, _ = h.Write([]byte(text))
	}
	number(int64(r.Until))
	number(r.Revenue)
	for _, slot := range r.Slots[:outputs] {
		number(slot)
	}
	return int64(h.Sum64())
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func unlessNull(slot int64) any {
	if slot == engine.Null {
		return nil
	}
	return slot
}
