package store

import (
	"fmt"
	"slices"
	"strings"

	"bellwether/internal/record"
)

// problem is what is wrong with a record that no caller should send: the database would refuse it with words for nobody.
func problem(code, path, en, zh string, args ...any) error {
	return record.NewProblem(code, path, en, zh, args...)
}

// unknownName is the problem of a name that is not in a list.
func unknownName(path, name string, allowed []string) error {
	return problem(record.CodeInvalid, path, "%q is unknown (give one of %s)", "%q 未知（可用值：%s）", name, strings.Join(allowed, ", "))
}

func noCustomer() error {
	return problem(record.CodeRequired, "customer", "it has no customer (give the customer's source and external id)", "缺少客户（请提供客户的来源和外部编号）")
}

// known is nil for the code of a currency.
func (w *batch) known(code string) error {
	if _, err := w.exponent(code); err != nil {
		return problem(record.CodeUnknownCurrency, "currency", "%[1]v", "未知币种 %[2]q（请使用 ISO 4217 代码，例如 USD、EUR 或 CNY）", err, code)
	}
	return nil
}

// checkOrder refuses what cannot be stored of an order.
func checkOrder(r *record.Order) error {
	switch {
	case r.ExternalID == "" || r.Source == "":
		return problem(record.CodeRequired, "externalId", "the order has no key (give its source and external id)", "订单缺少键（请提供来源和外部编号）")
	case r.Customer.ExternalID == "" || r.Customer.Source == "":
		return noCustomer()
	case r.PlacedAt.IsZero():
		return problem(record.CodeRequired, "placedAt", "it has no instant (say when it was placed)", "缺少时刻（请说明下单时间）")
	case r.Status.State == record.Present && !slices.Contains(record.Statuses(), r.Status.Value):
		return unknownName("status", r.Status.Value, record.Statuses())
	}
	for i, l := range r.Lines.Value {
		path := fmt.Sprintf("lines.%d.", i)
		switch {
		case l.SKU == "":
			return problem(record.CodeRequired, path+"sku", "the line has no product (give its sku)", "该行缺少商品（请提供 sku）")
		case l.Quantity == 0:
			return problem(record.CodeOutOfRange, path+"quantity", "it is 0 (leave the line out, or give its quantity)", "数量为 0（请去除该行，或提供数量）")
		case l.Condition != nil && !slices.Contains(record.Conditions(), *l.Condition):
			return unknownName(path+"condition", *l.Condition, record.Conditions())
		}
	}
	seen := map[string]bool{}
	for i, f := range r.Refunds.Value {
		path := fmt.Sprintf("refunds.%d.", i)
		switch {
		case f.ExternalID == "":
			return problem(record.CodeRequired, path+"externalId", "the refund has no key (give one that its order has once)", "退款缺少键（请提供订单内唯一的编号）")
		case f.Amount <= 0:
			return problem(record.CodeOutOfRange, path+"amount", "the amount is not above 0 (give what was refunded)", "金额不大于 0（请提供退款金额）")
		case seen[f.ExternalID]:
			return problem(record.CodeDuplicate, path+"externalId", "refund %q is there twice (give each its own key)", "退款 %q 重复（请为每笔退款提供各自的编号）", f.ExternalID)
		}
		seen[f.ExternalID] = true
	}
	return nil
}
