package benchmark

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"bellwether/scoring"
)

// found is what fit finds for each customer.
type found struct {
	credit, expected float64
	lag              float64 // sum over all followings, in days
	followings       int     // purchases by others that followed one of the customer's
	followers        int32   // distinct
	products         int32   // in which somebody followed
}

// entry is the first purchase of the product at hand by a customer.
type entry struct {
	at       scoring.Instant
	customer int32
	leaders  int32   // linked customers who first bought it within the window before
	led      int32   // linked customers who first bought it within the window after
	open     int32   // linked customers who did not have it yet
	weight   float64 // credit for each leader
}

// following is a purchase that followed another, by their places among the entries of a product.
type following struct{ leader, follower int32 }

// fitting goes through the first purchases product by product, in order of time, so that whatever the definition asks of
// pairs of customers is counted from both ends of a window that moves along. A pair itself is only looked at where a
// customer and its referrer bought the same product, which is at most once for each purchase.
type fitting struct {
	*population
	window  scoring.Instant // how long after a purchase others follow it
	found   []found
	entries []entry     // by product, then time
	start   []int       // by product: its first entry
	place   []int       // by customer: 1 + its latest entry
	pairs   []following // of the product at hand, by referral
	shared  []uint64    // entries of the product at hand whose customers have accounts, by account
	sums    []sum
	trails  []trail
	ahead   []bool // by customer: its referrer followed it in something
	behind  []bool // by customer: it followed its referrer in something
	named   named
}

// fit derives everybody's credit, in one reading of the population.
func fit(p *scoring.Population) (struct{}, error) {
	all := load(p)
	days := scoring.Instant(p.Param(paramFollowDays).Int())
	f := &fitting{
		population: all, window: days * scoring.Instant(scoring.Day.Microseconds()),
		found: make([]found, len(all.ids)), place: make([]int, len(all.ids)),
		ahead: make([]bool, len(all.ids)), behind: make([]bool, len(all.ids)), named: newNamed(len(all.ids)),
	}
	f.sort()
	for i := range all.products {
		f.product(int32(i), f.entries[f.start[i]:f.start[i+1]])
	}
	f.followers(int32(p.Param(paramMaxFollowers).Int()))
	f.derive(p)
	return struct{}{}, nil
}

// sort makes entries of the purchases: by product by counting, then each product's by time.
func (f *fitting) sort() {
	f.start = make([]int, len(f.products)+1)
	for i := range f.purchases {
		f.start[f.purchases[i].product+1]++
	}
	for i := range f.products {
		f.start[i+1] += f.start[i]
	}
	f.entries = make([]entry, len(f.purchases))
	next := slices.Clone(f.start)
	for _, p := range f.purchases {
		f.entries[next[p.product]] = entry{at: p.at, customer: p.customer}
		next[p.product]++
	}
	for i := range f.products {
		slices.SortFunc(f.entries[f.start[i]:f.start[i+1]], func(a, b entry) int {
			return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.customer, b.customer))
		})
	}
}

// product takes in the first purchases of one product, which are in order of time.
func (f *fitting) product(product int32, entries []entry) {
	first := f.start[product]
	for i := range entries {
		f.place[entries[i].customer] = first + i + 1
	}
	f.referrals(first, entries)
	accounts := f.accounts(entries)
	for i := range entries {
		if e := &entries[i]; e.leaders > 0 {
			e.weight = 1 / float64(e.leaders)
		}
	}
	f.creditReferrals(product, entries)
	for _, of := range accounts {
		f.creditAccount(product, entries, of)
	}
	upTo, end := 0, 0
	for i := range entries {
		e := &entries[i]
		who := &f.found[e.customer]
		if e.led > 0 {
			who.products++
			who.followings += int(e.led)
		}
		for upTo < len(entries) && entries[upTo].at <= e.at {
			upTo++
		}
		for end < len(entries) && entries[end].at <= e.at+f.window {
			end++
		}
		if without := f.buyers - upTo; without > 0 {
			who.expected += float64(e.open) * float64(end-upTo) / float64(without)
		}
	}
}

// referrals counts, for each entry, the leaders among its referrer and those it referred, and who of them did not have
// the product yet.
func (f *fitting) referrals(first int, entries []entry) {
	f.pairs = f.pairs[:0]
	for i := range entries {
		child := &entries[i]
		if since := f.invited[child.customer]; len(since) > 0 {
			until := child.at + f.window
			child.open += int32(sort.Search(len(since), func(j int) bool { return since[j] > until }))
		}
	}
	for i := range entries {
		child := &entries[i]
		p := f.parent[child.customer]
		if p == nobody {
			continue
		}
		since, at := f.since[child.customer], f.place[p]-1-first
		if at < 0 {
			if since <= child.at+f.window {
				child.open++
			}
			continue
		}
		parent := &entries[at]
		if parent.at > child.at && since <= child.at+f.window {
			child.open++
		}
		if child.at <= parent.at && since <= parent.at+f.window {
			parent.open-- // counted above as one of all that it referred
		}
		switch lag := child.at - parent.at; {
		case lag > 0 && lag <= f.window && since <= child.at:
			child.leaders++
			f.pairs = append(f.pairs, following{int32(at), int32(i)})
			f.behind[child.customer] = true
		case lag < 0 && -lag <= f.window && since <= parent.at:
			parent.leaders++
			f.pairs = append(f.pairs, following{int32(i), int32(at)})
			f.ahead[child.customer] = true
		}
	}
}

// creditReferrals shares out the credit among leaders by referral.
func (f *fitting) creditReferrals(product int32, entries []entry) {
	for _, pair := range f.pairs {
		leader, follower := &entries[pair.leader], &entries[pair.follower]
		lag := days(follower.at - leader.at)
		who := &f.found[leader.customer]
		who.credit += follower.weight
		who.lag += lag
		leader.led++
		f.named.add(leader.customer, candidate{lag, follower.customer, product})
	}
}

// derive keeps what was found for Score.
func (f *fitting) derive(p *scoring.Population) {
	for i, id := range f.ids {
		who := &f.found[i]
		p.Derive(id, derivedBought, scoring.Int(int64(f.bought[i])))
		p.Derive(id, derivedLinks, scoring.Int(int64(f.links[i])))
		p.Derive(id, derivedFollowed, scoring.Int(int64(who.followers)))
		p.Derive(id, derivedProducts, scoring.Int(int64(who.products)))
		p.Derive(id, derivedCredit, scoring.Float(rounded(who.credit)))
		p.Derive(id, derivedExpected, scoring.Float(rounded(who.expected)))
		if who.followings > 0 {
			mean := who.lag / float64(who.followings)
			p.Derive(id, derivedLag, scoring.Float(math.Round(mean*1e6)/1e6))
			p.Derive(id, derivedNamed, scoring.String(f.write(int32(i))))
		}
	}
}

func days(i scoring.Instant) float64 { return float64(i) / float64(scoring.Day.Microseconds()) }
