package cli

import (
	"context"
	"fmt"
	"strings"

	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// localized is the flag of commands that print texts.
type localized struct {
	Locale string `default:"en" help:"Language of texts: en or zh-CN."`
}

type scorersCommand struct {
	pluginFlags
	localized
	paramsFile
	tabular
	DB   string `name:"db" placeholder:"DSN" help:"Database whose saved rules are scorers, too; without it, and without --plugins, those that are compiled in are all."`
	Name string `arg:"" optional:"" help:"Scorer to show."`
}

// Run lists the scorers, or shows one.
func (c *scorersCommand) Run(ctx context.Context, app App) error {
	params, err := c.read()
	if err != nil {
		return err
	}
	list := func(_ *store.Store, e *engine.Engine) error { return c.list(app, e) }
	switch {
	case c.DB != "":
		return c.beside(ctx, app, c.DB, params, list)
	case c.Plugins != "":
		return c.besideIn(ctx, app, "sqlite::memory:", store.Options{}, params, list)
	}
	e, err := engine.New(engine.Config{Scorers: app.Scorers, Params: params})
	if err != nil {
		return err
	}
	return c.list(app, e)
}

func (c *scorersCommand) list(app App, e *engine.Engine) error {
	if c.Name != "" {
		return c.show(app, e)
	}
	t := c.table(app.Stdout, "name", "version", "title", "doc")
	for _, entry := range e.Entries() {
		if entry.Off != "" {
			note(app, []string{fmt.Sprintf("scorer %s is switched off: %s", entry.Scorer.Manifest().Name, entry.Off)})
		}
	}
	for _, m := range e.Manifests() {
		t.row(m.Name, e.Version(m.Name), m.Title.In(c.Locale), m.Doc.In(c.Locale))
	}
	return t.close()
}

func (c *scorersCommand) show(app App, e *engine.Engine) error {
	m, err := e.Manifest(c.Name)
	if err != nil {
		return err
	}
	say := func(w scoring.Words) string { return w.In(c.Locale) }
	fmt.Fprintf(app.Stdout, "%s %s - %s\n\n%s\n\n", m.Name, e.Version(m.Name), say(m.Title), say(m.Doc))
	if o, ok := m.MainLabel(); ok {
		t := c.table(app.Stdout, "label", "title", "doc", "advice")
		for _, l := range o.Labels {
			t.row(l.Name, say(l.Title), say(l.Doc), say(l.Advice))
		}
		if err := t.close(); err != nil {
			return err
		}
	}
	t := c.table(app.Stdout, "output", "kind", "doc")
	for _, o := range m.Outputs {
		t.row(o.Name, o.Kind.String(), say(o.Doc))
	}
	if err := t.close(); err != nil {
		return err
	}
	t = c.table(app.Stdout, "parameter", "value", "allowed", "doc")
	for i := range m.Params {
		p := &m.Params[i]
		t.row(p.Name, engine.JSON(e.Params(m.Name)[i], 0), p.Wants(), say(p.Doc))
	}
	return t.close()
}

type factsCommand struct {
	localized
	tabular
}

// Run lists the catalogue of facts.
func (c *factsCommand) Run(app App) error {
	t := c.table(app.Stdout, "name", "kind", "unit", "title", "doc")
	for _, f := range scoring.Facts() {
		t.row(f.Name, strings.ToLower(f.Kind.String()), f.Unit, f.Title.In(c.Locale), f.Doc.In(c.Locale))
	}
	return t.close()
}
