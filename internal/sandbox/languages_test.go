package sandbox_test

import (
	"math"
	"strings"
	"testing"

	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

// TestC holds the module that is written in C against rfm with the same borders, on real data.
func TestC(t *testing.T) {
	params := map[string]scoring.Value{
		"frequency_borders": scoring.Numbers([]float64{1, 3, 5, 9.5}), "monetary_borders": scoring.Numbers([]float64{99.99, 250, 1000, 4000}),
		"recency_borders": scoring.Numbers([]float64{14, 45, 100, 250}),
	}
	for _, data := range []func() (*scoretest.Data, error){rfmOrders, onlineRetail} {
		d := withNobody(t, data)
		d.Params = params
		got, err := scoretest.Score(load(t, "rfm_fixed"), d)
		if err != nil {
			t.Fatal(err)
		}
		d.Params = map[string]scoring.Value{"binning": scoring.String("FIXED")}
		for param, v := range params {
			d.Params[param] = v
		}
		want, err := scoretest.Score(rfm.New(), d)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range d.Customers {
			outputs := []string{"recency_days", "frequency", "monetary", "r", "f", "m", "fm"}
			for _, output := range outputs {
				if g, w := got.Value(c.ID, output), want.Value(c.ID, output); g != w {
					t.Fatalf("%s of %s is %v, want %v", output, c.ID, g, w)
				}
			}
		}
		if counts := got.Counts("value"); counts["NONE"] < 1 || counts["HIGH"] < 30 || counts["MIDDLE"] < 300 || counts["LOW"] < 30 {
			t.Errorf("spread over %v, want some of each", counts)
		}
	}
}

// TestAssemblyScript works the answers of the module that is written in AssemblyScript out from the orders.
func TestAssemblyScript(t *testing.T) {
	d := withNobody(t, onlineRetail)
	d.Params = map[string]scoring.Value{"large": scoring.Float(250.5)}
	got, err := scoretest.Score(load(t, "basket"), d)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, c := range d.Customers {
		var net, orders int64
		for _, o := range c.Orders {
			if net += o.Net; !o.Credit {
				orders++
			}
		}
		basket, average := "NONE", scoring.MakeColumn(scoring.Money, 1)
		if orders > 0 {
			basket = "SMALL"
			average.Set(0, scoring.Minor(int64(math.Floor(float64(net)/float64(orders)))))
			if average.At(0).Int() >= 25_050 {
				basket = "LARGE"
			}
		}
		if g, a := got.Value(c.ID, "basket").Text(), got.Value(c.ID, "average"); g != basket || a != average.At(0) {
			t.Fatalf("%s has a basket %s of %v, want %s of %v", c.ID, g, a, basket, average.At(0))
		}
		counts[basket]++
	}
	if counts["NONE"] < 1 || counts["LARGE"] < 300 || counts["SMALL"] < 300 {
		t.Errorf("spread over %v, want some of each", counts)
	}
	want := map[bool]string{true: "There is no valid order.", false: "An order brings "}
	for _, id := range []string{"nobody", d.Customers[0].ID} {
		if reasons := got.Reasons(id, "en"); len(reasons) != 1 || !strings.HasPrefix(reasons[0], want[id == "nobody"]) {
			t.Errorf("reasons of %s: %q", id, reasons)
		}
	}
}

// withNobody are data with one more customer, who has no order.
func withNobody(t *testing.T, data func() (*scoretest.Data, error)) *scoretest.Data {
	t.Helper()
	d, err := data()
	if err != nil {
		t.Fatal(err)
	}
	with := *d
	with.Customers = append(with.Customers[:len(with.Customers):len(with.Customers)], scoretest.Customer{ID: "nobody"})
	return &with
}
