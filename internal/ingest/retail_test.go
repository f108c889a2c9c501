package ingest_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"bellwether/internal/ingest"
	"bellwether/internal/record"

	"github.com/shopspring/decimal"
	"github.com/ulikunitz/xz"
)

const retail = "../../testdata/online_retail.csv.xz"

// TestOnlineRetail holds the import of real data against figures that were computed without it: rule V1 is a known
// customer, no C invoice, quantity > 0, price > 0.
func TestOnlineRetail(t *testing.T) {
	sink := newMemory("")
	var rejects strings.Builder
	options := ingest.Options{Files: []string{retail}, Preset: "online-retail", Rejects: &rejects, TempDir: t.TempDir()}
	summary := mustImport(t, sink, options)
	if sink.base != "GBP" || summary.Base != "GBP" {
		t.Errorf("base currency %q, want GBP", sink.base)
	}
	if summary.Rows != 262254 {
		t.Errorf("%d rows, want 262254", summary.Rows)
	}
	if len(summary.Reasons) != 1 || summary.Reasons[ingest.MissingCustomer] != 67624 || summary.Rejected != 67624 {
		t.Errorf("rejected %v, want 67624 rows without a customer", summary.Reasons)
	}
	if got := strings.Count(rejects.String(), "\n"); got != 67625 {
		t.Errorf("the reject file has %d lines, want 67625", got)
	}
	if got := len(sink.customers); got != 2187 {
		t.Errorf("%d customers, want 2187", got)
	}
	lines, revenue := 0, int64(0)
	customers, invoices := map[string]bool{}, map[string]bool{}
	for id, order := range sink.orders {
		if strings.HasPrefix(id, "C") {
			if order.Total.Value > 0 {
				t.Errorf("return %s has the total %d", id, order.Total.Value)
			}
			continue
		}
		for _, line := range order.Lines.Value {
			if line.Quantity > 0 && line.UnitPrice > 0 {
				lines++
				revenue += int64(line.Quantity) * line.UnitPrice
				customers[order.Customer.ExternalID], invoices[id] = true, true
			}
		}
	}
	if lines != 190555 || len(customers) != 2172 || len(invoices) != 8819 {
		t.Errorf("V1: %d lines, %d customers, %d invoices; want 190555, 2172, 8819", lines, len(customers), len(invoices))
	}
	if got := decimal.New(revenue, -record.MicroDigits); got.String() != "4579032.543" {
		t.Errorf("V1: revenue %s, want 4579032.543", got)
	}
	// The second time with so little memory that sorted runs are merged more than once.
	options = ingest.Options{Files: []string{retail}, Preset: "online-retail", TempDir: t.TempDir(), Memory: 200 << 10}
	again := mustImport(t, sink, options)
	if again.Unchanged != summary.Created || again.Created+again.Updated != 0 || summary.Created != int64(len(sink.orders)) {
		t.Errorf("created %d, and the second time %+v", summary.Created, again)
	}
	empty(t, options.TempDir)
}

// BenchmarkOrders imports real data into a sink that costs nothing: from .xz, and as plain text without order ids,
// where each row is hashed.
func BenchmarkOrders(b *testing.B) {
	file, err := os.Open(retail)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	compressed, err := xz.NewReader(bufio.NewReader(file))
	if err != nil {
		b.Fatal(err)
	}
	text, err := io.ReadAll(compressed)
	if err != nil {
		b.Fatal(err)
	}
	for _, bench := range []struct {
		name    string
		options func() ingest.Options
	}{
		{"xz", func() ingest.Options { return ingest.Options{Files: []string{retail}} }},
		{"plain", func() ingest.Options { return ingest.Options{Files: []string{"-"}, Stdin: bytes.NewReader(text)} }},
		{"hashed", func() ingest.Options {
			return ingest.Options{Files: []string{"-"}, Stdin: bytes.NewReader(text), Map: map[string]string{"order_id": ""}}
		}},
		{"on disk", func() ingest.Options {
			return ingest.Options{Files: []string{"-"}, Stdin: bytes.NewReader(text), Memory: 4 << 20, TempDir: b.TempDir()}
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			var rows int64
			for b.Loop() {
				options := bench.options()
				options.Preset = "online-retail"
				rows += mustImport(b, &discard{}, options).Rows
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
