package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestPluginCheck: what is right is said to be, and what is not, with its cure, in both languages and as data.
func TestPluginCheck(t *testing.T) {
	const careless, mistaken = "testdata/plugins/careless", "testdata/plugins/mistaken.rule.yaml"
	golden(t, "plugin_check.golden", transcript(t, "sqlite:\x00", t.TempDir(), [][]string{
		{"plugin", "check", "plugins/rfm"},
		{"plugin", "check", careless},
		{"plugin", "check", careless, "--locale", "zh-CN"},
		{"plugin", "check", careless, "--output", "csv"},
		{"plugin", "check", "ent/schema"},
		{"plugin", "check", mistaken},
		{"plugin", "check", mistaken, "--locale", "zh-CN"},
		{"plugin", "check", mistaken, "--output", "ndjson"},
	}))
}

// TestPluginRule writes a rule, checks and runs it as it is, and again after a change.
func TestPluginRule(t *testing.T) {
	dsn := importCSV(t, cliCSV, "--currency", "EUR", "--business-zone", "Asia/Shanghai")
	folder := t.TempDir()
	file := filepath.Join(folder, "parcel.rule.yaml")
	before := transcript(t, dsn, folder, [][]string{
		{"plugin", "new", "parcel", "--kind", "rule", "--folder", folder},
		{"plugin", "new", "parcel", "--kind", "rule", "--folder", folder},
		{"plugin", "new", "order_value", "--kind", "rule", "--folder", folder},
		{"plugin", "check", folder},
		{"plugin", "run", file, "--db", dsn},
		{"plugin", "run", file, "--db", dsn, "--as-of", "2024-03-31", "--output", "csv"},
		{"plugin", "run", file, "--db", dsn, "--customer", "b"},
		{"plugin", "run", file, "--db", dsn, "--customer", "c"},
		{"plugin", "run", file, "--db", dsn, "--customer", "e", "--locale", "zh-CN"},
		{"plugin", "preview", file, "--db", dsn},
	})
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	older := filepath.Join(folder, "older", "parcel.rule.yaml")
	changed := strings.NewReplacer("name: NONE", "name: NOBODY", "q: 0.7", "q: 0.1").Replace(string(text))
	if err := errors.Join(os.Mkdir(filepath.Dir(older), 0o700), os.Rename(file, older), os.WriteFile(file, []byte(changed), 0o600)); err != nil {
		t.Fatal(err)
	}
	thirds := filepath.Join(folder, "thirds.rule.yaml")
	const third = "name: thirds\ntitleEn: Thirds\ndocEn: Numbers without an end.\nlabels:\n  - {name: ALL, when: 'true'}\nnumbers:\n  - {name: third, value: facts.net_revenue / 3}\n"
	if err := os.WriteFile(thirds, []byte(third), 0o600); err != nil {
		t.Fatal(err)
	}
	golden(t, "plugin_rule.golden", before+transcript(t, dsn, folder, [][]string{
		{"plugin", "run", thirds, "--db", dsn},
		{"plugin", "run", thirds, "--db", dsn, "--output", "csv"},
		{"plugin", "check", file},
		{"plugin", "run", file, "--db", dsn, "--customer", "e", "--output", "ndjson"},
		{"plugin", "preview", file, "--db", dsn, "--against", older},
		{"plugin", "preview", file, "--db", dsn, "--against", older, "--locale", "zh-CN", "--as-of", "2024-03-31"},
		{"plugin", "preview", file, "--db", dsn, "--against", older, "--output", "csv"},
		{"plugin", "preview", file, "--db", dsn, "--against", file, "--output", "csv", "--param", "high=0.9"},
		{"plugin", "preview", "testdata/plugins/silent.rule.yaml", "--db", dsn, "--as-of", "2024-03-31", "--against", "testdata/plugins/silent.rule.yaml", "--output", "csv", "--param", "days=1"},
		{"plugin", "preview", file, "--db", dsn, "--against", older, "--output", "ndjson", "--sample", "1"},
		{"plugin", "preview", file, "--db", dsn, "--against", "testdata/plugins/silent.rule.yaml"},
		{"plugin", "run", "testdata/plugins/mistaken.rule.yaml", "--db", dsn},
		{"plugin", "run", "testdata/plugins/silent.rule.yaml", "--db", dsn, "--param", "das=3"},
		{"plugin", "run", "go.mod", "--db", dsn},
	}))
}

// TestPluginRequiring: a rule may require another one, in its folder or among those that are served.
func TestPluginRequiring(t *testing.T) {
	dsn := importCSV(t, cliCSV, "--currency", "EUR")
	folder := t.TempDir()
	file := filepath.Join(folder, "a_fan.rule.yaml") // before the one that it requires
	text := "name: a_fan\ntitleEn: Fan\ndocEn: Who has large orders, often?\nlabels:\n  - {name: FAN, when: 'scores.parcel.label == \"HIGH\" && facts.orders >= 1'}\n  - {name: NONE, when: true}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	golden(t, "plugin_requiring.golden", transcript(t, dsn, folder, [][]string{
		{"plugin", "check", folder},
		{"plugin", "new", "parcel", "--kind", "rule", "--folder", folder},
		{"plugin", "check", folder},
		{"plugin", "run", file, "--db", dsn, "--output", "csv"},
		{"plugin", "run", file, "--db", dsn, "--output", "csv", "--plugins", folder},
		{"plugin", "preview", file, "--db", dsn, "--output", "csv", "--plugins", folder},
		{"plugin", "preview", folder + "/parcel.rule.yaml", "--db", dsn, "--output", "csv", "--plugins", folder},
	})+named(t, dsn, text))
}

// TestCommandsWithSavedRule: commands know a rule of the database, and a file is held against the saved rule of its name.
func TestCommandsWithSavedRule(t *testing.T) {
	dsn := importCSV(t, cliCSV, "--currency", "EUR")
	s, err := NewServer(t.Context(), optionsOf(dsn))
	if err != nil {
		t.Fatal(err)
	}
	save(t, s, vars{"input": vars{"name": "often", "titleEn": "Often", "docEn": "Who orders often?", "labels": []vars{
		{"name": "OFTEN", "when": "facts.orders >= 2"}, {"name": "SELDOM", "when": "true"},
	}}})
	refreshed(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	put(t, folder, "often.rule.yaml", []byte("name: often\ntitleEn: Often\ndocEn: Who orders often?\nlabels:\n  - {name: OFTEN, when: facts.orders >= 1}\n  - {name: SELDOM, when: true}\n"))
	golden(t, "saved_rule.golden", transcript(t, dsn, folder, [][]string{
		{"list", "--db", dsn, "--scores", "often", "--output", "csv"},
		{"list", "--db", dsn, "--scores", "often", "--sort", "often.label", "--output", "csv"},
		{"scorers", "often", "--db", dsn, "--output", "csv"},
		{"scorers", "often"},
		{"plugin", "preview", folder + "/often.rule.yaml", "--db", dsn, "--output", "csv"},
	}))
}

// named checks a folder with rules whose names are others' already.
func named(t *testing.T, dsn, text string) string {
	t.Helper()
	folder := t.TempDir()
	for file, name := range map[string]string{"first": "fan", "second": "fan", "third": "rfm"} {
		put(t, folder, file+".rule.yaml", []byte(strings.NewReplacer("a_fan", name, `scores.parcel.label == "HIGH" && `, "").Replace(text)))
	}
	return transcript(t, dsn, folder, [][]string{{"plugin", "check", folder}, {"plugin", "check", folder + "/third.rule.yaml", "--locale", "zh-CN"}})
}

// TestPluginRequiringModule: a rule may require a module of its folder, or one that is served.
func TestPluginRequiringModule(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module")
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // compiled modules
	dsn := importCSV(t, cliCSV, "--currency", "EUR")
	folder := t.TempDir()
	served, apart := filepath.Join(folder, "served"), filepath.Join(folder, "apart")
	if err := errors.Join(os.Mkdir(served, 0o700), os.Mkdir(apart, 0o700)); err != nil {
		t.Fatal(err)
	}
	const text = "name: a_host\ntitleEn: Host\ndocEn: Who comes?\nlabels:\n  - {name: COMES, when: 'scores.visits.label == \"COMES\"'}\n  - {name: NONE, when: true}\n"
	visits, file := module(t, "visits"), filepath.Join(apart, "a_host.rule.yaml")
	put(t, served, "visits.wasm", visits)
	put(t, served, "a_host.rule.yaml", []byte(text))
	put(t, apart, "a_host.rule.yaml", []byte(text))
	code, out, errs := run(t, "plugin", "run", file, "--db", dsn, "--plugins", served)
	if code != 1 || !strings.Contains(errs, sum(visits)) || !strings.Contains(errs, "unknown scorer visits") {
		t.Errorf("a module that is not listed: exit code %d, %s%s", code, out, errs)
	}
	before := transcript(t, dsn, folder, [][]string{
		{"plugin", "check", file},
		{"plugin", "check", served},
		{"plugin", "check", served + "/a_host.rule.yaml"},
		{"plugin", "run", served + "/a_host.rule.yaml", "--db", dsn, "--output", "csv"},
		{"plugin", "preview", served + "/a_host.rule.yaml", "--db", dsn},
	})
	put(t, served, "allowed.sha256", []byte(sum(visits)+"  visits.wasm\n"))
	golden(t, "plugin_requiring_module.golden", before+transcript(t, dsn, folder, [][]string{
		{"plugin", "run", file, "--db", dsn, "--output", "csv", "--plugins", served},
		{"plugin", "preview", file, "--db", dsn, "--plugins", served},
		{"list", "--db", dsn, "--plugins", served, "--scores", "a_host,visits", "--output", "csv"},
		{"list", "--db", dsn, "--plugins", served, "--scores", "a_hots"},
		{"scorers", "a_host", "--plugins", served, "--output", "csv"},
	}))
	code, out, errs = run(t, "scorers", "--plugins", served, "--output", "csv")
	if code != 0 || !strings.Contains(out, "\na_host,1.0.0+") || !strings.Contains(out, "\nvisits,1.0.0+") || !strings.Contains(out, "\nrfm,1.0.0,") {
		t.Errorf("the scorers with those of a folder: exit code %d, %s%s", code, out, errs)
	}
}

// TestPluginModule writes a module in Go, and checks, builds and runs it as it is.
func TestPluginModule(t *testing.T) {
	if testing.Short() {
		t.Skip("builds modules")
	}
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOCACHE", strings.TrimSpace(string(goCache)))
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // compiled modules
	dsn := importCSV(t, cliCSV, "--currency", "EUR", "--business-zone", "Asia/Shanghai")
	folder := t.TempDir()
	source, file := filepath.Join(folder, "parcel"), filepath.Join(folder, "modules", "parcel.wasm")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	before := transcript(t, dsn, folder, [][]string{
		{"plugin", "new", "parcel", "--kind", "wasm-go", "--folder", folder},
		{"plugin", "check", source},
	})
	before += inOtherLanguages(t, dsn, folder)
	code, out, errs := run(t, "plugin", "build", source, "--to", file)
	module, err := os.ReadFile(file)
	if code != 0 || err != nil {
		t.Fatal(errs, err)
	}
	if want := fmt.Sprintf("%x  parcel.wasm\n", sha256.Sum256(module)); !strings.Contains(out, "parcel 1.0.0, ") || !strings.HasSuffix(out, want) {
		t.Errorf("the build says:\n%swant the name, and %q", out, want)
	}
	golden(t, "plugin_module.golden", before+transcript(t, dsn, folder, [][]string{
		{"plugin", "check", file},
		{"plugin", "run", file, "--db", dsn},
		{"plugin", "run", file, "--db", dsn, "--customer", "b", "--locale", "zh-CN"},
		{"plugin", "run", file, "--db", dsn, "--customer", "b", "--param", "high=0.9", "--output", "ndjson"},
	}))
	if code, out, errs := run(t, "plugin", "bench", file, "--time", "10ms"); code != 0 || !strings.Contains(out, "MiB of memory at most") {
		t.Errorf("bench: exit code %d\n%s%s", code, out, errs)
	}
	if err := os.WriteFile(filepath.Join(source, "parcel.go"), []byte("package main\n\nfunc New() scoring.Scorer { return nil }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := run(t, "plugin", "build", source, "--to", file); code != 1 || !strings.Contains(errs, "undefined: scoring") {
		t.Errorf("a source that does not compile: exit code %d, %s", code, errs)
	}
	if err := os.WriteFile(file, module[:len(module)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := run(t, "plugin", "check", file); code != 1 || !strings.Contains(errs, "parcel.wasm") {
		t.Errorf("half a module: exit code %d, %s", code, errs)
	}
}

// inOtherLanguages writes modules in C and AssemblyScript, and checks, builds and runs them as they are.
func inOtherLanguages(t *testing.T, dsn, folder string) string {
	t.Helper()
	installed, err := filepath.Abs("examples/wasm/basket/node_modules") // by make setup
	if err != nil {
		t.Fatal(err)
	}
	c, as := filepath.Join(folder, "in_c"), filepath.Join(folder, "in_as")
	out := transcript(t, dsn, folder, [][]string{
		{"plugin", "new", "in_c", "--kind", "wasm-c", "--folder", folder},
		{"plugin", "new", "in_as", "--kind", "wasm-as", "--folder", folder},
		{"plugin", "check", c},
		{"plugin", "check", as},
	})
	if err := os.Symlink(installed, filepath.Join(as, "node_modules")); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{c, as} {
		if code, _, errs := run(t, "plugin", "build", source); code != 0 {
			t.Error(errs)
		}
	}
	return out + transcript(t, dsn, folder, [][]string{
		{"plugin", "check", as},
		{"plugin", "run", c + "/in_c.wasm", "--db", dsn},
		{"plugin", "run", as + "/in_as.wasm", "--db", dsn, "--output", "csv"},
		{"plugin", "run", c + "/in_c.wasm", "--db", dsn, "--customer", "b"},
		{"plugin", "run", as + "/in_as.wasm", "--db", dsn, "--customer", "e", "--param", "high=5"},
	})
}

// TestPluginRust is the same in Rust, where there is a compiler with the target: make setup does not install one.
func TestPluginRust(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dsn := importCSV(t, cliCSV, "--currency", "EUR", "--business-zone", "Asia/Shanghai")
	folder := t.TempDir()
	source := filepath.Join(folder, "in_rust")
	if code, _, errs := run(t, "plugin", "new", "in_rust", "--kind", "wasm-rust", "--folder", folder); code != 0 {
		t.Fatal(errs)
	}
	if _, _, errs := run(t, "plugin", "build", source); strings.Contains(errs, "install") {
		t.Skip(errs)
	}
	golden(t, "plugin_rust.golden", transcript(t, dsn, folder, [][]string{
		{"plugin", "check", source},
		{"plugin", "run", source + "/in_rust.wasm", "--db", dsn},
		{"plugin", "run", source + "/in_rust.wasm", "--db", dsn, "--customer", "b"},
	}))
}

// TestPluginBench: a line for each size of batches, with figures.
func TestPluginBench(t *testing.T) {
	code, out, errs := run(t, "plugin", "bench", "testdata/plugins/silent.rule.yaml", "--time", "10ms", "--output", "csv")
	if code != 0 {
		t.Fatal(errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 5 {
		t.Fatalf("%d lines:\n%s", len(lines), out)
	}
	for i, batch := range []string{"1", "50", "1000", "10000"} {
		cells := strings.Split(lines[i+1], ",")
		for _, c := range cells[:4] {
			if x, err := strconv.ParseFloat(c, 64); err != nil || x <= 0 || cells[0] != batch {
				t.Errorf("batch %s: %q (all but the bytes are above 0)", batch, lines[i+1])
			}
		}
	}
}

// TestPluginErrors: each says what is wrong and how to cure it.
func TestPluginErrors(t *testing.T) {
	folder := t.TempDir()
	golden(t, "plugin_errors.golden", transcript(t, "sqlite:\x00", folder, [][]string{
		{"plugin"},
		{"plugin", "chekc", "plugins/rfm"},
		{"plugin", "check"},
		{"plugin", "check", folder + "/none.rule.yaml"},
		{"plugin", "check", folder},
		{"plugin", "check", "go.mod"},
		{"plugin", "check", "plugins/rfm", "--patiense", "1s"},
		{"plugin", "check", "plugins/rfm", "--patience", "1ns"},
		{"plugin", "check", "testdata/plugins/silent.rule.yaml", "--patience", "1ns"},
		{"plugin", "new", "parcel"},
		{"plugin", "new", "parcel", "--kind", "cobol"},
		{"plugin", "new", "Parcel", "--kind", "go"},
		{"plugin", "new", "rfm", "--kind", "go"},
		{"plugin", "new", "parcel", "--kind", "go", "--folder", folder},
		{"plugin", "new", "parcel", "--kind", "rule", "--folder", "go.mod"},
		{"plugin", "run", "testdata/plugins/silent.rule.yaml", "--db", "sqlite:" + folder + "/none.db"},
	}))
}
