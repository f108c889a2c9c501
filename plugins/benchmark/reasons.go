package benchmark

import "bellwether/scoring"

// Indices of the manifest's reasons.
const (
	becauseCredit = iota
	becauseFollower
	becauseFollowers
	becauseNewer
	becauseNoLink
	becauseNoPurchase
)

func reasons() []scoring.Reason {
	return []scoring.Reason{
		becauseCredit: {
			Name: "credit", Fact: "credit",
			Args: []scoring.Arg{{Name: "excess", Kind: scoring.Number}, {Name: "least", Kind: scoring.Number}},
			Text: scoring.Words{
				En: "Credit for first purchases that followed is {value}; {threshold} would be expected by chance. The excess is {excess} square roots of the expectation; {least} are needed. This is an association in time, not a proven cause.",
				Zh: "跟随购买的得分为 {value}，偶然情况下的期望值为 {threshold}，超出幅度为期望值平方根的 {excess} 倍，至少需要 {least} 倍。这是时间上的关联，并不证明因果。",
			},
		},
		becauseFollower: {
			Name: "follower", Fact: "follower",
			Args: []scoring.Arg{{Name: "product", Kind: scoring.Text}, {Name: "lag", Kind: scoring.Number}},
			Text: scoring.Words{
				En: "{value} first bought {product} {lag} days after this customer did.",
				Zh: "{value} 在该客户首次购买 {product} 之后 {lag} 天首次购买了同一商品。",
			},
		},
		becauseFollowers: {
			Name: "followers", Fact: "followers",
			Args: []scoring.Arg{
				{Name: "links", Kind: scoring.Integer},
				{Name: "products", Kind: scoring.Integer},
				{Name: "lag", Kind: scoring.Number},
			},
			Text: scoring.Words{
				En: "Distinct followers: {value} of {links} linked customers; {threshold} are needed. Products followed in: {products}; mean lag in days: {lag}.",
				Zh: "跟随者 {value} 人（关联客户共 {links} 人），至少需要 {threshold} 人；涉及商品 {products} 种，平均滞后天数：{lag}。",
			},
		},
		becauseNewer: {
			Name: "newer", Fact: "model",
			Text: scoring.Words{
				En: "The customer is newer than the model; the next fit will know them.",
				Zh: "该客户晚于当前模型出现，下次拟合后才有结论。",
			},
		},
		becauseNoLink: {
			Name: "no_link", Fact: "links",
			Text: scoring.Words{
				En: "No customer is linked to this one by referral or account, so nobody could follow.",
				Zh: "没有客户通过推荐或同一账户与其关联，因此无人可跟随。",
			},
		},
		becauseNoPurchase: {
			Name: "no_purchase", Fact: "products_bought",
			Text: scoring.Words{
				En: "The customer has bought no product, so there is nothing to follow.",
				Zh: "该客户尚未购买任何商品，因此无可跟随。",
			},
		},
	}
}
