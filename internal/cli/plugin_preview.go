package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	"bellwether/internal/fault"
	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

type pluginPreviewCommand struct {
	database
	localized
	paramsFile
	tabular
	pluginFile
	AsOf    string `placeholder:"INSTANT" help:"As of when: RFC 3339, or a date, which means the end of that day in the business's time zone. Default: now."`
	Against string `placeholder:"FILE" help:"Another version of the plugin, from whose labels customers would move. Default: the scorer of its name that is compiled in, if there is one."`
	Sample  int    `default:"0" placeholder:"CUSTOMERS" help:"Stop when so many customers are scored, in the order of their ids; 0 is all (default ${default})."`
}

// Run shows how the labels would spread, and who would move. Nothing is stored.
func (c *pluginPreviewCommand) Run(ctx context.Context, app App) error {
	p, scorers, err := c.open(ctx, app, c.Locale)
	if err != nil {
		return err
	}
	defer p.Close() //nolint:errcheck // it was only tried
	before := app.Scorers
	if c.Against != "" {
		other, others, err := pluginFile{c.Against}.open(ctx, app, c.Locale)
		if err != nil {
			return err
		}
		defer other.Close() //nolint:errcheck // it was only tried
		if name := other.Scorer.Manifest().Name; name != p.Scorer.Manifest().Name {
			return fault.New(fault.Invalid, "%s is the scorer %s, not %s (give another version of the same scorer)", c.Against, name, p.Scorer.Manifest().Name)
		}
		before = others
	}
	s, err := store.Open(ctx, c.DB, store.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	return errors.Join(c.preview(ctx, app, s, p.Scorer.Manifest().Name, scorers, before), s.Close())
}

func (c *pluginPreviewCommand) preview(ctx context.Context, app App, s *store.Store, name string, scorers, before []scoring.Scorer) error {
	params, err := c.read()
	if err != nil {
		return err
	}
	at, err := asOf(ctx, s, c.AsOf)
	if err != nil {
		return err
	}
	var engines [2]*engine.Engine
	for i, set := range [][]scoring.Scorer{scorers, before} {
		if engines[i], err = engine.New(engine.Config{Scorers: set, Source: s.Facts(), Params: params, Now: app.Now}); err != nil {
			return err
		}
	}
	limit := c.Sample
	if limit <= 0 {
		limit = math.MaxInt
	}
	p, err := engines[0].Preview(ctx, name, engines[1], at, limit)
	if err != nil {
		return err
	}
	return c.show(app, p)
}

func (c *pluginPreviewCommand) show(app App, p *engine.Preview) error {
	if c.Output == "ndjson" {
		t := c.table(app.Stdout, "scorer", "version", "customers", "population", "buckets", "moves")
		t.row(p.Manifest.Name, p.Manifest.Version, p.Customers, p.Population, c.buckets(p), c.moves(p))
		return t.close()
	}
	if c.Output == "table" {
		fmt.Fprintf(app.Stdout, c.say("%s %s: %d customers of %d\n\n", "%s %s：%d 位客户（共 %d 位）\n\n"), p.Manifest.Name, p.Manifest.Version, p.Customers, p.Population)
		t := c.table(app.Stdout, c.say("label", "标签"), c.say("title", "含义"), c.say("customers", "客户数"), c.say("share", "占比"), c.say("revenue", "收入"))
		for _, b := range p.Buckets {
			t.row(b.Label.Name, b.Label.Title.In(c.Locale), b.Customers, share(b.Customers, p.Customers), scoring.Decimal(b.Revenue, p.Business.Exponent)+" "+p.Business.Currency)
		}
		if err := t.close(); err != nil {
			return err
		}
	}
	t := c.table(app.Stdout, c.say("from", "原标签"), c.say("to", "新标签"), c.say("customers", "客户数"))
	for _, m := range p.Moves {
		var from any
		if m.From != "" {
			from = m.From
		}
		t.row(from, m.To, m.Customers)
	}
	return t.close()
}

func (c *pluginPreviewCommand) buckets(p *engine.Preview) []any {
	out := []any{}
	for _, b := range p.Buckets {
		out = append(out, map[string]any{"label": b.Label.Name, "customers": b.Customers, "revenue": engine.JSON(scoring.Minor(b.Revenue), p.Business.Exponent)})
	}
	return out
}

func (c *pluginPreviewCommand) moves(p *engine.Preview) []any {
	out := []any{}
	for _, m := range p.Moves {
		move := map[string]any{"from": nil, "to": m.To, "customers": m.Customers}
		if m.From != "" {
			move["from"] = m.From
		}
		out = append(out, move)
	}
	return out
}

func share(n, of int) string {
	if of == 0 {
		return "-"
	}
	return strconv.FormatFloat(100*float64(n)/float64(of), 'f', 1, 64) + "%"
}
