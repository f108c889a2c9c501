/* rfm_fixed scores recency, frequency and monetary value against borders that are given, as the scorer rfm does with the
 * parameter binning at FIXED. It learns nothing. */

enum { FACT_LAST_ORDER_AT, FACT_NET_REVENUE, FACT_ORDERS };
enum { PARAM_FREQUENCY, PARAM_MONETARY, PARAM_RECENCY };
enum { OUT_VALUE, OUT_RECENCY_DAYS, OUT_FREQUENCY, OUT_MONETARY, OUT_R, OUT_F, OUT_M, OUT_FM };
enum { VALUE_HIGH, VALUE_LOW, VALUE_MIDDLE, VALUE_NONE };
enum { BECAUSE_SCORES, BECAUSE_NO_ORDER };

#define BW_OUTPUTS 8
#define BW_MANIFEST BW_JSON({ \
	"name": "rfm_fixed", "version": "1.0.0", \
	"title": {"en": "RFM by given borders", "zh": "固定边界 RFM"}, \
	"doc": { \
		"en": "How recently, how often and for how much did the customer buy, held against borders that are given?", \
		"zh": "客户最近何时购买、购买多少次、购买多少金额？与给定的边界比较。"}, \
	"facts": [{"name": "last_order_at"}, {"name": "net_revenue"}, {"name": "orders"}], \
	"params": [ \
		{"name": "frequency_borders", "kind": "NUMBER", "size": 4, "default": [1, 2, 4, 8], "min": 0, "max": 1000000, \
			"doc": {"en": "Four ascending numbers of orders; F is 1 + the number of them below the customer's.", "zh": "四个递增的订单数；F 等于 1 加上小于客户订单数的边界个数。"}}, \
		{"name": "monetary_borders", "kind": "NUMBER", "size": 4, "default": [100, 300, 1000, 3000], "min": 0, "max": 1000000000, \
			"doc": {"en": "Four ascending amounts in base units; M is 1 + the number of them below the customer's.", "zh": "四个递增的金额（本位币）；M 等于 1 加上小于客户净收入的边界个数。"}}, \
		{"name": "recency_borders", "kind": "NUMBER", "size": 4, "default": [30, 90, 180, 365], "min": 0, "max": 36500, \
			"doc": {"en": "Four ascending ages of the last order in days; R is 5 - the number of them below the customer's.", "zh": "四个递增的距上次下单天数；R 等于 5 减去小于客户天数的边界个数。"}}], \
	"outputs": [ \
		{"name": "value", "kind": "LABEL", "doc": {"en": "Value of the customer by R and FM.", "zh": "由 R 与 FM 确定的客户价值。"}, "labels": [ \
			{"name": "HIGH", "title": {"en": "High", "zh": "高"}, "doc": {"en": "R and FM are 4 or 5.", "zh": "R 与 FM 均为 4 或 5。"}, "advice": {"en": "Keep them close.", "zh": "重点维护。"}}, \
			{"name": "LOW", "title": {"en": "Low", "zh": "低"}, "doc": {"en": "R and FM are 1 or 2.", "zh": "R 与 FM 均为 1 或 2。"}, "advice": {"en": "Spend little on them.", "zh": "控制投入。"}}, \
			{"name": "MIDDLE", "title": {"en": "Middle", "zh": "中"}, "doc": {"en": "Anything else.", "zh": "其他情况。"}, "advice": {"en": "Find out what moves them.", "zh": "了解其需求。"}}, \
			{"name": "NONE", "title": {"en": "No order", "zh": "无订单"}, "doc": {"en": "There is no valid order.", "zh": "没有有效订单。"}, "advice": {"en": "Win the first order.", "zh": "争取首单。"}}]}, \
		{"name": "recency_days", "kind": "INTEGER", "days_since": "last_order_at", "doc": {"en": "Calendar days since the last order.", "zh": "距上次下单的日历天数。"}}, \
		{"name": "frequency", "kind": "INTEGER", "doc": {"en": "Number of valid orders.", "zh": "有效订单数。"}}, \
		{"name": "monetary", "kind": "MONEY", "doc": {"en": "Net revenue.", "zh": "净收入。"}}, \
		{"name": "r", "kind": "INTEGER", "doc": {"en": "Recency score, 1 to 5.", "zh": "近度得分，1 至 5。"}}, \
		{"name": "f", "kind": "INTEGER", "doc": {"en": "Frequency score, 1 to 5.", "zh": "频度得分，1 至 5。"}}, \
		{"name": "m", "kind": "INTEGER", "doc": {"en": "Monetary score, 1 to 5.", "zh": "金额得分，1 至 5。"}}, \
		{"name": "fm", "kind": "INTEGER", "doc": {"en": "Mean of F and M, halves rounded up.", "zh": "F 与 M 的平均值，半数进一。"}}], \
	"reasons": [ \
		{"name": "scores", "fact": "orders", "text": {"en": "{value} orders, the borders of F being {threshold}.", "zh": "{value} 笔订单，F 的边界为 {threshold}。"}}, \
		{"name": "no_order", "fact": "orders", "text": {"en": "There is no valid order.", "zh": "没有有效订单。"}}] \
})

#include "bellwether.h"

enum { BORDERS = 4 };

/* whole is the floor of x, forgiving what rounding did to a whole number. */
static int64_t whole(double x) {
	double near = __builtin_nearbyint(x), off = x - near, size = __builtin_fabs(x);
	return __builtin_fabs(off) <= 1e-9 * (size > 1 ? size : 1) ? (int64_t)near : (int64_t)__builtin_floor(x);
}

static void borders(const bw_input *in, int param, double unit, int64_t b[BORDERS]) {
	const double *given = bw_numbers(in, bw_param(in, param));
	for (int k = 0; k < BORDERS; k++) b[k] = whole(given[k] * unit);
}

/* above is how many borders are below x. */
static inline int64_t above(const int64_t b[BORDERS], int64_t x) { return (b[0] < x) + (b[1] < x) + (b[2] < x) + (b[3] < x); }

static void explain(const bw_input *in, bw_results *out, const int64_t *orders, const int32_t *value) {
	bw_evidence *pieces = bw_pieces(out, 1);
	bw_value *limits = bw_take(sizeof(bw_value) * BORDERS);
	int64_t b[BORDERS];
	borders(in, PARAM_FREQUENCY, 1, b);
	for (int k = 0; k < BORDERS; k++) limits[k] = bw_int(BW_INTEGER, b[k]);
	for (uint32_t i = 0; i < in->rows; i++) {
		int none = value[i] == VALUE_NONE;
		pieces[i].reason = none ? BECAUSE_NO_ORDER : BECAUSE_SCORES;
		pieces[i].value = bw_int(BW_INTEGER, none ? 0 : orders[i]);
		pieces[i].percentile = __builtin_nan("");
		if (!none) pieces[i].thresholds = BORDERS, pieces[i].thresholds_at = bw_offset(out, limits);
	}
}

void bw_score(const bw_input *in, bw_results *out) {
	const bw_column *last_order_at = bw_fact(in, FACT_LAST_ORDER_AT), *net_revenue = bw_fact(in, FACT_NET_REVENUE), *orders_of = bw_fact(in, FACT_ORDERS);
	const int64_t *last = bw_int_values(in, last_order_at), *revenue = bw_int_values(in, net_revenue), *orders = bw_int_values(in, orders_of);
	int32_t *value = bw_labels(out, OUT_VALUE);
	int64_t *days = bw_ints(out, OUT_RECENCY_DAYS, BW_INTEGER), *frequency = bw_ints(out, OUT_FREQUENCY, BW_INTEGER);
	int64_t *monetary = bw_ints(out, OUT_MONETARY, BW_MONEY), *r = bw_ints(out, OUT_R, BW_INTEGER), *f = bw_ints(out, OUT_F, BW_INTEGER);
	int64_t *m = bw_ints(out, OUT_M, BW_INTEGER), *fm = bw_ints(out, OUT_FM, BW_INTEGER);
	uint8_t *none = bw_nulls(out, OUT_RECENCY_DAYS); /* no order: these four are null, and share their nulls */
	for (int i = OUT_R; i <= OUT_FM; i++) bw_output(out, i)->nulls_at = bw_output(out, OUT_RECENCY_DAYS)->nulls_at;

	double unit = 1;
	for (int32_t e = bw_environment(in)->exponent; e > 0; e--) unit *= 10;
	int64_t ages[BORDERS], counts[BORDERS], amounts[BORDERS];
	borders(in, PARAM_RECENCY, 1, ages);
	borders(in, PARAM_FREQUENCY, 1, counts);
	borders(in, PARAM_MONETARY, unit, amounts);
	bw_zone zone = {0}, now = {0};
	int64_t today = bw_day(in, &now, bw_environment(in)->as_of);

	for (uint32_t i = 0; i < in->rows; i++) {
		monetary[i] = bw_null(in, net_revenue, i) ? 0 : revenue[i];
		frequency[i] = bw_null(in, orders_of, i) || orders[i] < 0 ? 0 : orders[i];
		if (last[i] == BW_NEVER || bw_null(in, last_order_at, i) || bw_null(in, orders_of, i) || orders[i] <= 0) {
			none[i] = 1;
			value[i] = VALUE_NONE;
			days[i] = r[i] = f[i] = m[i] = fm[i] = 0;
			continue;
		}
		days[i] = today - bw_day(in, &zone, last[i]);
		r[i] = 5 - above(ages, days[i]);
		f[i] = 1 + above(counts, orders[i]);
		m[i] = 1 + above(amounts, monetary[i]);
		fm[i] = (f[i] + m[i] + 1) / 2;
		value[i] = r[i] >= 4 && fm[i] >= 4 ? VALUE_HIGH : r[i] <= 2 && fm[i] <= 2 ? VALUE_LOW : VALUE_MIDDLE;
	}
	if (bw_explain(in)) explain(in, out, orders, value);
}
