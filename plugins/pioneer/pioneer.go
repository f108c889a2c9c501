// Package pioneer tells which customers open new markets: those who buy new products before others do, and those who were
// the first of their region or industry.
//
// Start with [New]. The formula, its parameters and a worked example are in the README of this folder, and so is what of
// it is our own: what a market is, and what the first buyers of one must show.
//
// Source: Rogers, Diffusion of Innovations (5th edition, 2003), for the adopter categories and their shares.
package pioneer

import (
	"math"

	"bellwether/scoring"
)

// Indices of the manifest's facts.
const (
	factIndustry = iota
	factRegion
)

// Indices of the manifest's derived columns.
const (
	derivedCells    = iota
	derivedEarliest // the cells that the evidence names
	derivedMeanRank // null without a cell
	derivedOpened   // the regions and industries that the customer opened
)

// Indices of the manifest's parameters.
const (
	paramBorders = iota
	paramMinAdopters
	paramMinCells
	paramOpenerBuyers
	paramOpenerFirst
	paramOpenerWarmupDays
	paramWarmupDays
)

// Indices of the manifest's outputs.
const (
	outPioneer = iota
	outFlag
	outStrength
	outAdopter
	outOpener
	outCells
	outMeanRank
)

// Indices of the labels of the output pioneer.
const (
	labelInsufficientData = iota
	labelNo
	labelYes
)

// Indices of the labels of the output adopter: a category for each border and one above.
const (
	adopterInnovator = iota
	adopterEarlyAdopter
	adopterEarlyMajority
	adopterLateMajority
	adopterLaggard
	adopterInsufficientData
)

const borders = adopterLaggard

// New is the scorer.
func New() scoring.Scorer {
	return scoring.Define(scoring.Manifest{
		Name:    "pioneer",
		Version: "1.0.0",
		Title:   scoring.Words{En: "Pioneer", Zh: "先锋客户"},
		Doc: scoring.Words{
			En: "Who opens new markets? Customers who buy new products before the others of their region and industry do, by Rogers' adopter categories, and the first buyers of a region or industry. An association in time, not a proven cause.",
			Zh: "谁在开拓新市场？即在同地区、同行业中率先购买新品的客户（按罗杰斯的采用者分类），以及某一地区或行业的最早买家。这是时间上的关联，并不证明因果。",
		},
		Facts: []scoring.FactUse{
			factIndustry: {Name: "industry"},
			factRegion:   {Name: "region"},
		},
		Orders: &scoring.OrderUse{Lines: true, FitOnly: true},
		Derived: []scoring.Derived{
			derivedCells:    {Name: "cells", Kind: scoring.Integer},
			derivedEarliest: {Name: "earliest", Kind: scoring.Text},
			derivedMeanRank: {Name: "mean_rank", Kind: scoring.Number},
			derivedOpened:   {Name: "opened", Kind: scoring.Text},
		},
		Params:  params(),
		Outputs: outputs(),
		Reasons: reasons(),
	}, fit, score)
}

// model is what fit learned besides what it derived: the borders, read once.
type model struct{ Borders []float64 }

// score answers for one customer from what fit derived.
func score(c *scoring.Customer, m *model) {
	cells := c.Derived(derivedCells)
	enough := cells.Int() >= c.Param(paramMinCells).Int() && c.Derived(derivedMeanRank).Ok()
	opener := c.Derived(derivedOpened).Text() != ""
	adopter, strength := adopterInsufficientData, 0.0
	if enough {
		rank := c.Derived(derivedMeanRank)
		adopter, strength = m.adopter(rank.Float()), 100*(1-rank.Float())
		c.Set(outMeanRank, rank)
	}
	yes := opener || adopter == adopterInnovator
	c.Set(outFlag, scoring.Bool(yes))
	c.Set(outStrength, scoring.Float(strength))
	c.SetLabel(outAdopter, adopter)
	c.Set(outOpener, scoring.Bool(opener))
	c.Set(outCells, scoring.Int(cells.Int()))
	switch {
	case yes:
		c.SetLabel(outPioneer, labelYes)
	case enough:
		c.SetLabel(outPioneer, labelNo)
	default:
		c.SetLabel(outPioneer, labelInsufficientData)
	}
	if c.Explaining() {
		m.explain(c, enough)
	}
}

// adopter is the category of a mean rank: the first border that is not below it.
func (m *model) adopter(rank float64) int {
	for i, border := range m.Borders {
		if rank <= border {
			return i
		}
	}
	return adopterLaggard
}

func (m *model) explain(c *scoring.Customer, enough bool) {
	least := c.Param(paramMinCells)
	switch cells := c.Derived(derivedCells); {
	case !cells.Ok():
		c.Because(becauseNewer, scoring.Int(0), math.NaN(), nil)
	case enough:
		thresholds := make([]scoring.Value, len(m.Borders))
		for i, border := range m.Borders {
			thresholds[i] = scoring.Float(border)
		}
		c.Because(becauseMeanRank, c.Derived(derivedMeanRank), math.NaN(), thresholds, cells)
	default:
		c.Because(becauseTooFewCells, cells, math.NaN(), []scoring.Value{least})
	}
	for _, o := range readOpened(c.Derived(derivedOpened).Text()) {
		reason := becauseRegion
		if o.industry {
			reason = becauseIndustry
		}
		c.Because(reason, scoring.Int(o.number), math.NaN(), nil, scoring.String(o.name), scoring.Int(o.buyers), scoring.Time(o.at))
	}
	for _, e := range readEarliest(c.Derived(derivedEarliest).Text()) {
		c.Because(
			becauseCell, scoring.Float(e.rank), math.NaN(), nil,
			scoring.String(e.product), known(e.region), known(e.industry), scoring.Int(e.adopters), scoring.Time(e.at),
		)
	}
}

// known is a name; null where it is empty, because nobody knows it.
func known(name string) scoring.Value {
	if name == "" {
		return scoring.Value{}
	}
	return scoring.String(name)
}

// rounded to twelve decimals, so that a mean that is a border by the rules of sums is one.
func rounded(x float64) float64 { return math.Round(x*1e12) / 1e12 }
