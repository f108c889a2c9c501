package pioneer_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwether/plugins/pioneer"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

func TestConformance(t *testing.T) {
	scoretest.Run(t, pioneer.New())
}

func TestREADME(t *testing.T) {
	scoretest.README(t, pioneer.New(), "README.md")
}

var asOf = scoring.At(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))

func scored(t *testing.T, customers, orders string, params map[string]scoring.Value) *scoretest.Answers {
	t.Helper()
	d := &scoretest.Data{AsOf: asOf, Params: params}
	if err := d.AddCustomers("customer,region,industry\n" + customers); err != nil {
		t.Fatal(err)
	}
	if err := d.AddOrders("customer,order,placed_at,sku,quantity,price,credit\n" + orders); err != nil {
		t.Fatal(err)
	}
	answers, err := scoretest.Score(pioneer.New(), d)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

// queue are n customers called a name and their number, who buy products on one day after the other, the first on 1 June.
func queue(name string, n int, skus ...string) string {
	var rows strings.Builder
	for i := range n {
		at := time.Date(2025, 6, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		for _, sku := range skus {
			fmt.Fprintf(&rows, "%s%d,1,%s,%s,1,1,\n", name, i, at, sku)
		}
	}
	return rows.String()
}

// TestCells is about who is ranked among whom: x buys three new products of 9 others.
func TestCells(t *testing.T) {
	const began = "old,1,2025-01-01,vase,1,1,\n" // the data begin
	const x = "x,1,2025-05-31,p1,1,1,\nx,2,2025-05-31,p2,1,1,\nx,3,2025-05-31,p3,1,1,\n"
	const late = "x,1,2025-06-20,p1,1,1,\nx,2,2025-06-20,p2,1,1,\nx,3,2025-06-20,p3,1,1,\n"
	three := []string{"p1", "p2", "p3"}
	people := func(n int, region, industry string) string {
		var rows strings.Builder
		for i := range n {
			fmt.Fprintf(&rows, "q%d,%s,%s\n", i, region, industry)
		}
		return rows.String()
	}
	tests := []struct{ name, customers, orders, want string }{
		{"first of ten", "", x + queue("q", 9, three...), "NO,no,90,EARLY_ADOPTER,no,3,0.1"},
		{"last of ten", "", late + queue("q", 9, three...), "NO,no,0,LAGGARD,no,3,1"},
		{"nine adopters", "", x + queue("q", 8, three...), "INSUFFICIENT_DATA,no,0,INSUFFICIENT_DATA,no,0,"},
		{"two cells", "", x + queue("q", 9, "p1", "p2"), "INSUFFICIENT_DATA,no,0,INSUFFICIENT_DATA,no,2,"},
		{"first of forty", "", x + queue("q", 39, three...), "YES,yes,97.5,INNOVATOR,no,3,0.025"},
		{"first together with another", "", x + strings.ReplaceAll(x, "x,", "y,") + queue("q", 8, three...), "NO,no,85,EARLY_ADOPTER,no,3,0.15"},
		{"others of another region", "x,N,\n" + people(9, "S", ""), x + queue("q", 9, three...), "INSUFFICIENT_DATA,no,0,INSUFFICIENT_DATA,no,0,"},
		{"others of an unknown region", "x,N,\n", x + queue("q", 9, three...), "INSUFFICIENT_DATA,no,0,INSUFFICIENT_DATA,no,0,"},
		{"others of another industry", "x,N,bakery\n" + people(9, "N", "school"), x + queue("q", 9, three...), "YES,yes,0,INSUFFICIENT_DATA,yes,0,"},
		{"others alike", "x,N,bakery\n" + people(9, "N", "bakery"), x + queue("q", 9, three...), "YES,yes,90,EARLY_ADOPTER,yes,3,0.1"},
		{"bought again", "", x + strings.ReplaceAll(late, "x,", "x,9") + queue("q", 9, three...), "NO,no,90,EARLY_ADOPTER,no,3,0.1"},
		{"bought in the first 90 days by another", "", x + "z,1,2025-03-31,p1,1,1,\n" + queue("q", 9, three...), "INSUFFICIENT_DATA,no,0,INSUFFICIENT_DATA,no,2,"},
		{"bought 90 days after the start by another", "", x + "z,1,2025-04-01,p1,1,1,\n" + queue("q", 9, three...), "NO,no,87.273,EARLY_ADOPTER,no,3,0.127"},
		{"given back", "", x + "x,9,2025-06-05,p1,-1,1,\n" + queue("q", 9, three...), "NO,no,90,EARLY_ADOPTER,no,3,0.1"},
		{"on a credit note", "", x + "z,9,2025-05-01,p1,1,1,yes\n" + queue("q", 9, three...), "NO,no,90,EARLY_ADOPTER,no,3,0.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answers := scored(t, tt.customers, began+tt.orders, nil)
			f := scoretest.Data{}
			var got []string
			for _, o := range []string{"pioneer", "flag", "strength", "adopter", "opener", "cells", "mean_rank"} {
				v := answers.Value("x", o)
				if got = append(got, f.Formatter("en").Value(v)); !v.Ok() {
					got[len(got)-1] = ""
				}
			}
			if strings.Join(got, ",") != tt.want {
				t.Errorf("got %s, want %s", strings.Join(got, ","), tt.want)
			}
		})
	}
}

// TestOpeners is about the first buyers of a region that has reached ten.
func TestOpeners(t *testing.T) {
	tests := []struct {
		name   string
		buyers int // besides x
		at     string
		params map[string]scoring.Value
		want   bool
	}{
		{"the first", 9, "2025-05-01", nil, true},
		{"the third", 9, "2025-06-02T12:00:00Z", nil, true},
		{"the third, together with another", 9, "2025-06-03", nil, true},
		{"the fourth", 9, "2025-06-03T12:00:00Z", nil, false},
		{"the first of nine", 8, "2025-05-01", nil, false},
		{"the first of nine, where nine will do", 8, "2025-05-01", map[string]scoring.Value{"opener_buyers": scoring.Int(9)}, true},
		{"the second, where one opens", 9, "2025-06-01T12:00:00Z", map[string]scoring.Value{"opener_first": scoring.Int(1)}, false},
		{"the first since the data began", 9, "2025-05-01", map[string]scoring.Value{"opener_warmup_days": scoring.Int(121)}, false},
		{"the first after a while", 9, "2025-05-01", map[string]scoring.Value{"opener_warmup_days": scoring.Int(120)}, true},
		{"no buyer", 12, "", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			customers, orders := "x,North,\n", "old,1,2025-01-01,vase,1,1,\n"+queue("q", tt.buyers, "lamp")
			for i := range tt.buyers {
				customers += fmt.Sprintf("q%d,North,\n", i)
			}
			if tt.at != "" {
				orders += "x,1," + tt.at + ",chair,1,1,\n"
			}
			answers := scored(t, customers, orders, tt.params)
			if got := answers.Value("x", "opener").Bool(); got != tt.want || answers.Value("x", "flag").Bool() != tt.want {
				t.Errorf("opener is %v, want %v", got, tt.want)
			}
			if answers.Value("old", "opener").Bool() {
				t.Error("a customer of no known region has opened one")
			}
		})
	}
}

// TestNewcomer scores a customer whom the model does not know.
func TestNewcomer(t *testing.T) {
	f, err := scoretest.Fit(pioneer.New(), &scoretest.Data{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	answers, err := f.Score(t.Context(), &scoretest.Data{AsOf: asOf, Customers: []scoretest.Customer{{ID: "x"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := "customer,pioneer,flag,strength,adopter,opener,cells,mean_rank\nx,INSUFFICIENT_DATA,no,0,INSUFFICIENT_DATA,no,0,\n"
	if got := answers.CSV(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := answers.Reasons("x", "en"); !slices.Equal(got, []string{"The customer is newer than the model; the next fit will know them."}) {
		t.Errorf("%q", got)
	}
}

func TestEvidence(t *testing.T) {
	customers := "x,North,bakery\n"
	for i := range 12 {
		customers += fmt.Sprintf("q%d,North,bakery\n", i)
	}
	orders := "old,1,2025-01-01,vase,1,1,\n" + queue("q", 12, "p1", "p2", "p3") + queue("q", 9, "p4", "p5", "p6")
	for i, at := range []string{"2025-05-31", "2025-06-01", "2025-06-05", "2025-05-30", "2025-06-03", "2025-06-20"} {
		orders += fmt.Sprintf("x,%d,%s,p%d,1,1,\n", i, at, i+1)
	}
	answers := scored(t, customers, orders, nil)
	want := map[string][]string{
		"en": {
			"Mean rank among the adopters of 6 cells is 0.344 (0: first, 1: last; the borders of the categories are 0.025, 0.16, 0.5, 0.84). This is an association in time, not a proven cause of what others bought.",
			"Region North: buyer number 1, on 2025-05-30; it has 13 buyers by now.",
			"Industry bakery: buyer number 1, on 2025-05-30; it has 13 buyers by now.",
			"Product p1 (region North, industry bakery): bought on 2025-05-31, as number 1 of 13 so far.",
			"Product p4 (region North, industry bakery): bought on 2025-05-30, as number 1 of 10 so far.",
			"Product p2 (region North, industry bakery): bought on 2025-06-01, as number 1.5 of 13 so far.",
			"Product p5 (region North, industry bakery): bought on 2025-06-03, as number 3.5 of 10 so far.",
			"Product p3 (region North, industry bakery): bought on 2025-06-05, as number 5.5 of 13 so far.",
		},
		"zh-CN": {
			"在 6 个单元的采用者中平均排名为 0.344（0 为最先，1 为最后；各类别边界：0.025、0.16、0.5、0.84）。这是时间上的关联，并不证明影响了他人的购买。",
			"地区 North：该客户于 2025-05-30 成为第 1 位买家，目前买家共 13 位。",
			"行业 bakery：该客户于 2025-05-30 成为第 1 位买家，目前买家共 13 位。",
			"商品 p1（地区：North，行业：bakery）：于 2025-05-31 购买，在目前 13 位采用者中排名第 1。",
			"商品 p4（地区：North，行业：bakery）：于 2025-05-30 购买，在目前 10 位采用者中排名第 1。",
			"商品 p2（地区：North，行业：bakery）：于 2025-06-01 购买，在目前 13 位采用者中排名第 1.5。",
			"商品 p5（地区：North，行业：bakery）：于 2025-06-03 购买，在目前 10 位采用者中排名第 3.5。",
			"商品 p3（地区：North，行业：bakery）：于 2025-06-05 购买，在目前 13 位采用者中排名第 5.5。",
		},
	}
	for _, locale := range slices.Sorted(maps.Keys(want)) {
		if got := answers.Reasons("x", locale); !slices.Equal(got, want[locale]) {
			t.Errorf("%s: got\n%s\nwant\n%s", locale, strings.Join(got, "\n"), strings.Join(want[locale], "\n"))
		}
	}
	if got := answers.Reasons("old", "en"); !slices.Equal(got, []string{"Cells with enough adopters of a new product in which the customer is ranked: 0; a category needs 3."}) {
		t.Errorf("%q", got)
	}
}
