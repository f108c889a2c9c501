package rfm_test

import (
	"compress/gzip"
	"encoding/csv"
	"maps"
	"os"
	"strconv"
	"testing"
	"time"

	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

// buyer is a customer of the real orders, summed up without any code of ours.
type buyer struct {
	last            time.Time
	orders, revenue int
}

// realOrders are the orders of R's package rfm: as data, and summed up.
func realOrders(t *testing.T) (*scoretest.Data, map[string]*buyer) {
	t.Helper()
	file, err := os.Open("../../testdata/rfm_data_orders.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(unzipped).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	d := &scoretest.Data{AsOf: scoring.At(time.Date(2006, 12, 31, 23, 59, 59, 0, time.UTC)), Params: map[string]scoring.Value{}}
	buyers, at := map[string]*buyer{}, map[string]int{}
	for _, row := range rows[1:] {
		placed, err := time.Parse(time.DateOnly, row[1])
		if err != nil {
			t.Fatal(err)
		}
		revenue, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatal(err)
		}
		id := row[0]
		b := buyers[id]
		if b == nil {
			b = &buyer{}
			buyers[id], at[id] = b, len(d.Customers)
			d.Customers = append(d.Customers, scoretest.Customer{ID: id})
		}
		b.orders++
		b.revenue += revenue
		if placed.After(b.last) {
			b.last = placed
		}
		c := &d.Customers[at[id]]
		c.Orders = append(c.Orders, scoring.Order{PlacedAt: scoring.At(placed), Net: int64(revenue) * 100})
	}
	return d, buyers
}

// The counts were worked out by an independent implementation, whose quantiles are R's.
func TestRealOrdersAgainstPublishedCounts(t *testing.T) {
	even := map[string]int{"1": 199, "2": 199, "3": 199, "4": 199, "5": 199}
	tests := []struct {
		binning, output string
		want            map[string]int
	}{
		{"NTILE", "r", even},
		{"NTILE", "f", even},
		{"NTILE", "m", even},
		{"QUANTILE", "r", map[string]int{"1": 197, "2": 201, "3": 198, "4": 199, "5": 200}},
		{"QUANTILE", "f", map[string]int{"1": 268, "2": 187, "3": 176, "4": 244, "5": 120}},
		{"QUANTILE", "m", map[string]int{"1": 199, "2": 201, "3": 197, "4": 203, "5": 195}},
	}
	d, _ := realOrders(t)
	for _, tt := range tests {
		d.Params["binning"] = scoring.String(tt.binning)
		answers, err := scoretest.Score(rfm.New(), d)
		if err != nil {
			t.Fatal(err)
		}
		if got := answers.Counts(tt.output); !maps.Equal(got, tt.want) {
			t.Errorf("%s %s: got %v, want %v", tt.binning, tt.output, got, tt.want)
		}
	}
}

// The same source counts the cells of the grid of R and F under NTILE, which shows that ties go by external id, and
// recency ascending by day.
func TestRealOrdersNtileGrid(t *testing.T) {
	d, buyers := realOrders(t)
	d.Params["binning"] = scoring.String("NTILE")
	answers, err := scoretest.Score(rfm.New(), d)
	if err != nil {
		t.Fatal(err)
	}
	names := [5][5]string{ // by R-1 and F-1
		{"hibernating", "hibernating", "at risk", "at risk", "cannot lose"},
		{"hibernating", "hibernating", "at risk", "at risk", "cannot lose"},
		{"about to sleep", "about to sleep", "need attention", "loyal", "loyal"},
		{"promising", "potential", "potential", "loyal", "loyal"},
		{"new", "potential", "potential", "champions", "champions"},
	}
	got := map[string]int{}
	for id := range buyers {
		got[names[answers.Value(id, "r").Int()-1][answers.Value(id, "f").Int()-1]]++
	}
	want := map[string]int{
		"about to sleep": 65, "at risk": 136, "cannot lose": 45, "champions": 104, "hibernating": 217,
		"loyal": 185, "need attention": 48, "new": 20, "potential": 151, "promising": 24,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestRealOrdersByRank compares every customer with the definition taken word by word, in whole numbers.
func TestRealOrdersByRank(t *testing.T) {
	d, buyers := realOrders(t)
	answers, err := scoretest.Score(rfm.New(), d)
	if err != nil {
		t.Fatal(err)
	}
	quintile := func(x int, of func(b *buyer) int) int64 {
		below, equal := 0, 0
		for _, b := range buyers {
			switch y := of(b); {
			case y < x:
				below++
			case y == x:
				equal++
			}
		}
		// percentile = (below + equal/2) / n; score = min(5, 1 + floor(5 percentile))
		return int64(min(5, 1+5*(2*below+equal)/(2*len(buyers))))
	}
	asOf := time.Date(2006, 12, 31, 0, 0, 0, 0, time.UTC)
	days := func(b *buyer) int { return int(asOf.Sub(b.last).Hours()) / 24 }
	if len(buyers) != 995 {
		t.Fatalf("%d buyers, want 995", len(buyers))
	}
	for id, b := range buyers {
		want := map[string]int64{
			"recency_days": int64(days(b)),
			"frequency":    int64(b.orders),
			"monetary":     int64(b.revenue) * 100,
			"r":            quintile(-days(b), func(b *buyer) int { return -days(b) }),
			"f":            quintile(b.orders, func(b *buyer) int { return b.orders }),
			"m":            quintile(b.revenue, func(b *buyer) int { return b.revenue }),
		}
		want["fm"] = (want["f"] + want["m"] + 1) / 2
		for output, w := range want {
			if got := answers.Value(id, output).Int(); got != w {
				t.Errorf("%s: %s is %d, want %d", id, output, got, w)
			}
		}
		if got, w := answers.Value(id, "segment").Text(), segment(want["r"], want["fm"]); got != w {
			t.Errorf("%s: %s, want %s", id, got, w)
		}
	}
}

// segment is the list of rules, in its order.
func segment(r, fm int64) string {
	switch {
	case r == 5 && fm >= 4:
		return "CHAMPIONS"
	case (r == 3 || r == 4) && fm >= 4:
		return "LOYAL"
	case r >= 4 && (fm == 2 || fm == 3):
		return "POTENTIAL_LOYALIST"
	case r == 5 && fm == 1:
		return "NEW_CUSTOMERS"
	case r == 4 && fm == 1:
		return "PROMISING"
	case r == 3 && fm == 3:
		return "NEED_ATTENTION"
	case r == 3:
		return "ABOUT_TO_SLEEP"
	case fm == 5:
		return "CANT_LOSE_THEM"
	case fm >= 3:
		return "AT_RISK"
	case r == 1 && fm == 1:
		return "LOST"
	}
	return "HIBERNATING"
}
