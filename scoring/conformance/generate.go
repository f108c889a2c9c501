package conformance

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"bellwether/scoring"
)

// Random is a made-up population of n customers over the three years before 2026-03-29T13:00:00Z in London, the day on
// which its clocks changed. It has what trips scorers up: customers without orders, equal values, credit notes, returns,
// gifts, unknown categories and prices, orders still to be paid, anonymous and nameless customers, accounts of one, and
// referrals by oneself, in a circle, by nobody known and of the future.
func Random(seed uint64, n int) *Data {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		london = time.UTC
	}
	d := &Data{AsOf: scoring.At(time.Date(2026, 3, 29, 13, 0, 0, 0, time.UTC)), Currency: "GBP", Exponent: 2, Location: london, Params: map[string]scoring.Value{}}
	g := &generator{r: rand.New(rand.NewPCG(seed, 0xbe11)), asOf: d.AsOf}
	for i := range n {
		d.Customers = append(d.Customers, g.customer(i))
	}
	// Of a source of their own: what the customers above are must not depend on what is known of their links.
	g.r = rand.New(rand.NewPCG(seed, 0x11b5))
	for i := range n {
		g.link(d.Customers[i].Facts, n)
	}
	return d
}

// link says where a customer belongs.
func (g *generator) link(facts map[string]scoring.Value, n int) {
	if g.chance(.5) {
		facts["account"] = scoring.String(fmt.Sprintf("a%d", g.r.IntN(1+n/6)))
	}
	if g.chance(.7) {
		facts["region"] = scoring.String(pick(g.r, "North", "South", "华东"))
	}
	if g.chance(.5) {
		facts["industry"] = scoring.String(pick(g.r, "bakery", "school"))
	}
	if g.chance(.5) {
		facts["referred_by"] = scoring.String(IDOf(fmt.Sprintf("c%05d", g.r.IntN(n+3))).String())
		if g.chance(.7) {
			facts["referred_at"] = scoring.Time(g.ago(1095) + scoring.Instant(g.r.Int64N(30*scoring.Day.Microseconds())))
		}
	}
}

type generator struct {
	r    *rand.Rand
	asOf scoring.Instant
}

func (g *generator) chance(p float64) bool { return g.r.Float64() < p }

// ago is an instant up to so many days before asOf; every other one is on the hour, so that some are equal.
func (g *generator) ago(days float64) scoring.Instant {
	at := g.asOf - scoring.Instant(g.r.Float64()*days*float64(scoring.Day.Microseconds()))
	if g.chance(.5) {
		at -= at % scoring.Instant(time.Hour.Microseconds())
	}
	return at
}

func (g *generator) customer(i int) Customer {
	c := Customer{ID: fmt.Sprintf("c%05d", i), Facts: map[string]scoring.Value{}}
	c.Facts["kind"] = scoring.String(pick(g.r, "PERSON", "PERSON", "PERSON", "BUSINESS", "CHANNEL", "INTERNAL"))
	if g.chance(.8) {
		c.Facts["country"] = scoring.String(pick(g.r, "CN", "DE", "GB", "US", "中国"))
	}
	if g.chance(.9) {
		c.Facts["registered_at"] = scoring.Time(g.ago(1095))
	}
	if g.chance(.8) {
		active := math.Pow(g.r.Float64(), 2) * 1095
		for range 1 + int(g.r.ExpFloat64()*4) {
			c.Orders = append(c.Orders, g.order(active))
		}
	}
	slices.SortStableFunc(c.Orders, func(a, b scoring.Order) int { return cmp.Compare(a.PlacedAt, b.PlacedAt) })
	for range int(g.r.ExpFloat64() * 5) {
		kind := pick(g.r, "visit", "product_view", "demo", "spec_view", "complaint", "review_read", "feature_question", "email_open")
		c.Touchpoints = append(c.Touchpoints, Touchpoint{At: g.ago(1095), Kind: kind})
	}
	return c
}

func (g *generator) order(days float64) scoring.Order {
	o := scoring.Order{PlacedAt: g.ago(days), PaidAt: scoring.Never, DueAt: scoring.Never, Credit: g.chance(.06)}
	if g.chance(.8) {
		o.PaidAt = min(g.asOf, o.PlacedAt.Add(time.Duration(g.r.ExpFloat64()*10*float64(scoring.Day))))
	}
	if g.chance(.4) {
		o.DueAt = o.PlacedAt.Add(14 * scoring.Day)
	}
	for range 1 + g.r.IntN(4) {
		l := g.line(o.PlacedAt)
		if o.Credit {
			l.Quantity = -1
		}
		o.Lines = append(o.Lines, l)
		o.Net += int64(math.RoundToEven(float64(l.Quantity) * l.Price * 100))
	}
	if !o.Credit && o.Net <= 0 {
		o.Net = 1 + g.r.Int64N(3)*1000
	}
	return o
}

func (g *generator) line(placed scoring.Instant) scoring.Line {
	unknown := math.NaN()
	l := scoring.Line{
		SKU: fmt.Sprintf("p%d", g.r.IntN(60)), Category: pick(g.r, "books", "garden", "phones", ""), Kind: pick(g.r, "GOODS", "GOODS", "GOODS", "SERVICE", "WARRANTY"),
		LaunchedAt: scoring.Never, Technology: g.chance(.3), Quantity: 1 + int64(g.r.ExpFloat64()*2),
		Price: math.Round(math.Exp(g.r.NormFloat64()+2)*100) / 100, ListPrice: unknown, Discount: unknown, Cost: unknown,
		Condition: pick(g.r, "NEW", "NEW", "USED", "REFURBISHED", ""),
	}
	if g.chance(.5) {
		l.LaunchedAt = placed.Add(time.Duration((g.r.Float64()*400 - 20) * -float64(scoring.Day)))
	}
	if g.chance(.5) {
		l.ListPrice = l.Price * (1 + max(0, g.r.Float64()-.5))
	}
	if g.chance(.5) {
		l.Discount = max(0, g.r.Float64()-.7) * l.Price
	}
	if g.chance(.7) {
		l.Cost = l.Price * g.r.Float64() * 1.2
	}
	switch {
	case g.chance(.05):
		l.Quantity = -1
	case g.chance(.03):
		l.Price = 0
	}
	return l
}

func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }
