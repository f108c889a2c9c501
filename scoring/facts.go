package scoring

import "slices"

// Fact is one entry of the catalogue: the vocabulary that all scorers share. A store computes it as of an instant.
type Fact struct {
	Name     string
	Kind     Kind
	Unit     string // "": none
	Windowed bool   // sums up a span of time, so that a FactUse may narrow it
	Title    Words
	Doc      Words
}

// Facts is the catalogue, in alphabetical order. A store that lacks one of them is incomplete.
func Facts() []Fact { return slices.Clone(facts) }

// FactNamed is the fact of a name.
func FactNamed(name string) (Fact, bool) {
	for i := range facts {
		if facts[i].Name == name {
			return facts[i], true
		}
	}
	return Fact{}, false
}

// facts is made once: a plan looks up each fact it reads.
var facts = catalogue()

func catalogue() []Fact { //nolint:funlen // a list
	return []Fact{
		{
			Name: "account", Kind: Text,
			Title: Words{"Account", "所属账户"},
			Doc:   Words{"Key of the group that the customer belongs to, such as a company or a household; equal for its members, today's.", "客户所属群组（如公司或家庭）的标识；同组成员相同；为当前值。"},
		},
		{
			Name: "average_order_value", Kind: Money, Unit: "base currency", Windowed: true,
			Title: Words{"Average order value", "平均订单金额"},
			Doc:   Words{"Net revenue by valid order, to minor units, halves away from 0; not known without one.", "净收入除以有效订单数，精确到最小货币单位，半数远离 0 舍入；无有效订单时未知。"},
		},
		{
			Name: "categories", Kind: Integer, Unit: "categories", Windowed: true,
			Title: Words{"Categories", "购买品类数"},
			Doc:   Words{"Number of different categories, today's, of the products bought in valid orders; products without one do not count.", "有效订单中所购商品的不同品类数，按商品当前品类；无品类的商品不计。"},
		},
		{
			Name: "complaints", Kind: Integer, Unit: "touchpoints", Windowed: true,
			Title: Words{"Complaints", "投诉次数"},
			Doc:   Words{"Number of touchpoints of the kind complaint.", "complaint 类接触的次数。"},
		},
		{
			Name: "country", Kind: Text,
			Title: Words{"Country", "国家"},
			Doc:   Words{"Country of the customer, as the source wrote it; today's.", "客户所在国家，按来源系统的写法；为当前值。"},
		},
		{
			Name: "external_id", Kind: Text,
			Title: Words{"External id", "外部编号"},
			Doc:   Words{"Key of the customer in the system it came from first.", "客户在最初来源系统中的编号。"},
		},
		{
			Name: "first_order_at", Kind: Moment, Windowed: true,
			Title: Words{"First order", "首次下单"},
			Doc:   Words{"When the first valid order was placed.", "第一笔有效订单的下单时间。"},
		},
		{
			Name: "industry", Kind: Text,
			Title: Words{"Industry", "行业"},
			Doc:   Words{"Industry of the customer, as the source wrote it; today's.", "客户所属行业，按来源系统的写法；为当前值。"},
		},
		{
			Name: "kind", Kind: Text,
			Title: Words{"Kind", "客户类型"},
			Doc:   Words{"PERSON, BUSINESS, CHANNEL or INTERNAL; today's.", "PERSON（个人）、BUSINESS（企业）、CHANNEL（渠道）或 INTERNAL（内部）；为当前值。"},
		},
		{
			Name: "last_order_at", Kind: Moment, Windowed: true,
			Title: Words{"Last order", "最近下单"},
			Doc:   Words{"When the latest valid order was placed.", "最近一笔有效订单的下单时间。"},
		},
		{
			Name: "last_touchpoint_at", Kind: Moment, Windowed: true,
			Title: Words{"Last touchpoint", "最近接触"},
			Doc:   Words{"When the latest touchpoint happened.", "最近一次接触的时间。"},
		},
		{
			Name: "net_revenue", Kind: Money, Unit: "base currency", Windowed: true,
			Title: Words{"Net revenue", "净收入"},
			Doc: Words{
				"Revenue of valid orders and credit notes, without tax and without refunds made by asOf.",
				"有效订单与贷项凭证的收入，不含税，并扣除截至该时刻的退款。",
			},
		},
		{
			Name: "orders", Kind: Integer, Unit: "orders", Windowed: true,
			Title: Words{"Orders", "订单数"},
			Doc:   Words{"Number of valid orders: paid or fulfilled, neither cancelled nor wholly refunded, total above 0.", "有效订单数：已付款或已履约、未取消、未全额退款且总额大于 0。"},
		},
		{
			Name: "referred_at", Kind: Moment,
			Title: Words{"Referred at", "被推荐时间"},
			Doc:   Words{"When the customer was referred; where that is not known, when the customer registered.", "客户被推荐的时间；未知时取注册时间。"},
		},
		{
			Name: "referred_by", Kind: Text,
			Title: Words{"Referred by", "推荐人"},
			Doc:   Words{"Id of the customer who referred this one, in the form in which a scorer sees ids; today's.", "推荐该客户的客户标识；为当前值。"},
		},
		{
			Name: "region", Kind: Text,
			Title: Words{"Region", "地区"},
			Doc:   Words{"Region of the customer, as the source wrote it; today's.", "客户所在地区，按来源系统的写法；为当前值。"},
		},
		{
			Name: "registered_at", Kind: Moment,
			Title: Words{"Registered", "注册时间"},
			Doc:   Words{"When the customer registered; today's.", "客户注册的时间；为当前值。"},
		},
		{
			Name: "return_rate", Kind: Number, Windowed: true,
			Title: Words{"Return rate", "退货率"},
			Doc: Words{
				"Share of the revenue of valid orders that was given back: credit notes, and refunds made by asOf, by what these orders came to; 0 to 1, not known without revenue. Orders wholly refunded are no valid ones, and count on neither side.",
				"有效订单收入中被退回的比例：贷项凭证与截至该时刻的退款之和，除以这些订单的收入；取值 0 至 1，无收入时未知。全额退款的订单不是有效订单，两侧均不计入。",
			},
		},
		{
			Name: "technology_touchpoints", Kind: Integer, Unit: "touchpoints", Windowed: true,
			Title: Words{"Technology touchpoints", "技术类接触次数"},
			Doc:   Words{"Number of touchpoints of the kinds spec_view, feature_question, demo and tech_event.", "spec_view、feature_question、demo 与 tech_event 类接触的次数。"},
		},
		{
			Name: "touchpoints", Kind: Integer, Unit: "touchpoints", Windowed: true,
			Title: Words{"Touchpoints", "接触次数"},
			Doc:   Words{"Number of touchpoints of every kind.", "各类接触的总次数。"},
		},
		{
			Name: "units", Kind: Integer, Unit: "units", Windowed: true,
			Title: Words{"Units", "购买件数"},
			Doc:   Words{"Number of units bought in valid orders, whether returned later or not.", "有效订单中购买的件数，不论之后是否退货。"},
		},
	}
}
