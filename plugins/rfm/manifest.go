package rfm

import "bellwether/scoring"

func params() []scoring.Param {
	return []scoring.Param{
		paramBinning: {
			Name: "binning", Kind: scoring.Text, Fit: true,
			Default: scoring.String(binRank), Allowed: []string{binFixed, binNtile, binQuantile, binRank},
			Doc: scoring.Words{
				En: "How values become scores: RANK by percentile, equal values alike; QUANTILE by type-7 quantiles; NTILE in five equal groups, ties broken by external id; FIXED by the borders given below.",
				Zh: "取值如何换算为得分：RANK 按百分位，相同取值得分相同；QUANTILE 按第 7 类分位数；NTILE 等分五组，同值按外部编号排序；FIXED 按下列给定边界。",
			},
		},
		paramFrequencyBorders: {
			Name: "frequency_borders", Kind: scoring.Number, Fit: true, Size: bins - 1,
			Default: scoring.Numbers([]float64{1, 2, 4, 8}), Min: 0, Max: 1e6,
			Doc: scoring.Words{
				En: "For binning FIXED: four ascending numbers of orders; F is 1 + the number of them below the customer's.",
				Zh: "用于 FIXED 方式：四个递增的订单数；F 等于 1 加上小于客户订单数的边界个数。",
			},
		},
		paramMonetaryBorders: {
			Name: "monetary_borders", Kind: scoring.Number, Fit: true, Size: bins - 1,
			Default: scoring.Numbers([]float64{50, 100, 250, 1000}), Min: 0, Max: 1e12,
			Doc: scoring.Words{
				En: "For binning FIXED: four ascending amounts in units of the base currency; M is 1 + the number of them below the customer's net revenue.",
				Zh: "用于 FIXED 方式：四个递增的金额，以本位币为单位；M 等于 1 加上小于客户净收入的边界个数。",
			},
		},
		paramRecencyBorders: {
			Name: "recency_borders", Kind: scoring.Number, Fit: true, Size: bins - 1,
			Default: scoring.Numbers([]float64{30, 90, 180, 365}), Min: 0, Max: 36500,
			Doc: scoring.Words{
				En: "For binning FIXED: four ascending ages of the last order in days; R is 5 - the number of them below the customer's.",
				Zh: "用于 FIXED 方式：四个递增的距上次下单天数；R 等于 5 减去小于客户天数的边界个数。",
			},
		},
		paramWindow: {
			Name: "window", Kind: scoring.Integer, Fit: true,
			Default: scoring.Int(0), Min: 0, Max: 36500,
			Doc: scoring.Words{
				En: "Days back from asOf within which orders count; 0 is all history.",
				Zh: "从评估时刻起向前计入订单的天数；0 表示全部历史。",
			},
		},
	}
}

func outputs() []scoring.Output {
	return []scoring.Output{
		outSegment: {
			Name: "segment", Kind: scoring.Label, Labels: segments(),
			Doc: scoring.Words{En: "The cell of the grid of R and FM.", Zh: "由 R 与 FM 在网格中确定的分群。"},
		},
		outRecencyDays: {
			Name: "recency_days", Kind: scoring.Integer, DaysSince: "last_order_at",
			Doc: scoring.Words{
				En: "Calendar days in the business's time zone from the last valid order to asOf; null without one.",
				Zh: "按企业所在时区，从最近一笔有效订单到评估时刻的日历天数；无订单则为空。",
			},
		},
		outFrequency: {
			Name: "frequency", Kind: scoring.Integer,
			Doc: scoring.Words{En: "Number of valid orders.", Zh: "有效订单数。"},
		},
		outMonetary: {
			Name: "monetary", Kind: scoring.Money,
			Doc: scoring.Words{
				En: "Net revenue: of valid orders and credit notes, without tax and refunds; below 0 where more was credited than bought.",
				Zh: "净收入：有效订单与贷项凭证的合计，不含税与退款；贷项超过购买时为负。",
			},
		},
		outR: {
			Name: "r", Kind: scoring.Integer,
			Doc: scoring.Words{En: "Recency score, 1 to 5: 5 for the most recent fifth.", Zh: "近度得分，1 至 5：最近的五分之一为 5。"},
		},
		outF: {
			Name: "f", Kind: scoring.Integer,
			Doc: scoring.Words{En: "Frequency score, 1 to 5: 5 for the fifth that bought most often.", Zh: "频度得分，1 至 5：购买最频繁的五分之一为 5。"},
		},
		outM: {
			Name: "m", Kind: scoring.Integer,
			Doc: scoring.Words{En: "Monetary score, 1 to 5: 5 for the fifth with the highest net revenue.", Zh: "金额得分，1 至 5：净收入最高的五分之一为 5。"},
		},
		outFM: {
			Name: "fm", Kind: scoring.Integer,
			Doc: scoring.Words{En: "Mean of F and M, halves rounded up, 1 to 5.", Zh: "F 与 M 的平均值，半数进一，1 至 5。"},
		},
	}
}

func reasons() []scoring.Reason {
	score := scoring.Arg{Name: "score", Kind: scoring.Integer}
	return []scoring.Reason{
		becauseFrequency: {
			Name: "frequency", Fact: "orders", Args: []scoring.Arg{score},
			Text: scoring.Words{
				En: "Valid orders: {value}, so F is {score} of 5 (higher scores begin at {threshold}).",
				Zh: "有效订单数为 {value}，F 得分 {score}/5（各高分档的起点：{threshold}）。",
			},
		},
		becauseMonetary: {
			Name: "monetary", Fact: "net_revenue", Args: []scoring.Arg{score},
			Text: scoring.Words{
				En: "Net revenue is {value}, so M is {score} of 5 (higher scores begin at {threshold}).",
				Zh: "净收入为 {value}，M 得分 {score}/5（各高分档的起点：{threshold}）。",
			},
		},
		becauseNoOrder: {
			Name: "no_order", Fact: "orders",
			Text: scoring.Words{En: "There is no valid order in the window, so nothing is ranked.", Zh: "窗口期内没有有效订单，因此不参与排名。"},
		},
		becauseRecency: {
			Name: "recency", Fact: "last_order_at", Args: []scoring.Arg{{Name: "days", Kind: scoring.Integer}, score},
			Text: scoring.Words{
				En: "The last order was on {value}, {days} calendar days back, so R is {score} of 5 (higher scores begin on {threshold}).",
				Zh: "最近一次下单在 {value}，距今 {days} 个日历日，R 得分 {score}/5（各高分档的起始日期：{threshold}）。",
			},
		},
		becauseSegment: {
			Name: "segment", Fact: "segment",
			Args: []scoring.Arg{
				{Name: "r", Kind: scoring.Integer},
				{Name: "fm", Kind: scoring.Integer},
				{Name: "f", Kind: scoring.Integer},
				{Name: "m", Kind: scoring.Integer},
			},
			Text: scoring.Words{
				En: "R {r} and FM {fm} (the mean of F {f} and M {m}, halves rounded up) are the cell of {value}.",
				Zh: "R 为 {r}，FM 为 {fm}（F {f} 与 M {m} 的平均，半数进一），对应分群 {value}。",
			},
		},
	}
}
