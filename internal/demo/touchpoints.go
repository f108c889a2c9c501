package demo

import (
	"encoding/json"

	"bellwether/internal/record"
)

// contact is a kind of touchpoint.
type contact struct {
	kind, channel, side string
	fill                func(g *maker, c *customer, t *record.Touchpoint)
}

// technical are the contacts of those who care for technology.
func technical() []contact {
	return []contact{
		{"spec_view", "web", "ONLINE", about},
		{"spec_view", "app", "ONLINE", about},
		{"feature_question", "chat", "ONLINE", about},
		{"demo", "shop", "OFFLINE", about},
		{"tech_event", "event", "OFFLINE", nil},
	}
}

// ordinary are the contacts of everybody.
func ordinary() []contact {
	return []contact{
		{"visit", "web", "ONLINE", nil},
		{"visit", "app", "ONLINE", nil},
		{"product_view", "web", "ONLINE", about},
		{"cart_add", "web", "ONLINE", about},
		{"review_read", "web", "ONLINE", about},
		{"price_compare", "web", "ONLINE", about},
		{"store_visit", "shop", "OFFLINE", nil},
		{"call", "phone", "OFFLINE", topic},
		{"chat", "chat", "ONLINE", topic},
		{"email_open", "email", "ONLINE", campaign},
		{"ad_impression", "social", "ONLINE", advert},
		{"advert_letter", "post", "OFFLINE", advert},
		{"complaint", "phone", "OFFLINE", complaint},
		{"suggestion", "web", "ONLINE", suggestion},
		{"survey", "email", "ONLINE", survey},
		{"review_posted", "web", "ONLINE", review},
		{"support_ticket", "web", "ONLINE", topic},
	}
}

// contact makes up the touchpoints of a customer.
func (g *maker) contact(c *customer, out *Neighbourhood) {
	d, h := g.dice, c.habits()
	plain, special := ordinary(), technical()
	from, to := c.registered, theEnd-hour
	if c.level > 0 { // who has gone is heard of no more
		to = min(to, c.dates[len(c.dates)-1]+20*day)
	}
	n := d.between(2, 4) + len(c.dates)/2
	for range n {
		kind := pick(d, plain)
		if d.chance(h.curious) {
			kind = pick(d, special)
		}
		g.touch(c, kind, d.moment(from, to), out)
	}
	for _, at := range c.dates {
		if d.chance(15) && !d.chance(h.curious) { // looks shortly before it buys
			g.touch(c, plain[2], max(0, at-d.moment(2*minute, 3*day)), out)
		}
	}
	for _, f := range c.followers {
		if f.referrer == c && f.number > 0 {
			g.touch(c, contact{"referral", "web", "ONLINE", nil}, g.dice.moment(from, to), out)
		}
	}
}

// touch makes up one touchpoint.
func (g *maker) touch(c *customer, of contact, at moment, out *Neighbourhood) {
	c.contacts++
	t := record.Touchpoint{
		Key: key("t-%04d-%02d", c.number, c.contacts), Customer: c.key, At: g.shop.at(at), Kind: of.kind,
		Channel: record.Set(of.channel), Side: record.Set(of.side), InitiatedBy: record.Set("CUSTOMER"),
		Attributes: record.Set(json.RawMessage(`{"synthetic":true}`)),
	}
	if of.fill != nil {
		of.fill(g, c, &t)
	}
	out.Touchpoints = append(out.Touchpoints, t)
}

// about says which product a contact was about.
func about(g *maker, c *customer, t *record.Touchpoint) {
	if len(c.bought) > 0 && g.dice.chance(70) {
		t.SKU = record.Set(g.product(pick(g.dice, c.bought)).sku)
		return
	}
	t.SKU = record.Set(pick(g.dice, g.shop.products[:oldProducts]).sku)
}

func topic(g *maker, _ *customer, t *record.Touchpoint) {
	t.Topic = record.Set(pick(g.dice, []string{"delivery", "invoice", "price", "quality", "returns", "warranty"}))
	t.Sentiment = record.Set(float64(g.dice.between(-40, 80)) / 100)
}

func campaign(g *maker, _ *customer, t *record.Touchpoint) {
	t.Campaign = record.Set(pick(g.dice, []string{"newsletter", "spring-sale", "double-11", "launches"}))
}

// advert is a contact that the shop began and paid for.
func advert(g *maker, c *customer, t *record.Touchpoint) {
	campaign(g, c, t)
	t.InitiatedBy = record.Set("BUSINESS")
	t.Cost, t.Currency = record.Set(int64(g.dice.between(2, 140))), record.Set(BaseCurrency)
}

func complaint(g *maker, c *customer, t *record.Touchpoint) {
	topic(g, c, t)
	t.Sentiment = record.Set(float64(g.dice.between(-100, -20)) / 100)
	t.Outcome = record.Set(pick(g.dice, []string{"justified", "justified", "rejected"}))
	t.Impact = record.Set(g.dice.between(1, 3))
}

func suggestion(g *maker, c *customer, t *record.Touchpoint) {
	about(g, c, t)
	t.Outcome = record.Set(pick(g.dice, []string{"accepted", "declined", "open"}))
	t.Impact = record.Set(g.dice.between(1, 3))
}

func survey(g *maker, _ *customer, t *record.Touchpoint) {
	if g.dice.chance(70) {
		t.Topic, t.Rating = record.Set("nps"), record.Set(g.dice.between(3, 10))
		return
	}
	t.Topic, t.Rating = record.Set("csat"), record.Set(g.dice.between(1, 5))
}

func review(g *maker, c *customer, t *record.Touchpoint) {
	about(g, c, t)
	stars := g.dice.between(1, 5)
	t.Rating, t.Sentiment = record.Set(stars), record.Set(float64(stars-3)/2)
}
