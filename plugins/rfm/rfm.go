// Package rfm scores customers by recency, frequency and monetary value and places each in one of eleven segments.
//
// Start with [New]. The formula, its parameters and a worked example are in the README of this folder.
//
// Source: Hughes, Strategic Database Marketing (1994). The names of the segments are those of R's rfm package; the grid
// is our own, because the package's ranges overlap and leave holes.
package rfm

import "bellwether/scoring"

// Indices of the manifest's facts.
const (
	factExternalID = iota
	factLastOrderAt
	factNetRevenue
	factOrders
)

// Indices of the manifest's parameters.
const (
	paramBinning = iota
	paramFrequencyBorders
	paramMonetaryBorders
	paramRecencyBorders
	paramWindow
)

// Indices of the manifest's outputs.
const (
	outSegment = iota
	outRecencyDays
	outFrequency
	outMonetary
	outR
	outF
	outM
	outFM
)

// Indices of the manifest's reasons.
const (
	becauseFrequency = iota
	becauseMonetary
	becauseNoOrder
	becauseRecency
	becauseSegment
)

// Values of the parameter binning.
const (
	binFixed    = "FIXED"
	binNtile    = "NTILE"
	binQuantile = "QUANTILE"
	binRank     = "RANK"
)

// bins is how many scores there are: 1 to 5.
const bins = 5

// New is the scorer.
func New() scoring.Scorer {
	return scoring.Define(scoring.Manifest{
		Name:    "rfm",
		Version: "1.0.0",
		Title:   scoring.Words{En: "RFM segment", Zh: "RFM 客户分群"},
		Doc: scoring.Words{
			En: "Which of eleven segments is the customer in, by how recently, how often and for how much they bought? Every buyer is ranked against all buyers.",
			Zh: "根据最近一次购买的时间、购买次数和购买金额，客户属于十一个分群中的哪一个？每位买家都与全部买家比较排名。",
		},
		Facts: []scoring.FactUse{
			factExternalID:  {Name: "external_id"},
			factLastOrderAt: {Name: "last_order_at", Window: scoring.Window{Param: "window"}},
			factNetRevenue:  {Name: "net_revenue", Window: scoring.Window{Param: "window"}},
			factOrders:      {Name: "orders", Window: scoring.Window{Param: "window"}},
		},
		Params:  params(),
		Outputs: outputs(),
		Reasons: reasons(),
		Grid:    &scoring.Grid{Rows: outR, Columns: outFM, Labels: cells()},
	}, fit, score)
}

// score answers for one customer.
func score(c *scoring.Customer, m *model) {
	last, orders, revenue := c.Fact(factLastOrderAt), c.Fact(factOrders).Int(), c.Fact(factNetRevenue).Int()
	c.Set(outMonetary, scoring.Minor(revenue))
	if orders <= 0 || !last.Ok() {
		c.SetLabel(outSegment, segmentNone)
		c.Set(outFrequency, scoring.Int(0))
		c.Because(becauseNoOrder, scoring.Int(0), notRanked, nil)
		return
	}
	day, today := c.Env().Day(last.Instant()), c.Today()
	var id string
	if m.Ntile {
		id = c.Fact(factExternalID).Text()
	}
	r := m.Recency.score(m.dayOrAge(day, today), id)
	f, mon := m.Frequency.score(orders, id), m.Monetary.score(revenue, id)
	fm := (f + mon + 1) / 2
	segment := int(grid[r-1][fm-1])
	if m.Aged && !m.Windowed {
		c.Until(m.older(c.Env(), day, today))
	}
	c.SetLabel(outSegment, segment)
	c.Set(outRecencyDays, scoring.Int(today-day))
	c.Set(outFrequency, scoring.Int(orders))
	c.Set(outR, scoring.Int(int64(r)))
	c.Set(outF, scoring.Int(int64(f)))
	c.Set(outM, scoring.Int(int64(mon)))
	c.Set(outFM, scoring.Int(int64(fm)))
	if c.Explaining() {
		explain(c, m, answer{day: day, today: today, orders: orders, revenue: revenue, r: r, f: f, m: mon, fm: fm, segment: segment})
	}
}

// answer is what was found about one buyer.
type answer struct {
	day, today, orders, revenue int64
	r, f, m, fm, segment        int
}

// explain says what decided: the cell of the grid, and the three scores that led there.
func explain(c *scoring.Customer, m *model, a answer) {
	whole := func(n int) scoring.Value { return scoring.Int(int64(n)) }
	c.Because(becauseSegment, scoring.Name(segments()[a.segment].Name), notRanked, nil, whole(a.r), whole(a.fm), whole(a.f), whole(a.m))
	dates := m.Recency.thresholds(func(least int64) scoring.Value {
		if m.Aged {
			least += a.today
		}
		return scoring.Time(c.Env().DayStart(least))
	})
	c.Because(becauseRecency, c.Fact(factLastOrderAt), m.Recency.Ranking.Percentile(float64(a.day)), dates, scoring.Int(a.today-a.day), whole(a.r))
	c.Because(becauseFrequency, scoring.Int(a.orders), m.Frequency.Ranking.Percentile(float64(a.orders)), m.Frequency.thresholds(scoring.Int), whole(a.f))
	c.Because(becauseMonetary, scoring.Minor(a.revenue), m.Monetary.Ranking.Percentile(float64(a.revenue)), m.Monetary.thresholds(scoring.Minor), whole(a.m))
}
