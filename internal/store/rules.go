package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"bellwether/scoring"
)

// Rule is a version of a rule: the definition that it had from an instant on.
type Rule struct {
	Name       string
	Number     int    // of the version, from 1; numbers are never used twice
	Definition []byte // JSON; nil: it was deleted
	SavedAt    time.Time
	Forgotten  bool // it was deleted, and so was what was stored of it
}

// Switch says that somebody switched a scorer on or off.
type Switch struct {
	Enabled  bool
	Reason   string // why it is off; "": somebody wanted it so
	Revision int64  // grows with every switch
}

const ruleColumns = "name, number, definition, saved_at"

// Rules are the latest versions of all rules, deleted ones too, by name.
func (s *Store) Rules(ctx context.Context) ([]Rule, error) {
	return s.rules(ctx, "SELECT "+ruleColumns+" FROM rules r WHERE number = (SELECT max(number) FROM rules v WHERE v.name = r.name) ORDER BY name")
}

// RuleVersions are all versions of a rule, latest first.
func (s *Store) RuleVersions(ctx context.Context, name string) ([]Rule, error) {
	return s.rules(ctx, "SELECT "+ruleColumns+" FROM rules WHERE name = ? ORDER BY number DESC", name)
}

func (s *Store) rules(ctx context.Context, query string, args ...any) ([]Rule, error) {
	rows, err := s.reads.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("read rules: %w", err))
	}
	defer rows.Close()
	var all []Rule
	for rows.Next() {
		var r Rule
		var saved instant
		if err := rows.Scan(&r.Name, &r.Number, &r.Definition, &saved); err != nil {
			return nil, err
		}
		if string(r.Definition) == forgotten {
			r.Definition, r.Forgotten = nil, true
		}
		r.SavedAt = saved.scored().Time()
		all = append(all, r)
	}
	return all, rows.Err()
}

// forgotten is the definition of a rule that was deleted, and nothing is stored of it any more.
const forgotten = "null"

// ErrMoved is that rules or switches are not as they were when a change was decided.
var ErrMoved = errors.New("the rules changed meanwhile")

// SaveRule makes a definition, nil for none, the latest version of a rule, where the revision is the one that it was decided
// on; else it fails with [ErrMoved].
func (s *Store) SaveRule(ctx context.Context, name string, definition []byte, revision int64) (saved Rule, err error) {
	saved = Rule{Name: name, Definition: definition, SavedAt: s.now().UTC().Truncate(time.Microsecond)}
	err = s.atRevision(ctx, revision, func(tx *batchTx) error {
		if err := tx.queryRow(ctx, "SELECT coalesce(max(number), 0) + 1 FROM rules WHERE name = ?", name).Scan(&saved.Number); err != nil {
			return err
		}
		var text any
		if definition != nil {
			text = string(definition)
		}
		return tx.exec(ctx, "INSERT INTO rules ("+ruleColumns+") VALUES (?, ?, ?, ?)", name, saved.Number, text, at(saved.SavedAt.UnixMicro()))
	})
	return saved, err
}

// atRevision is a transaction that others who change rules or switches wait for.
func (s *Store) atRevision(ctx context.Context, revision int64, do func(*batchTx) error) error {
	return s.scoring(ctx, nil, func(tx *batchTx) error {
		if err := tx.exec(ctx, s.dialect.exclusive("rules")); err != nil {
			return err
		}
		var now int64
		if err := tx.queryRow(ctx, rulesRevision).Scan(&now); err != nil {
			return err
		}
		if now != revision {
			return ErrMoved
		}
		return do(tx)
	})
}

// Switches are the scorers that somebody switched on or off, by name.
func (s *Store) Switches(ctx context.Context) (map[string]Switch, error) {
	rows, err := s.reads.QueryContext(ctx, "SELECT scorer, enabled, reason, revision FROM scorer_switches")
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("read which scorers are on: %w", err))
	}
	defer rows.Close()
	all := map[string]Switch{}
	for rows.Next() {
		var name string
		var one Switch
		if err := rows.Scan(&name, &one.Enabled, &one.Reason, &one.Revision); err != nil {
			return nil, err
		}
		all[name] = one
	}
	return all, rows.Err()
}

// SwitchScorer switches a scorer on or off, where the revision is the one that it was decided on; else it fails with
// [ErrMoved]. What was stored of its failures is forgotten, so that it is tried again at once.
func (s *Store) SwitchScorer(ctx context.Context, name string, to Switch, revision int64) error {
	return s.atRevision(ctx, revision, func(tx *batchTx) error {
		if err := tx.exec(ctx, `INSERT INTO scorer_switches (scorer, enabled, reason, revision) VALUES (?, ?, ?, (SELECT coalesce(max(revision), 0) + 1 FROM scorer_switches))
			ON CONFLICT (scorer) DO UPDATE SET enabled = excluded.enabled, reason = excluded.reason, revision = excluded.revision`, name, to.Enabled, to.Reason); err != nil {
			return err
		}
		return tx.exec(ctx, "UPDATE scorer_states SET failures = 0, retry_at = NULL, error = '', failed_version = '' WHERE scorer = ?", name)
	})
}

// rulesRevision never goes back: no version and no switch is ever deleted.
const rulesRevision = "SELECT (SELECT count(*) FROM rules) + (SELECT coalesce(max(revision), 0) FROM scorer_switches)"

// RulesRevision grows whenever a rule is saved or deleted, or a scorer switched on or off.
func (s *Store) RulesRevision(ctx context.Context) (n int64, err error) {
	err = s.reads.QueryRowContext(ctx, rulesRevision).Scan(&n)
	return n, explain(s.path, err)
}

// forgetting is how many stored scores are deleted at once.
const forgetting = 4000

// ForgetRule deletes some of what is stored of a rule that was deleted, but its history; more tells that there is more. It
// does so once: a scorer of the name that comes later keeps everything.
func (s *Store) ForgetRule(ctx context.Context, name string) (more bool, err error) {
	err = s.scoring(ctx, nil, func(tx *batchTx) error {
		if err := tx.exec(ctx, s.dialect.exclusive("rules")); err != nil {
			return err
		}
		var deleted int
		err := tx.queryRow(ctx, "SELECT number FROM rules r WHERE name = ? AND definition IS NULL AND number = (SELECT max(number) FROM rules v WHERE v.name = r.name)", name).Scan(&deleted)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, table := range []string{"models", "scorer_states"} {
			if err := tx.exec(ctx, "DELETE FROM "+table+" WHERE scorer = ?", name); err != nil {
				return err
			}
		}
		var n int
		if err := tx.queryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM scores WHERE scorer = "+scorerName(name)+" LIMIT ?) s", forgetting).Scan(&n); err != nil {
			return err
		}
		if more = n > 0; !more {
			if err := s.dropIndexes(ctx, tx, name); err != nil {
				return err
			}
			return tx.exec(ctx, "UPDATE rules SET definition = ? WHERE name = ? AND number = ?", forgotten, name, deleted)
		}
		return tx.exec(ctx, "DELETE FROM scores WHERE scorer = "+scorerName(name)+" AND customer_id IN (SELECT customer_id FROM scores WHERE scorer = "+scorerName(name)+" LIMIT ?)", forgetting)
	})
	return more, err
}

// dropIndexes drops the indexes that were made for a scorer.
func (s *Store) dropIndexes(ctx context.Context, tx *batchTx, scorer string) error {
	for i := range scoring.MaxOutputs {
		if err := tx.exec(ctx, "DROP INDEX IF EXISTS "+scoreIndex(scorer, i)); err != nil {
			return err
		}
	}
	return nil
}
