package benchmark

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// evidenced is how many followers the evidence names.
const evidenced = 5

// candidate is a follower who may be named: who bought what how long after.
type candidate struct {
	lag               float64 // days
	follower, product int32
}

func (a candidate) compare(b candidate) int {
	return cmp.Or(cmp.Compare(a.lag, b.lag), cmp.Compare(a.follower, b.follower), cmp.Compare(a.product, b.product))
}

// named are, for each customer who has followers, the five who followed soonest, each with what they followed soonest in.
type named struct {
	place []int32 // by customer: 1 + its place in best
	best  [][]candidate
}

func newNamed(customers int) named { return named{place: make([]int32, customers)} }

// add takes in a candidate.
func (n *named) add(leader int32, c candidate) {
	if n.place[leader] == 0 {
		n.best = append(n.best, make([]candidate, 0, 1))
		n.place[leader] = int32(len(n.best))
	}
	best := n.best[n.place[leader]-1]
	if len(best) == evidenced && c.compare(best[evidenced-1]) >= 0 {
		return
	}
	if i := slices.IndexFunc(best, func(b candidate) bool { return b.follower == c.follower }); i >= 0 {
		if c.compare(best[i]) >= 0 {
			return
		}
		best = slices.Delete(best, i, i+1)
	}
	i, _ := slices.BinarySearchFunc(best, c, candidate.compare)
	best = slices.Insert(best, i, c)
	n.best[n.place[leader]-1] = best[:min(len(best), evidenced)]
}

// of are the candidates left of a customer, the soonest first.
func (n *named) of(leader int32) []candidate {
	if n.place[leader] == 0 {
		return nil
	}
	return n.best[n.place[leader]-1]
}

// follower is one who is named.
type follower struct {
	follower, product string
	lag               float64 // days
}

// plain keeps apart what a derived text separates by tabs and line ends.
var plain = strings.NewReplacer("\t", " ", "\n", " ")

// write makes a derived text of the named followers of a customer, a line each.
func (f *fitting) write(leader int32) string {
	var text []byte
	for i, c := range f.named.of(leader) {
		if i > 0 {
			text = append(text, '\n')
		}
		text = append(text, plain.Replace(f.names[c.follower])...)
		text = append(append(text, '\t'), plain.Replace(f.products[c.product])...)
		text = strconv.AppendFloat(append(text, '\t'), c.lag, 'f', 3, 64)
	}
	return string(text)
}

// read is what write made a text of.
func read(text string) []follower {
	var out []follower
	for line := range strings.Lines(text) {
		who, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		product, lag, _ := strings.Cut(rest, "\t")
		days, err := strconv.ParseFloat(lag, 64)
		if err != nil {
			continue // not a text of write
		}
		out = append(out, follower{who, product, days})
	}
	return out
}
