package benchmark

import "bellwether/scoring"

func params() []scoring.Param {
	return []scoring.Param{
		paramFollowDays: {
			Name: "follow_days", Kind: scoring.Integer, Fit: true, Default: scoring.Int(30), Min: 1, Max: 365,
			Doc: scoring.Words{
				En: "Days after a first purchase within which the first purchase of the same product by a linked customer follows it.",
				Zh: "首次购买之后的天数：有关联的客户在此期间首次购买同一商品，视为跟随。",
			},
		},
		paramMaxFollowers: {
			Name: "max_followers", Kind: scoring.Integer, Fit: true, Default: scoring.Int(1000), Min: 100, Max: 1e6,
			Doc: scoring.Words{
				En: "Distinct followers are counted up to this number, which bounds the work for very large accounts; nothing else depends on it.",
				Zh: "跟随者人数最多计到此数，以限制超大账户的计算量；不影响其他结果。",
			},
		},
		paramMinExcess: {
			Name: "min_excess", Kind: scoring.Number, Default: scoring.Float(2), Min: 0, Max: 100,
			Doc: scoring.Words{
				En: "Least excess of credit over expectation, in square roots of the expectation, of a benchmark customer.",
				Zh: "标杆客户的跟随分超出期望值的最低幅度，以期望值的平方根为单位。",
			},
		},
		paramMinExpected: {
			Name: "min_expected", Kind: scoring.Number, Default: scoring.Float(1), Min: .01, Max: 100,
			Doc: scoring.Words{
				En: "An expectation below this counts as this much in the square root, so that little credit is no great excess.",
				Zh: "计算平方根时期望值的下限，避免少量跟随分被视为显著超出。",
			},
		},
		paramMinFollowers: {
			Name: "min_followers", Kind: scoring.Integer, Default: scoring.Int(3), Min: 1, Max: 100,
			Doc: scoring.Words{En: "Least number of distinct followers of a benchmark customer.", Zh: "标杆客户所需的最少跟随者人数（不重复）。"},
		},
	}
}

func outputs() []scoring.Output {
	return []scoring.Output{
		outBenchmark: {
			Name: "benchmark", Kind: scoring.Label, Labels: labels(),
			Doc: scoring.Words{En: "Whether others follow this customer.", Zh: "是否有其他客户跟随该客户购买。"},
		},
		outFlag: {
			Name: "flag", Kind: scoring.Flag,
			Doc: scoring.Words{En: "Whether the answer is YES.", Zh: "结论是否为 YES。"},
		},
		outStrength: {
			Name: "strength", Kind: scoring.Number,
			Doc: scoring.Words{
				En: "Share of the credit that chance does not explain, 0 to 100.",
				Zh: "跟随分中偶然因素无法解释的比例，0 至 100。",
			},
		},
		outFollowers: {
			Name: "followers", Kind: scoring.Integer,
			Doc: scoring.Words{
				En: "Distinct linked customers who followed in at least one product; counted up to max_followers.",
				Zh: "至少在一种商品上跟随购买的关联客户人数（不重复），最多计到 max_followers。",
			},
		},
		outProducts: {
			Name: "products", Kind: scoring.Integer,
			Doc: scoring.Words{En: "Distinct products in which somebody followed.", Zh: "有人跟随购买的商品种数。"},
		},
		outMeanLagDays: {
			Name: "mean_lag_days", Kind: scoring.Number,
			Doc: scoring.Words{
				En: "Mean days from the customer's first purchase to those that followed it; null without a follower.",
				Zh: "从该客户首次购买到他人跟随购买的平均天数；无跟随者则为空。",
			},
		},
		outCredit: {
			Name: "credit", Kind: scoring.Number,
			Doc: scoring.Words{
				En: "First purchases by linked customers that followed, each shared equally among all whom it followed.",
				Zh: "关联客户跟随产生的首次购买数，每次由被跟随者平均分享。",
			},
		},
		outExpectedCredit: {
			Name: "expected_credit", Kind: scoring.Number,
			Doc: scoring.Words{
				En: "First purchases by linked customers that would have followed if they bought like everybody else.",
				Zh: "若关联客户与一般客户购买习惯相同，预期会跟随产生的首次购买数。",
			},
		},
	}
}

func labels() []scoring.LabelDoc {
	return []scoring.LabelDoc{
		labelInsufficientData: {
			Name:   "INSUFFICIENT_DATA",
			Title:  scoring.Words{En: "Too little data", Zh: "数据不足"},
			Doc:    scoring.Words{En: "Has bought nothing, or is linked to nobody, so that nobody could follow.", Zh: "尚无购买，或与任何客户均无关联，因此无从跟随。"},
			Advice: scoring.Words{En: "Record who referred whom, and which customers belong together.", Zh: "记录推荐关系以及客户所属的账户。"},
		},
		labelNo: {
			Name:   "NO",
			Title:  scoring.Words{En: "Not a benchmark", Zh: "非标杆客户"},
			Doc:    scoring.Words{En: "Too few linked customers follow, or no more than chance explains.", Zh: "跟随的关联客户过少，或未超出偶然水平。"},
			Advice: scoring.Words{En: "Nothing in particular: judge them by their own purchases.", Zh: "无需特别对待：按其自身购买情况评估。"},
		},
		labelYes: {
			Name:   "YES",
			Title:  scoring.Words{En: "Benchmark customer", Zh: "标杆客户"},
			Doc:    scoring.Words{En: "Linked customers buy what this one bought first, soon after, and more often than chance explains.", Zh: "关联客户在其首次购买后不久也购买同样的商品，且次数超出偶然水平。"},
			Advice: scoring.Words{En: "Win them for new products first, ask for references and joint case studies, and look after them well: others watch.", Zh: "优先争取其采用新品，邀请其提供推荐与共同案例，并悉心维护：其他客户正看着他们。"},
		},
	}
}
