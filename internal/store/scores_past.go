package store

import (
	"context"
	"database/sql"
	"fmt"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// Rewrite implements [engine.StoredWork].
func (s *stored) Rewrite(ctx context.Context, l engine.Lease, c engine.Chunk, at scoring.Instant) (engine.Written, error) {
	var w engine.Written
	err := s.scoring(ctx, &l, func(tx *batchTx) error {
		w = engine.Written{}
		for i := range c.Scorers {
			of := &c.Scorers[i]
			labels, err := s.labelsAt(ctx, tx, of, at)
			if err != nil {
				return err
			}
			var moves []move
			for j := range of.Rows {
				if r := &of.Rows[j]; r.Label != labels[of.IDs[j]] {
					moves = append(moves, move{of.IDs[j], labels[of.IDs[j]], r.Label, r.Version})
				}
			}
			n, err := s.writeMoves(ctx, tx, of.Scorer, moves, at)
			if err != nil {
				return fmt.Errorf("write history of %s: %w", of.Scorer, err)
			}
			w.Moved, w.Changed = w.Moved+n, w.Changed+n
		}
		return s.advance(ctx, tx, c, w.Changed)
	})
	if err == nil && w.Moved > 0 {
		s.changes.wake()
	}
	return w, err
}

// labelsAt are the labels that the history has as of an instant.
func (s *stored) labelsAt(ctx context.Context, tx *batchTx, of *engine.ChunkScores, at scoring.Instant) (map[scoring.ID]string, error) {
	rows, err := tx.query(ctx, `SELECT j.value, (SELECT h.to_label FROM score_changes h WHERE h.scorer = `+scorerName(of.Scorer)+` AND h.customer_id = j.value AND h.at <= ?
		ORDER BY h.at DESC, h.seq DESC LIMIT 1) FROM `+s.dialect.each("j", uuids), atInstant(at), s.dialect.list(scoredIDs(of.IDs)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	labels := map[scoring.ID]string{}
	for rows.Next() {
		var id string
		var label sql.NullString
		if err := rows.Scan(&id, &label); err != nil {
			return nil, err
		}
		parsed, err := parseID(id)
		if err != nil {
			return nil, err
		}
		labels[parsed] = label.String
	}
	return labels, rows.Err()
}
