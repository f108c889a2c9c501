package pioneer

import "bellwether/scoring"

// population is what fit keeps of everybody. Customers, products, regions and industries are numbers from 0; the region
// or industry 0 is that of those of whom it is not known, and a market is a pair of them.
type population struct {
	ids        []scoring.ID
	first      []scoring.Instant // by customer: the first purchase of all; Never without
	region     []int32
	industry   []int32
	begin      []int      // by customer: its first purchase, and then one more
	purchases  []purchase // of a product by a customer, the first each
	products   []string
	regions    []string
	industries []string
}

// purchase is the first one of a product by a customer.
type purchase struct {
	at      scoring.Instant
	product int32
}

// reader reads a population.
type reader struct {
	population
	product    map[string]int32
	seen       []int // by product: 1 + the latest purchase of it
	regionOf   map[string]int32
	industryOf map[string]int32
}

// load reads everybody, once.
func load(p *scoring.Population) *population {
	r := &reader{
		population: population{regions: []string{""}, industries: []string{""}},
		product:    map[string]int32{}, regionOf: map[string]int32{"": 0}, industryOf: map[string]int32{"": 0},
	}
	for c := range p.Customers() {
		r.ids = append(r.ids, c.ID())
		r.region = append(r.region, number(c.Fact(factRegion).Text(), r.regionOf, &r.regions))
		r.industry = append(r.industry, number(c.Fact(factIndustry).Text(), r.industryOf, &r.industries))
		r.begin = append(r.begin, len(r.purchases))
		r.first = append(r.first, r.buy(c.Orders()))
	}
	r.begin = append(r.begin, len(r.purchases))
	return &r.population
}

// number is the number of a name, a new one for a new name.
func number(name string, known map[string]int32, names *[]string) int32 {
	i, ok := known[name]
	if !ok {
		i = int32(len(*names))
		known[name], *names = i, append(*names, name)
	}
	return i
}

// buy notes the first purchase of each product by the customer being read, and returns the first of all.
func (r *reader) buy(orders []scoring.Order) scoring.Instant {
	before, first := len(r.purchases), scoring.Never
	for i := range orders {
		o := &orders[i]
		for j := range o.Lines {
			l := &o.Lines[j]
			if o.Credit || l.Quantity <= 0 {
				continue
			}
			if first == scoring.Never || o.PlacedAt < first {
				first = o.PlacedAt
			}
			if l.SKU == "" {
				continue // of no product that is known
			}
			product := number(l.SKU, r.product, &r.products)
			if int(product) == len(r.seen) {
				r.seen = append(r.seen, 0)
			}
			if seen := r.seen[product] - 1; seen >= before {
				r.purchases[seen].at = min(r.purchases[seen].at, o.PlacedAt)
				continue
			}
			r.purchases = append(r.purchases, purchase{o.PlacedAt, product})
			r.seen[product] = len(r.purchases)
		}
	}
	return first
}

// start is when the data begin: the first purchase of anything by anybody; Never without.
func (p *population) start() scoring.Instant {
	start := scoring.Never
	for _, at := range p.first {
		if at != scoring.Never && (start == scoring.Never || at < start) {
			start = at
		}
	}
	return start
}
