package main

import (
	"os"
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
		{"plugin", "run", mistaken},
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
		{"plugin", "run", file, "--db", dsn, "--customer", "e", "--locale", "zh-CN"},
	})
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "name: NONE", "name: NOBODY", 1)
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	golden(t, "plugin_rule.golden", before+transcript(t, dsn, folder, [][]string{
		{"plugin", "check", file},
		{"plugin", "run", file, "--db", dsn, "--customer", "e", "--output", "ndjson"},
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
		{"plugin", "run", "go.mod"},
		{"plugin", "run", "testdata/plugins/silent.rule.yaml", "--db", "sqlite:" + folder + "/none.db"},
		{"plugin", "run", "testdata/plugins/silent.rule.yaml", "--db", "sqlite:" + folder + "/none.db", "--param", "das=3"},
	}))
}
