package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

const changeColumns = "h.seq, h.customer_id, h.scorer, h.at, h.from_label, h.to_label, h.version"

// Changes are the changes after one, oldest first: in the order in which they were stored, without gaps.
func (s *Store) Changes(ctx context.Context, f engine.ChangeFilter, after int64, limit int) ([]engine.Change, error) {
	where, args := []string{"h.seq > ?"}, []any{after}
	for column, values := range map[string][]string{"h.scorer": f.Scorers, "h.to_label": f.To} {
		if values != nil {
			where, args = append(where, column+" IN (SELECT value FROM "+s.dialect.each("j", texts)+")"), append(args, s.dialect.list(values))
		}
	}
	if f.Customer != nil {
		where, args = append(where, "h.customer_id = ?"), append(args, f.Customer.String())
	}
	if f.Since != nil {
		where, args = append(where, "h.at >= ?"), append(args, atInstant(*f.Since))
	}
	return s.readChanges(ctx, "SELECT "+changeColumns+" FROM score_changes h WHERE "+strings.Join(where, " AND ")+" ORDER BY h.seq LIMIT ?", append(args, limit)...)
}

// LastChange is the number of the latest change; 0: there is none.
func (s *Store) LastChange(ctx context.Context) (seq int64, err error) {
	if err := s.reads.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM score_changes").Scan(&seq); err != nil {
		return 0, explain(s.path, fmt.Errorf("read the latest change: %w", err))
	}
	return seq, nil
}

// ChangesByID are the changes of some numbers; those that are not known are left out.
func (s *Store) ChangesByID(ctx context.Context, seqs []int64) ([]engine.Change, error) {
	return s.readChanges(ctx, "SELECT "+changeColumns+" FROM score_changes h WHERE h.seq IN (SELECT value FROM "+s.dialect.each("j", integers)+") ORDER BY h.seq",
		s.dialect.list(numerals(seqs)))
}

// History are the changes of some customers by one scorer, for each customer up to limit, latest first: those before a
// place, or from the latest on.
func (s *Store) History(ctx context.Context, customers []scoring.ID, scorer string, before *engine.ChangePlace, limit int) ([]engine.Change, error) {
	chosen, args := "h.customer_id = j.value AND h.scorer = ?", []any{s.dialect.list(scoredIDs(customers)), scorer}
	if before != nil {
		chosen += " AND (h.at, h.seq) < (?, ?)"
		args = append(args, atInstant(before.At), before.Seq)
	}
	return s.readChanges(ctx, "SELECT "+changeColumns+" FROM "+s.dialect.each("j", uuids)+
		s.dialect.firstRows("h", "score_changes", "seq", chosen+" ORDER BY h.at DESC, h.seq DESC LIMIT ?")+
		" ORDER BY h.customer_id, h.at DESC, h.seq DESC", append(args, limit)...)
}

func (s *Store) readChanges(ctx context.Context, query string, args ...any) ([]engine.Change, error) {
	rows, err := s.reads.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("read changes of scores: %w", err))
	}
	defer rows.Close()
	var all []engine.Change
	for rows.Next() {
		var c engine.Change
		var customer string
		var at instant
		var from, to sql.NullString
		if err := rows.Scan(&c.Seq, &customer, &c.Scorer, &at, &from, &to, &c.Version); err != nil {
			return nil, err
		}
		if c.Customer, err = parseID(customer); err != nil {
			return nil, err
		}
		c.At, c.From, c.To = at.scored(), from.String, to.String
		all = append(all, c)
	}
	return all, rows.Err()
}

// Transitions counts the customers by their labels at two instants, as the history has them; those who stayed, too. Who
// had no label at the later one does not count.
func (s *Store) Transitions(ctx context.Context, scorer string, from, to scoring.Instant) ([]engine.Transition, error) {
	latest := `(SELECT n.customer_id, n.to_label FROM (SELECT h.customer_id, h.to_label,
		row_number() OVER (PARTITION BY h.customer_id ORDER BY h.at DESC, h.seq DESC) AS place
		FROM score_changes h WHERE h.scorer = ? AND h.at <= ?) n WHERE n.place = 1)`
	rows, err := s.reads.QueryContext(ctx, `SELECT coalesce(a.to_label, ''), coalesce(b.to_label, ''), count(*) FROM `+latest+` b
		JOIN customers c ON c.id = b.customer_id LEFT JOIN `+latest+` a ON a.customer_id = b.customer_id
		WHERE NOT (c.merged_into IS NOT NULL) GROUP BY 1, 2 ORDER BY 1, 2`, scorer, atInstant(to), scorer, atInstant(from))
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("count transitions: %w", err))
	}
	defer rows.Close()
	var all []engine.Transition
	for rows.Next() {
		var t engine.Transition
		if err := rows.Scan(&t.From, &t.To, &t.Customers); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}
