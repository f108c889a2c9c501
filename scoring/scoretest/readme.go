package scoretest

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"bellwether/scoring"
)

// README runs the worked examples of a README: fenced blocks whose first line is ```csv and one of customers, orders,
// touchpoints (see [Data.AddCustomers] and its sisters) or expected. The environment stands behind the word of the first
// block of an example: as_of=2026-01-31T12:00:00Z zone=Europe/London currency=EUR, and any parameter, its items joined
// by semicolons. The table "expected" has the columns customer and any outputs, ends the example, and is compared with
// the answers to as many decimals as it writes.
func README(t *testing.T, s scoring.Scorer, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	examples := 0
	var d *Data
	for _, b := range blocks(string(text)) {
		if d == nil {
			if d, err = environment(s.Manifest(), b.settings); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
		if b.word != "expected" {
			if err := d.add(b); err != nil {
				t.Fatalf("%s: table %s: %v", path, b.word, err)
			}
			continue
		}
		if err := expect(s, d, b.table); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		d, examples = nil, examples+1
	}
	if examples == 0 {
		t.Errorf("%s has no worked example (write the fenced blocks that scoretest.README knows)", path)
	}
}

type block struct {
	word     string
	settings []string
	table    string
}

// blocks are the fenced blocks of tables.
func blocks(text string) []block {
	var out []block
	for _, rest := range strings.Split(text, "\n```csv ")[1:] {
		head, table, _ := strings.Cut(rest, "\n")
		table, _, _ = strings.Cut(table, "\n```")
		if words := strings.Fields(head); len(words) > 0 {
			out = append(out, block{word: words[0], settings: words[1:], table: table})
		}
	}
	return out
}

func (d *Data) add(b block) error {
	switch b.word {
	case "customers":
		return d.AddCustomers(b.table)
	case "orders":
		return d.AddOrders(b.table)
	case "touchpoints":
		return d.AddTouchpoints(b.table)
	}
	return fmt.Errorf("unknown table (use customers, orders, touchpoints or expected)")
}

// environment reads the settings of an example.
func environment(m *scoring.Manifest, settings []string) (*Data, error) {
	d := &Data{Params: map[string]scoring.Value{}}
	for _, setting := range settings {
		name, text, _ := strings.Cut(setting, "=")
		var err error
		switch i := m.Param(name); {
		case name == "as_of":
			d.AsOf, err = d.instant(text)
		case name == "zone":
			d.Location, err = time.LoadLocation(text)
		case name == "currency":
			d.Currency, d.Exponent = text, 2
		case i < 0:
			err = fmt.Errorf("unknown (use as_of, zone, currency or a parameter)")
		case m.Params[i].Size > 0:
			var items []float64
			for item := range strings.SplitSeq(text, ";") {
				x, _ := strconv.ParseFloat(item, 64)
				items = append(items, x)
			}
			d.Params[name] = scoring.Numbers(items)
			err = m.Params[i].Check(d.Params[name])
		default:
			if d.Params[name], err = d.parse(m.Params[i].Kind, text); err == nil {
				err = m.Params[i].Check(d.Params[name])
			}
		}
		if err != nil {
			return nil, fmt.Errorf("setting %s: %w", name, err)
		}
	}
	return d, nil
}

// expect compares answers with a table of them.
func expect(s scoring.Scorer, d *Data, table string) error {
	answers, err := Score(s, d)
	if err != nil {
		return err
	}
	r := csv.NewReader(strings.NewReader(table))
	r.TrimLeadingSpace = true
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 2 {
		return fmt.Errorf("the table of what is expected is empty (write CSV with a header): %w", err)
	}
	for _, row := range rows[1:] {
		for i, output := range rows[0] {
			if output == "customer" {
				continue
			}
			if s.Manifest().Output(output) < 0 {
				return fmt.Errorf("unknown output %q in the table of what is expected (use a name of the manifest)", output)
			}
			if got := d.text(answers.Value(row[0], output)); !alike(got, row[i]) {
				return fmt.Errorf("customer %s: %s is %q, expected %q", row[0], output, got, row[i])
			}
		}
	}
	return nil
}

// alike compares numbers to the decimals that want has, and everything else exactly.
func alike(got, want string) bool {
	if got == want {
		return true
	}
	x, err := strconv.ParseFloat(got, 64)
	y, err2 := strconv.ParseFloat(want, 64)
	_, decimals, _ := strings.Cut(want, ".")
	return err == nil && err2 == nil && decimals != "" && math.Abs(x-y) <= 0.5000001*math.Pow10(-len(decimals))
}
