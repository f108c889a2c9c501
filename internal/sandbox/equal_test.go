package sandbox_test

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ulikunitz/xz"

	"bellwether/plugins/pioneer"
	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

// TestEqual holds the answers of a module against those of the same source compiled in, on real data: outputs, instants and
// evidence, with models fitted on either side.
func TestEqual(t *testing.T) {
	tests := []struct {
		name   string
		native scoring.Scorer
		data   func() (*scoretest.Data, error)
		params map[string]scoring.Value
	}{
		{"rfm", rfm.New(), rfmOrders, nil},
		{"rfm", rfm.New(), rfmOrders, map[string]scoring.Value{"binning": scoring.String("NTILE"), "window": scoring.Int(400)}},
		{"rfm", rfm.New(), rfmOrders, map[string]scoring.Value{"binning": scoring.String("FIXED"), "recency_borders": scoring.Numbers([]float64{10, 50, 60, 90.5})}},
		{"rfm", rfm.New(), onlineRetail, nil},
		{"pioneer", pioneer.New(), onlineRetail, nil},
		{"pioneer", pioneer.New(), onlineRetail, map[string]scoring.Value{"min_adopters": scoring.Int(2), "warmup_days": scoring.Int(0), "borders": scoring.Numbers([]float64{.1, .2, .3, .4})}},
	}
	if testing.Short() { // one of each
		tests = append(tests[:1], tests[4])
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, err := tt.data()
			if err != nil {
				t.Fatal(err)
			}
			with := *data
			with.Params = tt.params
			module := load(t, tt.name)
			want, err := scoretest.Fit(tt.native, &with)
			if err != nil {
				t.Fatal(err)
			}
			got, err := scoretest.Fit(module, &with)
			if err != nil {
				t.Fatal(err)
			}
			same(t, want, got, &with)

			// A model is the same bytes' worth on both sides: what one stored, the other reads.
			stored, err := tt.native.(scoring.Codec).EncodeModel(want.Model)
			if err != nil {
				t.Fatal(err)
			}
			if got.Model, err = module.DecodeModel(stored); err != nil {
				t.Fatal(err)
			}
			same(t, want, got, &with)
		})
	}
}

// same fails the test where two scorers answer otherwise.
func same(t *testing.T, native, module *scoretest.Fitted, d *scoretest.Data) {
	t.Helper()
	want, err := native.Score(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	got, err := module.Score(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	differ, labels := 0, map[string]bool{}
	for _, c := range d.Customers {
		for i := range want.Manifest.Outputs {
			name := want.Manifest.Outputs[i].Name
			if w, g := want.Value(c.ID, name), got.Value(c.ID, name); !equal(w, g) {
				if differ++; differ < 10 {
					t.Errorf("%s of %s is %v, want %v", name, c.ID, g, w)
				}
			}
		}
		labels[want.Value(c.ID, want.Manifest.Outputs[0].Name).Text()] = true
		if w, g := want.Until(c.ID), got.Until(c.ID); w != g {
			t.Fatalf("until of %s is %d, want %d", c.ID, g, w)
		}
		w, g := want.Evidence(c.ID), got.Evidence(c.ID)
		if len(w) != len(g) {
			t.Fatalf("%s has %d pieces of evidence, want %d", c.ID, len(g), len(w))
		}
		for i := range w {
			if w[i].Reason != g[i].Reason || !equal(w[i].Value, g[i].Value) || !allEqual(w[i].Threshold, g[i].Threshold) || !allEqual(w[i].Args, g[i].Args) ||
				!near(w[i].Percentile, g[i].Percentile) {
				t.Fatalf("evidence of %s is %+v, want %+v", c.ID, g[i], w[i])
			}
		}
	}
	if len(d.Customers) < 900 || len(labels) < 3 {
		t.Errorf("only %d customers of %d labels were compared", len(d.Customers), len(labels))
	}
}

func equal(a, b scoring.Value) bool {
	if a.Kind() == scoring.Number && a.Ok() && b.Ok() && a.Floats() == nil {
		return b.Kind() == scoring.Number && near(a.Float(), b.Float())
	}
	return a == b
}

func allEqual(a, b []scoring.Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func near(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9*max(1, math.Abs(a))
}

// rfmOrders are the orders of R's package rfm.
var rfmOrders = sync.OnceValues(func() (*scoretest.Data, error) {
	rows, err := table("../../testdata/rfm_data_orders.csv.gz", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) })
	d := &scoretest.Data{AsOf: scoring.At(time.Date(2006, 12, 31, 23, 59, 59, 0, time.UTC))}
	at := map[string]*scoretest.Customer{}
	for _, row := range rows {
		placed, err := time.Parse(time.DateOnly, row[1])
		if err != nil {
			return nil, err
		}
		revenue, err := strconv.ParseInt(row[2], 10, 64)
		if err != nil {
			return nil, err
		}
		c := customer(d, at, row[0])
		c.Orders = append(c.Orders, scoring.Order{PlacedAt: scoring.At(placed), Net: revenue * 100})
	}
	return finished(d, at), err
})

// onlineRetail are the invoices of the customers of the Online Retail data, the first digit of whose id stands for the
// industry that the data lack.
var onlineRetail = sync.OnceValues(func() (*scoretest.Data, error) {
	rows, err := table("../../testdata/online_retail.csv.xz", func(r io.Reader) (io.Reader, error) { return xz.NewReader(r) })
	if err != nil {
		return nil, err
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, err
	}
	d := &scoretest.Data{Currency: "GBP", Exponent: 2, Location: london, AsOf: scoring.At(time.Date(2011, 12, 10, 0, 0, 0, 0, london))}
	at, previous := map[string]*scoretest.Customer{}, ""
	for _, row := range rows {
		if row[6] == "" {
			continue
		}
		placed, err := time.ParseInLocation(time.DateTime, row[4], london)
		if err != nil {
			return nil, err
		}
		quantity, err := strconv.ParseInt(row[3], 10, 64)
		if err != nil {
			return nil, err
		}
		price, err := strconv.ParseFloat(row[5], 64)
		if err != nil {
			return nil, err
		}
		c := customer(d, at, row[6])
		c.Facts = map[string]scoring.Value{"region": scoring.String(row[7]), "industry": scoring.String(row[6][:2])}
		if row[0] != previous || len(c.Orders) == 0 {
			none := scoring.Never
			c.Orders = append(c.Orders, scoring.Order{PlacedAt: scoring.At(placed), PaidAt: none, DueAt: none, Credit: strings.HasPrefix(row[0], "C")})
		}
		previous = row[0]
		o := &c.Orders[len(c.Orders)-1]
		o.Net += int64(math.Round(float64(quantity) * price * 100))
		nan := math.NaN()
		o.Lines = append(o.Lines, scoring.Line{
			SKU: row[1], Kind: "GOODS", LaunchedAt: scoring.Never, Quantity: quantity, Price: price, ListPrice: nan, Discount: nan, Cost: nan,
		})
	}
	return finished(d, at), nil
})

func customer(d *scoretest.Data, at map[string]*scoretest.Customer, id string) *scoretest.Customer {
	if at[id] == nil {
		at[id] = &scoretest.Customer{ID: id}
		d.Customers = append(d.Customers, scoretest.Customer{ID: id})
	}
	return at[id]
}

// finished puts the customers in the order in which they came.
func finished(d *scoretest.Data, at map[string]*scoretest.Customer) *scoretest.Data {
	for i := range d.Customers {
		d.Customers[i] = *at[d.Customers[i].ID]
	}
	return d
}

// table are the rows of a compressed CSV file, without its header.
func table(file string, unpack func(io.Reader) (io.Reader, error)) ([][]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	plain, err := unpack(f)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(plain).ReadAll()
	if err != nil {
		return nil, err
	}
	return rows[1:], nil
}
