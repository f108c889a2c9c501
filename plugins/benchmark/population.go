package benchmark

import (
	"slices"

	"bellwether/scoring"
)

// population is what fit keeps of everybody. Customers, products and accounts are numbers from 0; nobody is -1.
type population struct {
	ids       []scoring.ID
	names     []string // the customers' external ids
	bought    []int32  // by customer: products
	buyers    int
	purchases []purchase // of a product by a customer, the first each
	products  []string   // by sku

	account []int32 // by customer: only accounts of two and more
	members []int32 // by account
	parent  []int32 // by customer: who referred it, unless they are of one account
	since   []scoring.Instant
	invited [][]scoring.Instant // by referrer: since when each link is, ascending
	links   []int32             // by customer: how many are linked to it
}

const nobody = -1

// purchase is the first one of a product by a customer.
type purchase struct {
	at                scoring.Instant
	customer, product int32
}

// reader reads a population.
type reader struct {
	population
	product  map[string]int32
	seen     []int // by product: 1 + the latest purchase of it
	accounts map[string]int32
	referrer map[scoring.ID]int32 // those whom somebody names
	parents  []scoring.ID         // by customer
}

// load reads everybody, once.
func load(p *scoring.Population) *population {
	r := &reader{product: map[string]int32{}, accounts: map[string]int32{}, referrer: map[scoring.ID]int32{}}
	for c := range p.Customers() {
		r.ids = append(r.ids, c.ID())
		r.names = append(r.names, c.Fact(factExternalID).Text())
		r.join(c.Fact(factAccount).Text())
		r.refer(c)
		r.buy(c.Orders())
	}
	r.know()
	r.enter()
	return &r.population
}

// join notes the account of the customer being read.
func (r *reader) join(account string) {
	if account == "" {
		r.account = append(r.account, nobody)
		return
	}
	i, known := r.accounts[account]
	if !known {
		i = int32(len(r.members))
		r.accounts[account], r.members = i, append(r.members, 0)
	}
	r.members[i]++
	r.account = append(r.account, i)
}

// refer notes who referred the customer being read, unless that happened after asOf.
func (r *reader) refer(c *scoring.Customer) {
	var parent scoring.ID
	since := c.Fact(factReferredAt).Instant()
	if by := c.Fact(factReferredBy); by.Ok() && since <= c.Env().AsOf {
		if id, ok := scoring.ParseID(by.Text()); ok && id != c.ID() {
			parent = id
			r.referrer[id] = nobody
		}
	}
	r.parents, r.since = append(r.parents, parent), append(r.since, since)
}

// buy notes the first purchase of each product by the customer being read.
func (r *reader) buy(orders []scoring.Order) {
	customer, before, buyer := int32(len(r.ids)-1), len(r.purchases), false
	for i := range orders {
		o := &orders[i]
		for j := range o.Lines {
			l := &o.Lines[j]
			if o.Credit || l.Quantity <= 0 {
				continue
			}
			if buyer = true; l.SKU == "" {
				continue // nobody can be seen to follow in it
			}
			product, known := r.product[l.SKU]
			if !known {
				product = int32(len(r.products))
				r.product[l.SKU], r.products, r.seen = product, append(r.products, l.SKU), append(r.seen, 0)
			}
			if seen := r.seen[product] - 1; seen >= before {
				r.purchases[seen].at = min(r.purchases[seen].at, o.PlacedAt)
				continue
			}
			r.purchases = append(r.purchases, purchase{o.PlacedAt, customer, product})
			r.seen[product] = len(r.purchases)
		}
	}
	if buyer {
		r.buyers++
	}
	r.bought = append(r.bought, int32(len(r.purchases)-before))
}

// know turns the ids of referrers into customers, and drops the links that are none or are there already: from a referrer
// who is not known, within one account, and the second of two who referred each other.
func (r *reader) know() {
	for i, a := range r.account {
		if a != nobody && r.members[a] < 2 {
			r.account[i] = nobody
		}
	}
	for i, id := range r.ids {
		if _, wanted := r.referrer[id]; wanted {
			r.referrer[id] = int32(i)
		}
	}
	r.parent = make([]int32, len(r.ids))
	for i, id := range r.parents {
		r.parent[i] = nobody
		if id == (scoring.ID{}) {
			continue
		}
		if p := r.referrer[id]; p != nobody && (r.account[p] == nobody || r.account[p] != r.account[i]) {
			r.parent[i] = p
		}
	}
	for i := range r.parent {
		if p := r.parent[i]; p != nobody && r.parent[p] == int32(i) {
			r.parent[p], r.since[i] = nobody, min(r.since[i], r.since[p])
		}
	}
}

// enter counts everybody's links.
func (r *reader) enter() {
	r.links, r.invited = make([]int32, len(r.ids)), make([][]scoring.Instant, len(r.ids))
	for i, a := range r.account {
		if a != nobody {
			r.links[i] += r.members[a] - 1
		}
		if p := r.parent[i]; p != nobody {
			r.links[i]++
			r.links[p]++
			r.invited[p] = append(r.invited[p], r.since[i])
		}
	}
	for _, since := range r.invited {
		slices.Sort(since)
	}
}
