package store

import (
	"context"
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
}

// Switch says that somebody switched a scorer on or off.
type Switch struct {
	Enabled bool
	Reason  string // why it is off; "": somebody wanted it so
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
		r.SavedAt = saved.scored().Time()
		all = append(all, r)
	}
	return all, rows.Err()
}

// SaveRule makes a definition, nil for none, the latest version of a rule, unless decide refuses: it is given the latest
// versions of all rules, and others wait until it has decided.
func (s *Store) SaveRule(ctx context.Context, name string, definition []byte, decide func([]Rule) error) (saved Rule, err error) {
	saved = Rule{Name: name, Definition: definition, SavedAt: s.now().UTC().Truncate(time.Microsecond)}
	err = s.scoring(ctx, nil, func(tx *batchTx) error {
		if err := tx.exec(ctx, s.dialect.exclusive("rules")); err != nil {
			return err
		}
		all, err := s.Rules(ctx)
		if err != nil {
			return err
		}
		if err := decide(all); err != nil {
			return err
		}
		for _, r := range all {
			if r.Name == name {
				saved.Number = r.Number
			}
		}
		saved.Number++
		var text any
		if definition != nil {
			text = string(definition)
		}
		return tx.exec(ctx, "INSERT INTO rules ("+ruleColumns+") VALUES (?, ?, ?, ?)", name, saved.Number, text, at(saved.SavedAt.UnixMicro()))
	})
	return saved, err
}

// Switches are the scorers that somebody switched on or off, by name.
func (s *Store) Switches(ctx context.Context) (map[string]Switch, error) {
	rows, err := s.reads.QueryContext(ctx, "SELECT scorer, enabled, reason FROM scorer_switches")
	if err != nil {
		return nil, explain(s.path, fmt.Errorf("read which scorers are on: %w", err))
	}
	defer rows.Close()
	all := map[string]Switch{}
	for rows.Next() {
		var name string
		var one Switch
		if err := rows.Scan(&name, &one.Enabled, &one.Reason); err != nil {
			return nil, err
		}
		all[name] = one
	}
	return all, rows.Err()
}

// SwitchScorer switches a scorer on or off. What was stored of its failures is forgotten, so that it is tried again at once.
func (s *Store) SwitchScorer(ctx context.Context, name string, to Switch) error {
	return s.scoring(ctx, nil, func(tx *batchTx) error {
		if err := tx.exec(ctx, s.dialect.exclusive("scorer_switches")); err != nil {
			return err
		}
		if err := tx.exec(ctx, `INSERT INTO scorer_switches (scorer, enabled, reason, revision) VALUES (?, ?, ?, (SELECT coalesce(max(revision), 0) + 1 FROM scorer_switches))
			ON CONFLICT (scorer) DO UPDATE SET enabled = excluded.enabled, reason = excluded.reason, revision = excluded.revision`, name, to.Enabled, to.Reason); err != nil {
			return err
		}
		return tx.exec(ctx, "UPDATE scorer_states SET failures = 0, retry_at = NULL, error = '', failed_version = '' WHERE scorer = ?", name)
	})
}

// RulesRevision grows whenever a rule is saved or deleted, or a scorer switched on or off.
func (s *Store) RulesRevision(ctx context.Context) (n int64, err error) {
	err = s.reads.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM rules) + (SELECT coalesce(max(revision), 0) FROM scorer_switches)").Scan(&n)
	return n, explain(s.path, err)
}

// forgetting is how many stored scores are deleted at once.
const forgetting = 4000

// ForgetRule deletes some of what is stored of a rule that was deleted, but its history; more tells that there is more. A
// rule that is there again keeps everything.
func (s *Store) ForgetRule(ctx context.Context, name string) (more bool, err error) {
	err = s.scoring(ctx, nil, func(tx *batchTx) error {
		if err := tx.exec(ctx, s.dialect.exclusive("rules")); err != nil {
			return err
		}
		var alive bool
		err := tx.queryRow(ctx, "SELECT count(*) > 0 FROM rules r WHERE name = ? AND definition IS NOT NULL AND number = (SELECT max(number) FROM rules v WHERE v.name = r.name)", name).Scan(&alive)
		if err != nil || alive {
			return err
		}
		for _, table := range []string{"models", "scorer_states", "scorer_switches"} {
			if err := tx.exec(ctx, "DELETE FROM "+table+" WHERE scorer = ?", name); err != nil {
				return err
			}
		}
		var n int
		if err := tx.queryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM scores WHERE scorer = "+scorerName(name)+" LIMIT ?) s", forgetting).Scan(&n); err != nil {
			return err
		}
		if more = n == forgetting; n == 0 {
			return s.dropIndexes(ctx, tx, name)
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
