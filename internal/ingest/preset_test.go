package ingest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/ingest"
)

func TestPresets(t *testing.T) {
	var names []string
	for _, p := range ingest.Presets() {
		names = append(names, p.Name)
		if p.Title == "" || p.Description == "" || p.Source == "" || p.Currency == "" {
			t.Errorf("preset %s does not say what it is", p.Name)
		}
		// An import of nothing reads the zone, the layouts, the delimiters.
		if _, err := ingest.Orders(t.Context(), nil, ingest.Options{Files: []string{"-"}, Stdin: strings.NewReader(""), Preset: p.Name}); !strings.Contains(err.Error(), "is empty") {
			t.Errorf("preset %s: %v", p.Name, err)
		}
	}
	if !slices.Equal(names, []string{"cdnow", "online-retail", "shopify-orders"}) {
		t.Errorf("presets %q", names)
	}
}

// TestCDNOW reads made-up rows in the shapes in which the data set goes round: with a header and commas, and without
// one and blanks; the sample with two numbers for a customer.
func TestCDNOW(t *testing.T) {
	for name, text := range map[string]string{
		"header":           "cid,date,qty,amount\n7,1997-01-01,1,11.77\n7,1997-01-01,1,11.77\n9,1998-06-30,2,0.0\n",
		"header, sample":   "master,cid,date,qty,amount\n7,1,1997-01-01,1,11.77\n7,1,1997-01-01,1,11.77\n9,2,1998-06-30,2,0.0\n",
		"original":         " 7 19970101  1   11.77\n 7 19970101  1   11.77\n 9 19980630  2    0.00\n",
		"original, sample": " 7 1 19970101  1   11.77\n 7 1 19970101  1   11.77\n 9 2 19980630  2    0.00\n",
		"commas, no head":  "7,1997-01-01,1,11.77\n7,1997-01-01,1,11.77\n9,1998-06-30,2,0.00\n",
	} {
		sink, options := newMemory(""), stdin(text)
		options.Preset = "cdnow"
		s := mustImport(t, sink, options)
		if s.Created != 3 || s.Rejected != 0 || sink.base != "USD" || s.Source != "cdnow" {
			t.Errorf("%s: %+v", name, s)
		}
		total := int64(0)
		for _, order := range sink.orders {
			total += order.Total.Value
			if year := order.PlacedAt.Year(); year != 1997 && year != 1998 {
				t.Errorf("%s: an order of %v", name, order.PlacedAt)
			}
		}
		if _, ok := sink.customers["9"]; !ok || len(sink.customers) != 2 || total != 2354 {
			t.Errorf("%s: customers %v, total %d", name, sink.customers, total)
		}
	}
}

// TestOverrides: what is said explicitly goes before the preset.
func TestOverrides(t *testing.T) {
	options := stdin("InvoiceNo;StockCode;Quantity;When;Price;Customer ID\n1;s;2;01.07.2011 12:00;2.5;00017.0\n")
	options.Preset, options.Delimiter, options.TimeLayout, options.Source = "online-retail", ";", "%d.%m.%Y %H:%M", "mine"
	options.Map = map[string]string{"placed_at": "When"}
	options.Currency, options.TimeZone = "EUR", zone(t, "Asia/Shanghai")
	sink := newMemory("")
	mustImport(t, sink, options)
	order := sink.orders["1"]
	want := time.Date(2011, 7, 1, 4, 0, 0, 0, time.UTC)
	if order.Currency != "EUR" || order.Source != "mine" || !order.PlacedAt.Equal(want) || order.Customer.ExternalID != "00017" || order.Total.Value != 500 {
		t.Errorf("order %+v", order)
	}
}

// TestPresetFile: a preset of one's own is a file.
func TestPresetFile(t *testing.T) {
	options := stdin("who|when|much\nid-1|2024-01-01|3\n")
	options.Preset = write(t, "mine.yaml", "source: mine\ncurrency: CNY\ndelimiters: [pipe]\nmap: {customer_id: who, placed_at: when, total: much}\ntrim_suffix: {customer_id: '-1'}\n")
	sink := newMemory("")
	if s := mustImport(t, sink, options); s.Source != "mine" || s.Created != 1 || sink.customers["id"].ExternalID != "id" {
		t.Errorf("an own preset: %+v, %v", s, sink.customers)
	}
	for text, message := range map[string]string{
		"sauce: mine\n":                  "unknown field",
		"map: {totl: x}\n":               "did you mean total?",
		"trim_suffix: {custmer_id: x}\n": "did you mean customer_id?",
	} {
		options.Preset = write(t, "bad.yaml", text)
		_, err := ingest.Orders(t.Context(), nil, options)
		if fault.Code(err) != fault.Invalid || !strings.Contains(err.Error(), message) {
			t.Errorf("preset %q: %v, want %q", text, err, message)
		}
	}
}

// TestRfmOrders reads a file of other people by --map alone.
func TestRfmOrders(t *testing.T) {
	options := ingest.Options{
		Files:    []string{"../../testdata/rfm_data_orders.csv.gz"},
		Map:      map[string]string{"placed_at": "order_date", "total": "revenue", "customer_name": "first_name+last_name"},
		Currency: "USD",
	}
	sink := newMemory("")
	s := mustImport(t, sink, options)
	if s.Created != 4906 || s.Rejected != 0 || len(sink.customers) != 995 {
		t.Errorf("%d customers, %+v", len(sink.customers), s)
	}
	if c := sink.customers["Brion Stark"]; *c.Name != "Brion Stark" || *c.Email != "brion_stark@rfmail.com" {
		t.Errorf("customer %+v", c)
	}
}
