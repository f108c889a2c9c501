package demo

// habits steer what a customer does: in how many of a hundred cases.
type habits struct {
	tiers      [tiers]int // which tier it takes
	discount   int        // buys at a discount
	used       int        // buys used or refurbished items
	late       int        // pays late
	service    int        // buys a service or a warranty too
	returns    int        // gives something back
	fresh      int        // takes something new
	technology int        // takes something technical
	curious    int        // asks about technology, of its contacts
}

// habits are those of the customer's taste.
func (c *customer) habits() habits {
	return [...]habits{
		noTaste:          {[tiers]int{33, 34, 33}, 25, 10, 20, 20, 6, 25, 40, 30},
		costMinded:       {[tiers]int{84, 12, 4}, 85, 40, 55, 4, 9, 6, 25, 10},
		valueMinded:      {[tiers]int{4, 12, 84}, 7, 2, 6, 65, 1, 6, 25, 10},
		technologyMinded: {[tiers]int{25, 50, 25}, 12, 4, 10, 10, 7, 70, 85, 80},
	}[c.taste]
}

// A product is fresh until so long after its launch; who is no innovator waits a little first.
const (
	freshFor  = 86 * day
	staleFrom = 95 * day
	patience  = 3 * day
)

// choose picks a product for a customer.
func (g *maker) choose(c *customer, h habits, at moment) *product {
	if p := g.repeat(c, at); p != nil {
		return p
	}
	p := g.fancy(c, h, at)
	for try := 0; try < 8 && c.shared(p, at); try++ {
		p = g.fancy(c, h, at)
	}
	return p
}

// shared tells whether a colleague of a follower buys the product about then: in an account of a benchmark they share such
// things, or each of them would seem to follow the others.
func (c *customer) shared(p *product, at moment) bool {
	if c.account == "" || c.leader == nil {
		return false
	}
	if first, has := c.leader.first[int32(p.number)]; has && first > at && p.number%c.parts == c.part {
		return true // it will be bought when the leader has it
	}
	for _, other := range append(c.leader.followers, c.leader) {
		first, has := other.first[int32(p.number)]
		if apart := at - first; other != c && has && apart < 31*day && apart > -31*day {
			return true
		}
	}
	return false
}

// fancy picks a product by the customer's own habits.
func (g *maker) fancy(c *customer, h habits, at moment) *product {
	s, d := g.shop, g.dice
	if c.innovator { // buys nothing new but on its first day; all else was there before the shop
		if d.chance(50) {
			if p := g.again(c, at); p != nil {
				return p
			}
		}
		return g.shelf(h, s.products[:oldProducts])
	}
	if d.chance(h.fresh) {
		if fresh := s.launched(at-freshFor, at-patience); len(fresh) > 0 {
			return g.shelf(h, fresh)
		}
	}
	return g.shelf(h, s.launched(-1000*day, max(at-staleFrom, 0)))
}

// shelf picks one of some products as the habits want it, as well as they allow.
func (g *maker) shelf(h habits, from []product) *product {
	technical, wanted := g.dice.chance(h.technology), g.tier(h)
	var best *product
	for range 24 {
		p := &from[g.dice.IntN(len(from))]
		if !g.dice.chance(p.popularity) {
			continue
		}
		if p.technology == technical {
			if p.tier == wanted {
				return p
			}
			best = p
		}
	}
	if best == nil {
		best = &from[g.dice.IntN(len(from))]
	}
	return best
}

func (g *maker) tier(h habits) tier {
	chance := g.dice.IntN(100)
	for t := range tiers {
		if chance -= h.tiers[t]; chance < 0 {
			return t
		}
	}
	return standard
}

// repeat picks what a follower takes over from its leader: something that the leader bought first in the last weeks and
// the follower does not have. nil: nothing.
func (g *maker) repeat(c *customer, at moment) *product {
	if c.leader == nil || !g.dice.chance(75) {
		return nil
	}
	for _, n := range c.leader.bought {
		since := at - c.leader.first[n]
		if _, has := c.first[n]; has || since < day || since > 28*day || int(n)%c.parts != c.part {
			continue
		}
		return g.product(n)
	}
	return nil
}

// again picks something that an innovator bought new and still uses up.
func (g *maker) again(c *customer, at moment) *product {
	for i := len(c.bought) - 1; i >= 0; i-- {
		p := g.product(c.bought[i])
		if p.launch > 0 && at-p.launch < freshFor && at > c.first[c.bought[i]] {
			return p
		}
	}
	return nil
}

// product is the product or service with a number.
func (g *maker) product(n int32) *product {
	if s := g.shop; int(n) >= len(s.products) {
		return &s.services[int(n)-len(s.products)]
	}
	return &g.shop.products[n]
}
