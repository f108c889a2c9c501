package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const cliCSV = `order_id,customer_id,placed_at,total
1,a,2024-01-10,10
2,a,2024-06-20,30
3,b,2024-03-01,500
4,c,2024-06-30T23:30:00-05:00,7.5
5,d,2023-01-01,80
6,d,2024-06-01,20
7,e,2024-05-05,-5
`

// transcript runs commands and writes down what they print; <db> and <dir> stand for what differs between runs.
func transcript(t *testing.T, dsn, folder string, commands [][]string) string {
	t.Helper()
	took := regexp.MustCompile(`in [0-9.]+m?s, [0-9]+ rows/s|in [0-9.]+m?s`)
	place, _, _ := strings.Cut(strings.Replace(strings.TrimPrefix(dsn, "sqlite:"), "postgres@", "", 1), "?") // as messages name it
	shorten := strings.NewReplacer(dsn, "<db>", place, "<db>", folder, "<dir>")
	var out strings.Builder
	for _, args := range commands {
		code, stdout, stderr := run(t, args...)
		fmt.Fprintf(&out, "$ bellwether %s\n", shorten.Replace(strings.Join(args, " ")))
		for _, text := range []string{stdout, stderr} {
			text = anyScorers(took.ReplaceAllString(shorten.Replace(text), "in <time>"))
			for line := range strings.Lines(text) {
				out.WriteString(strings.TrimRight(line, " \n") + "\n")
			}
		}
		fmt.Fprintf(&out, "exit code %d\n\n", code)
	}
	return out.String()
}

func TestHelp(t *testing.T) {
	var commands [][]string
	for _, command := range []string{"", "serve", "import", "import orders", "score", "scorers", "facts", "version"} {
		commands = append(commands, append(strings.Fields(command), "--help"))
	}
	golden(t, "help.golden", transcript(t, "sqlite:-", "\x00", commands))
}

// TestCatalogueCommands: the scorers and facts, as tables and as data, in both languages.
func TestCatalogueCommands(t *testing.T) {
	golden(t, "catalogue.golden", transcript(t, "sqlite:-", "\x00", [][]string{
		{"scorers", "rfm"},
		{"scorers", "rfm", "--locale", "zh-CN"},
		{"scorers", "orientation", "--output", "csv"},
		{"facts"},
		{"facts", "--locale", "zh-CN", "--output", "ndjson"},
		{"facts", "--output", "csv"},
	}))
}

// TestScoreCommand: everybody and one, in every form, in both languages, with parameters.
func TestScoreCommand(t *testing.T) {
	dsn := importCSV(t, cliCSV, "--currency", "EUR", "--business-zone", "Asia/Shanghai")
	folder := t.TempDir()
	params := filepath.Join(folder, "params.yaml")
	if err := os.WriteFile(params, []byte("rfm:\n  binning: FIXED\n  recency_borders: [10, 30, 90, 180]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	golden(t, "score.golden", transcript(t, dsn, folder, [][]string{
		{"score", "rfm", "--db", dsn},
		{"score", "rfm", "--db", dsn, "--output", "csv", "--as-of", "2024-06-30"},
		{"score", "rfm", "--db", dsn, "--output", "ndjson", "--as-of", "2024-06-01T00:00:00+08:00"},
		{"score", "rfm", "--db", dsn, "--customer", "a"},
		{"score", "rfm", "--db", dsn, "--customer", "a", "--locale", "zh-CN"},
		{"score", "rfm", "--db", dsn, "--customer", "e", "--output", "ndjson", "--locale", "zh"},
		{"score", "rfm", "--db", dsn, "--customer", "d", "--output", "csv", "--source", "import"},
		{"score", "rfm", "--db", dsn, "--output", "csv", "--params", params},
		{"score", "rfm", "--db", dsn, "--output", "csv", "--params", params, "--param", "binning=FIXED", "--param", "recency_borders=1,2,3,4"},
		{"score", "rfm", "--db", dsn, "--output", "csv", "--param", "binning=NTILE", "--param", "window=60"},
		{"score", "orientation", "--db", dsn, "--output", "csv"},
		{"scorers", "rfm", "--params", params, "--output", "csv"},
	}))
}

// TestCommandErrors: each has an exit code, says what is wrong, and how to cure it.
func TestCommandErrors(t *testing.T) {
	dsn := importCSV(t, cliCSV, "--currency", "EUR")
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	orders := file("orders.csv", cliCSV)
	broken, list, unknown := file("broken.yaml", "rfm: [\n"), file("list.yaml", "- rfm\n"), file("unknown.yaml", "rmf: {window: 30}\n")
	text, bad := file("text.db", strings.Repeat("no database ", 1000)), file("bad.csv", "order_id,customer_id,placed_at,total\n1,a,2024-02-30,1\n2,b,2024-02-28,1\n3,,2024-02-28,1\n")
	golden(t, "command_errors.golden", transcript(t, dsn, folder, [][]string{
		{},
		{"socre"},
		{"score"},
		{"score", "rfm", "--output", "xml"},
		{"score", "rfm", "--db"},
		{"score", "rmf", "--db", dsn},
		{"score", "rfm", "--db", dsn, "--param", "windw=30"},
		{"score", "rfm", "--db", dsn, "--param", "window=-1"},
		{"score", "rfm", "--db", dsn, "--param", "window=soon"},
		{"score", "rfm", "--db", dsn, "--as-of", "2024-02-30"},
		{"score", "rfm", "--db", dsn, "--as-of", "2025-01-01"},
		{"score", "rfm", "--db", dsn, "--customer", "zoe"},
		{"score", "rfm", "--db", "sqlite:" + folder + "/none.db"},
		{"refresh", "--db", "sqlite:" + folder + "/none.db"},
		{"score", "rfm", "--db", "sqlite:" + folder + "/none/shop.db"},
		{"score", "rfm", "--db", "sqlite:" + text},
		{"score", "rfm", "--db", "mysql://localhost"},
		{"scorers", "rmf"},
		{"scorers", "--params", folder + "/none.yaml"},
		{"scorers", "--params", broken},
		{"scorers", "--params", list},
		{"scorers", "--params", unknown},
		{"serve", "--db", dsn, "--addr", "nowhere"},
		{"serve", "--db", dsn, "--addr", "127.0.0.1:0", "--base-currency", "USD"},
		{"serve", "--db", dsn, "--addr", "127.0.0.1:0", "--now", "tomorrow"},
		{"import", "orders", orders, "--db", dsn, "-q"},
		{"import", "orders", orders, "--db", dsn, "-q", "--dry-run"},
		{"import", "orders", bad, "--db", dsn, "-q"},
		{"import", "orders", orders, "--db", dsn, "-q", "--map", "placed_at=date"},
		{"import", "orders", orders, "--db", dsn, "-q", "--map", "plcaed_at=placed_at"},
		{"import", "orders", orders, "--db", dsn, "-q", "--rejects", folder + "/none/rejects.csv"},
		{"import", "orders", orders, "--db", dsn, "-q", "--time-zone", "Europe/Lundun"},
		{"import", "orders", folder + "/none.csv", "--db", dsn, "-q"},
	}))
}

// TestVariables: every flag can be set by a variable, and a flag on the command line wins.
func TestVariables(t *testing.T) {
	dsn := importCSV(t, cliCSV, "--currency", "EUR")
	t.Setenv("BELLWETHER_DB", dsn)
	t.Setenv("BELLWETHER_OUTPUT", "csv")
	t.Setenv("BELLWETHER_AS_OF", "2024-06-30")
	_, byVariables, _ := run(t, "score", "rfm")
	_, byFlags, _ := run(t, "score", "rfm", "--db", dsn, "--output", "csv", "--as-of", "2024-06-30")
	if byVariables != byFlags || !strings.HasPrefix(byFlags, "external_id,label,") {
		t.Errorf("by variables:\n%s\nby flags:\n%s", byVariables, byFlags)
	}
	if _, out, _ := run(t, "score", "rfm", "--output", "ndjson"); !strings.HasPrefix(out, `{"external_id":`) {
		t.Errorf("a flag does not win over a variable: %.80s", out)
	}
	t.Setenv("BELLWETHER_OUTPUT", "xml")
	if code, _, errs := run(t, "score", "rfm"); code != 2 || !strings.Contains(errs, "xml") {
		t.Errorf("a bad variable: exit code %d, %s", code, errs)
	}
}
