// Package visitor has a scorer for tests of modules.
package visitor

import (
	"math"

	"bellwether/scoring"
)

// New is the scorer visits: who has touchpoints? Its version and its border are the module's.
func New(version string, border int64) scoring.Scorer {
	m := scoring.Manifest{
		Name: "visits", Version: version,
		Title: scoring.Words{En: "Visits", Zh: "访问"}, Doc: scoring.Words{En: "Who has orders?", Zh: "谁有订单？"},
		Facts: []scoring.FactUse{{Name: "orders"}},
		Outputs: []scoring.Output{
			{Name: "visits", Kind: scoring.Label, Doc: scoring.Words{En: "Whether they come.", Zh: "是否来访。"}, Labels: []scoring.LabelDoc{
				{Name: "COMES", Title: scoring.Words{En: "Comes", Zh: "来访"}, Doc: scoring.Words{En: "Enough orders.", Zh: "订单足够。"}, Advice: scoring.Words{En: "Greet.", Zh: "问候。"}},
				{Name: "STAYS_AWAY", Title: scoring.Words{En: "Stays away", Zh: "不来访"}, Doc: scoring.Words{En: "The others.", Zh: "其余。"}, Advice: scoring.Words{En: "Invite.", Zh: "邀请。"}},
			}},
			{Name: "count", Kind: scoring.Integer, Doc: scoring.Words{En: "Orders.", Zh: "订单数。"}},
		},
		Reasons: []scoring.Reason{{Name: "orders", Fact: "orders", Text: scoring.Words{En: "{value} orders, {threshold} make a visitor", Zh: "{value} 笔订单，{threshold} 笔即为来访"}}},
	}
	return scoring.Define(m, nil, func(c *scoring.Customer, _ struct{}) {
		label := 1
		if c.Fact(0).Int() >= border {
			label = 0
		}
		c.SetLabel(0, label)
		c.Set(1, scoring.Int(c.Fact(0).Int()))
		c.Because(0, c.Fact(0), math.NaN(), []scoring.Value{scoring.Int(border)})
	})
}
