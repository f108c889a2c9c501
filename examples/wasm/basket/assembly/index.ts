// basket tells customers with large baskets from those with small ones, by the average net revenue of an order.
import { Answer, INTEGER, Input, MONEY, text } from "./bellwether";
export { bellwether_abi, bellwether_alloc } from "./bellwether";

// Indices of the manifest's facts, outputs, labels and reasons.
const NET_REVENUE: u32 = 0;
const ORDERS: u32 = 1;
const OUT_BASKET: u32 = 0;
const OUT_AVERAGE: u32 = 1;
const LARGE: i32 = 0;
const NONE: i32 = 1;
const SMALL: i32 = 2;
const BECAUSE_AVERAGE: u32 = 0;
const BECAUSE_NO_ORDER: u32 = 1;

const MANIFEST = `{
  "name": "basket", "version": "1.0.0",
  "title": {"en": "Basket", "zh": "客单价"},
  "doc": {"en": "Does the customer fill large baskets or small ones?", "zh": "客户的客单价是高还是低？"},
  "facts": [{"name": "net_revenue"}, {"name": "orders"}],
  "params": [{
    "name": "large", "kind": "NUMBER", "default": 100, "min": 0, "max": 1000000000,
    "doc": {"en": "Least average amount of a large basket, in base units.", "zh": "高客单价的最低平均金额（本位币）。"}
  }],
  "outputs": [
    {"name": "basket", "kind": "LABEL", "doc": {"en": "Size of the customer's baskets.", "zh": "客单价的高低。"}, "labels": [
      {"name": "LARGE", "title": {"en": "Large", "zh": "高"}, "doc": {"en": "The average is at least the parameter large.", "zh": "平均值不低于参数 large。"}, "advice": {"en": "Offer what is dear.", "zh": "推荐高价商品。"}},
      {"name": "NONE", "title": {"en": "No order", "zh": "无订单"}, "doc": {"en": "There is no valid order.", "zh": "没有有效订单。"}, "advice": {"en": "Win the first order.", "zh": "争取首单。"}},
      {"name": "SMALL", "title": {"en": "Small", "zh": "低"}, "doc": {"en": "The average is below the parameter large.", "zh": "平均值低于参数 large。"}, "advice": {"en": "Offer bundles.", "zh": "推荐组合商品。"}}]},
    {"name": "average", "kind": "MONEY", "doc": {"en": "Net revenue divided by orders, rounded down.", "zh": "净收入除以订单数，向下取整。"}}],
  "reasons": [
    {"name": "average", "fact": "net_revenue", "text": {"en": "An order brings {value} on average.", "zh": "平均每单 {value}。"}},
    {"name": "no_order", "fact": "orders", "text": {"en": "There is no valid order.", "zh": "没有有效订单。"}}]
}`;

export function bellwether_manifest(): u64 {
  return text(MANIFEST);
}

export function bellwether_score(model: u32, at: usize, length: u32): u64 {
  const input = changetype<Input>(at);
  const revenue = input.fact(NET_REVENUE), orders = input.fact(ORDERS);
  const answer = new Answer(input.rows, 2);
  const basket = answer.labels(OUT_BASKET), average = answer.ints(OUT_AVERAGE, MONEY), none = answer.nulls(OUT_AVERAGE);
  const unit = 10 ** <f64>load<i32>(at + input.envAt, 16);
  const large = input.number(0, 0) * unit;
  for (let row: u32 = 0; row < input.rows; row++) {
    const n = input.isNull(orders, row) ? 0 : input.int(orders, row);
    if (n <= 0 || input.isNull(revenue, row)) {
      store<u8>(none + row, 1);
      store<i32>(basket + 4 * row, NONE);
      if (input.explain) answer.because(row, BECAUSE_NO_ORDER, INTEGER, 0);
      continue;
    }
    const sum = input.int(revenue, row);
    const mean = sum / n - <i64>(sum % n < 0);
    store<i64>(average + 8 * row, mean);
    store<i32>(basket + 4 * row, <f64>mean >= large ? LARGE : SMALL);
    if (input.explain) answer.because(row, BECAUSE_AVERAGE, MONEY, mean);
  }
  return answer.finish();
}
