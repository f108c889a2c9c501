package scoring

import (
	"math"
	"sort"
)

// Ranking is how a value spreads over a population: enough to rank any further value against it.
type Ranking struct {
	values []float64 // distinct, ascending
	upTo   []int     // how many are at or below the value of the same index
}

// Rank is the ranking of values, which it sorts in place.
func Rank(values []float64) Ranking {
	sortNumbers(values)
	var r Ranking
	for i, v := range values {
		if i+1 == len(values) || values[i+1] != v {
			r.values, r.upTo = append(r.values, v), append(r.upTo, i+1)
		}
	}
	return r
}

// Len is the number of values ranked.
func (r Ranking) Len() int {
	if len(r.upTo) == 0 {
		return 0
	}
	return r.upTo[len(r.upTo)-1]
}

// Percentile of x: (number below + half the number equal) / n, NaN in an empty ranking. Equal values get equal percentiles.
func (r Ranking) Percentile(x float64) float64 {
	n := r.Len()
	if n == 0 {
		return math.NaN()
	}
	below, upTo := r.count(x)
	return float64(below+upTo) / float64(2*n)
}

// count is how many values are below x, and how many at or below it.
func (r Ranking) count(x float64) (below, upTo int) {
	i := sort.SearchFloat64s(r.values, x)
	if i > 0 {
		below = r.upTo[i-1]
	}
	if i < len(r.values) && r.values[i] == x {
		return below, r.upTo[i]
	}
	return below, below
}

// Borders are the least values whose score is above 1, 2, ... bins-1, where score = min(bins, 1 + floor(bins *
// percentile)). A border that no value reaches is +Inf.
func (r Ranking) Borders(bins int) []float64 {
	borders := make([]float64, bins-1)
	for k := range borders {
		i := sort.Search(len(r.values), func(i int) bool { return r.score(i, bins) > k+1 })
		if borders[k] = math.Inf(1); i < len(r.values) {
			borders[k] = r.values[i]
		}
	}
	return borders
}

func (r Ranking) score(i, bins int) int {
	below := 0
	if i > 0 {
		below = r.upTo[i-1]
	}
	// In whole numbers, so that no rounding moves a border.
	return min(bins, 1+bins*(below+r.upTo[i])/(2*r.Len()))
}

// Least is the least value whose percentile is p or more: x >= Least(p) says the same as Percentile(x) >= p for every value
// ranked. It is +Inf where no value's is, and NaN in an empty ranking.
func (r Ranking) Least(p float64) float64 {
	n := r.Len()
	if n == 0 {
		return math.NaN()
	}
	i := sort.Search(len(r.values), func(i int) bool { return r.Percentile(r.values[i]) >= p })
	if i == len(r.values) {
		return math.Inf(1)
	}
	return r.values[i]
}

// Quantile is the p-quantile by R's type 7: linear between the order statistics around (n-1)p.
func (r Ranking) Quantile(p float64) float64 {
	n := r.Len()
	if n == 0 {
		return math.NaN()
	}
	h := float64(n-1) * p
	// A guard against (n-1)p missing a whole number by rounding, as R has for its other types: relative, because the error
	// grows with n.
	if whole := math.Round(h); math.Abs(h-whole) <= 4*epsilon*max(1, h) {
		return r.nth(int(whole))
	}
	lo := int(h)
	a, b := r.nth(lo), r.nth(min(lo+1, n-1))
	return a + (h-float64(lo))*(b-a)
}

const epsilon = 2.220446049250313e-16

// nth is the value at place k, from 0, of all in ascending order.
func (r Ranking) nth(k int) float64 {
	return r.values[sort.Search(len(r.upTo), func(i int) bool { return r.upTo[i] > k })]
}
