//go:build unix

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwether/scoring/engine"
)

// ruleNamed is a rule's file with one condition.
func ruleNamed(name, when string) []byte {
	return []byte("name: " + name + "\ntitleEn: T\ndocEn: D\nlabels:\n  - {name: A, when: '" + when + "'}\n  - {name: B, when: 'true'}\n")
}

// TestForgottenRule: a rule that comes back after it was forgotten is counted anew, and what a file makes of the name is not
// forgotten with it.
func TestForgottenRule(t *testing.T) {
	folder := t.TempDir()
	dsn := importCSV(t, manyOrders(20), "--currency", "EUR")
	s := openWith(t, dsn, folder, nil)
	go s.Rules.Run(t.Context())
	forgotten := func() {
		t.Helper()
		eventually(t, "its state is gone", func() bool {
			states, err := s.Store.Stored().States(t.Context())
			return err == nil && !slices.ContainsFunc(states, func(s engine.ScorerState) bool { return s.Scorer == "regulars" })
		})
	}
	for _, labels := range [][]string{{"BIG", "OTHER"}, {"N1", "N2"}} {
		save(t, s, regulars(vars{"labels": []vars{{"name": labels[0], "when": "facts.orders > 0"}, {"name": labels[1], "when": "true"}}}))
		refreshed(t, s)
		if got := texts(ask(t, s, `{ distribution(scorer: "regulars") { buckets { customers } } }`, nil), "distribution.buckets.*.customers"); !slices.Equal(got, []string{"20", "0"}) {
			t.Errorf("%v: the distribution is %v", labels, got)
		}
		ask(t, s, `mutation { deleteRule(input: {name: "regulars"}) { deleted } }`, nil)
		forgotten()
	}
	put(t, folder, "regulars.rule.yaml", ruleNamed("regulars", "facts.orders > 0"))
	reload(t, s)
	ask(t, s, `mutation { setScorerEnabled(input: {name: "regulars", enabled: false}) { errors { message } } }`, nil)
	other := openWith(t, dsn, folder, nil)
	go other.Rules.Run(t.Context())
	time.Sleep(2500 * time.Millisecond) // two rounds
	if got := text(at(ask(t, other, `{ scorer(name: "regulars") { enabled } }`, nil), "scorer.enabled")); got != "false" {
		t.Error("a rule that was deleted long ago took a file's switch with it")
	}
}

// openWith serves a database with a folder of plugins, of which any module may be loaded.
func openWith(t *testing.T, dsn, folder string, params engine.Params) *Server {
	t.Helper()
	o := optionsOf(dsn)
	o.Plugins, o.PluginsUnsigned, o.Params = folder, true, params
	s, err := NewServer(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestRevokedModule: a module that is taken off the list ends.
func TestRevokedModule(t *testing.T) {
	slowUnderRace(t)
	folder, wasm := t.TempDir(), module(t, "visits")
	put(t, folder, "visits.wasm", wasm)
	put(t, folder, "allowed.sha256", []byte(sum(wasm)+"\n"))
	s := withFolder(t, folder, manyOrders(5), false)
	if got := texts(ask(t, s, `{ scorers { name } }`, nil), "scorers.*.name"); !slices.Contains(got, "visits") {
		t.Fatalf("the scorers are %v", got)
	}
	put(t, folder, "allowed.sha256", []byte("# none\n"))
	reload(t, s)
	state := ask(t, s, `{ scorers { name } refusedScorers { file message } }`, nil)
	if slices.Contains(texts(state, "scorers.*.name"), "visits") || !strings.Contains(text(at(state, "refusedScorers")), "not listed") {
		t.Errorf("taken off the list: %s", text(state))
	}
}

// TestFolderFaults: a pipe is passed over, a file that cannot be read is read once it can be, a folder that is gone does not
// keep the database from being followed, and a new file never takes what answers away.
func TestFolderFaults(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "plugins")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	dsn := importCSV(t, manyOrders(5), "--currency", "EUR")
	s, other := openWith(t, dsn, folder, nil), open(t, dsn, nil)
	names := func() []string {
		t.Helper()
		return texts(ask(t, s, `{ scorers { name } }`, nil), "scorers.*.name")
	}
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe.rule.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	put(t, folder, "later.rule.yaml", ruleNamed("later", "facts.orders > 0"))
	if os.Geteuid() != 0 { // who may read everything
		if err := os.Chmod(filepath.Join(folder, "later.rule.yaml"), 0); err != nil {
			t.Fatal(err)
		}
		reload(t, s)
		if slices.Contains(names(), "later") {
			t.Error("a file that cannot be read answers")
		}
		if err := os.Chmod(filepath.Join(folder, "later.rule.yaml"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reload(t, s)
	if !slices.Contains(names(), "later") {
		t.Errorf("beside a pipe, a rule does not answer: %v", names())
	}
	put(t, folder, "a.rule.yaml", ruleNamed("later", "facts.nothing > 0"))
	reload(t, s)
	if !slices.Contains(names(), "later") {
		t.Error("a bad file of the same name took a rule away")
	}
	put(t, folder, "later.rule.yaml", ruleNamed("rfm", "facts.orders > 0"))
	reload(t, s)
	if state := text(at(ask(t, s, `{ scorer(name: "later") { lastError } }`, nil), "scorer")); !strings.Contains(state, "the name rfm is taken") {
		t.Errorf("renamed to what is compiled in: %s", state)
	}
	if err := os.Rename(folder, folder+".gone"); err != nil {
		t.Fatal(err)
	}
	save(t, other, regulars(nil))
	if err := s.Rules.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "folder of plugins") {
		t.Errorf("a folder that is gone: %v", err)
	}
	if !slices.Contains(names(), "regulars") || !slices.Contains(names(), "later") {
		t.Errorf("without the folder the scorers are %v", names())
	}
}

// TestParametersOfRules: those of a rule that was deleted do not keep the server from starting; those of nobody do.
func TestParametersOfRules(t *testing.T) {
	dsn := importCSV(t, manyOrders(5), "--currency", "EUR")
	params := engine.Params{"regulars": {"least": 1}}
	s := open(t, dsn, nil)
	save(t, s, regulars(nil))
	with := openWith(t, dsn, t.TempDir(), params)
	if got := text(at(ask(t, with, `{ scorer(name: "regulars") { parameters { value } } }`, nil), "scorer.parameters")); got != `[{"value":1}]` {
		t.Errorf("the parameters are %s", got)
	}
	ask(t, s, `mutation { deleteRule(input: {name: "regulars"}) { deleted } }`, nil)
	openWith(t, dsn, t.TempDir(), params)
	o := optionsOf(dsn)
	o.Params = engine.Params{"regulras": {"least": 1}}
	if _, err := NewServer(t.Context(), o); err == nil || !strings.Contains(err.Error(), "unknown scorer") {
		t.Errorf("parameters of nobody: %v", err)
	}
}

// TestSwitchesTogether: two servers cannot switch a scorer off and make another one require it at once.
func TestSwitchesTogether(t *testing.T) {
	dsn := importCSV(t, manyOrders(5), "--currency", "EUR")
	one, other := open(t, dsn, nil), open(t, dsn, nil)
	for range 5 {
		done := make(chan bool)
		go func() {
			defer close(done)
			try(t, one.Handler, `mutation { setScorerEnabled(input: {name: "rfm", enabled: false}) { errors { message } } }`, nil)
		}()
		try(t, other.Handler, saveRule, regulars(nil))
		<-done
		reload(t, one)
		state := ask(t, one, `{ rfm: scorer(name: "rfm") { enabled } regulars: scorer(name: "regulars") { enabled } }`, nil)
		if off, rule := text(at(state, "rfm.enabled")) == "false", at(state, "regulars") != nil; off == rule {
			t.Errorf("rfm is switched off: %t, a rule requires it: %t", off, rule)
		}
		ask(t, one, `mutation { deleteRule(input: {name: "regulars"}) { deleted } setScorerEnabled(input: {name: "rfm", enabled: true}) { errors { message } } }`, nil)
		reload(t, other)
	}
}
