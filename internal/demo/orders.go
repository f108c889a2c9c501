package demo

import (
	"slices"

	"bellwether/internal/record"
)

// purchase is a valid order that is to be made.
type purchase struct {
	at     moment
	budget int64    // cents of the base currency, net
	launch *product // that an innovator waits for
}

// spending is what somebody of a level spends in all, in cents of the base currency.
func spending(d dice, level int) int64 {
	bounds := [...]span{1: {3_000, 7_000}, 2: {15_000, 26_000}, 3: {48_000, 76_000}, 4: {130_000, 200_000}, 5: {320_000, 700_000}}[level]
	return int64(d.between(bounds.low, bounds.high))
}

// buy makes up the orders of a customer.
func (g *maker) buy(c *customer, out *Neighbourhood) {
	c.first = map[int32]moment{}
	if c.level == 0 {
		if g.dice.chance(30) {
			g.fail(c, c.registered+hour, out)
		}
		return
	}
	launches := g.launches(c)
	left := spending(g.dice, c.level)
	for i, at := range c.dates {
		o, spent := g.order(c, purchase{at: at, budget: max(1_000, left/int64(len(c.dates)-i)), launch: launches[at]})
		out.Orders = append(out.Orders, o)
		left -= spent
		if at < theEnd-25*day && g.dice.chance(c.habits().returns*len(o.Lines.Value)) {
			note, back := g.giveBack(c, &o, at+g.dice.moment(4*day, 18*day))
			out.Orders = append(out.Orders, note)
			left += back
		}
		if g.dice.chance(3) {
			g.fail(c, at+g.dice.moment(minute, day), out)
		}
	}
}

// launchesEach is how many launches an innovator waits for.
const launchesEach = 4

// launches are what an innovator buys on its first day, by moment: some of the orders move to the launches.
func (g *maker) launches(c *customer) map[moment]*product {
	if !c.innovator {
		return nil
	}
	out := map[moment]*product{}
	for i := range launchesEach {
		turn := g.shop.turns[((g.block-g.block/3)*launchesEach+i)%len(g.shop.turns)]
		p := &g.shop.products[turn]
		at := p.launch + g.dice.moment(minute, 10*hour)
		out[at] = p
		c.dates[2+i] = at // the first two and the last ones stay
	}
	slices.Sort(c.dates)
	return out
}

// order makes up a valid order. It tells what it comes to, net of tax in cents of the base currency.
func (g *maker) order(c *customer, want purchase) (record.Order, int64) {
	d, h := g.dice, c.habits()
	m := c.currency.on(want.at)
	o := record.Order{Key: c.nextOrder(), Customer: c.key, PlacedAt: g.shop.at(want.at), Currency: m.code}
	if m.code != BaseCurrency {
		o.Rate = m.decimal()
	}
	items := 1 + d.IntN(3)
	if c.level == 1 {
		items = 1 + d.IntN(2)
	}
	var lines []record.Line
	var spent int64
	for i := range items {
		var p *product
		if p = want.launch; p == nil || i > 0 {
			p = g.choose(c, h, want.at)
		}
		if slices.ContainsFunc(lines, func(l record.Line) bool { return l.SKU == p.sku }) {
			continue
		}
		l, cents := g.line(c, h, p, m, max(0, want.budget-spent)/int64(items-i))
		lines, spent = append(lines, l), spent+cents
		c.have(p, want.at)
	}
	if d.chance(h.service) {
		p := &g.shop.services[2*int(g.tier(h))+d.IntN(2)]
		l, cents := g.line(c, habits{}, p, m, 0)
		lines, spent = append(lines, l), spent+cents
		c.have(p, want.at)
	}
	if want.at >= theEnd-365*day {
		c.recentLines += len(lines)
	}
	o.Lines = record.Set(lines)
	spent += g.total(c, &o, m)
	g.pay(c, h, &o, want.at)
	return o, spent
}

// nextOrder is the key of another order of the customer.
func (c *customer) nextOrder() record.Key {
	c.orders++
	return key("o-%04d-%02d", c.number, c.orders)
}

// have notes a first purchase.
func (c *customer) have(p *product, at moment) {
	if _, has := c.first[int32(p.number)]; !has {
		c.first[int32(p.number)] = at
		c.bought = append(c.bought, int32(p.number))
	}
}

// line makes up a line of about a budget. It tells what it comes to, in cents of the base currency.
func (g *maker) line(c *customer, h habits, p *product, m money, budget int64) (record.Line, int64) {
	d := g.dice
	list, price := m.micro(p.price), p.price
	l := record.Line{SKU: p.sku, ListPrice: &list}
	if p.kind == "GOODS" {
		condition := "NEW"
		if d.chance(h.used) {
			condition = pick(d, []string{"USED", "REFURBISHED"})
			price = price * int64(d.between(70, 85)) / 100
		}
		l.Condition = &condition
	}
	off := int64(0)
	if d.chance(h.discount) {
		if off = int64(d.between(10, 35)); d.chance(70) { // a lower price; else an amount off the line
			price, off = price*(100-off)/100, 0
		}
	}
	l.UnitPrice = m.micro(price)
	l.Quantity = int(max(1, (budget+price/2)/max(1, price*(100-off)/100)))
	cost := m.micro(p.cost)
	l.Cost = &cost
	cents := price * int64(l.Quantity)
	if off > 0 {
		amount := l.UnitPrice * int64(l.Quantity) / 100 * off / m.unit() * m.unit()
		l.Discount = &amount
		cents = cents * (100 - off) / 100
	}
	if c.kind == "PERSON" && d.chance(6) { // a present
		to := c.place.names.person(d)
		l.Beneficiary = &to
	} else if c.kind != "PERSON" && d.chance(25) {
		by := c.place.names.person(d)
		l.Operator = &by
	}
	return l, cents
}

// total adds up an order with shipping, a coupon and tax. It tells what the first two add, in cents of the base currency.
func (g *maker) total(c *customer, o *record.Order, m money) (cents int64) {
	d := g.dice
	var micro int64
	for _, l := range o.Lines.Value {
		micro += l.UnitPrice * int64(l.Quantity)
		if l.Discount != nil {
			micro -= *l.Discount
		}
	}
	sum, shipping, off := micro/m.unit(), int64(0), int64(0)
	if d.chance(40) {
		cents = 390
		shipping = m.micro(cents) / m.unit()
	}
	if d.chance(4) && sum > 100 {
		off = sum / 20
		o.Coupon = record.Set("SYNTHETIC5")
	}
	net := sum + shipping - off
	tax := (net*int64(c.place.tax) + 50) / 100
	o.Total, o.Tax = record.Set(net+tax), record.Set(tax)
	o.Shipping, o.Discount = record.Set(shipping), record.Set(off)
	o.Channel = record.Set(pick(d, []string{"web", "web", "app", "shop"}))
	return cents
}
