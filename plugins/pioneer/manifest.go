package pioneer

import "bellwether/scoring"

func params() []scoring.Param {
	return []scoring.Param{
		paramBorders: {
			Name: "borders", Kind: scoring.Number, Fit: true, Size: borders, Default: scoring.Numbers([]float64{.025, .16, .5, .84}), Min: 0, Max: 1,
			Doc: scoring.Words{
				En: "Greatest mean ranks of an innovator, an early adopter, the early and the late majority.",
				Zh: "创新者、早期采用者、早期多数与晚期多数各自的平均排名上限。",
			},
		},
		paramMinAdopters: {
			Name: "min_adopters", Kind: scoring.Integer, Fit: true, Default: scoring.Int(10), Min: 1, Max: 1e6,
			Doc: scoring.Words{En: "Least number of adopters of a cell that counts.", Zh: "计入排名的单元所需的最少采用者人数。"},
		},
		paramMinCells: {
			Name: "min_cells", Kind: scoring.Integer, Default: scoring.Int(3), Min: 1, Max: 1000,
			Doc: scoring.Words{
				En: "Least number of cells for an adopter category; fewer are INSUFFICIENT_DATA.",
				Zh: "判定采用者类别所需的最少单元数；不足则为 INSUFFICIENT_DATA。",
			},
		},
		paramOpenerBuyers: {
			Name: "opener_buyers", Kind: scoring.Integer, Fit: true, Default: scoring.Int(10), Min: 1, Max: 1e6,
			Doc: scoring.Words{
				En: "Least number of buyers that a region or industry must have reached to have been opened.",
				Zh: "地区或行业被视为已打开所需的最少买家数。",
			},
		},
		paramOpenerFirst: {
			Name: "opener_first", Kind: scoring.Integer, Fit: true, Default: scoring.Int(3), Min: 1, Max: 100,
			Doc: scoring.Words{En: "How many of the first buyers of a region or industry opened it.", Zh: "某地区或行业最早的多少位买家视为开拓者。"},
		},
		paramOpenerWarmupDays: {
			Name: "opener_warmup_days", Kind: scoring.Integer, Fit: true, Default: scoring.Int(0), Min: 0, Max: 3650,
			Doc: scoring.Words{
				En: "Regions and industries with a buyer in so many first days of the data are left out, because their first buyers are not known; 0 leaves out none.",
				Zh: "数据最初若干天内已有买家的地区与行业不予考虑，因其最早买家未知；0 表示不排除。",
			},
		},
		paramWarmupDays: {
			Name: "warmup_days", Kind: scoring.Integer, Fit: true, Default: scoring.Int(90), Min: 0, Max: 3650,
			Doc: scoring.Words{
				En: "Products sold in so many first days of the data are left out, because their first buyers are not known; 0 leaves out none.",
				Zh: "数据最初若干天内已售出的商品不予考虑，因其最早买家未知；0 表示不排除。",
			},
		},
	}
}

func outputs() []scoring.Output {
	return []scoring.Output{
		outPioneer: {
			Name: "pioneer", Kind: scoring.Label, Labels: labels(),
			Doc: scoring.Words{En: "Whether the customer opens new markets.", Zh: "客户是否在开拓新市场。"},
		},
		outFlag: {
			Name: "flag", Kind: scoring.Flag,
			Doc: scoring.Words{En: "Whether the answer is YES.", Zh: "结论是否为 YES。"},
		},
		outStrength: {
			Name: "strength", Kind: scoring.Number,
			Doc: scoring.Words{
				En: "How early among the adopters, 0 to 100: 100 times what the mean rank lacks to 1; 0 without a mean rank.",
				Zh: "在采用者中的领先程度，0 至 100：（1 − 平均排名）× 100；无平均排名时为 0。",
			},
		},
		outAdopter: {
			Name: "adopter", Kind: scoring.Label, Labels: adopters(),
			Doc: scoring.Words{En: "Category of adopters by mean rank.", Zh: "按平均排名划分的采用者类别。"},
		},
		outOpener: {
			Name: "opener", Kind: scoring.Flag,
			Doc: scoring.Words{
				En: "Whether the customer was among the first buyers of its region or industry, which others entered later.",
				Zh: "客户是否为所在地区或行业的最早买家之一，且其后有其他买家进入。",
			},
		},
		outCells: {
			Name: "cells", Kind: scoring.Integer,
			Doc: scoring.Words{
				En: "Number of cells, a product within a region and industry each, in which the customer is ranked.",
				Zh: "客户参与排名的单元数；每个单元为某一地区与行业内的一种商品。",
			},
		},
		outMeanRank: {
			Name: "mean_rank", Kind: scoring.Number,
			Doc: scoring.Words{
				En: "Mean over the cells of the rank among all adopters by time, divided by their number; 0 to 1, null with too few cells.",
				Zh: "各单元内按时间排名除以采用者人数的平均值，0 至 1；单元不足时为空。",
			},
		},
	}
}
