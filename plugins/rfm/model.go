package rfm

import (
	"math"
	"slices"
	"sort"

	"bellwether/scoring"
)

// notRanked is the percentile of evidence that is not rank-based.
var notRanked = math.NaN()

// model is what fit learned, exported so that it can be stored: how each of the three dimensions spreads over the buyers.
type model struct {
	Recency   scale // of calendar days since 1970-01-01, so that it does not age
	Frequency scale // of orders
	Monetary  scale // of minor units
	Aged      bool  // recency's borders are days before asOf instead (FIXED only: they are given, not learned)
	Ntile     bool
	Windowed  bool
}

// dayOrAge is the last order's day on the scale of the recency borders.
func (m *model) dayOrAge(day, today int64) int64 {
	if m.Aged {
		return day - today
	}
	return day
}

// older is when the score of recency sinks with borders that are ages; never, where it is the lowest.
func (m *model) older(e *scoring.Env, day, today int64) scoring.Instant {
	until := scoring.Never
	for _, least := range m.Recency.Least {
		if age := -least; today-day <= age {
			if at := e.DayStart(day + age + 1); until == scoring.Never || at < until {
				until = at
			}
		}
	}
	return until
}

// scale turns a value into a score of 1 to 5. Whatever the binning, it comes down to the least values that score 2, 3, 4
// and 5.
type scale struct {
	Least   [bins - 1]int64 // anything: no value is too small; nothing: no value is large enough
	IDs     []string        // NTILE: the least external id that scores so at exactly that value
	Ranking scoring.Ranking // for percentiles
}

// Half the range of int64, so that a difference never overflows.
const (
	anything = -1 << 62
	nothing  = 1 << 62
)

// score is 1 + the number of borders reached.
func (s *scale) score(x int64, id string) int {
	if s.IDs != nil {
		return s.scoreTied(x, id)
	}
	// The sign bit instead of a comparison: a branch that nobody can predict costs more than everything else here.
	below := uint64(x-s.Least[0])>>63 + uint64(x-s.Least[1])>>63 + uint64(x-s.Least[2])>>63 + uint64(x-s.Least[3])>>63
	return bins - int(below)
}

func (s *scale) scoreTied(x int64, id string) int {
	n := 1
	for k, least := range s.Least {
		if x > least || x == least && id >= s.IDs[k] {
			n++
		}
	}
	return n
}

// thresholds are the borders that some value reaches, ascending: those of the scores 2, 3, 4 and 5.
func (s *scale) thresholds(value func(least int64) scoring.Value) []scoring.Value {
	var out []scoring.Value
	for _, least := range s.Least {
		if least != anything && least != nothing {
			out = append(out, value(least))
		}
	}
	return out
}

// fit learns the borders from all buyers.
func fit(p *scoring.Population) (*model, error) {
	binning := p.Param(paramBinning).Text()
	m := &model{Ntile: binning == binNtile, Windowed: p.Param(paramWindow).Int() > 0}
	if binning == binFixed {
		m.fix(p)
		return m, nil
	}
	var days, orders, revenue []float64
	var ids []string
	for c := range p.Customers() {
		last, n := c.Fact(factLastOrderAt), c.Fact(factOrders).Int()
		if n <= 0 || !last.Ok() {
			continue
		}
		days = append(days, float64(p.Env.Day(last.Instant())))
		orders = append(orders, float64(n))
		revenue = append(revenue, c.Fact(factNetRevenue).Float())
		if m.Ntile {
			ids = append(ids, c.Fact(factExternalID).Text())
		}
	}
	switch today := p.Env.Today(); binning {
	case binNtile:
		m.Recency, m.Frequency, m.Monetary = ntile(days, ids), ntile(orders, ids), ntile(revenue, ids)
	case binQuantile:
		m.Recency, m.Frequency, m.Monetary = quantileDays(days, today), quantile(orders), quantile(revenue)
	default:
		m.Recency, m.Frequency, m.Monetary = rank(days), rank(orders), rank(revenue)
	}
	return m, nil
}

// fix takes the borders from the parameters. A score is 1 + the number of borders below the value; recency counts from
// the other end, because a small age is a high score.
func (m *model) fix(p *scoring.Population) {
	m.Aged = true
	unit := math.Pow10(p.Env.Exponent)
	ages, orders, money := p.Param(paramRecencyBorders).Floats(), p.Param(paramFrequencyBorders).Floats(), p.Param(paramMonetaryBorders).Floats()
	for k := range bins - 1 {
		m.Recency.Least[k] = -whole(ages[bins-2-k])
		m.Frequency.Least[k] = whole(orders[k]) + 1
		m.Monetary.Least[k] = whole(money[k]*unit) + 1
	}
}

// rank scores by percentile; it sorts values.
func rank(values []float64) scale {
	s := among(values)
	for k, least := range s.Ranking.Borders(bins) {
		if s.Ranking.Len() > 0 {
			s.Least[k] = finite(least)
		}
	}
	return s
}

// quantile scores 1 + the number of type-7 quantiles strictly below a value; it sorts values.
func quantile(values []float64) scale {
	s := among(values)
	for k := range s.Least {
		if s.Ranking.Len() > 0 {
			s.Least[k] = whole(s.Ranking.Quantile(float64(k+1)/bins)) + 1
		}
	}
	return s
}

// quantileDays does the same on the age of the last order and then turns the borders into days; it sorts days.
func quantileDays(days []float64, today int64) scale {
	ages := make([]float64, len(days))
	for i, day := range days {
		ages[i] = float64(today) - day
	}
	s, byAge := among(days), scoring.Rank(ages)
	for k := range s.Least {
		if byAge.Len() > 0 {
			s.Least[k] = today - whole(byAge.Quantile(float64(bins-1-k)/bins))
		}
	}
	return s
}

// ntile cuts into five groups as equal as can be, the first n%5 of them one larger, ties broken by external id: SQL's
// NTILE(5). It leaves values in their order.
func ntile(values []float64, ids []string) scale {
	sorted := slices.Clone(values)
	s := among(sorted)
	s.IDs = make([]string, bins-1)
	n := len(values)
	if n == 0 {
		return s
	}
	start := 0
	for k := range s.Least {
		start += n / bins
		if k < n%bins {
			start++
		}
		if s.Least[k] = nothing; start < n {
			s.Least[k], s.IDs[k] = int64(sorted[start]), tied(values, ids, sorted, start)
		}
	}
	return s
}

// tied is the external id at a place of the sorted values: it is looked for among those of an equal value.
func tied(values []float64, ids []string, sorted []float64, place int) string {
	var same []string
	for i, x := range values {
		if x == sorted[place] {
			same = append(same, ids[i])
		}
	}
	return nth(same, place-sort.SearchFloat64s(sorted, sorted[place]))
}

// nth is the text that sorting would put at a place; it moves texts around. Halves that do not have it are never sorted.
func nth(texts []string, place int) string {
	for len(texts) > 1 {
		pivot, less, equal := texts[len(texts)/2], 0, 0
		for i, t := range texts { // less, then equal, then the rest
			switch {
			case t < pivot:
				texts[i], texts[less+equal], texts[less] = texts[less+equal], texts[less], t
				less++
			case t == pivot:
				texts[i], texts[less+equal] = texts[less+equal], t
				equal++
			}
		}
		switch {
		case place < less:
			texts = texts[:less]
		case place < less+equal:
			return pivot
		default:
			texts, place = texts[less+equal:], place-less-equal
		}
	}
	return texts[0]
}

// among is a scale without borders, over values that it sorts. Where nobody has bought yet, everybody gets the middle
// score, which a population of one gets by rank, too.
func among(values []float64) scale {
	return scale{Ranking: scoring.Rank(values), Least: [bins - 1]int64{anything, anything, nothing, nothing}}
}

// whole is the floor of x, forgiving what rounding did to a whole number.
func whole(x float64) int64 {
	if near := math.Round(x); math.Abs(x-near) <= 1e-9*math.Max(1, math.Abs(x)) {
		return int64(near)
	}
	return int64(math.Floor(x))
}

func finite(x float64) int64 {
	if math.IsInf(x, 1) {
		return nothing
	}
	return int64(x)
}
