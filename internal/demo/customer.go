package demo

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// neighbourhood makes up one neighbourhood, of which the shop wants the first n customers.
func (s *Shop) neighbourhood(block, n int) *Neighbourhood {
	g := &maker{shop: s, dice: dice{rand.New(rand.NewPCG(s.options.Seed, uint64(block)+1))}, block: block}
	all := g.people(n)[:n]
	places := g.dice.Perm(n)
	out := &Neighbourhood{}
	for i, c := range all {
		if c.number = block*blockSize + places[i] + 1; block == 0 { // the shop's first customers play its leading parts, so that they are easy to find
			c.number = i + 1
		}
		c.key = key("c-%04d", c.number)
	}
	for _, c := range all {
		g.profile(c)
		g.buy(c, out)
		g.contact(c, out)
	}
	slices.SortFunc(all, func(a, b *customer) int { return cmp.Compare(a.number, b.number) })
	for _, c := range all {
		out.Customers = append(out.Customers, g.record(c))
		out.Truths = append(out.Truths, c.truth(s.options))
	}
	return out
}

// truth is what was planted in the customer.
func (c *customer) truth(o Options) Truth {
	t := Truth{
		ExternalID: c.key.ExternalID, Segment: segmentOf(c.recency, c.level), Because: c.because,
		Pioneer: c.innovator || c.opens != nil,
	}
	if t.Because == "" {
		t.Because = "nothing special"
	}
	for _, f := range c.followers {
		if f.number > 0 { // else the shop ended before it
			t.Followers = append(t.Followers, f.key.ExternalID)
		}
	}
	t.Benchmark = len(t.Followers) >= 3 // fewer are no flock
	switch {
	case c.recentLines < enoughLines:
		t.Orientation = "INSUFFICIENT_DATA"
	case !o.NoPreferences:
		t.Orientation = [...]string{noTaste: "", costMinded: "COST", valueMinded: "VALUE", technologyMinded: "TECHNOLOGY"}[c.taste]
	}
	return t
}

// enoughLines is how many lines in the last year show a taste.
const enoughLines = 3

// profile decides who a customer is, and when it buys.
func (g *maker) profile(c *customer) {
	d, s := g.dice, g.shop
	c.schedule(d)
	first := theEnd
	if len(c.dates) > 0 {
		first = c.dates[0]
	}
	c.kind = "PERSON"
	switch chance := d.IntN(100); {
	case c.innovator:
	case c.account != "" || chance < 10 || (c.opens != nil && c.opens.place.country == ""):
		c.kind = "BUSINESS"
	case chance < 13:
		c.kind = "CHANNEL"
	case chance < 14:
		c.kind = "INTERNAL"
	}
	c.place = &g.opening(c, s.places, first, 40).place
	if c.kind == "BUSINESS" {
		c.sector = g.opening(c, s.sectors, first, 100).name
	}
	c.currency = currencies()[c.place.currency]
	c.name = c.place.names.person(d)
	if c.kind != "PERSON" {
		c.name = c.place.names.company(d, c.number)
	}
	if c.account != "" {
		c.name = c.account + ", " + c.place.city
	}
	c.newsletter = d.chance(60)
	c.registered = max(0, first-d.moment(10*minute, 9*day))
	if c.level == 0 {
		c.registered = d.moment(0, theEnd-5*day)
	}
	if c.opens != nil {
		c.registered = max(0, first-d.moment(10*minute, 2*day))
	}
}

// opening is one that a customer who first buys at a moment may be in: its own, or one that its openers have opened. In so
// many of a hundred cases it may be one that was not there from the beginning.
func (g *maker) opening(c *customer, from []opening, first moment, later int) *opening {
	if c.opens != nil {
		for i := range from {
			if from[i].name == c.opens.name {
				return &from[i]
			}
		}
	}
	all := c.innovator || !g.dice.chance(later)
	for {
		o := &from[g.dice.IntN(len(from))]
		if o.since == 0 || (!all && o.since+othersAfter <= first) {
			return o
		}
	}
}

// span are bounds of a number.
type span struct{ low, high int }

// ago is how many days before the end somebody of a recency bought last.
func ago(c *customer) span {
	if c.recency == 1 && c.level >= 3 {
		return span{380, 500}
	}
	return [...]span{1: {380, 640}, 2: {130, 230}, 3: {55, 100}, 4: {20, 40}, 5: {1, 12}}[c.recency]
}

// schedule decides when a customer buys.
func (c *customer) schedule(d dice) {
	if c.level == 0 {
		return
	}
	orders := [...]span{1: {1, 1}, 2: {3, 4}, 3: {6, 8}, 4: {11, 14}, 5: {20, 26}}[c.level]
	n := d.between(orders.low, orders.high)
	within := ago(c)
	lastDay := shopDays - d.between(within.low, within.high)
	active := [...]span{1: {0, 0}, 2: {60, 300}, 3: {150, 400}, 4: {220, 550}, 5: {330, 690}}[c.level]
	firstDay := max(4, lastDay-d.between(active.low, active.high))
	switch {
	case c.opens != nil:
		firstDay = int(c.opens.since / day)
	case c.innovator:
		firstDay = d.between(10, 40)
	case len(c.followers) > 0:
		firstDay = d.between(8, 30)
	case c.leader != nil || c.referrer != nil:
		firstDay = min(max(firstDay, 60), lastDay-n+1)
	}
	first, last := opened(d, firstDay), opened(d, lastDay)
	if c.opens != nil {
		first += d.moment(0, openingTime)
	}
	c.dates = append(c.dates, first)
	for i := 1; i < n-1; i++ {
		c.dates = append(c.dates, between(d, first, last, i, n-1, c.taste == valueMinded))
	}
	if n > 1 {
		c.dates = append(c.dates, last)
	}
	slices.Sort(c.dates)
	for i := 1; i < len(c.dates); i++ {
		c.dates[i] = max(c.dates[i], c.dates[i-1]+hour)
	}
}

// opened is a moment of a day at which shops are open.
func opened(d dice, at int) moment { return moment(at)*day + d.moment(8*hour, 21*hour) }

// between is a moment between two: with clockwork the i-th of n equal steps, else any. None is on the day when the last
// year begins, which is within it or not depending on the hour.
func between(d dice, first, last moment, i, n int, clockwork bool) moment {
	at := d.moment(first+hour, last-hour)
	if clockwork {
		step := (last - first) / moment(n)
		at = first + step*moment(i) + d.moment(-step/14, step/14)
	}
	if yearAgo := theEnd - 365*day; at >= yearAgo-day && at < yearAgo+2*day {
		at = min(yearAgo+2*day+d.moment(hour, 9*hour), last-hour)
	}
	return at
}
