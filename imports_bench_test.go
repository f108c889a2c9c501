package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkImport holds the time of a row of touchpoints, and of an order of NDJSON, against that of orders as CSV.
func BenchmarkImport(b *testing.B) {
	const rows = 50_000
	random := rand.New(rand.NewPCG(1, 2))
	files := map[string]*strings.Builder{"orders.csv": {}, "orders.ndjson": {}, "touchpoints.csv": {}}
	files["orders.csv"].WriteString("order_id,customer_id,placed_at,sku,quantity,unit_price\n")
	files["touchpoints.csv"].WriteString("external_id,customer_id,at,kind,channel,campaign,sku\n")
	for i := range rows {
		customer, sku := random.IntN(rows/10), random.IntN(2000)
		at := time.Date(2023, 1, 1, 0, random.IntN(700*24*60), 0, 0, time.UTC).Format(time.RFC3339)
		fmt.Fprintf(files["orders.csv"], "o%d,c%d,%s,s%d,%d,%d.50\n", i, customer, at, sku, 1+i%3, 1+i%50)
		fmt.Fprintf(files["orders.ndjson"], `{"externalId":"o%d","customer":{"externalId":"c%d"},"placedAt":"%s","lines":[{"sku":"s%d","quantity":%d,"unitPrice":"%d.50"}]}`+"\n", i, customer, at, sku, 1+i%3, 1+i%50)
		fmt.Fprintf(files["touchpoints.csv"], "t%d,c%d,%s,visit,web,spring,s%d\n", i, customer, at, sku)
	}
	folder := b.TempDir()
	for _, name := range []string{"orders.csv", "orders.ndjson", "touchpoints.csv"} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(files[name].String()), 0o600); err != nil {
			b.Fatal(err)
		}
		kind, _, _ := strings.Cut(name, ".")
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if code, out, errs := run(b, "import", kind, path, "--db", newDSN(b), "--base-currency", "EUR", "-q"); code != 0 {
					b.Fatal(out, errs)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/rows, "µs/row")
		})
	}
}
