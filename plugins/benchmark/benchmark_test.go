package benchmark_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwether/plugins/benchmark"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

func TestConformance(t *testing.T) {
	scoretest.Run(t, benchmark.New())
}

func TestREADME(t *testing.T) {
	scoretest.README(t, benchmark.New(), "README.md")
}

var asOf = scoring.At(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))

func scored(t *testing.T, customers, orders string, params map[string]scoring.Value) *scoretest.Answers {
	t.Helper()
	d := &scoretest.Data{AsOf: asOf, Params: params}
	if err := d.AddCustomers("customer,account,referred_by,referred_at\n" + customers); err != nil {
		t.Fatal(err)
	}
	if err := d.AddOrders("customer,order,placed_at,sku,quantity,price,credit\n" + orders); err != nil {
		t.Fatal(err)
	}
	answers, err := scoretest.Score(benchmark.New(), d)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

// TestLinks is about who is linked to whom and since when: v buys the lamp five days after u, and x, y, z are there so
// that the shares are no wholes. Of five buyers, four are without the lamp when u buys, and one of them buys it: 1/4.
func TestLinks(t *testing.T) {
	const rest = "x,3,2025-12-01,vase,1,1,\ny,4,2025-12-01,vase,1,1,\nz,5,2025-12-01,vase,1,1,\n"
	tests := []struct{ name, customers, orders, want string }{
		{"one account", "u,a,,\nv,a,,", "", "NO,1,1,5,1,0.25"},
		{"different accounts", "u,a,,\nv,b,,", "", "INSUFFICIENT_DATA,0,0,,0,0"},
		{"no account", "u,,,\nv,,,", "", "INSUFFICIENT_DATA,0,0,,0,0"},
		{"u referred v", "u,,,\nv,,u,", "", "NO,1,1,5,1,0.25"},
		{"v referred u", "u,,v,\nv,,,", "", "NO,1,1,5,1,0.25"},
		{"each other", "u,,v,2026-01-20\nv,,u,", "", "NO,1,1,5,1,0.25"},
		{"referred, and of one account", "u,a,,\nv,a,u,2026-01-30", "", "NO,1,1,5,1,0.25"},
		{"referred by oneself", "u,,u,\nv,,v,", "", "INSUFFICIENT_DATA,0,0,,0,0"},
		{"referred by nobody known", "u,,,\nv,,nobody,", "", "INSUFFICIENT_DATA,0,0,,0,0"},
		{"referred when v bought", "u,,,\nv,,u,2026-01-15", "", "NO,1,1,5,1,0.25"},
		{"referred after v bought, within the window", "u,,,\nv,,u,2026-01-16", "", "NO,0,0,,0,0.25"},
		{"referred after the window", "u,,,\nv,,u,2026-01-30", "u,9,2025-12-01,lamp,1,1,", "NO,0,0,,0,0"},
		{"referred after asOf", "u,,,\nv,,u,2026-02-01", "", "INSUFFICIENT_DATA,0,0,,0,0"},
		{"at the same instant", "u,a,,\nv,a,,", "v,6,2026-01-10,lamp,1,1,", "NO,0,0,,0,0"},
		{"v had it before", "u,a,,\nv,a,,", "v,6,2025-11-10,lamp,1,1,", "NO,0,0,,0,0"},
		{"u had it 30 days before", "u,a,,\nv,a,,", "u,6,2025-12-16,lamp,1,1,", "NO,1,1,30,1,0.25"},
		{"u had it 31 days before", "u,a,,\nv,a,,", "u,6,2025-12-15,lamp,1,1,", "NO,0,0,,0,0"},
		{"u gave it back before", "u,a,,\nv,a,,", "u,6,2025-12-01,lamp,1,1,yes\nu,7,2025-12-02,lamp,-1,1,", "NO,1,1,5,1,0.25"},
		{"several lines of one order", "u,a,,\nv,a,,", "v,2,2026-01-15,lamp,7,1,\nv,2,2026-01-15,lamp,1,1,", "NO,1,1,5,1,0.25"},
		{"credit shared with w", "u,a,,\nv,a,,\nw,a,,", "w,6,2026-01-12,lamp,1,1,", "NO,2,1,3.5,1.5,0.8"},
		{"a linked customer who bought nothing", "u,a,,\nv,a,,\nw,a,,", "", "NO,1,1,5,1,0.5"},
		{"a product without a sku", "u,a,,\nv,a,,", "u,8,2026-01-03,,1,1,\nv,9,2026-01-04,,1,1,", "NO,1,1,5,1,0.25"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			orders := tt.orders + "\nu,1,2026-01-10,lamp,1,1,\nv,2,2026-01-15,lamp,1,1,\n" + rest
			answers := scored(t, tt.customers, orders, nil)
			_, got, _ := strings.Cut(answers.CSV("benchmark", "followers", "products", "mean_lag_days", "credit", "expected_credit"), "\nu,")
			if got, _, _ = strings.Cut(got, "\n"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestInsufficientData(t *testing.T) {
	answers := scored(t, "u,a,,\nv,a,,\nw,,,", "u,1,2026-01-10,lamp,1,1,\nw,2,2026-01-10,lamp,1,1,\n", nil)
	want := map[string][]string{
		"v en": {"The customer has bought no product, so there is nothing to follow."},
		"v zh": {"该客户尚未购买任何商品，因此无可跟随。"},
		"w en": {"No customer is linked to this one by referral or account, so nobody could follow."},
		"w zh": {"没有客户通过推荐或同一账户与其关联，因此无人可跟随。"},
	}
	for key, reasons := range want {
		if got := answers.Reasons(key[:1], key[2:]); !slices.Equal(got, reasons) {
			t.Errorf("%s: %q", key, got)
		}
	}
}

// TestNewcomer scores a customer whom the model does not know.
func TestNewcomer(t *testing.T) {
	f, err := scoretest.Fit(benchmark.New(), &scoretest.Data{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	answers, err := f.Score(t.Context(), &scoretest.Data{AsOf: asOf, Customers: []scoretest.Customer{{ID: "x"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := "customer,benchmark,flag,strength,followers,products,mean_lag_days,credit,expected_credit\nx,INSUFFICIENT_DATA,no,0,0,0,,0,0\n"
	if got := answers.CSV(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := answers.Reasons("x", "en"); !slices.Equal(got, []string{"The customer is newer than the model; the next fit will know them."}) {
		t.Errorf("%q", got)
	}
}

// TestLargeAccount has a leader whom 249 others of one account follow in three products: followers are counted up to the
// limit, while credit and expectation stay exact.
func TestLargeAccount(t *testing.T) {
	var customers, orders strings.Builder
	customers.WriteString("u,a,,\n")
	for p := range 3 {
		fmt.Fprintf(&orders, "u,%d,2026-01-01,p%d,1,1,\n", p, p)
	}
	for i := range 249 {
		fmt.Fprintf(&customers, "v%d,a,,\n", i)
		for p := range 3 {
			fmt.Fprintf(&orders, "v%d,%d,2026-01-02T00:00:00Z,p%d,1,1,\n", i, p, p)
		}
	}
	for limit, want := range map[int64]string{100: "100", 1000: "249"} {
		answers := scored(t, customers.String(), orders.String(), map[string]scoring.Value{"max_followers": scoring.Int(limit)})
		_, got, _ := strings.Cut(answers.CSV("benchmark", "followers", "products", "mean_lag_days", "credit", "expected_credit"), "\nu,")
		// Each of 249 buys 3 products after u alone, and so does everybody who could: the share is 1.
		if want := "NO," + want + ",3,1,747,747"; strings.SplitN(got, "\n", 2)[0] != want {
			t.Errorf("limit %d: got %s, want %s", limit, strings.SplitN(got, "\n", 2)[0], want)
		}
	}
}

func TestEvidence(t *testing.T) {
	var orders strings.Builder
	for i := range 40 { // others, who never buy a lamp
		fmt.Fprintf(&orders, "x%02d,1,2025-06-01,vase,1,1,\n", i)
	}
	orders.WriteString("u,1,2026-01-01,lamp,1,1,\nu,1,2026-01-01,desk,1,1,\n")
	for i, v := range []string{"a", "b", "c", "d", "e", "f"} {
		fmt.Fprintf(&orders, "%s,2,2026-01-%02dT12:00:00Z,lamp,1,1,\n", v, 3+i)
	}
	orders.WriteString("f,3,2026-01-02,desk,1,1,\n")
	answers := scored(t, "u,,,\na,,u,\nb,,u,\nc,,u,\nd,,u,\ne,,u,\nf,,u,", orders.String(), nil)
	want := map[string][]string{
		"en": {
			"Credit for first purchases that followed is 7; 0.913 would be expected by chance. The excess is 6.087 square roots of the expectation; 2 are needed. This is an association in time, not a proven cause.",
			"Distinct followers: 6 of 6 linked customers; 3 are needed. Products followed in: 2; mean lag in days: 4.429.",
			"f first bought desk 1 days after this customer did.",
			"a first bought lamp 2.5 days after this customer did.",
			"b first bought lamp 3.5 days after this customer did.",
			"c first bought lamp 4.5 days after this customer did.",
			"d first bought lamp 5.5 days after this customer did.",
		},
		"zh-CN": {
			"跟随购买的得分为 7，偶然情况下的期望值为 0.913，超出幅度为期望值平方根的 6.087 倍，至少需要 2 倍。这是时间上的关联，并不证明因果。",
			"跟随者 6 人（关联客户共 6 人），至少需要 3 人；涉及商品 2 种，平均滞后天数：4.429。",
			"f 在该客户首次购买 desk 之后 1 天首次购买了同一商品。",
			"a 在该客户首次购买 lamp 之后 2.5 天首次购买了同一商品。",
			"b 在该客户首次购买 lamp 之后 3.5 天首次购买了同一商品。",
			"c 在该客户首次购买 lamp 之后 4.5 天首次购买了同一商品。",
			"d 在该客户首次购买 lamp 之后 5.5 天首次购买了同一商品。",
		},
	}
	for _, locale := range slices.Sorted(maps.Keys(want)) {
		if got := answers.Reasons("u", locale); !slices.Equal(got, want[locale]) {
			t.Errorf("%s: got\n%s\nwant\n%s", locale, strings.Join(got, "\n"), strings.Join(want[locale], "\n"))
		}
	}
}
