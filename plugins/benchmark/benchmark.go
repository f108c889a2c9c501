// Package benchmark tells which customers others follow: those after whose first purchase of a product the customers
// linked to them buy it too, more often than everybody else does.
//
// Start with [New]. The formula, its parameters and a worked example are in the README of this folder, and so is what of
// it is our own: the decisions of time, and what a chance purchase is.
//
// Sources: Goyal, Bonchi, Lakshmanan, Learning influence probabilities in social networks (WSDM 2010), for the shared
// credit; Kumar, Petersen, Leone, Driving profitability by encouraging customer referrals (Journal of Marketing 74, 2010),
// for the worth of links.
package benchmark

import (
	"math"

	"bellwether/scoring"
)

// Indices of the manifest's facts.
const (
	factAccount = iota
	factExternalID
	factReferredAt
	factReferredBy
)

// Indices of the manifest's derived columns.
const (
	derivedBought   = iota // products
	derivedLinks           // linked customers
	derivedFollowed        // distinct followers
	derivedProducts        // distinct products in which somebody followed
	derivedLag             // mean, in days; null without a follower
	derivedCredit
	derivedExpected
	derivedNamed // the followers that the evidence names
)

// Indices of the manifest's parameters.
const (
	paramFollowDays = iota
	paramMaxFollowers
	paramMinExcess
	paramMinExpected
	paramMinFollowers
)

// Indices of the manifest's outputs.
const (
	outBenchmark = iota
	outFlag
	outStrength
	outFollowers
	outProducts
	outMeanLagDays
	outCredit
	outExpectedCredit
)

// Indices of the labels.
const (
	labelInsufficientData = iota
	labelNo
	labelYes
)

// New is the scorer.
func New() scoring.Scorer {
	return scoring.Define(scoring.Manifest{
		Name:    "benchmark",
		Version: "1.0.0",
		Title:   scoring.Words{En: "Benchmark customer", Zh: "标杆客户"},
		Doc: scoring.Words{
			En: "Whom do others follow? Customers linked to this one, by referral or account, bought the same product for the first time soon after, and more often than chance explains. An association in time, not a proven cause.",
			Zh: "其他客户跟随谁购买？与该客户有推荐关系或同属一个账户的客户，在其首次购买某商品后不久也首次购买同一商品，且次数超出偶然水平。这是时间上的关联，并不证明因果。",
		},
		Facts: []scoring.FactUse{
			factAccount:    {Name: "account"},
			factExternalID: {Name: "external_id"},
			factReferredAt: {Name: "referred_at"},
			factReferredBy: {Name: "referred_by"},
		},
		Orders: &scoring.OrderUse{Lines: true, FitOnly: true},
		Derived: []scoring.Derived{
			derivedBought:   {Name: "bought", Kind: scoring.Integer},
			derivedLinks:    {Name: "links", Kind: scoring.Integer},
			derivedFollowed: {Name: "followers", Kind: scoring.Integer},
			derivedProducts: {Name: "products", Kind: scoring.Integer},
			derivedLag:      {Name: "lag", Kind: scoring.Number},
			derivedCredit:   {Name: "credit", Kind: scoring.Number},
			derivedExpected: {Name: "expected", Kind: scoring.Number},
			derivedNamed:    {Name: "named", Kind: scoring.Text},
		},
		Params:  params(),
		Outputs: outputs(),
		Reasons: reasons(),
	}, fit, score)
}

// score answers for one customer from what fit derived.
func score(c *scoring.Customer, _ struct{}) {
	credit, expected := c.Derived(derivedCredit).Float(), c.Derived(derivedExpected).Float()
	followers := c.Derived(derivedFollowed).Int()
	c.Set(outFollowers, scoring.Int(followers))
	c.Set(outProducts, scoring.Int(c.Derived(derivedProducts).Int()))
	c.Set(outMeanLagDays, c.Derived(derivedLag))
	c.Set(outCredit, scoring.Float(credit))
	c.Set(outExpectedCredit, scoring.Float(expected))

	excess := rounded((credit - expected) / math.Sqrt(max(expected, c.Param(paramMinExpected).Float())))
	enough, missing := sufficient(c)
	yes := enough && followers >= c.Param(paramMinFollowers).Int() && excess >= c.Param(paramMinExcess).Float()
	strength := 0.0
	if credit > expected {
		strength = 100 * (1 - expected/credit)
	}
	c.Set(outFlag, scoring.Bool(yes))
	c.Set(outStrength, scoring.Float(strength))
	switch {
	case !enough:
		c.SetLabel(outBenchmark, labelInsufficientData)
		c.Because(missing, scoring.Int(0), math.NaN(), nil)
		return
	case yes:
		c.SetLabel(outBenchmark, labelYes)
	default:
		c.SetLabel(outBenchmark, labelNo)
	}
	if c.Explaining() {
		explain(c, excess)
	}
}

// sufficient tells whether anybody could have followed the customer in anything, and why not.
func sufficient(c *scoring.Customer) (enough bool, missing int) {
	switch {
	case !c.Derived(derivedBought).Ok():
		return false, becauseNewer
	case c.Derived(derivedBought).Int() == 0:
		return false, becauseNoPurchase
	case c.Derived(derivedLinks).Int() == 0:
		return false, becauseNoLink
	}
	return true, 0
}

func explain(c *scoring.Customer, excess float64) {
	c.Because(
		becauseCredit, c.Derived(derivedCredit), math.NaN(), []scoring.Value{c.Derived(derivedExpected)},
		scoring.Float(excess), c.Param(paramMinExcess),
	)
	c.Because(
		becauseFollowers, c.Derived(derivedFollowed), math.NaN(), []scoring.Value{c.Param(paramMinFollowers)},
		c.Derived(derivedLinks), c.Derived(derivedProducts), c.Derived(derivedLag),
	)
	for _, f := range read(c.Derived(derivedNamed).Text()) {
		c.Because(becauseFollower, scoring.String(f.follower), math.NaN(), nil, scoring.String(f.product), scoring.Float(f.lag))
	}
}

// rounded to nine decimals, so that in which order numbers were added up shows nowhere, and decides nothing.
func rounded(x float64) float64 { return math.Round(x*1e9) / 1e9 }
