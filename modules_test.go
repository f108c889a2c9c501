package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bellwether/internal/wasmbuild"
)

// modules are the modules of testdata/modules that were built, by folder: each once.
var modules sync.Map

// module builds a module of testdata/modules.
func module(t testing.TB, name string) []byte {
	t.Helper()
	build, _ := modules.LoadOrStore(name, sync.OnceValues(func() ([]byte, error) {
		return wasmbuild.Go(t.Context(), filepath.Join("testdata", "modules", name))
	}))
	wasm, err := build.(func() ([]byte, error))()
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// withFolder serves orders with a folder of plugins.
func withFolder(t testing.TB, folder, csv string, unsigned bool) *Server {
	t.Helper()
	o := optionsOf(importCSV(t, csv, "--currency", "EUR"))
	o.Plugins, o.PluginsUnsigned = folder, unsigned
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

// slowUnderRace leaves out most of the tests that load modules where the race detector looks on: compiling a module takes ten
// times as long then, in a process that the detector does not see. TestFailingModule stays.
func slowUnderRace(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("compiling modules takes minutes under the race detector")
	}
}

// put puts a file into a folder, at once as a whole.
func put(t testing.TB, folder, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, ".new"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(folder, ".new"), filepath.Join(folder, name)); err != nil {
		t.Fatal(err)
	}
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}

func reload(t testing.TB, s *Server) {
	t.Helper()
	if err := s.Rules.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestModule: a module that is listed answers, is stored and filters like a scorer that is compiled in; what was changed or
// is not listed leaves the one before in place.
func TestModule(t *testing.T) {
	slowUnderRace(t)
	folder, first, second := t.TempDir(), module(t, "visits"), module(t, "visits2")
	put(t, folder, "visits.wasm", first)
	s := withFolder(t, folder, "order_id,customer_id,placed_at,sku,quantity,unit_price\n1,once,2024-01-01,a,1,5\n2,twice,2024-01-02,a,1,5\n3,twice,2024-02-02,a,1,5\n", false)
	if got := text(at(ask(t, s, `{ refusedScorers { file message } }`, nil), "refusedScorers")); !strings.Contains(got, sum(first)) || !strings.Contains(got, "allowed.sha256") {
		t.Fatalf("a module that is not listed: %s", got)
	}
	list := "# modules we trust\n" + sum(first) + "  visits.wasm\n"
	put(t, folder, "allowed.sha256", []byte(list))
	reload(t, s)
	state := func() string {
		t.Helper()
		return text(at(ask(t, s, `{ scorer(name: "visits") { version host enabled lastError digest } }`, nil), "scorer"))
	}
	if got := state(); !strings.Contains(got, sum(first)) || !strings.Contains(got, `"host":"WASM"`) || !strings.Contains(got, `"lastError":null`) {
		t.Fatalf("a module that is listed: %s", got)
	}
	refreshed(t, s)
	label := func() string {
		t.Helper()
		return text(at(ask(t, s, `{ customers(where: {scores: [{scorer: "visits", output: "count", min: 2}]}) { edges { node { externalId score(name: "visits") { label title(locale: "zh") outputs { number } evidence { reason } } } } } }`, nil), "customers.edges.*.node"))
	}
	if got, want := label(), `[{"externalId":"twice","score":{"evidence":[{"reason":"2 orders, 2 make a visitor"}],"label":"COMES","outputs":[{"number":null},{"number":2}],"title":"来访"}}]`; got != want {
		t.Errorf("stored: %s, want %s", got, want)
	}
	usage := at(ask(t, s, `{ scorer(name: "visits") { usage { calls customers failures cpuSeconds memoryBytes } } }`, nil), "scorer.usage")
	for _, field := range []string{"calls", "customers", "cpuSeconds", "memoryBytes"} {
		if n := text(at(usage, field)); n == "0" || n == "null" {
			t.Errorf("usage: %s", text(usage))
		}
	}
	for name, bad := range map[string][]byte{"not listed": second, "no module": []byte("\x00asm, but not really")} {
		put(t, folder, "visits.wasm", bad)
		if name == "no module" {
			put(t, folder, "allowed.sha256", []byte(list+sum(bad)+"\n"))
		}
		reload(t, s)
		if got := state(); !strings.Contains(got, sum(first)) || !strings.Contains(got, "the one before goes on") || !strings.Contains(label(), "COMES") {
			t.Errorf("a new version that is %s: %s", name, got)
		}
	}
	put(t, folder, "visits.wasm", second)
	put(t, folder, "allowed.sha256", []byte(list+strings.ToUpper(sum(second))+"\n"))
	reload(t, s)
	if got := state(); !strings.Contains(got, sum(second)) || !strings.Contains(got, `"version":"2.0.0+`) || !strings.Contains(got, `"lastError":null`) {
		t.Errorf("a good new version: %s", got)
	}
	refreshed(t, s)
	if got := label(); !strings.Contains(got, "STAYS_AWAY") || !strings.Contains(got, "2 orders, 3 make a visitor") {
		t.Errorf("the new version says %s", got)
	}
}

// TestFailingModule: a module that fails answers an error with its name, its last good scores stay, the others answer, and
// after some failures it is switched off until somebody switches it on.
func TestFailingModule(t *testing.T) {
	folder := t.TempDir()
	put(t, folder, "moody.wasm", module(t, "moody"))
	s := withFolder(t, folder, "order_id,customer_id,placed_at,sku,quantity,unit_price\n1,calm,2024-01-01,a,1,5\n", true)
	refreshed(t, s)
	ask(t, s, `mutation { recordOrders(input: {orders: [{externalId: "2", customer: {externalId: "trigger"}, placedAt: "2024-02-01T00:00:00Z", lines: [{sku: "a", quantity: 1, unitPrice: "5"}]}]}) { errors { message } } }`, nil)
	const query = `{ customers { edges { node { externalId rfm { segment } moody: score(name: "moody") { outputs { flag } } } } } }`
	said := map[string]bool{}
	eventually(t, "switched off", func() bool {
		a := try(t, s.Handler, query, nil)
		for _, e := range a.Errors {
			said[e.Extensions.Code] = true
			if !strings.Contains(e.Message, "moody") {
				t.Fatalf("the error does not name the scorer: %s", e.Message)
			}
		}
		if got := texts(a.Data, "customers.edges.*.node.rfm.segment"); len(got) != 2 || strings.Contains(strings.Join(got, " "), "null") {
			t.Fatalf("the others answer %s", text(a.Data))
		}
		if moody := texts(a.Data, "customers.edges.*.node.moody.outputs.0.flag"); !said["SCORER_DISABLED"] && !slices.Equal(moody, []string{"null", "true"}) {
			t.Fatalf("the last good score of the other customer is gone: %v", moody)
		}
		reload(t, s)
		return said["SCORER_DISABLED"]
	})
	if !said["SCORER_FAILED"] {
		t.Error("it was switched off before it failed")
	}
	off := at(ask(t, s, `{ scorer(name: "moody") { enabled lastError usage { failures } } }`, nil), "scorer")
	if text(at(off, "enabled")) != "false" || !strings.Contains(text(at(off, "lastError")), "in a row") || text(at(off, "usage.failures")) == "0" {
		t.Errorf("switched off: %s", text(off))
	}
	on := ask(t, s, `mutation { setScorerEnabled(input: {name: "moody", enabled: true}) { scorer { enabled lastError } errors { message } } }`, nil)
	if text(at(on, "setScorerEnabled.scorer.enabled")) != "true" {
		t.Fatalf("switched on: %s", text(on))
	}
	if got := try(t, s.Handler, query, nil); !slices.Equal(texts(got.Data, "customers.edges.*.node.moody.outputs.0.flag"), []string{"null", "true"}) {
		t.Errorf("switched on, it answers %s", text(got.Data))
	}
	eventually(t, "switched off again", func() bool {
		try(t, s.Handler, query, nil)
		reload(t, s)
		return text(at(ask(t, s, `{ scorer(name: "moody") { enabled } }`, nil), "scorer.enabled")) == "false"
	})
	put(t, folder, "moody.wasm", module(t, "moody2"))
	reload(t, s)
	if got := ask(t, s, query, nil); !slices.Equal(texts(got, "customers.edges.*.node.moody.outputs.0.flag"), []string{"true", "true"}) {
		t.Errorf("replaced, it answers %s", text(got))
	}
}

// TestUntriedModule: while a module is being tried, which may take long, nothing else that makes the set anew lets it answer.
func TestUntriedModule(t *testing.T) {
	slowUnderRace(t)
	folder := t.TempDir()
	s := withFolder(t, folder, manyOrders(5), true)
	wasm, err := wasmbuild.Build(t.Context(), filepath.Join("internal", "sandbox", "testdata", "hostile", "loop.c")) // which is stopped after two seconds
	if err != nil {
		t.Fatal(err)
	}
	put(t, folder, "loop.wasm", wasm)
	done := make(chan error, 1)
	go func() { done <- s.Rules.Reload(t.Context()) }()
	for n := 0; ; n++ {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			if n < 5 {
				t.Fatalf("it was tried for so short a time that only %d sets were made meanwhile", n)
			}
			if got := text(at(ask(t, s, `{ refusedScorers { file message } }`, nil), "refusedScorers")); !strings.Contains(got, "did not end within") {
				t.Errorf("tried to the end: %s", got)
			}
			return
		case <-time.After(50 * time.Millisecond):
		}
		save(t, s, regulars(vars{"docEn": "Try " + strconv.Itoa(n)}))
		if names := texts(ask(t, s, `{ scorers { name } }`, nil), "scorers.*.name"); slices.Contains(names, "hostile") {
			t.Fatalf("after %d changes it answers, although it is still being tried", n)
		}
	}
}
