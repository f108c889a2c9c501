package orientation

import "bellwether/scoring"

// Indices of the manifest's reasons.
const (
	becauseDiscount = iota
	becauseHighPrice
	becauseKept
	becauseLatePayment
	becauseLowPrice
	becauseNewProducts
	becauseRegularity
	becauseService
	becauseTechnologySpend
	becauseTechnologyTouchpoints
	becauseTooFewLines
	becauseUsed
	becauseWeights
)

func reasons() []scoring.Reason {
	signal := func(name, en, zh string) scoring.Reason {
		return scoring.Reason{Name: name, Fact: name, Text: scoring.Words{
			En: en + " is {value}; the median customer's is {threshold}. Percentile: {percentile}.",
			Zh: zh + "为 {value}，客户中位数为 {threshold}，百分位 {percentile}。",
		}}
	}
	number := func(name string) scoring.Arg { return scoring.Arg{Name: name, Kind: scoring.Number} }
	return []scoring.Reason{
		becauseDiscount:              signal("discount_share", "Cost: the share of spend at a discount", "成本：折扣消费占比"),
		becauseHighPrice:             signal("price_level", "Value: the mean price percentile within categories", "价值：同品类价格百分位均值"),
		becauseKept:                  signal("kept_share", "Value: the share of units kept, not returned,", "价值：未退货件数占比"),
		becauseLatePayment:           signal("late_payment_share", "Cost: the share of orders paid late", "成本：逾期付款订单占比"),
		becauseLowPrice:              signal("low_price_level", "Cost: 1 less the mean price percentile within categories", "成本：1 减去同品类价格百分位均值"),
		becauseNewProducts:           signal("new_product_share", "Technology: the share of spend on new products", "技术：新品消费占比"),
		becauseRegularity:            signal("regularity", "Value: the regularity of the gaps between orders", "价值：下单间隔的规律性"),
		becauseService:               signal("service_share", "Value: the share of orders with service or warranty", "价值：含服务或质保的订单占比"),
		becauseTechnologySpend:       signal("technology_spend_share", "Technology: the share of spend on technology products", "技术：技术类商品消费占比"),
		becauseTechnologyTouchpoints: signal("technology_touchpoint_share", "Technology: the share of touchpoints about technology", "技术：技术类接触占比"),
		becauseTooFewLines: {
			Name: "too_few_lines", Fact: "lines",
			Text: scoring.Words{
				En: "Purchased lines in the window: {value}; an answer needs {threshold}.",
				Zh: "窗口期内购买明细为 {value} 行，至少需要 {threshold} 行才能给出结论。",
			},
		},
		becauseUsed: signal("used_share", "Cost: the share of used or refurbished items", "成本：二手或翻新商品占比"),
		becauseWeights: {
			Name: "weights", Fact: "lead",
			Args: []scoring.Arg{number("cost"), number("worth"), number("technology")},
			Text: scoring.Words{
				En: "Weights: cost {cost}, value {worth}, technology {technology}. The first leads by {value}; below {threshold} it would be mixed.",
				Zh: "权重：成本 {cost}，价值 {worth}，技术 {technology}。最大者领先 {value}；低于 {threshold} 则为混合取向。",
			},
		},
	}
}
