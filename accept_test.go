package main

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"bellwether/internal/pgtest"
)

// buyer is a customer of the real orders, summed up without any code of ours.
type buyer struct {
	days, orders, revenue int // days from the last order to the end of 2006
}

func realBuyers(t *testing.T) map[string]*buyer {
	t.Helper()
	file, err := os.Open("testdata/rfm_data_orders.csv.gz")
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
	buyers := map[string]*buyer{}
	for _, row := range rows[1:] {
		placed, err := time.Parse(time.DateOnly, row[1])
		if err != nil {
			t.Fatal(err)
		}
		revenue, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatal(err)
		}
		days := int(time.Date(2006, 12, 31, 0, 0, 0, 0, time.UTC).Sub(placed).Hours() / 24)
		b := buyers[row[0]]
		if b == nil {
			b = &buyer{days: days}
			buyers[row[0]] = b
		}
		b.days, b.orders, b.revenue = min(b.days, days), b.orders+1, b.revenue+revenue
	}
	return buyers
}

// quintile is the definition word by word: percentile = (below + equal/2) / n, score = min(5, 1 + floor(5 percentile)).
func quintile(buyers map[string]*buyer, x *buyer, of func(*buyer) int) int {
	below, equal := 0, 0
	for _, b := range buyers {
		switch {
		case of(b) < of(x):
			below++
		case of(b) == of(x):
			equal++
		}
	}
	return min(5, 1+5*(2*below+equal)/(2*len(buyers)))
}

// scored runs the command score and returns its rows by external id, without it.
func scored(t *testing.T, dsn string, args ...string) map[string][]string {
	t.Helper()
	code, stdout, stderr := run(t, append([]string{"score", "rfm", "--db", dsn, "--as-of", "2006-12-31", "--output", "csv"}, args...)...)
	if code != 0 {
		t.Fatal(stderr)
	}
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], ","); got != "external_id,label,recency_days,frequency,monetary,r,f,m,fm" {
		t.Fatalf("the columns are %s", got)
	}
	found := map[string][]string{}
	for _, row := range rows[1:] {
		found[row[0]] = row[1:]
	}
	return found
}

// TestRealOrders imports 4,906 real orders and compares every one of the 995 customers with the definition.
func TestRealOrders(t *testing.T) {
	dsn := pgtest.DSN(t)
	code, stdout, stderr := run(t, "import", "orders", "testdata/rfm_data_orders.csv.gz", "--map", "placed_at=order_date,total=revenue", "--currency", "USD", "--db", dsn, "-q")
	if code != 0 {
		t.Fatal(stdout, stderr)
	}
	buyers, rows := realBuyers(t), scored(t, dsn)
	if len(buyers) != 995 || len(rows) != 995 {
		t.Fatalf("%d buyers and %d scores, want 995", len(buyers), len(rows))
	}
	for id, b := range buyers {
		r := quintile(buyers, b, func(b *buyer) int { return -b.days })
		f := quintile(buyers, b, func(b *buyer) int { return b.orders })
		m := quintile(buyers, b, func(b *buyer) int { return b.revenue })
		want := fmt.Sprintf("%d,%d,%d.00,%d,%d,%d,%d", b.days, b.orders, b.revenue, r, f, m, (f+m+1)/2)
		if got := strings.Join(rows[id][1:], ","); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	// As an independent implementation counted them, with R's quantiles.
	even := map[string]int{"1": 199, "2": 199, "3": 199, "4": 199, "5": 199}
	for binning, want := range map[string][3]map[string]int{
		"NTILE": {even, even, even},
		"QUANTILE": {
			{"1": 197, "2": 201, "3": 198, "4": 199, "5": 200},
			{"1": 268, "2": 187, "3": 176, "4": 244, "5": 120},
			{"1": 199, "2": 201, "3": 197, "4": 203, "5": 195},
		},
	} {
		rows := scored(t, dsn, "--param", "binning="+binning)
		for i := range want {
			got := map[string]int{}
			for _, row := range rows {
				got[row[4+i]]++
			}
			if !maps.Equal(got, want[i]) {
				t.Errorf("%s of %c: %v, want %v", binning, "RFM"[i], got, want[i])
			}
		}
	}
}

// TestOnlineRetail imports 262,254 real lines, and counts them under the rule V1: known customer, no invoice that begins
// with C, quantity and price above 0. Importing them again changes nothing.
func TestOnlineRetail(t *testing.T) {
	if testing.Short() {
		t.Skip("imports a large file")
	}
	dsn := pgtest.DSN(t)
	args := []string{"import", "orders", "testdata/online_retail.csv.xz", "--preset", "online-retail", "--db", dsn, "-q"}
	code, stdout, stderr := run(t, args...)
	if code != 3 || stderr != "" {
		t.Fatalf("exit code %d, want 3, for rows without a customer: %s%s", code, stdout, stderr)
	}
	for _, line := range []string{"read      262254 rows", "created   10531", "rejected  67624 rows", "missing_customer   67624"} {
		if !strings.Contains(stdout, line) {
			t.Errorf("the summary lacks %q:\n%s", line, stdout)
		}
	}
	s := open(t, dsn, nil)
	var lines, customers, invoices, revenue int64
	err := s.Store.DB().QueryRowContext(t.Context(), `SELECT count(*), count(DISTINCT o.customer_id), count(DISTINCT o.id), sum(l.quantity * l.unit_price)
		FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.external_id NOT LIKE 'C%' AND l.quantity > 0 AND l.unit_price > 0`).
		Scan(&lines, &customers, &invoices, &revenue)
	if err != nil {
		t.Fatal(err)
	}
	if lines != 190555 || customers != 2172 || invoices != 8819 || revenue != 4_579_032_543_000 {
		t.Errorf("%d lines, %d customers, %d invoices, %d micro-pounds; want 190555, 2172, 8819, 4579032543000", lines, customers, invoices, revenue)
	}
	if code, stdout, stderr = run(t, args...); code != 3 || !strings.Contains(stdout, "created   0\nupdated   0\nunchanged 10531") {
		t.Errorf("again: exit code %d\n%s%s", code, stdout, stderr)
	}
}
