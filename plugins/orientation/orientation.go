// Package orientation tells what a customer buys for: low cost, value, or technology.
//
// Start with [New]. The formula, its parameters and a worked example are in the README of this folder, and so is what of
// it is our own: the signals' weights, and who has which signal.
package orientation

import (
	"math"

	"bellwether/scoring"
)

// Indices of the manifest's facts.
const (
	factTechnologyTouchpoints = iota
	factTouchpoints
)

// Indices of the manifest's parameters.
const (
	paramMinGaps = iota
	paramMinLines
	paramMixedBelow
	paramNewProductDays
	paramTemperature
	paramWindow
)

// Indices of the manifest's outputs. Those of the weights are outWeight + the index's number.
const (
	outOrientation = iota
	outWeight
)

// The three indices, whose numbers are also those of their labels.
const (
	cost = iota
	value
	technology
	indices
)

// The other labels.
const (
	labelMixed = indices + iota
	labelInsufficientData
)

// New is the scorer.
func New() scoring.Scorer {
	window := scoring.Window{Param: "window"}
	return scoring.Define(scoring.Manifest{
		Name:    "orientation",
		Version: "1.0.0",
		Title:   scoring.Words{En: "Orientation", Zh: "购买取向"},
		Doc: scoring.Words{
			En: "What does the customer buy for: low cost, value, or technology? From the lines of their orders: prices, discounts, returns, new products and the like, each against all customers.",
			Zh: "客户购买时看重什么：低价、价值还是技术？依据其订单明细中的价格、折扣、退货、新品等信号，并与全部客户比较。",
		},
		Facts: []scoring.FactUse{
			factTechnologyTouchpoints: {Name: "technology_touchpoints", Window: window},
			factTouchpoints:           {Name: "touchpoints", Window: window},
		},
		Orders:  &scoring.OrderUse{Window: window, Lines: true},
		Params:  params(),
		Outputs: outputs(),
		Reasons: reasons(),
	}, fit, score)
}

// model is what fit learned.
type model struct {
	Prices  map[string]scoring.Ranking // unit prices by category
	Signals [signals]scoring.Ranking   // among the customers who have the signal
}

// fit looks at everybody twice: prices first, because a signal is made of them.
func fit(p *scoring.Population) (*model, error) {
	prices := map[string][]float64{}
	for c := range p.Customers() {
		for _, o := range c.Orders() {
			for i := range o.Lines {
				if l := &o.Lines[i]; bought(&o, l) {
					prices[l.Category] = append(prices[l.Category], l.Price)
				}
			}
		}
	}
	m := &model{Prices: make(map[string]scoring.Ranking, len(prices))}
	for category, of := range prices {
		m.Prices[category] = scoring.Rank(of)
	}
	var found [signals][]float64
	for c := range p.Customers() {
		for s, x := range m.measure(c).signals {
			if !math.IsNaN(x) {
				found[s] = append(found[s], x)
			}
		}
	}
	for s := range found {
		m.Signals[s] = scoring.Rank(found[s])
	}
	return m, nil
}

// score answers for one customer.
func score(c *scoring.Customer, m *model) {
	found := m.measure(c)
	c.Until(found.until)
	if least := c.Param(paramMinLines).Int(); found.lines < least {
		c.SetLabel(outOrientation, labelInsufficientData)
		c.Because(becauseTooFewLines, scoring.Int(found.lines), math.NaN(), []scoring.Value{scoring.Int(least)})
		return
	}
	if c.Fact(factTouchpoints).Int() > 0 {
		c.Until(scoring.Never) // when the oldest touchpoint leaves the window is not known
	}
	weights := softmax(m.indices(&found), c.Param(paramTemperature).Float())
	first, second := leaders(weights)
	mixed := weights[first]-weights[second] < c.Param(paramMixedBelow).Float()
	if c.SetLabel(outOrientation, first); mixed {
		c.SetLabel(outOrientation, labelMixed)
	}
	for i, w := range weights {
		c.Set(outWeight+i, scoring.Float(w))
	}
	if c.Explaining() {
		c.Because(becauseWeights, scoring.Float(weights[first]-weights[second]), math.NaN(), []scoring.Value{c.Param(paramMixedBelow)},
			scoring.Float(weights[cost]), scoring.Float(weights[value]), scoring.Float(weights[technology]))
		m.explain(c, &found, first)
		if mixed {
			m.explain(c, &found, second)
		}
	}
}

// indices are the means of what each index is made of, as percentiles; the expected .5 where a customer has none of it.
func (m *model) indices(found *measured) (out [indices]float64) {
	for i := range out {
		sum, n := 0.0, 0
		for _, part := range parts[i] {
			if p := m.percentile(part, found); !math.IsNaN(p) {
				sum, n = sum+p, n+1
			}
		}
		if out[i] = .5; n > 0 {
			out[i] = sum / float64(n)
		}
	}
	return out
}

// percentile of a part of an index among those who have its signal; NaN without.
func (m *model) percentile(part part, found *measured) float64 {
	x := found.signals[part.signal]
	if math.IsNaN(x) {
		return x
	}
	p := m.Signals[part.signal].Percentile(x)
	if part.inverse {
		return 1 - p // what is less than x is more than 1-x
	}
	return p
}

// explain gives the signals of an index that the customer has.
func (m *model) explain(c *scoring.Customer, found *measured, index int) {
	for _, part := range parts[index] {
		p := m.percentile(part, found)
		if math.IsNaN(p) {
			continue
		}
		x, median := found.signals[part.signal], m.Signals[part.signal].Quantile(.5)
		if part.inverse {
			x, median = 1-x, 1-median
		}
		c.Because(part.reason, scoring.Float(x), p, []scoring.Value{scoring.Float(median)})
	}
}

// softmax makes weights of the indices that sum to 1: the lower the temperature, the more the first takes.
func softmax(of [indices]float64, temperature float64) (weights [indices]float64) {
	most, sum := max(of[cost], of[value], of[technology]), 0.0
	for i := range of {
		weights[i] = math.Exp((of[i] - most) / temperature)
		sum += weights[i]
	}
	for i := range weights {
		weights[i] /= sum
	}
	return weights
}

// leaders are the greatest weight and the next.
func leaders(weights [indices]float64) (first, second int) {
	for i, w := range weights {
		if w > weights[first] {
			first = i
		}
	}
	second = (first + 1) % indices
	if third := (first + 2) % indices; weights[third] > weights[second] {
		second = third
	}
	return first, second
}
