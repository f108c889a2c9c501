package pioneer

import (
	"cmp"
	"slices"

	"bellwether/scoring"
)

// entry is a purchase among those of one product.
type entry struct {
	at       scoring.Instant
	market   uint64 // region and industry
	purchase int32
}

// rank is the place of a purchase within its cell.
type rank struct {
	twice    int32 // the mid-rank doubled, so that it is a whole number
	adopters int32 // of the cell; 0: the cell does not count
}

// share is the mid-rank over the number of adopters.
func (r rank) share() float64 { return float64(r.twice) / float64(2*int64(r.adopters)) }

// fit derives everybody's ranks and openings, in one reading of the population.
func fit(p *scoring.Population) (*model, error) {
	all := load(p)
	m := &model{Borders: p.Param(paramBorders).Floats()}
	start := all.start()
	ranks := all.ranks(after(start, p.Param(paramWarmupDays)), p.Param(paramMinAdopters).Int())
	opened := all.openings(after(start, p.Param(paramOpenerWarmupDays)), p.Param(paramOpenerFirst).Int(), p.Param(paramOpenerBuyers).Int())
	for i, id := range all.ids {
		cells, sum := int64(0), 0.0
		for _, r := range ranks[all.begin[i]:all.begin[i+1]] {
			if r.adopters > 0 {
				cells, sum = cells+1, sum+r.share()
			}
		}
		p.Derive(id, derivedCells, scoring.Int(cells))
		if cells > 0 {
			p.Derive(id, derivedMeanRank, scoring.Float(rounded(sum/float64(cells))))
			p.Derive(id, derivedEarliest, scoring.String(all.writeEarliest(i, ranks)))
		}
		if openings, some := opened[int32(i)]; some {
			p.Derive(id, derivedOpened, scoring.String(writeOpened(openings)))
		}
	}
	return m, nil
}

// after is the instant so many days after the start of the data: what was first bought before is left out.
func after(start scoring.Instant, days scoring.Value) scoring.Instant {
	if start == scoring.Never {
		return start
	}
	return start + scoring.Instant(days.Int()*scoring.Day.Microseconds())
}

// ranks places every purchase within its cell, except those of products that were bought before an instant.
func (p *population) ranks(from scoring.Instant, least int64) []rank {
	ranks := make([]rank, len(p.purchases))
	entries, start := p.byProduct()
	for i := range p.products {
		of := entries[start[i]:start[i+1]]
		earliest := of[0].at
		for _, e := range of {
			earliest = min(earliest, e.at)
		}
		if earliest < from || int64(len(of)) < least {
			continue
		}
		slices.SortFunc(of, func(a, b entry) int { return cmp.Or(cmp.Compare(a.market, b.market), cmp.Compare(a.at, b.at)) })
		for a := 0; a < len(of); {
			b := a + 1
			for b < len(of) && of[b].market == of[a].market {
				b++
			}
			if int64(b-a) >= least {
				place(of[a:b], ranks)
			}
			a = b
		}
	}
	return ranks
}

// byProduct are all purchases by product, and where each product's begin.
func (p *population) byProduct() (entries []entry, start []int) {
	start = make([]int, len(p.products)+1)
	for i := range p.purchases {
		start[p.purchases[i].product+1]++
	}
	for i := range p.products {
		start[i+1] += start[i]
	}
	entries = make([]entry, len(p.purchases))
	next := slices.Clone(start)
	for customer := range p.ids {
		market := uint64(p.region[customer])<<32 | uint64(p.industry[customer])
		for i := p.begin[customer]; i < p.begin[customer+1]; i++ {
			bought := &p.purchases[i]
			entries[next[bought.product]] = entry{bought.at, market, int32(i)}
			next[bought.product]++
		}
	}
	return entries, start
}

// place gives the purchases of one cell, in order of time, their mid-ranks: those of the same instant share the mean of
// the ranks that they take.
func place(cell []entry, ranks []rank) {
	for a := 0; a < len(cell); {
		b := a + 1
		for b < len(cell) && cell[b].at == cell[a].at {
			b++
		}
		for _, e := range cell[a:b] {
			ranks[e.purchase] = rank{twice: int32(a + b + 1), adopters: int32(len(cell))}
		}
		a = b
	}
}

// opening is that a customer was among the first buyers of a region or industry.
type opening struct {
	industry bool
	name     string
	number   int64 // 1 + the buyers before
	buyers   int64
	at       scoring.Instant
}

// openings are, by customer, the regions and industries whose first buyers it was among. One that had buyers before an
// instant is left out.
func (p *population) openings(from scoring.Instant, first, least int64) map[int32][]opening {
	out := map[int32][]opening{}
	p.open(p.region, p.regions, from, first, least, func(i int32, o opening) { out[i] = append(out[i], o) })
	p.open(p.industry, p.industries, from, first, least, func(i int32, o opening) {
		o.industry = true
		out[i] = append(out[i], o)
	})
	return out
}

// buyer is a customer with its first purchase.
type buyer struct {
	at       scoring.Instant
	customer int32
}

func (p *population) open(group []int32, names []string, from scoring.Instant, first, least int64, found func(int32, opening)) {
	buyers := make([][]buyer, len(names))
	for i, at := range p.first {
		if at != scoring.Never && group[i] != 0 {
			buyers[group[i]] = append(buyers[group[i]], buyer{at, int32(i)})
		}
	}
	for g, of := range buyers {
		if int64(len(of)) < least {
			continue
		}
		slices.SortFunc(of, func(a, b buyer) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.customer, b.customer)) })
		if of[0].at < from {
			continue
		}
		before := 0
		for i, b := range of {
			if b.at > of[before].at {
				before = i
			}
			if int64(before) >= first {
				break
			}
			found(b.customer, opening{name: names[g], number: int64(before) + 1, buyers: int64(len(of)), at: b.at})
		}
	}
}
