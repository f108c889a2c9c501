package pioneer

import "bellwether/scoring"

// labels describes the labels of the output pioneer.
func labels() []scoring.LabelDoc {
	return []scoring.LabelDoc{
		labelInsufficientData: {
			Name:   "INSUFFICIENT_DATA",
			Title:  scoring.Words{En: "Too little data", Zh: "数据不足"},
			Doc:    scoring.Words{En: "Has bought too few new products that others bought, too, and opened no region or industry.", Zh: "购买过的、他人也购买的新品过少，且未开拓任何地区或行业。"},
			Advice: scoring.Words{En: "Judge them when they have bought more new products.", Zh: "待其购买更多新品后再作判断。"},
		},
		labelNo: {
			Name:   "NO",
			Title:  scoring.Words{En: "Not a pioneer", Zh: "非先锋客户"},
			Doc:    scoring.Words{En: "Does not buy before others do, and opened no region or industry.", Zh: "并非先于他人购买，且未开拓任何地区或行业。"},
			Advice: scoring.Words{En: "Approach them with what others have proved: references and experience.", Zh: "以他人已验证的成果进行沟通：案例与使用经验。"},
		},
		labelYes: {
			Name:   "YES",
			Title:  scoring.Words{En: "Pioneer", Zh: "先锋客户"},
			Doc:    scoring.Words{En: "An innovator, or among the first buyers of a region or industry that others entered later.", Zh: "属于创新者，或为某地区或行业的最早买家之一，其后有其他买家进入。"},
			Advice: scoring.Words{En: "Show them new products first, listen to what they find, and make their story known in their market.", Zh: "优先向其展示新品，听取其反馈，并在其所在市场宣传其成功经验。"},
		},
	}
}

// adopters describes the labels of the output adopter.
func adopters() []scoring.LabelDoc {
	return []scoring.LabelDoc{
		adopterInnovator: {
			Name:   "INNOVATOR",
			Title:  scoring.Words{En: "Innovator", Zh: "创新者"},
			Doc:    scoring.Words{En: "Mean rank at most .025: the very first to buy.", Zh: "平均排名不高于 0.025：最先购买。"},
			Advice: scoring.Words{En: "Invite them to test what is not on sale yet, and forgive its flaws together.", Zh: "邀请其试用尚未上市的产品，共同完善不足。"},
		},
		adopterEarlyAdopter: {
			Name:   "EARLY_ADOPTER",
			Title:  scoring.Words{En: "Early adopter", Zh: "早期采用者"},
			Doc:    scoring.Words{En: "Mean rank above .025, at most .16: early, and heeded by others.", Zh: "平均排名高于 0.025 且不高于 0.16：购买较早，具有示范作用。"},
			Advice: scoring.Words{En: "Win them at the launch, and ask for reviews and references.", Zh: "在新品上市时重点争取，并邀请评价与推荐。"},
		},
		adopterEarlyMajority: {
			Name:   "EARLY_MAJORITY",
			Title:  scoring.Words{En: "Early majority", Zh: "早期多数"},
			Doc:    scoring.Words{En: "Mean rank above .16, at most .50: before the average.", Zh: "平均排名高于 0.16 且不高于 0.50：早于平均水平。"},
			Advice: scoring.Words{En: "Show what early adopters report, and make the first step easy.", Zh: "展示早期采用者的反馈，降低首次购买门槛。"},
		},
		adopterLateMajority: {
			Name:   "LATE_MAJORITY",
			Title:  scoring.Words{En: "Late majority", Zh: "晚期多数"},
			Doc:    scoring.Words{En: "Mean rank above .50, at most .84: after the average.", Zh: "平均排名高于 0.50 且不高于 0.84：晚于平均水平。"},
			Advice: scoring.Words{En: "Take away the risk: guarantees, support, and numbers of how many use it.", Zh: "消除顾虑：提供保障与支持，并说明已有众多用户。"},
		},
		adopterLaggard: {
			Name:   "LAGGARD",
			Title:  scoring.Words{En: "Laggard", Zh: "落后者"},
			Doc:    scoring.Words{En: "Mean rank above .84: among the last.", Zh: "平均排名高于 0.84：最后购买的人群。"},
			Advice: scoring.Words{En: "Offer what has long proved itself, and do not hurry them.", Zh: "推荐久经验证的产品，不必催促。"},
		},
		adopterInsufficientData: {
			Name:   "INSUFFICIENT_DATA",
			Title:  scoring.Words{En: "Too little data", Zh: "数据不足"},
			Doc:    scoring.Words{En: "Ranked in too few cells.", Zh: "参与排名的单元过少。"},
			Advice: scoring.Words{En: "Wait for further purchases of new products.", Zh: "等待其购买更多新品。"},
		},
	}
}
