package record

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Decoding makes records of JSON objects in the shape of the API's inputs, for mutations and files alike.
type Decoding struct {
	Source    string // of the records
	KeySource string // of keys that name no source, such as an order's customer
	Base      string // the base currency; "" while there is none
}

func begin(in map[string]any, known ...string) (object, *[]Problem) {
	problems := &[]Problem{}
	o := object{fields: in, problems: problems}
	o.only(known...)
	return o, problems
}

// Customer decodes a CustomerInput.
func (d Decoding) Customer(in map[string]any) (Customer, []Problem) {
	o, problems := begin(in, "externalId", "updatedAt", "name", "kind", "email", "phone", "birthDate", "occupation", "industry", "employees",
		"annualTurnover", "totalAssets", "country", "region", "city", "resells", "account", "referredBy", "registeredAt", "consent", "tags", "attributes")
	c := Customer{
		Key:       Key{d.Source, required(o, "externalId", key)},
		UpdatedAt: field(o, "updatedAt", instant), Kind: field(o, "kind", oneOf(Kinds())),
		Name: field(o, "name", short), Email: field(o, "email", email), Phone: field(o, "phone", short), BirthDate: field(o, "birthDate", date),
		Occupation: field(o, "occupation", text), Industry: field(o, "industry", text), Employees: field(o, "employees", whole(0, 1<<31-1)),
		Country: field(o, "country", text), Region: field(o, "region", text), City: field(o, "city", text), Resells: field(o, "resells", boolean),
		Account: field(o, "account", key), ReferredBy: field(o, "referredBy", externalKey(d.KeySource)), RegisteredAt: field(o, "registeredAt", instant),
		Consent: field(o, "consent", raw), Tags: field(o, "tags", texts), Attributes: field(o, "attributes", raw),
	}
	if in["annualTurnover"] != nil || in["totalAssets"] != nil {
		blamed := "annualTurnover"
		if in[blamed] == nil {
			blamed = "totalAssets"
		}
		if exponent, ok := d.exponent(o, blamed, d.Base); ok {
			c.AnnualTurnover = field(o, "annualTurnover", scaled(exponent, 0))
			c.TotalAssets = field(o, "totalAssets", scaled(exponent, anyAmount))
		}
	} else { // null, or left out
		c.AnnualTurnover, c.TotalAssets = field(o, "annualTurnover", scaled(0, 0)), field(o, "totalAssets", scaled(0, 0))
	}
	if c.ReferredBy.State == Present && c.ReferredBy.Value == c.Key {
		o.problem(CodeInvalid, "referredBy", "a customer cannot refer itself (leave it out)", "客户不能推荐自己（请去除）")
	}
	return c, *problems
}

func email(o object, name string, v any) (string, bool) {
	s, ok := short(o, name, v)
	if ok && !strings.Contains(s, "@") {
		o.problem(CodeInvalid, name, "%q is not an e-mail address (it has no @)", "%q 不是邮箱地址（缺少 @）", s)
		return "", false
	}
	return s, ok
}

// texts reads a list of texts.
func texts(o object, name string, v any) ([]string, bool) {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	out := make([]string, 0, len(items))
	inner := object{o.fields, o.at(name), o.problems}
	for i, item := range items {
		s, ok := text(inner, strconv.Itoa(i), item)
		if !ok {
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}

// exponent is that of a currency; the field is the one to blame where there is none.
func (d Decoding) exponent(o object, name, currency string) (int, bool) {
	if currency == "" {
		o.problem(CodeUnknownCurrency, name, "there is no base currency yet (name the currency, or start the server with --base-currency)",
			"尚未确定本位币（请指明币种，或用 --base-currency 启动服务）")
		return 0, false
	}
	exponent, err := Exponent(currency)
	if err != nil {
		o.problem(CodeUnknownCurrency, name, "%v", "未知币种：%v", err)
		return 0, false
	}
	return exponent, true
}

// Product decodes a ProductInput.
func (d Decoding) Product(in map[string]any) (Product, []Problem) {
	o, problems := begin(in, "sku", "name", "category", "kind", "launchedAt", "technology")
	return Product{
		SKU: required(o, "sku", key), Name: field(o, "name", text), Category: field(o, "category", text),
		Kind: field(o, "kind", oneOf(ProductKinds())), LaunchedAt: field(o, "launchedAt", instant), Technology: field(o, "technology", boolean),
	}, *problems
}

// Order decodes an OrderInput, with what its lines say of their products.
func (d Decoding) Order(in map[string]any) (Order, []ProductHint, []Problem) {
	o, problems := begin(in, "externalId", "customer", "placedAt", "updatedAt", "status", "paidAt", "dueAt", "deliveredAt", "cancelledAt", "channel",
		"coupon", "currency", "rate", "total", "discount", "tax", "shipping", "refunds", "lines")
	order := Order{
		Key:      Key{d.Source, required(o, "externalId", key)},
		Customer: required(o, "customer", externalKey(d.KeySource)), PlacedAt: required(o, "placedAt", instant),
		UpdatedAt: field(o, "updatedAt", instant), Status: field(o, "status", oneOf(Statuses())),
		PaidAt: field(o, "paidAt", instant), DueAt: field(o, "dueAt", instant), DeliveredAt: field(o, "deliveredAt", instant),
		CancelledAt: field(o, "cancelledAt", instant), Channel: field(o, "channel", text), Coupon: field(o, "coupon", text),
		Currency: field(o, "currency", text).Value, Rate: field(o, "rate", rate).Value,
	}
	currency := order.Currency
	if currency == "" {
		currency = d.Base
	}
	exponent := 0
	for _, name := range []string{"total", "discount", "tax", "shipping", "refunds"} {
		if in[name] != nil {
			if exponent, _ = d.exponent(o, "currency", currency); len(*problems) > 0 {
				return order, nil, *problems
			}
			break
		}
	}
	order.Total, order.Discount = field(o, "total", scaled(exponent, anyAmount)), field(o, "discount", scaled(exponent, anyAmount))
	order.Tax, order.Shipping = field(o, "tax", scaled(exponent, anyAmount)), field(o, "shipping", scaled(exponent, anyAmount))
	order.Refunds = each(o, "refunds", func(o object) Refund {
		o.only("externalId", "at", "amount")
		return Refund{required(o, "externalId", key), required(o, "at", instant), required(o, "amount", scaled(exponent, 1))}
	})
	var hints []ProductHint
	order.Lines = each(o, "lines", func(o object) Line {
		l, hint := line(o, order)
		hints = append(hints, hint)
		return l
	})
	return order, hints, *problems
}

func rate(o object, name string, v any) (decimal.Decimal, bool) {
	r, err := decimal.NewFromString(decimalText(v))
	if err != nil || !r.IsPositive() || r.Exponent() < -12 {
		o.problem(CodeInvalid, name, "%v is not a rate above 0 with at most 12 decimals", "%v 不是大于 0 且不超过 12 位小数的汇率", v)
		return decimal.Decimal{}, false
	}
	if r.GreaterThan(decimal.New(1, 9)) {
		o.problem(CodeOutOfRange, name, "%v is above 1000000000 (give base units for one unit of the currency)", "%v 大于 1000000000（请提供一单位该币种折合的本位币）", v)
		return decimal.Decimal{}, false
	}
	return r, true
}

// line decodes an OrderLineInput.
func line(o object, order Order) (Line, ProductHint) {
	o.only("sku", "name", "category", "quantity", "unitPrice", "listPrice", "discount", "cost", "condition", "beneficiary", "operator")
	l := Line{
		SKU: required(o, "sku", key), Quantity: required(o, "quantity", whole(-1_000_000_000, 1_000_000_000)),
		UnitPrice: required(o, "unitPrice", scaled(MicroDigits, 0)), ListPrice: field(o, "listPrice", scaled(MicroDigits, 0)).Ptr(),
		Discount: field(o, "discount", scaled(MicroDigits, anyAmount)).Ptr(), Cost: field(o, "cost", scaled(MicroDigits, 0)).Ptr(),
		Condition: field(o, "condition", oneOf(Conditions())).Ptr(), Beneficiary: field(o, "beneficiary", text).Ptr(), Operator: field(o, "operator", text).Ptr(),
	}
	if q, given := o.fields["quantity"]; given && q != nil && l.Quantity == 0 {
		o.problem(CodeOutOfRange, "quantity", "it is 0 (give how many, negative for a return)", "数量为 0（请提供数量，退货为负数）")
	}
	return l, ProductHint{SKU: l.SKU, SeenAt: order.PlacedAt, Name: field(o, "name", text).Ptr(), Category: field(o, "category", text).Ptr()}
}

// Touchpoint decodes a TouchpointInput.
func (d Decoding) Touchpoint(in map[string]any) (Touchpoint, []Problem) {
	o, problems := begin(in, "externalId", "customer", "at", "kind", "channel", "side", "campaign", "cost", "currency", "sku", "rating", "topic",
		"sentiment", "outcome", "impact", "initiatedBy", "attributes")
	t := Touchpoint{
		Key:      Key{d.Source, required(o, "externalId", key)},
		Customer: required(o, "customer", externalKey(d.KeySource)), At: required(o, "at", instant), Kind: required(o, "kind", key),
		Channel: field(o, "channel", text), Side: field(o, "side", oneOf(Sides())), Campaign: field(o, "campaign", text),
		Currency: field(o, "currency", text), SKU: field(o, "sku", key), Rating: field(o, "rating", whole(-1000, 1000)), Topic: field(o, "topic", text),
		Sentiment: field(o, "sentiment", real(-1, 1)), Outcome: field(o, "outcome", text), Impact: field(o, "impact", whole(1, 3)),
		InitiatedBy: field(o, "initiatedBy", oneOf(Initiators())), Attributes: field(o, "attributes", raw),
	}
	if in["cost"] == nil {
		t.Cost = field(o, "cost", scaled(0, 0))
		return t, *problems
	}
	currency := t.Currency.Value
	if currency == "" {
		currency = d.Base
	}
	if exponent, ok := d.exponent(o, "currency", currency); ok {
		t.Cost, t.Currency = field(o, "cost", scaled(exponent, 0)), Set(currency)
	}
	return t, *problems
}
