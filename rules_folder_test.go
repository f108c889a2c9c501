package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bellwether/internal/cli"
	"bellwether/scoring/engine"
)

// TestRulesFolder: a folder's rules are taken in while the server answers; one that is wrong leaves the one before in place.
func TestRulesFolder(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rule := func(name, when string) string {
		return "name: " + name + "\ntitleEn: T\ndocEn: D\nlabels:\n  - {name: A, when: '" + when + "'}\n  - {name: B, when: 'true'}\n"
	}
	write("regulars.rule.yaml", rule("regulars", "facts.orders >= 2"))
	write("after.rule.yaml", rule("after", `scores.regulars.label == "A"`)) // read before what it requires
	write("rfm.rule.yaml", rule("rfm", "true"))
	write("notes.txt", "not a scorer")
	o := optionsOf(importCSV(t, manyOrders(20), "--currency", "EUR"))
	o.Plugins = folder
	s, err := NewServer(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // a temporary database
	reload := func() map[string]any {
		t.Helper()
		if err := s.Rules.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		return ask(t, s, `{ scorers { name enabled lastError version } refusedScorers { file scorer message } distribution(scorer: "rfm") { customers } }`, nil)
	}
	state := reload()
	if got := texts(state, "scorers.*.name"); !slices.Contains(got, "after") || !slices.Contains(got, "regulars") {
		t.Errorf("the scorers are %v", got)
	}
	if got := text(at(state, "refusedScorers")); !strings.Contains(got, `"file":"rfm.rule.yaml"`) || !strings.Contains(got, "compiled in") || strings.Count(got, "file") != 1 {
		t.Errorf("refused are %s", got)
	}
	version := func(state map[string]any, name string) string {
		for _, e := range at(state, "scorers").([]any) {
			if text(at(e, "name")) == name {
				return text(at(e, "version")) + " " + text(at(e, "lastError"))
			}
		}
		return "gone"
	}
	before := version(state, "regulars")
	write("regulars.rule.yaml", rule("regulars", "facts.order >= 4"))
	if now := version(reload(), "regulars"); !strings.HasPrefix(now, strings.Fields(before)[0]+" the new version of regulars.rule.yaml was refused") || !strings.Contains(now, "facts.orders") {
		t.Errorf("a bad new version: %s, before %s", now, before)
	}
	write("regulars.rule.yaml", rule("regulars", "facts.orders >= 44"))
	if now := version(reload(), "regulars"); now == before || !strings.HasSuffix(now, " null") {
		t.Errorf("a good new version: %s, before %s", now, before)
	}
	if got := texts(ask(t, s, `{ distribution(scorer: "regulars") { buckets { customers } } }`, nil), "distribution.buckets.*.customers"); got[0] != "0" {
		t.Errorf("the new version does not answer: %v", got)
	}
	if err := os.Remove(filepath.Join(folder, "regulars.rule.yaml")); err != nil {
		t.Fatal(err)
	}
	state = reload()
	if now := version(state, "regulars"); now != "gone" {
		t.Errorf("removed, but %s", now)
	}
	if got := text(at(state, "refusedScorers")); !strings.Contains(got, `"scorer":"after"`) || !strings.Contains(got, "it requires regulars, which is not there any more") {
		t.Errorf("who required it is not among the refused: %s", got)
	}
	if _, err := NewServer(t.Context(), cli.ServeOptions{DB: o.DB, Plugins: filepath.Join(folder, "missing")}); err == nil || !strings.Contains(err.Error(), "leave --plugins out") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// TestRulesFollow: what one process saves, another one on the same database answers within seconds.
func TestRulesFollow(t *testing.T) {
	dsn := importCSV(t, manyOrders(20), "--currency", "EUR")
	one, other := open(t, dsn, nil), open(t, dsn, nil)
	go other.Rules.Run(t.Context())
	save(t, one, regulars(nil))
	label := func() string {
		return text(at(try(t, other.Handler, `{ customers(first: 1) { edges { node { score(name: "regulars") { label } } } } }`, nil).Data, "customers.edges.0.node.score.label"))
	}
	eventually(t, "the other process answers", func() bool { return label() != "null" })
	ask(t, one, `mutation { setScorerEnabled(input: {name: "regulars", enabled: false}) { errors { message } } }`, nil)
	eventually(t, "the other process switched it off", func() bool { return label() == "null" })
}

// TestDeletedRule: what is stored of a rule goes with it, but for its history, which a rule of the name goes on with.
func TestDeletedRule(t *testing.T) {
	s := shop(t, manyOrders(20), "--currency", "EUR")
	save(t, s, regulars(nil))
	refreshed(t, s)
	go s.Rules.Run(t.Context())
	ask(t, s, `mutation { deleteRule(input: {name: "regulars"}) { deleted } }`, nil)
	eventually(t, "its scores are gone", func() bool {
		counts, err := s.Store.Stored().Labels(t.Context(), "regulars")
		if err != nil {
			t.Fatal(err)
		}
		return len(counts) == 0
	})
	states, err := s.Store.Stored().States(t.Context())
	if err != nil || slices.ContainsFunc(states, func(s engine.ScorerState) bool { return s.Scorer == "regulars" }) {
		t.Errorf("its state is still there: %v, %v", states, err)
	}
	version := save(t, s, regulars(vars{"labels": []vars{{"name": "ALL", "when": "true"}}}))
	refreshed(t, s)
	history := texts(ask(t, s, `{ customers(first: 1) { edges { node { scoreHistory(scorer: "regulars") { edges { node { version to } } } } } } }`, nil), "customers.edges.0.node.scoreHistory.edges.*.node.version")
	if len(history) != 2 || history[0] != version || !strings.HasPrefix(history[1], "1.0.0+") {
		t.Errorf("the history has versions %v, want %s after one of 1.0.0", history, version)
	}
}

// TestRuleAtTheTerminal: commands know the rules of a database.
func TestRuleAtTheTerminal(t *testing.T) {
	dsn := importCSV(t, manyOrders(5), "--currency", "EUR")
	save(t, open(t, dsn, nil), regulars(nil))
	for _, c := range [][]string{
		{"score", "regulars", "--db", dsn, "--locale", "zh-CN", "--customer", "c1"}, {"customer", "c1", "--db", dsn, "--locale", "zh-CN"},
	} {
		if code, stdout, stderr := run(t, c...); code != 0 || !strings.Contains(stdout, "常客") && !strings.Contains(stdout, "SPENDER") && !strings.Contains(stdout, "OTHER") {
			t.Errorf("%v: exit code %d\n%s%s", c, code, stdout, stderr)
		}
	}
	if code, _, stderr := run(t, "score", "regular", "--db", dsn); code == 0 || !strings.Contains(stderr, "regulars") {
		t.Errorf("a name that is nearly right: exit code %d, %s", code, stderr)
	}
}
