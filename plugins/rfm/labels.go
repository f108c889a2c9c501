package rfm

import "bellwether/scoring"

// Indices of the labels.
const (
	segmentAboutToSleep = iota
	segmentAtRisk
	segmentCantLoseThem
	segmentChampions
	segmentHibernating
	segmentLost
	segmentLoyal
	segmentNeedAttention
	segmentNewCustomers
	segmentNone
	segmentPotentialLoyalist
	segmentPromising
)

// grid is the segment of every cell, by R-1 and FM-1: a total partition, every cell in exactly one segment.
var grid = [bins][bins]uint8{
	{segmentLost, segmentHibernating, segmentAtRisk, segmentAtRisk, segmentCantLoseThem},
	{segmentHibernating, segmentHibernating, segmentAtRisk, segmentAtRisk, segmentCantLoseThem},
	{segmentAboutToSleep, segmentAboutToSleep, segmentNeedAttention, segmentLoyal, segmentLoyal},
	{segmentPromising, segmentPotentialLoyalist, segmentPotentialLoyalist, segmentLoyal, segmentLoyal},
	{segmentNewCustomers, segmentPotentialLoyalist, segmentPotentialLoyalist, segmentChampions, segmentChampions},
}

// segments describes the labels.
func segments() []scoring.LabelDoc {
	return []scoring.LabelDoc{
		segmentAboutToSleep: {
			Name:   "ABOUT_TO_SLEEP",
			Title:  scoring.Words{En: "About to sleep", Zh: "即将沉睡"},
			Doc:    scoring.Words{En: "R 3, FM 1 or 2: buys little, and the last order is some time ago.", Zh: "R 为 3，FM 为 1 或 2：购买不多，且已有一段时间没有下单。"},
			Advice: scoring.Words{En: "Remind them before they forget you: popular products, a small incentive with a date on it.", Zh: "在客户遗忘之前及时提醒：推荐热门商品，配合有期限的小额优惠。"},
		},
		segmentAtRisk: {
			Name:   "AT_RISK",
			Title:  scoring.Words{En: "At risk", Zh: "有流失风险"},
			Doc:    scoring.Words{En: "R 1 or 2, FM 3 or 4: bought well, but long ago.", Zh: "R 为 1 或 2，FM 为 3 或 4：曾有不错的购买记录，但已久未下单。"},
			Advice: scoring.Words{En: "Write personally, refer to what they bought, ask what was missing and offer a reason to return.", Zh: "以个人名义联系，结合其购买记录，询问未满足的需求，并给出回来的理由。"},
		},
		segmentCantLoseThem: {
			Name:   "CANT_LOSE_THEM",
			Title:  scoring.Words{En: "Can't lose them", Zh: "不可流失"},
			Doc:    scoring.Words{En: "R 1 or 2, FM 5: among the best customers once, silent for long.", Zh: "R 为 1 或 2，FM 为 5：曾属于最优质的客户，但已长期沉默。"},
			Advice: scoring.Words{En: "Call them. Find out what happened, put it right, and win them back before a competitor settles in.", Zh: "主动致电，了解原因并加以解决，赶在竞争对手站稳之前赢回客户。"},
		},
		segmentChampions: {
			Name:   "CHAMPIONS",
			Title:  scoring.Words{En: "Champions", Zh: "冠军客户"},
			Doc:    scoring.Words{En: "R 5, FM 4 or 5: bought just now, often and for much.", Zh: "R 为 5，FM 为 4 或 5：近期刚购买，且购买频繁、金额高。"},
			Advice: scoring.Words{En: "Reward them, show them new products first, and ask for reviews and referrals.", Zh: "给予回馈，让其优先体验新品，并邀请评价与推荐。"},
		},
		segmentHibernating: {
			Name:   "HIBERNATING",
			Title:  scoring.Words{En: "Hibernating", Zh: "休眠客户"},
			Doc:    scoring.Words{En: "The rest of R 1 or 2 with FM 1 or 2: bought little, long ago.", Zh: "R 为 1 或 2、FM 为 1 或 2 的其余情况：很久以前少量购买过。"},
			Advice: scoring.Words{En: "Keep contact cheap: an occasional offer that fits the last purchase.", Zh: "以低成本保持联系：偶尔推送与上次购买相关的优惠。"},
		},
		segmentLost: {
			Name:   "LOST",
			Title:  scoring.Words{En: "Lost", Zh: "已流失"},
			Doc:    scoring.Words{En: "R 1, FM 1: the longest silent, and bought the least.", Zh: "R 为 1，FM 为 1：沉默最久，购买最少。"},
			Advice: scoring.Words{En: "One last campaign to wake their interest; otherwise spend nothing on them.", Zh: "做最后一次唤醒活动；若无回应，则不再投入。"},
		},
		segmentLoyal: {
			Name:   "LOYAL",
			Title:  scoring.Words{En: "Loyal", Zh: "忠诚客户"},
			Doc:    scoring.Words{En: "R 3 or 4, FM 4 or 5: buys often and for much, and not long ago.", Zh: "R 为 3 或 4，FM 为 4 或 5：购买频繁、金额高，且不久前有过购买。"},
			Advice: scoring.Words{En: "Offer what is worth more, invite them to the loyalty programme, and ask for reviews.", Zh: "推荐更高价值的商品，邀请加入会员计划，并征求评价。"},
		},
		segmentNeedAttention: {
			Name:   "NEED_ATTENTION",
			Title:  scoring.Words{En: "Need attention", Zh: "需要关注"},
			Doc:    scoring.Words{En: "R 3, FM 3: average in everything, may go either way.", Zh: "R 为 3，FM 为 3：各项均处中游，去留未定。"},
			Advice: scoring.Words{En: "Make a limited offer based on past purchases, so that the next order comes soon.", Zh: "根据以往购买提供限时优惠，促成下一笔订单。"},
		},
		segmentNewCustomers: {
			Name:   "NEW_CUSTOMERS",
			Title:  scoring.Words{En: "New customers", Zh: "新客户"},
			Doc:    scoring.Words{En: "R 5, FM 1: bought just now, and little so far.", Zh: "R 为 5，FM 为 1：刚刚购买，目前购买尚少。"},
			Advice: scoring.Words{En: "Give them a good start: help with the first purchase and follow up with a second offer.", Zh: "做好开局：协助其用好首次购买的商品，并跟进第二次购买。"},
		},
		segmentNone: {
			Name:   "NONE",
			Title:  scoring.Words{En: "No orders", Zh: "无订单"},
			Doc:    scoring.Words{En: "No valid order in the window.", Zh: "窗口期内没有有效订单。"},
			Advice: scoring.Words{En: "Nothing to judge yet: win the first order.", Zh: "暂无可评估的购买：先争取首单。"},
		},
		segmentPotentialLoyalist: {
			Name:   "POTENTIAL_LOYALIST",
			Title:  scoring.Words{En: "Potential loyalist", Zh: "潜在忠诚客户"},
			Doc:    scoring.Words{En: "R 4 or 5, FM 2 or 3: bought lately, and more than once or for a fair amount.", Zh: "R 为 4 或 5，FM 为 2 或 3：近期有购买，次数或金额已有一定积累。"},
			Advice: scoring.Words{En: "Recommend further products and offer membership, so that the habit grows.", Zh: "推荐更多商品并提供会员资格，培养购买习惯。"},
		},
		segmentPromising: {
			Name:   "PROMISING",
			Title:  scoring.Words{En: "Promising", Zh: "有希望的客户"},
			Doc:    scoring.Words{En: "R 4, FM 1: bought not long ago, and little so far.", Zh: "R 为 4，FM 为 1：不久前购买过，目前购买尚少。"},
			Advice: scoring.Words{En: "Make the brand known: useful content, and a small offer for the second order.", Zh: "加深品牌印象：提供有用的内容，并为第二笔订单给予小额优惠。"},
		},
	}
}
