package orientation

import "bellwether/scoring"

func params() []scoring.Param {
	return []scoring.Param{
		paramMinGaps: {
			Name: "min_gaps", Kind: scoring.Integer, Fit: true, Default: scoring.Int(2), Min: 2, Max: 100,
			Doc: scoring.Words{
				En: "Least number of gaps between orders that tell how regular a customer is.",
				Zh: "判断客户购买规律性所需的最少订单间隔数。",
			},
		},
		paramMinLines: {
			Name: "min_lines", Kind: scoring.Integer, Default: scoring.Int(3), Min: 1, Max: 1000,
			Doc: scoring.Words{
				En: "Least number of purchased lines for an answer; fewer are INSUFFICIENT_DATA.",
				Zh: "给出结论所需的最少购买明细行数；不足则为 INSUFFICIENT_DATA。",
			},
		},
		paramMixedBelow: {
			Name: "mixed_below", Kind: scoring.Number, Default: scoring.Float(.10), Min: 0, Max: 1,
			Doc: scoring.Words{
				En: "A lead of the first weight over the second below this is MIXED.",
				Zh: "最大权重领先第二权重的幅度低于此值时为 MIXED。",
			},
		},
		paramNewProductDays: {
			Name: "new_product_days", Kind: scoring.Integer, Fit: true, Default: scoring.Int(90), Min: 0, Max: 3650,
			Doc: scoring.Words{
				En: "A product is new for so many days after its launch, and before.",
				Zh: "商品上市后（及上市前）被视为新品的天数。",
			},
		},
		paramTemperature: {
			Name: "temperature", Kind: scoring.Number, Default: scoring.Float(.15), Min: .01, Max: 10,
			Doc: scoring.Words{
				En: "Of the softmax that makes weights of the indices: the lower, the more the first takes.",
				Zh: "将指数换算为权重的 softmax 温度：越低，最大者占比越高。",
			},
		},
		paramWindow: {
			Name: "window", Kind: scoring.Integer, Fit: true, Default: scoring.Int(365), Min: 1, Max: 36500,
			Doc: scoring.Words{
				En: "Days back from asOf within which orders and touchpoints count.",
				Zh: "从评估时刻起向前计入订单与接触的天数。",
			},
		},
	}
}

func outputs() []scoring.Output {
	weight := func(name, en, zh string) scoring.Output {
		return scoring.Output{Name: name, Kind: scoring.Number, Doc: scoring.Words{
			En: "Weight of " + en + ", 0 to 1; the three sum to 1. Null with too little data.",
			Zh: zh + "取向的权重，0 至 1，三者之和为 1；数据不足时为空。",
		}}
	}
	return []scoring.Output{
		outOrientation: {
			Name: "orientation", Kind: scoring.Label, Labels: labels(),
			Doc: scoring.Words{En: "What the customer buys for.", Zh: "客户购买时最看重的方面。"},
		},
		outWeight + cost:       weight("cost_weight", "low cost", "成本"),
		outWeight + value:      weight("value_weight", "value", "价值"),
		outWeight + technology: weight("technology_weight", "technology", "技术"),
	}
}

func labels() []scoring.LabelDoc {
	return []scoring.LabelDoc{
		cost: {
			Name:   "COST",
			Title:  scoring.Words{En: "Cost-oriented", Zh: "成本取向"},
			Doc:    scoring.Words{En: "Buys cheap, discounted or used items, or pays late, more than others do.", Zh: "比其他客户更多购买低价、打折或二手商品，或更常逾期付款。"},
			Advice: scoring.Words{En: "Show what they save: basic versions, bundles and sales, with plain prices.", Zh: "突出省钱之处：推荐基础款、组合装与促销，价格清晰透明。"},
		},
		value: {
			Name:   "VALUE",
			Title:  scoring.Words{En: "Value-oriented", Zh: "价值取向"},
			Doc:    scoring.Words{En: "Buys the better items with service or warranty, returns little and comes back regularly.", Zh: "偏好品质更好的商品并购买服务或质保，退货少，复购规律。"},
			Advice: scoring.Words{En: "Argue with what it is worth over time: quality, service, warranty and a named contact.", Zh: "强调长期价值：品质、服务、质保，并安排专属联系人。"},
		},
		technology: {
			Name:   "TECHNOLOGY",
			Title:  scoring.Words{En: "Technology-oriented", Zh: "技术取向"},
			Doc:    scoring.Words{En: "Buys new and technical products and asks about features more than others do.", Zh: "比其他客户更多购买新品与技术类商品，更关注功能特性。"},
			Advice: scoring.Words{En: "Offer previews, specifications and demos, and ask for their opinion early.", Zh: "提供新品预览、技术规格与演示，并尽早征求其意见。"},
		},
		labelMixed: {
			Name:   "MIXED",
			Title:  scoring.Words{En: "Mixed", Zh: "混合取向"},
			Doc:    scoring.Words{En: "No orientation clearly leads.", Zh: "没有明显占优的取向。"},
			Advice: scoring.Words{En: "Offer a choice, and watch what they take.", Zh: "提供多种选择，观察其偏好。"},
		},
		labelInsufficientData: {
			Name:   "INSUFFICIENT_DATA",
			Title:  scoring.Words{En: "Too little data", Zh: "数据不足"},
			Doc:    scoring.Words{En: "Fewer purchased lines in the window than an answer needs.", Zh: "窗口期内的购买明细不足以给出结论。"},
			Advice: scoring.Words{En: "Treat them like everybody until they have bought more.", Zh: "在积累更多购买记录之前，按一般客户对待。"},
		},
	}
}
