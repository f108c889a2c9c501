package orientation_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwether/plugins/orientation"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

func TestConformance(t *testing.T) {
	scoretest.Run(t, orientation.New())
}

func TestREADME(t *testing.T) {
	scoretest.README(t, orientation.New(), "README.md")
}

// signalsOf are the values of one customer's evidence, by the fact's name.
func signalsOf(t *testing.T, d *scoretest.Data, id string) map[string]string {
	t.Helper()
	found := map[string]string{}
	answers, err := scoretest.Score(orientation.New(), d)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range answers.Evidence(id) {
		found[answers.Manifest.Reasons[e.Reason].Fact] = d.Formatter("en").Value(e.Value)
	}
	return found
}

const header = "customer,order,placed_at,paid_at,due_at,credit,quantity,price,list_price,discount,condition,kind,category,launched_at,technology\n"

func TestSignals(t *testing.T) {
	// Three plain lines of the same kind, so that there is enough data and nothing else to see.
	const plain = "x,9,2026-01-01,,,,1,10,,,,,a,,\nx,9,2026-01-01,,,,1,10,,,,,a,,\nx,9,2026-01-01,,,,1,10,,,,,a,,\n"
	tests := []struct {
		name, fact, rows, want string
	}{
		{"nothing stated, no discount share", "discount_share", "", ""},
		{"a list price above", "discount_share", "x,1,2026-01-05,,,,1,10,12,,,,a,,", "0.25"},
		{"a list price alike", "discount_share", "x,1,2026-01-05,,,,1,10,10,,,,a,,", "0"},
		{"a discount off the line", "discount_share", "x,1,2026-01-05,,,,2,10,,10,,,a,,", "0.25"},
		{"nothing stated, no condition", "used_share", "", ""},
		{"used units", "used_share", "x,1,2026-01-05,,,,2,10,,,USED,,a,,", "0.4"},
		{"new units", "used_share", "x,1,2026-01-05,,,,2,10,,,NEW,,a,,", "0"},
		{"no due date", "late_payment_share", "", ""},
		{"paid in time", "late_payment_share", "x,1,2026-01-05,2026-01-10,2026-01-10,,1,10,,,,,a,,", "0"},
		{"paid late", "late_payment_share", "x,1,2026-01-05,2026-01-11,2026-01-10,,1,10,,,,,a,,", "1"},
		{"not paid, past due", "late_payment_share", "x,1,2026-01-05,,2026-01-30,,1,10,,,,,a,,", "1"},
		{"not paid, not due", "late_payment_share", "x,1,2026-01-05,,2026-02-02,,1,10,,,,,a,,", ""},
		{"a service", "service_share", "x,1,2026-01-05,,,,1,10,,,,SERVICE,a,,", "0.5"},
		{"all kept", "kept_share", "", "1"},
		{"a returned line", "kept_share", "x,1,2026-01-05,,,,1,10,,,,,a,,\nx,1,2026-01-05,,,,-1,10,,,,,a,,", "0.75"},
		{"a credit note", "kept_share", "x,1,2026-01-05,,,yes,-1,10,,,,,a,,", "0.667"},
		{"a credit note with positive units", "kept_share", "x,1,2026-01-05,,,yes,1,10,,,,,a,,", "0.667"},
		{"more returned than bought", "kept_share", "x,1,2026-01-05,,,yes,-9,10,,,,,a,,", "0"},
		{"one gap", "regularity", "x,1,2026-01-05,,,,1,10,,,,,a,,", ""},
		{"even gaps", "regularity", "x,1,2026-01-05,,,,1,10,,,,,a,,\nx,2,2026-01-09,,,,1,10,,,,,a,,", "1"},
		{"gaps of 4 and 12", "regularity", "x,1,2026-01-05,,,,1,10,,,,,a,,\nx,2,2026-01-17,,,,1,10,,,,,a,,", "0.667"},
		{"launch not known", "new_product_share", "", ""},
		{"launched 90 days before", "new_product_share", "x,1,2026-01-05,,,,1,10,,,,,a,2025-10-07,", "0.25"},
		{"launched 91 days before", "new_product_share", "x,1,2026-01-05,,,,1,10,,,,,a,2025-10-06,", "0"},
		{"bought before its launch", "new_product_share", "x,1,2026-01-05,,,,1,10,,,,,a,2026-03-01,", "0.25"},
		{"technology", "technology_spend_share", "x,1,2026-01-05,,,,3,10,,,,,a,,yes", "0.5"},
		{"one price for all", "price_level", "", "0.5"},
		{"the dearest of four", "price_level", "x,1,2026-01-05,,,,1,20,,,,,a,,", "0.5"},
		{"outside of the window", "kept_share", "x,1,2024-01-05,,,yes,-1,10,,,,,a,,", "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &scoretest.Data{AsOf: scoring.At(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)), Params: map[string]scoring.Value{}}
			if err := d.AddOrders(header + plain + tt.rows); err != nil {
				t.Fatal(err)
			}
			// Where any lead is mixed, two of the three indices show: cost and value, unless technology is made to lead.
			d.Params["mixed_below"] = scoring.Float(1)
			got := signalsOf(t, d, "x")
			if _, shown := got[tt.fact]; !shown {
				got = third(t, d)
			}
			if got[tt.fact] != tt.want {
				t.Errorf("%s is %q, want %q (of %v)", tt.fact, got[tt.fact], tt.want, got)
			}
		})
	}
}

// third adds customers whose habits push x's technology index up, so that its signals show.
func third(t *testing.T, d *scoretest.Data) map[string]string {
	t.Helper()
	err := d.AddTouchpoints("customer,at,kind\nx,2026-01-02,demo\ny,2026-01-02,visit\nz,2026-01-02,visit\n")
	if err != nil {
		t.Fatal(err)
	}
	return signalsOf(t, d, "x")
}

func TestUntil(t *testing.T) {
	asOf := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	tests := []struct{ name, rows, want string }{
		{"the oldest order leaves", "x,1,2025-06-01,,,,3,1,,,,,a,,\nx,1,2025-06-01,,,,3,1,,,,,a,,\nx,2,2026-01-01,,,,3,1,,,,,a,,", "2026-06-01T00:00:00Z"},
		{"an order falls due", "x,1,2026-01-01,,2026-02-10,,3,1,,,,,a,,\nx,1,2026-01-01,,2026-02-10,,3,1,,,,,a,,\nx,1,2026-01-01,,2026-02-10,,3,1,,,,,a,,", "2026-02-10T00:00:00.000001Z"},
		{"too little data", "x,1,2025-06-01,,,,3,1,,,,,a,,", "2026-06-01T00:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &scoretest.Data{AsOf: scoring.At(asOf)}
			if err := d.AddOrders(header + tt.rows); err != nil {
				t.Fatal(err)
			}
			answers, err := scoretest.Score(orientation.New(), d)
			if err != nil {
				t.Fatal(err)
			}
			if got := answers.Until("x").Time().Format(time.RFC3339Nano); got != tt.want {
				t.Errorf("until %s, want %s", got, tt.want)
			}
		})
	}
}

func TestEvidence(t *testing.T) {
	d := &scoretest.Data{AsOf: scoring.At(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))}
	rows := "ann,1,2026-01-10,,,,1,10,12,,,,a,,\n" + strings.Repeat("ann,1,2026-01-10,,,,1,10,12,,,,a,,\n", 2)
	rows += strings.Repeat("ben,2,2026-01-10,,,,1,50,50,,,,a,,\n", 3) + "cho,3,2026-01-10,,,,1,50,50,,,,a,,\n"
	if err := d.AddOrders(header + rows); err != nil {
		t.Fatal(err)
	}
	answers, err := scoretest.Score(orientation.New(), d)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"ann en": {
			"Weights: cost 0.862, value 0.045, technology 0.093. The first leads by 0.769; below 0.1 it would be mixed.",
			"Cost: 1 less the mean price percentile within categories is 0.786; the median customer's is 0.286. Percentile: 83.3%.",
			"Cost: the share of spend at a discount is 1; the median customer's is 0. Percentile: 83.3%.",
		},
		"cho en": {"Purchased lines in the window: 1; an answer needs 3."},
		"cho zh": {"窗口期内购买明细为 1 行，至少需要 3 行才能给出结论。"},
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		var id, locale string
		if _, err := fmt.Sscan(key, &id, &locale); err != nil {
			t.Fatal(err)
		}
		if got := answers.Reasons(id, locale); !slices.Equal(got, want[key]) {
			t.Errorf("%s: got\n%s\nwant\n%s", key, strings.Join(got, "\n"), strings.Join(want[key], "\n"))
		}
	}
}
