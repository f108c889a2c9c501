package pioneer

import "bellwether/scoring"

// Indices of the manifest's reasons.
const (
	becauseCell = iota
	becauseIndustry
	becauseMeanRank
	becauseNewer
	becauseRegion
	becauseTooFewCells
)

func reasons() []scoring.Reason {
	text := func(name string) scoring.Arg { return scoring.Arg{Name: name, Kind: scoring.Text} }
	whole := func(name string) scoring.Arg { return scoring.Arg{Name: name, Kind: scoring.Integer} }
	at := scoring.Arg{Name: "at", Kind: scoring.Moment}
	opened := []scoring.Arg{text("name"), whole("buyers"), at}
	return []scoring.Reason{
		becauseCell: {
			Name: "cell", Fact: "rank",
			Args: []scoring.Arg{text("product"), text("region"), text("industry"), whole("adopters"), at},
			Text: scoring.Words{
				En: "Product {product} (region {region}, industry {industry}): bought on {at}, as number {value} of {adopters} so far.",
				Zh: "商品 {product}（地区：{region}，行业：{industry}）：于 {at} 购买，在目前 {adopters} 位采用者中排名第 {value}。",
			},
		},
		becauseIndustry: {
			Name: "industry_opened", Fact: "industry", Args: opened,
			Text: scoring.Words{
				En: "Industry {name}: buyer number {value}, on {at}; it has {buyers} buyers by now.",
				Zh: "行业 {name}：该客户于 {at} 成为第 {value} 位买家，目前买家共 {buyers} 位。",
			},
		},
		becauseMeanRank: {
			Name: "mean_rank", Fact: "mean_rank", Args: []scoring.Arg{whole("cells")},
			Text: scoring.Words{
				En: "Mean rank among the adopters of {cells} cells is {value} (0: first, 1: last; the borders of the categories are {threshold}). This is an association in time, not a proven cause of what others bought.",
				Zh: "在 {cells} 个单元的采用者中平均排名为 {value}（0 为最先，1 为最后；各类别边界：{threshold}）。这是时间上的关联，并不证明影响了他人的购买。",
			},
		},
		becauseNewer: {
			Name: "newer", Fact: "model",
			Text: scoring.Words{
				En: "The customer is newer than the model; the next fit will know them.",
				Zh: "该客户晚于当前模型出现，下次拟合后才有结论。",
			},
		},
		becauseRegion: {
			Name: "region_opened", Fact: "region", Args: opened,
			Text: scoring.Words{
				En: "Region {name}: buyer number {value}, on {at}; it has {buyers} buyers by now.",
				Zh: "地区 {name}：该客户于 {at} 成为第 {value} 位买家，目前买家共 {buyers} 位。",
			},
		},
		becauseTooFewCells: {
			Name: "too_few_cells", Fact: "cells",
			Text: scoring.Words{
				En: "Cells with enough adopters of a new product in which the customer is ranked: {value}; a category needs {threshold}.",
				Zh: "客户参与排名的、采用者足够多的新品单元数为 {value}，判定类别至少需要 {threshold} 个。",
			},
		},
	}
}
