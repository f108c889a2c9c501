package benchmark

import "slices"

// sum is what the entries of an account before a place add up to.
type sum struct{ weight, days float64 }

// trail is where the followers of one customer in one product stand, among the members of its account in order of time.
type trail struct {
	leader    int32
	followers []int32
}

// accounts counts, for each entry, the leaders within its account and the members who did not have the product yet. It
// returns the entries of each account with two or more of them, in order of time.
func (f *fitting) accounts(entries []entry) [][]uint64 {
	f.shared = f.shared[:0]
	for i := range entries {
		if a := f.account[entries[i].customer]; a != nobody {
			f.shared = append(f.shared, uint64(a)<<32|uint64(i))
		}
	}
	slices.Sort(f.shared)
	var several [][]uint64
	for from := 0; from < len(f.shared); {
		account := f.shared[from] >> 32
		to := from + 1
		for to < len(f.shared) && f.shared[to]>>32 == account {
			to++
		}
		f.lead(entries, f.shared[from:to], f.members[account])
		if to-from > 1 {
			several = append(several, f.shared[from:to])
		}
		from = to
	}
	return several
}

// lead counts within the entries of one account.
func (f *fitting) lead(entries []entry, of []uint64, members int32) {
	oldest, before, upTo := 0, 0, 0
	for _, at := range of {
		e := &entries[uint32(at)]
		for entries[uint32(of[oldest])].at < e.at-f.window {
			oldest++
		}
		for entries[uint32(of[before])].at < e.at {
			before++
		}
		for upTo < len(of) && entries[uint32(of[upTo])].at <= e.at {
			upTo++
		}
		e.leaders += int32(before - oldest)
		e.open += members - int32(upTo)
	}
}

// creditAccount shares out the credit among leaders within one account: the sum over a window is the difference of two
// sums from the first entry on.
func (f *fitting) creditAccount(product int32, entries []entry, of []uint64) {
	f.sums = append(f.sums[:0], sum{})
	base, total := entries[uint32(of[0])].at, sum{}
	var customers []int32
	for _, at := range of {
		e := &entries[uint32(at)]
		total.weight += e.weight
		total.days += days(e.at - base)
		f.sums, customers = append(f.sums, total), append(customers, e.customer)
	}
	from, to := 0, 0
	for _, at := range of {
		e := &entries[uint32(at)]
		for from < len(of) && entries[uint32(of[from])].at <= e.at {
			from++
		}
		for to < len(of) && entries[uint32(of[to])].at <= e.at+f.window {
			to++
		}
		if from == to {
			continue
		}
		who := &f.found[e.customer]
		who.credit += f.sums[to].weight - f.sums[from].weight
		who.lag += f.sums[to].days - f.sums[from].days - float64(to-from)*days(e.at-base)
		e.led += int32(to - from)
		f.trails = append(f.trails, trail{e.customer, customers[from:to]})
		for i := from; i < min(to, from+evidenced); i++ {
			lag := days(entries[uint32(of[i])].at - e.at)
			f.named.add(e.customer, candidate{lag, customers[i], product})
		}
	}
}

// followers counts everybody's distinct followers up to a limit, which bounds the work: the followers in one product are
// distinct, so that no more than the limit are looked at for each purchase.
func (f *fitting) followers(limit int32) {
	for i := range f.found {
		if f.ahead[i] {
			f.found[i].followers++
		}
		if f.behind[i] {
			f.found[f.parent[i]].followers++
		}
	}
	slices.SortFunc(f.trails, func(a, b trail) int { return int(a.leader) - int(b.leader) })
	counted := make([]int32, len(f.ids)) // by follower: 1 + the leader for whom it was counted last
	for _, t := range f.trails {
		who := &f.found[t.leader]
		for _, follower := range t.followers {
			if who.followers >= limit {
				break
			}
			if counted[follower] != t.leader+1 {
				counted[follower] = t.leader + 1
				who.followers++
			}
		}
	}
	for i := range f.found {
		f.found[i].followers = min(f.found[i].followers, limit)
	}
}
