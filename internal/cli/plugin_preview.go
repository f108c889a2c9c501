package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	"bellwether/internal/fault"
	"bellwether/internal/plugin"
	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

type pluginPreviewCommand struct {
	database
	pluginFlags
	localized
	paramsFile
	tabular
	pluginFile
	AsOf    string            `placeholder:"INSTANT" help:"As of when: RFC 3339, or a date, which means the end of that day in the business's time zone. Default: now."`
	Against string            `placeholder:"FILE" help:"Another version of the plugin, from whose labels customers would move. Default: the scorer of its name that answers now, a rule saved in the database or a file of --plugins, if there is one."`
	Param   map[string]string `placeholder:"NAME=VALUE" help:"Parameter of the plugin, not of what it is compared with; may be given several times." mapsep:"none"`
	Sample  int               `default:"0" placeholder:"CUSTOMERS" help:"Stop when so many customers are scored, in the order of their ids; 0 is all (default ${default})."`
}

// Run shows how the labels would spread, and who would move. Nothing is stored.
func (c *pluginPreviewCommand) Run(ctx context.Context, app App) error {
	params, err := c.read()
	if err != nil {
		return err
	}
	return c.beside(ctx, app, c.DB, params, func(s *store.Store, now *engine.Engine) error {
		at, err := asOf(ctx, s, c.AsOf)
		if err != nil {
			return err
		}
		p, next, err := c.engine(ctx, app, c.pluginFile, s, now, func(name string) engine.Params { return withOwn(params, name, c.Param) })
		if err != nil {
			return err
		}
		defer p.Close() //nolint:errcheck // it was only tried
		name := p.Scorer.Manifest().Name
		if c.Against != "" {
			other, version, err := c.engine(ctx, app, pluginFile{c.Against}, s, now, func(string) engine.Params { return params })
			if err != nil {
				return err
			}
			defer other.Close() //nolint:errcheck // it was only tried
			if is := other.Scorer.Manifest().Name; is != name {
				return fault.New(fault.Invalid, "%s is the scorer %s, not %s (give another version of the same scorer)", c.Against, is, name)
			}
			now = version
		}
		limit := c.Sample
		if limit <= 0 {
			limit = math.MaxInt
		}
		preview, err := next.Preview(ctx, name, now, at, limit)
		if err != nil {
			return err
		}
		before, there := now.Entry(name)
		return c.show(app, preview, there && before.Off == "")
	})
}

// engine is that of the moment with a plugin's file in it.
func (c *pluginPreviewCommand) engine(ctx context.Context, app App, file pluginFile, s *store.Store, now *engine.Engine, params func(name string) engine.Params) (*plugin.Opened, *engine.Engine, error) {
	p, scorers, err := file.open(ctx, answering(now), c.Locale)
	if err != nil {
		return nil, nil, err
	}
	e, err := engine.New(engine.Config{Scorers: scorers, Source: s.Facts(), Params: params(p.Scorer.Manifest().Name), Open: true, Now: app.Now})
	if err != nil {
		return nil, nil, errors.Join(err, p.Close())
	}
	return p, e, nil
}

// show prints a preview. Where nothing was there that it could be compared with, it says so instead of who would move.
func (c *pluginPreviewCommand) show(app App, p *engine.Preview, compared bool) error {
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
		if !compared {
			_, err := fmt.Fprintf(app.Stdout, c.say("No scorer %s answers now, so nobody moves (compare with a file by --against, or with what is served by --db and --plugins).\n", "目前没有名为 %s 的评分器作答，因此无人变更标签（可用 --against 与文件比较，或用 --db 与 --plugins 与在用的评分器比较）。\n"), p.Manifest.Name)
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
