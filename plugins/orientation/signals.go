package orientation

import (
	"math"
	"time"

	"bellwether/scoring"
)

// The signals of one customer.
const (
	signalDiscount = iota
	signalLatePayment
	signalNewProducts
	signalPrice
	signalRegularity
	signalReturns
	signalService
	signalTechnologySpend
	signalTechnologyTouchpoints
	signalUsed
	signals
)

// part is one part of an index.
type part struct {
	signal  int
	inverse bool // the index takes 1 - the signal
	reason  int
}

// parts are what the indices are made of, each part weighing the same.
var parts = [indices][]part{
	cost: {
		{signalPrice, true, becauseLowPrice},
		{signalDiscount, false, becauseDiscount},
		{signalUsed, false, becauseUsed},
		{signalLatePayment, false, becauseLatePayment},
	},
	value: {
		{signalPrice, false, becauseHighPrice},
		{signalService, false, becauseService},
		{signalReturns, true, becauseKept},
		{signalRegularity, false, becauseRegularity},
	},
	technology: {
		{signalNewProducts, false, becauseNewProducts},
		{signalTechnologyTouchpoints, false, becauseTechnologyTouchpoints},
		{signalTechnologySpend, false, becauseTechnologySpend},
	},
}

// measured is what the orders of one customer say.
type measured struct {
	signals [signals]float64 // NaN: the customer does not have it
	lines   int64            // of purchases
	until   scoring.Instant  // when time alone changes this, as far as orders go
}

// sums are what the signals are ratios of.
type sums struct {
	spend, discounted, fresh, technology float64
	saysDiscount, saysLaunch             bool
	units, used, returned                int64
	saysCondition                        bool
	orders, serviced, due, late          int64
	percentiles                          float64
	priced                               int64
}

// bought tells whether a line is part of a purchase: not a return, and not on a credit note.
func bought(o *scoring.Order, l *scoring.Line) bool {
	return !o.Credit && l.Quantity > 0 && !math.IsNaN(l.Price) && !math.IsInf(l.Price, 0)
}

// measure works out the signals of a customer.
func (m *model) measure(c *scoring.Customer) measured {
	out := measured{until: scoring.Never}
	var s sums
	fresh := time.Duration(c.Param(paramNewProductDays).Int()) * scoring.Day
	orders, asOf := c.Orders(), c.Env().AsOf
	for i := range orders {
		o := &orders[i]
		out.before(o.PlacedAt.Add(time.Duration(c.Param(paramWindow).Int()) * scoring.Day))
		purchases := out.lines
		serviced := false
		for j := range o.Lines {
			l := &o.Lines[j]
			if !bought(o, l) {
				s.unsold(o, l)
				continue
			}
			out.lines++
			serviced = serviced || l.Kind == "SERVICE" || l.Kind == "WARRANTY"
			s.add(l, o.PlacedAt, fresh)
			if p := m.Prices[l.Category].Percentile(l.Price); !math.IsNaN(p) {
				s.percentiles, s.priced = s.percentiles+p, s.priced+1
			}
		}
		if out.lines == purchases {
			continue
		}
		if s.orders++; serviced {
			s.serviced++
		}
		out.before(s.pay(o, asOf))
	}
	out.signals = s.signals()
	out.signals[signalRegularity] = regularity(orders, c.Param(paramMinGaps).Int())
	out.signals[signalTechnologyTouchpoints] = ratio(c.Fact(factTechnologyTouchpoints).Float(), c.Fact(factTouchpoints).Float(), true)
	return out
}

// before keeps the earliest instant.
func (m *measured) before(at scoring.Instant) {
	if at != scoring.Never && (m.until == scoring.Never || at < m.until) {
		m.until = at
	}
}

// add takes in a line of a purchase.
func (s *sums) add(l *scoring.Line, placed scoring.Instant, fresh time.Duration) {
	spend := float64(l.Quantity) * l.Price
	if l.Discount > 0 {
		spend -= l.Discount
	}
	spend = max(0, spend)
	s.spend += spend
	if !math.IsNaN(l.Discount) || !math.IsNaN(l.ListPrice) {
		if s.saysDiscount = true; l.Discount > 0 || l.Price < l.ListPrice {
			s.discounted += spend
		}
	}
	if l.LaunchedAt != scoring.Never {
		if s.saysLaunch = true; placed <= l.LaunchedAt.Add(fresh) {
			s.fresh += spend
		}
	}
	if l.Technology {
		s.technology += spend
	}
	s.units += l.Quantity
	if l.Condition != "" {
		if s.saysCondition = true; l.Condition != "NEW" {
			s.used += l.Quantity
		}
	}
}

// unsold takes in a returned line, and any line of a credit note: some systems write its quantity as positive.
func (s *sums) unsold(o *scoring.Order, l *scoring.Line) {
	if o.Credit || l.Quantity < 0 {
		s.returned += max(l.Quantity, -l.Quantity)
	}
}

// pay takes in whether an order with a due date was paid late. One that may still be paid in time says nothing yet, and
// then the instant is returned that will tell.
func (s *sums) pay(o *scoring.Order, asOf scoring.Instant) scoring.Instant {
	paid := o.PaidAt != scoring.Never && o.PaidAt <= asOf
	switch {
	case o.DueAt == scoring.Never:
		return scoring.Never
	case !paid && o.DueAt >= asOf:
		if o.PaidAt != scoring.Never {
			return min(o.PaidAt, o.DueAt+1)
		}
		return o.DueAt + 1
	}
	s.due++
	if !paid || o.PaidAt > o.DueAt {
		s.late++
	}
	return scoring.Never
}

// signals are the ratios of the sums.
func (s *sums) signals() (out [signals]float64) {
	out[signalDiscount] = ratio(s.discounted, s.spend, s.saysDiscount)
	out[signalLatePayment] = ratio(float64(s.late), float64(s.due), true)
	out[signalNewProducts] = ratio(s.fresh, s.spend, s.saysLaunch)
	out[signalPrice] = ratio(s.percentiles, float64(s.priced), true)
	out[signalReturns] = min(1, ratio(float64(s.returned), float64(s.units), true))
	out[signalService] = ratio(float64(s.serviced), float64(s.orders), true)
	out[signalTechnologySpend] = ratio(s.technology, s.spend, true)
	out[signalUsed] = ratio(float64(s.used), float64(s.units), s.saysCondition)
	return out
}

// ratio is NaN where it is not known or there is nothing to divide by.
func ratio(part, whole float64, known bool) float64 {
	if !known || whole <= 0 {
		return math.NaN()
	}
	return part / whole
}

// regularity is 1/(1 + CV) of the gaps between a customer's orders, NaN with fewer gaps than asked for. CV is the standard
// deviation of all the gaps, dividing by their number, over their mean.
func regularity(orders []scoring.Order, least int64) float64 {
	previous := scoring.Never
	var n, sum, squares float64
	for i := range orders {
		if orders[i].Credit {
			continue
		}
		if previous != scoring.Never {
			gap := float64(orders[i].PlacedAt-previous) / float64(scoring.Day.Microseconds())
			n, sum, squares = n+1, sum+gap, squares+gap*gap
		}
		previous = orders[i].PlacedAt
	}
	if n < float64(least) || sum <= 0 {
		return math.NaN()
	}
	mean := sum / n
	deviation := math.Sqrt(max(0, squares/n-mean*mean))
	return 1 / (1 + deviation/mean)
}
