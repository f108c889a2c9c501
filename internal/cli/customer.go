package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"bellwether/internal/fault"
	"bellwether/internal/store"
)

type customerCommand struct {
	database
	pluginFlags
	localized
	tabular
	Key    string `arg:"" help:"External id of the customer, or the e-mail address."`
	Source string `placeholder:"SOURCE" help:"Source of the external id, where several sources have it."`
	AsOf   string `placeholder:"INSTANT" help:"Scores as of when: RFC 3339, or a date, which means the end of that day in the business's time zone. Default: now."`
}

// glance is everything that is shown of a customer.
const glance = `query Glance($by: CustomerBy!, $asOf: DateTime, $locale: String!) {
  customer(by: $by) {
    id kind name email phone country city tags registeredAt
    identities { source externalId }
    orders(first: 5) { totalCount edges { node { externalId placedAt status channel total { amount currency } } } }
    touchpoints(first: 5) { totalCount edges { node { at kind channel campaign topic rating } } }
    scores(asOf: $asOf) { scorer version label title(locale: $locale) modelAsOf evidence { fact reason(locale: $locale) } }
  }
}`

type glanced struct {
	ID, Kind                                        string
	Name, Email, Phone, Country, City, RegisteredAt *string
	Tags                                            []string
	Identities                                      []struct{ Source, ExternalID string }
	Orders                                          struct {
		TotalCount int
		Edges      []struct {
			Node struct {
				ExternalID, PlacedAt, Status string
				Channel                      *string
				Total                        struct{ Amount, Currency string }
			}
		}
	}
	Touchpoints struct {
		TotalCount int
		Edges      []struct {
			Node struct {
				At, Kind                 string
				Channel, Campaign, Topic *string
				Rating                   *int
			}
		}
	}
	Scores []*struct {
		Scorer, Version         string
		Label, Title, ModelAsOf *string
		Evidence                []struct{ Fact, Reason string }
	}
}

// Run shows one customer.
func (c *customerCommand) Run(ctx context.Context, app App) (err error) {
	variables, err := c.variables(ctx)
	if err != nil {
		return err
	}
	a, err := app.open(ctx, c.DB, c.pluginFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if c.Output == "ndjson" {
		var data struct{ Customer map[string]any }
		if _, err := a.ask(ctx, glance, variables, &data); err != nil {
			return err
		}
		t := c.table(app.Stdout, "customer")
		t.row(data.Customer)
		return t.close()
	}
	var data struct{ Customer *glanced }
	notes, err := a.ask(ctx, glance, variables, &data)
	if err != nil {
		return err
	}
	if data.Customer == nil {
		return fault.New(fault.NotFound, "customer %q is gone (look again)", c.Key)
	}
	note(app, notes)
	return c.show(app, data.Customer)
}

// variables finds the customer and resolves the date in the business's time zone.
func (c *customerCommand) variables(ctx context.Context) (map[string]any, error) {
	s, err := store.Open(ctx, c.DB, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer s.Close() //nolint:errcheck // it was only read
	by, err := keyOf(ctx, s, c.Source, c.Key)
	if err != nil {
		return nil, err
	}
	asOf, err := asOf(ctx, s, c.AsOf)
	return map[string]any{"by": by, "asOf": asOf, "locale": c.Locale}, err
}

// keyOf is what was typed, an external id or an e-mail address, as the API's CustomerBy.
func keyOf(ctx context.Context, s *store.Store, source, key string) (map[string]any, error) {
	found, err := find(ctx, s, source, key)
	switch {
	case err == nil:
		return map[string]any{"external": map[string]any{"source": found.Source, "externalId": found.ExternalID}}, nil
	case fault.Code(err) == fault.NotFound && strings.Contains(key, "@"):
		return map[string]any{"email": key}, nil
	}
	return nil, err
}

// words of the headings, in both languages.
func (l localized) say(en, zh string) string {
	if strings.HasPrefix(strings.ToLower(l.Locale), "zh") {
		return zh
	}
	return en
}

func (c *customerCommand) show(app App, g *glanced) error {
	t := c.table(app.Stdout, c.say("profile", "概况"), "")
	profile := func(en, zh string, v *string) {
		if v != nil && *v != "" {
			t.row(c.say(en, zh), *v)
		}
	}
	profile("name", "姓名", g.Name)
	profile("kind", "类型", &g.Kind)
	profile("e-mail", "邮箱", g.Email)
	profile("phone", "电话", g.Phone)
	profile("country", "国家", g.Country)
	profile("city", "城市", g.City)
	profile("registered", "注册时间", g.RegisteredAt)
	tags := strings.Join(g.Tags, ", ")
	profile("tags", "标签", &tags)
	for _, i := range g.Identities {
		t.row(c.say("key", "编号"), i.Source+" / "+i.ExternalID)
	}
	t.row("id", g.ID)
	if err := t.close(); err != nil {
		return err
	}
	return errors.Join(c.showOrders(app, g), c.showTouchpoints(app, g), c.showScores(app, g))
}

func (c *customerCommand) showOrders(app App, g *glanced) error {
	fmt.Fprintf(app.Stdout, c.say("last orders of %d\n", "最近订单（共 %d 笔）\n"), g.Orders.TotalCount)
	t := c.table(app.Stdout, c.say("order", "订单"), c.say("placed", "下单时间"), c.say("status", "状态"), c.say("channel", "渠道"), c.say("total", "总额"))
	for _, e := range g.Orders.Edges {
		t.row(e.Node.ExternalID, e.Node.PlacedAt, e.Node.Status, orNone(e.Node.Channel), e.Node.Total.Amount+" "+e.Node.Total.Currency)
	}
	return t.close()
}

func (c *customerCommand) showTouchpoints(app App, g *glanced) error {
	fmt.Fprintf(app.Stdout, c.say("last touchpoints of %d\n", "最近接触（共 %d 次）\n"), g.Touchpoints.TotalCount)
	t := c.table(app.Stdout, c.say("at", "时间"), c.say("kind", "类别"), c.say("channel", "渠道"), c.say("campaign", "活动"), c.say("topic", "主题"))
	for _, e := range g.Touchpoints.Edges {
		t.row(e.Node.At, e.Node.Kind, orNone(e.Node.Channel), orNone(e.Node.Campaign), orNone(e.Node.Topic))
	}
	return t.close()
}

func (c *customerCommand) showScores(app App, g *glanced) error {
	t := c.table(app.Stdout, c.say("scorer", "评分"), c.say("label", "标签"), c.say("title", "含义"), c.say("reason", "理由"))
	for _, s := range g.Scores {
		if s == nil {
			continue // its error is among the notes
		}
		name, label, title := any(s.Scorer), orNone(s.Label), orNone(s.Title)
		if len(s.Evidence) == 0 {
			t.row(name, label, title, nil)
		}
		for _, e := range s.Evidence {
			t.row(name, label, title, e.Reason)
			name, label, title = "", "", ""
		}
	}
	return t.close()
}

// note prints what went wrong with parts of an answer.
func note(app App, notes []string) {
	for _, n := range notes {
		fmt.Fprintln(app.Stderr, "bellwether:", n)
	}
}

// orNone is a cell that may be empty.
func orNone(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}
