package main

import (
	"testing"
)

// TestPluginCheck: what is right is said to be, and what is not, with its cure, in both languages and as data.
func TestPluginCheck(t *testing.T) {
	golden(t, "plugin_check.golden", transcript(t, "sqlite:\x00", t.TempDir(), [][]string{
		{"plugin", "check", "plugins/rfm"},
		{"plugin", "check", "testdata/plugins/careless"},
		{"plugin", "check", "testdata/plugins/careless", "--locale", "zh-CN"},
		{"plugin", "check", "testdata/plugins/careless", "--output", "csv"},
		{"plugin", "check", "ent/schema"},
	}))
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
		{"plugin", "new", "parcel"},
		{"plugin", "new", "parcel", "--kind", "cobol"},
		{"plugin", "new", "Parcel", "--kind", "go"},
		{"plugin", "new", "rfm", "--kind", "go"},
		{"plugin", "new", "parcel", "--kind", "go", "--folder", folder},
	}))
}
