package conformance

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"bellwether/scoring"
)

// Examples holds a scorer to the worked examples of a README in Markdown: fenced blocks whose first line is ```csv and one
// of customers, orders, touchpoints (see [Data.AddCustomers] and its sisters) or expected. The environment stands behind the
// word of the first block of an example: as_of=2026-01-31T12:00:00Z zone=Europe/London currency=EUR, and any parameter, its
// items joined by semicolons. The table "expected" has the columns customer and any outputs, ends the example, and is
// compared with the answers to as many decimals as it writes.
//
// It returns a finding of the rule "examples" for every example that is wrong, and one where there is none. A scorer may hang, as
// in [Check].
func Examples(ctx context.Context, s scoring.Scorer, markdown string, opts ...Option) []Finding {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	doc := scoring.Words{En: "the README's worked examples are right", Zh: "README 中的示例正确"}
	cure := scoring.Words{En: "correct the example, or the scorer", Zh: "修正示例或评分器"}
	var found []Finding
	examples := examplesOf(markdown)
	for i, e := range examples {
		err := within(ctx, func() error { return e.run(ctx, s, o.others) })
		if ctx.Err() != nil {
			return append(found, late(ctx, "examples", doc))
		}
		if err != nil {
			found = append(found, Finding{Rule: "examples", Doc: doc, Problem: err.Error(), On: fmt.Sprintf("example %d", i+1), Cure: cure})
		}
	}
	if len(examples) == 0 {
		found = append(found, Finding{
			Rule: "examples", Doc: doc, Problem: "no worked example",
			Cure: scoring.Words{En: "write a fenced block that begins with ```csv customers, and one that begins with ```csv expected", Zh: "编写以 ```csv customers 和 ```csv expected 开头的代码块"},
		})
	}
	return found
}

// example is blocks of tables, the last of which is what is expected.
type example []block

// examplesOf are the examples of a text; what follows the last table of what is expected is one that expects nothing.
func examplesOf(text string) []example {
	var all []example
	var e example
	for _, b := range blocks(text) {
		if e = append(e, b); b.word == "expected" {
			all, e = append(all, e), nil
		}
	}
	if e != nil {
		all = append(all, e)
	}
	return all
}

func (e example) run(ctx context.Context, s scoring.Scorer, others []scoring.Scorer) error {
	d, err := environment(s.Manifest(), e[0].settings)
	if err != nil {
		return err
	}
	d.Others = others
	for _, b := range e {
		if b.word == "expected" {
			return expect(ctx, s, d, b.table)
		}
		if err := d.add(b); err != nil {
			return fmt.Errorf("table %s: %w", b.word, err)
		}
	}
	return errors.New("nothing is expected (end the example with a table of that)")
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
func expect(ctx context.Context, s scoring.Scorer, d *Data, table string) error {
	answers, err := Score(ctx, s, d)
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
