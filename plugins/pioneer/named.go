package pioneer

import (
	"cmp"
	"strconv"
	"strings"

	"bellwether/scoring"
)

// evidenced is how many cells the evidence names.
const evidenced = 5

// earliest is a cell in which a customer came early, as the evidence names it.
type earliest struct {
	product, region, industry string
	rank                      float64 // mid-rank
	adopters                  int64
	at                        scoring.Instant
}

// plain keeps apart what a derived text separates by tabs and line ends.
var plain = strings.NewReplacer("\t", " ", "\n", " ")

// writeEarliest makes a derived text of the cells in which a customer came earliest, a line each.
func (p *population) writeEarliest(customer int, ranks []rank) string {
	var best [evidenced + 1]int // purchases, the earliest place first
	n := 0
	for i := p.begin[customer]; i < p.begin[customer+1]; i++ {
		if ranks[i].adopters == 0 {
			continue
		}
		at := n
		for at > 0 && p.earlier(ranks, i, best[at-1]) {
			best[at] = best[at-1]
			at--
		}
		best[at] = i
		n = min(n+1, evidenced)
	}
	var text []byte
	for _, i := range best[:n] {
		for _, word := range []string{p.products[p.purchases[i].product], p.regions[p.region[customer]], p.industries[p.industry[customer]]} {
			text = append(append(text, plain.Replace(word)...), '\t')
		}
		text = append(strconv.AppendInt(text, int64(ranks[i].twice), 10), '\t')
		text = append(strconv.AppendInt(text, int64(ranks[i].adopters), 10), '\t')
		text = append(strconv.AppendInt(text, int64(p.purchases[i].at), 10), '\n')
	}
	return string(text)
}

// earlier tells whether a purchase comes before another as evidence: by its share of the adopters, then the larger cell,
// then the name of the product.
func (p *population) earlier(ranks []rank, i, j int) bool {
	a, b := ranks[i], ranks[j]
	return cmp.Or(
		cmp.Compare(int64(a.twice)*int64(b.adopters), int64(b.twice)*int64(a.adopters)),
		cmp.Compare(b.adopters, a.adopters),
		cmp.Compare(p.products[p.purchases[i].product], p.products[p.purchases[j].product]),
	) < 0
}

// readEarliest is what writeEarliest made a text of; a region or industry that is not known stays empty.
func readEarliest(text string) []earliest {
	var out []earliest
	for line := range strings.Lines(text) {
		words := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(words) != 6 {
			continue // not a text of writeEarliest
		}
		out = append(out, earliest{words[0], words[1], words[2], float64(whole(words[3])) / 2, whole(words[4]), scoring.Instant(whole(words[5]))})
	}
	return out
}

// writeOpened makes a derived text of openings, a line each: of a region, an industry, or both.
func writeOpened(openings []opening) string {
	var text []byte
	for _, o := range openings {
		kind := byte('r')
		if o.industry {
			kind = 'i'
		}
		text = append(append(text, kind, '\t'), plain.Replace(o.name)...)
		for _, n := range []int64{o.number, o.buyers, int64(o.at)} {
			text = strconv.AppendInt(append(text, '\t'), n, 10)
		}
		text = append(text, '\n')
	}
	return string(text)
}

// readOpened is what writeOpened made a text of.
func readOpened(text string) []opening {
	var out []opening
	for line := range strings.Lines(text) {
		words := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(words) != 5 {
			continue // not a text of writeOpened
		}
		out = append(out, opening{words[0] == "i", words[1], whole(words[2]), whole(words[3]), scoring.Instant(whole(words[4]))})
	}
	return out
}

func whole(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64) // written by AppendInt
	return n
}
