package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strings"
	"time"

	"bellwether/ent"
	"bellwether/ent/customer"
	"bellwether/internal/fault"
	"bellwether/internal/ingest"
	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

type scoreCommand struct {
	scored
	Name string `arg:"" help:"Scorer, such as rfm."`
}

// Run scores everybody, or one customer.
func (c *scoreCommand) Run(ctx context.Context, app App) error {
	params, err := c.params(c.Name)
	if err != nil {
		return err
	}
	if _, err := engine.New(engine.Config{Scorers: app.Scorers, Params: params, Open: true}); err != nil {
		return err // before a database is opened
	}
	return c.beside(ctx, app, c.DB, params, func(s *store.Store, now *engine.Engine) error { return c.score(ctx, app, s, now, c.Name) })
}

// scored are the flags of commands that score.
type scored struct {
	database
	pluginFlags
	localized
	paramsFile
	tabular
	AsOf     string            `placeholder:"INSTANT" help:"As of when: RFC 3339, or a date, which means the end of that day in the business's time zone. Default: now."`
	Param    map[string]string `placeholder:"NAME=VALUE" help:"Parameter of the scorer; may be given several times." mapsep:"none"`
	Customer string            `placeholder:"EXTERNAL_ID" help:"Only this customer, with the evidence."`
	Source   string            `placeholder:"SOURCE" help:"Source of the customer's external id, where several sources have it."`
}

// params are those of the file, and those of the scorer on the command line.
func (c *scored) params(name string) (engine.Params, error) {
	params, err := c.read()
	return withOwn(params, name, c.Param), err
}

// withOwn are parameters with further ones of a scorer.
func withOwn(params engine.Params, name string, more map[string]string) engine.Params {
	if len(more) == 0 {
		return params
	}
	out, own := engine.Params{}, map[string]any{}
	maps.Copy(out, params)
	maps.Copy(own, params[name])
	for param, value := range more {
		own[param] = value
	}
	out[name] = own
	return out
}

func (c *scored) score(ctx context.Context, app App, s *store.Store, e *engine.Engine, name string) error {
	m, err := e.Manifest(name)
	if err != nil {
		return err
	}
	asOf, err := asOf(ctx, s, c.AsOf)
	if err != nil {
		return err
	}
	if c.Customer != "" {
		return c.one(ctx, app, s, e, name, asOf)
	}
	t := c.table(app.Stdout, c.columns(m)...)
	err = e.Walk(ctx, engine.Want{Name: name}, asOf, []string{"external_id"}, func(scores *engine.Scores, facts []scoring.Column) error {
		for i := range scores.IDs {
			t.row(c.cells(scores.At(i), facts[0].At(i).Text())...)
		}
		return nil
	})
	if err != nil {
		return err // without an empty table before it
	}
	return t.close()
}

// asOf is an instant that was typed, in the business's time zone; nil where none was.
func asOf(ctx context.Context, s *store.Store, typed string) (*time.Time, error) {
	if typed == "" {
		return nil, nil
	}
	b, err := s.Business(ctx)
	if err != nil {
		return nil, err
	}
	at, err := ingest.ParseAsOf(typed, b.TimeZone)
	return &at, err
}

// columns are external_id, label, then the other outputs.
func (c *scored) columns(m *scoring.Manifest) []string {
	columns := []string{"external_id"}
	for i, o := range m.Outputs {
		if i == 0 && o.Kind == scoring.Label {
			columns = append(columns, "label")
			continue
		}
		columns = append(columns, o.Name)
	}
	return columns
}

// cells are a score's values: exact as data, and with three decimals where people read them.
func (c *scored) cells(s engine.Score, externalID string) []any {
	row := make([]any, 0, 1+len(s.Manifest.Outputs))
	row = append(row, externalID)
	for i := range s.Manifest.Outputs {
		v := s.Output(i)
		if c.Output == "table" && v.Ok() && v.Kind() == scoring.Number {
			v = scoring.Float(math.Round(v.Float()*1000) / 1000)
		}
		row = append(row, engine.JSON(v, s.Business.Exponent))
	}
	return row
}

// one prints a customer's score with its evidence.
func (c *scored) one(ctx context.Context, app App, s *store.Store, e *engine.Engine, name string, asOf *time.Time) error {
	found, err := find(ctx, s, c.Source, c.Customer)
	if err != nil {
		return err
	}
	id := scoring.ID(found.ID)
	answers, err := e.Score(ctx, []scoring.ID{id}, []engine.Want{{Name: name, Explain: true}}, asOf)
	if err != nil {
		return err
	}
	if err := answers[name].Err; err != nil {
		return err
	}
	score, ok := answers[name].Of(id)
	if !ok {
		return fault.New(fault.NotFound, "customer %s is gone (look again)", c.Customer)
	}
	if c.Output == "ndjson" {
		t := c.table(app.Stdout, append(c.columns(score.Manifest), "evidence")...)
		t.row(append(c.cells(score, found.ExternalID), c.evidence(score))...)
		return t.close()
	}
	t := c.table(app.Stdout, c.columns(score.Manifest)...)
	t.row(c.cells(score, found.ExternalID)...)
	if err := t.close(); err != nil || c.Output == "csv" {
		return err
	}
	return c.explain(app, score)
}

// explain prints the label in words, what to do, and why.
func (c *scored) explain(app App, score engine.Score) error {
	if label, ok := score.Label(); ok {
		doc, _ := score.Manifest.Outputs[0].Label(label)
		fmt.Fprintf(app.Stdout, c.say("%s: %s\n%s\n\n", "%s：%s\n%s\n\n"), doc.Title.In(c.Locale), doc.Doc.In(c.Locale), doc.Advice.In(c.Locale))
	}
	t := c.table(app.Stdout, "fact", "value", "threshold", "percentile", "reason")
	f := score.Formatter(c.Locale)
	for _, ev := range score.Evidence() {
		var thresholds []string
		for _, v := range ev.Threshold {
			thresholds = append(thresholds, f.Value(v))
		}
		var percentile any
		if !math.IsNaN(ev.Percentile) {
			percentile = f.Percent(ev.Percentile)
		}
		t.row(score.Manifest.Reasons[ev.Reason].Fact, f.Value(ev.Value), strings.Join(thresholds, " | "), percentile, f.Reason(score.Manifest, ev))
	}
	return t.close()
}

func (c *scored) evidence(score engine.Score) []json.RawMessage {
	out := []json.RawMessage{}
	f := score.Formatter(c.Locale)
	for _, ev := range score.Evidence() {
		line, _ := json.Marshal(map[string]any{ //nolint:errchkjson // plain values
			"fact": score.Manifest.Reasons[ev.Reason].Fact, "value": engine.JSON(ev.Value, score.Business.Exponent), "reason": f.Reason(score.Manifest, ev),
		})
		out = append(out, line)
	}
	return out
}

// find looks a customer up by external id, following a merge.
func find(ctx context.Context, s *store.Store, source, externalID string) (*ent.Customer, error) {
	q := s.Ent().Customer.Query().Where(customer.ExternalID(externalID)).Order(customer.BySource())
	if source != "" {
		q = q.Where(customer.Source(source))
	}
	found, err := q.All(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, fault.New(fault.NotFound, "no customer has the external id %q (find it with bellwether list --search)", externalID)
	case len(found) > 1:
		var sources []string
		for _, f := range found {
			sources = append(sources, f.Source)
		}
		return nil, fault.New(fault.Ambiguous, "several sources have a customer %q (say which with --source: %s)", externalID, strings.Join(sources, ", "))
	}
	c := found[0]
	for c.MergedInto != nil {
		if c, err = s.Ent().Customer.Get(ctx, *c.MergedInto); err != nil {
			return nil, err
		}
	}
	return c, nil
}
