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

// cells is the grid as the manifest shows it.
func cells() [][]int {
	out := make([][]int, bins)
	for r, row := range grid {
		for _, segment := range row {
			out[r] = append(out[r], int(segment))
		}
	}
	return out
}

func words(en, zh string) scoring.Words { return scoring.Words{En: en, Zh: zh} }

func label(name string, title, doc, advice scoring.Words) scoring.LabelDoc {
	return scoring.LabelDoc{Name: name, Title: title, Doc: doc, Advice: advice}
}

// segments describes the labels.
func segments() []scoring.LabelDoc {
	return []scoring.LabelDoc{
		segmentAboutToSleep: label("ABOUT_TO_SLEEP", words("About to sleep", "即将沉睡"),
			words("R 3, FM 1 or 2: buys little, and the last order is some time ago.", "R 为 3，FM 为 1 或 2：购买不多，且已有一段时间没有下单。"),
			words("Remind them before they forget you: popular products, a small incentive with a date on it.", "在客户遗忘之前及时提醒：推荐热门商品，配合有期限的小额优惠。")),
		segmentAtRisk: label("AT_RISK", words("At risk", "有流失风险"),
			words("R 1 or 2, FM 3 or 4: bought well, but long ago.", "R 为 1 或 2，FM 为 3 或 4：曾有不错的购买记录，但已久未下单。"),
			words("Write personally, refer to what they bought, ask what was missing and offer a reason to return.", "以个人名义联系，结合其购买记录，询问未满足的需求，并给出回来的理由。")),
		segmentCantLoseThem: label("CANT_LOSE_THEM", words("Can't lose them", "不可流失"),
			words("R 1 or 2, FM 5: among the best customers once, silent for long.", "R 为 1 或 2，FM 为 5：曾属于最优质的客户，但已长期沉默。"),
			words("Call them. Find out what happened, put it right, and win them back before a competitor settles in.", "主动致电，了解原因并加以解决，赶在竞争对手站稳之前赢回客户。")),
		segmentChampions: label("CHAMPIONS", words("Champions", "冠军客户"),
			words("R 5, FM 4 or 5: bought just now, often and for much.", "R 为 5，FM 为 4 或 5：近期刚购买，且购买频繁、金额高。"),
			words("Reward them, show them new products first, and ask for reviews and referrals.", "给予回馈，让其优先体验新品，并邀请评价与推荐。")),
		segmentHibernating: label("HIBERNATING", words("Hibernating", "休眠客户"),
			words("The rest of R 1 or 2 with FM 1 or 2: bought little, long ago.", "R 为 1 或 2、FM 为 1 或 2 的其余情况：很久以前少量购买过。"),
			words("Keep contact cheap: an occasional offer that fits the last purchase.", "以低成本保持联系：偶尔推送与上次购买相关的优惠。")),
		segmentLost: label("LOST", words("Lost", "已流失"),
			words("R 1, FM 1: the longest silent, and bought the least.", "R 为 1，FM 为 1：沉默最久，购买最少。"),
			words("One last campaign to wake their interest; otherwise spend nothing on them.", "做最后一次唤醒活动；若无回应，则不再投入。")),
		segmentLoyal: label("LOYAL", words("Loyal", "忠诚客户"),
			words("R 3 or 4, FM 4 or 5: buys often and for much, and not long ago.", "R 为 3 或 4，FM 为 4 或 5：购买频繁、金额高，且不久前有过购买。"),
			words("Offer what is worth more, invite them to the loyalty programme, and ask for reviews.", "推荐更高价值的商品，邀请加入会员计划，并征求评价。")),
		segmentNeedAttention: label("NEED_ATTENTION", words("Need attention", "需要关注"),
			words("R 3, FM 3: average in everything, may go either way.", "R 为 3，FM 为 3：各项均处中游，去留未定。"),
			words("Make a limited offer based on past purchases, so that the next order comes soon.", "根据以往购买提供限时优惠，促成下一笔订单。")),
		segmentNewCustomers: label("NEW_CUSTOMERS", words("New customers", "新客户"),
			words("R 5, FM 1: bought just now, and little so far.", "R 为 5，FM 为 1：刚刚购买，目前购买尚少。"),
			words("Give them a good start: help with the first purchase and follow up with a second offer.", "做好开局：协助其用好首次购买的商品，并跟进第二次购买。")),
		segmentNone: label("NONE", words("No orders", "无订单"),
			words("No valid order in the window.", "窗口期内没有有效订单。"),
			words("Nothing to judge yet: win the first order.", "暂无可评估的购买：先争取首单。")),
		segmentPotentialLoyalist: label("POTENTIAL_LOYALIST", words("Potential loyalist", "潜在忠诚客户"),
			words("R 4 or 5, FM 2 or 3: bought lately, and more than once or for a fair amount.", "R 为 4 或 5，FM 为 2 或 3：近期有购买，次数或金额已有一定积累。"),
			words("Recommend further products and offer membership, so that the habit grows.", "推荐更多商品并提供会员资格，培养购买习惯。")),
		segmentPromising: label("PROMISING", words("Promising", "有希望的客户"),
			words("R 4, FM 1: bought not long ago, and little so far.", "R 为 4，FM 为 1：不久前购买过，目前购买尚少。"),
			words("Make the brand known: useful content, and a small offer for the second order.", "加深品牌印象：提供有用的内容，并为第二笔订单给予小额优惠。")),
	}
}
