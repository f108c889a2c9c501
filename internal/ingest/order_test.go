package ingest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bellwether/internal/ingest"
	"bellwether/internal/record"

	"github.com/shopspring/decimal"
)

// TestOrder checks every field of an order whose rows say each a part of it.
func TestOrder(t *testing.T) {
	sink, options := newMemory("USD"), stdin(`order_id;customer_id;customer_name;email;country;placed_at;status;channel;currency;rate;total;discount;tax;shipping;refunded;sku;product;category;quantity;unit_price;list_price;cost;condition
o1;c1;;;;2024-01-31T12:00:00Z;;;JPY;0.0067;;;;500;;s1;Thing;;2;1500;;;
o1;;李;li@example.com;CN;;partially refunded;Web;;;3300;100;300;400;1000;s2;Other;Things;-1;0.5;0.75;0.25;Used
`)
	options.Delimiter, options.Source = "semicolon", "shop"
	mustImport(t, sink, options)
	at := time.Date(2024, 1, 31, 12, 0, 0, 0, time.UTC)
	listPrice, cost, used := int64(750_000), int64(250_000), "USED"
	want := record.Order{
		Key: record.Key{Source: "shop", ExternalID: "o1"}, Customer: record.Key{Source: "shop", ExternalID: "c1"},
		PlacedAt: at, Status: record.Set("PARTIALLY_REFUNDED"), Channel: record.Set("Web"),
		Currency: "JPY", Rate: decimal.RequireFromString("0.0067"),
		Total: record.Set[int64](3300), Discount: record.Set[int64](100), Tax: record.Set[int64](300), Shipping: record.Set[int64](500),
		Refunds: record.Set([]record.Refund{{ExternalID: "refunded", At: at, Amount: 1000}}),
		Lines: record.Set([]record.Line{
			{SKU: "s1", Quantity: 2, UnitPrice: 1_500_000_000},
			{SKU: "s2", Quantity: -1, UnitPrice: 500_000, ListPrice: &listPrice, Cost: &cost, Condition: &used},
		}),
	}
	same(t, "order", sink.orders["o1"], want)
	name, email, country := "李", "li@example.com", "CN"
	same(t, "customer", sink.customers["c1"], record.CustomerHint{Key: want.Customer, SeenAt: at, Name: &name, Email: &email, Country: &country})
	other, things := "Other", "Things"
	same(t, "product", sink.products["s2"], record.ProductHint{SKU: "s2", SeenAt: at, Name: &other, Category: &things})
}

// TestCurrency: which currency orders have, what becomes the base currency, and who needs a rate.
func TestCurrency(t *testing.T) {
	const head = "order_id,customer_id,placed_at,total,currency,rate\n"
	for _, test := range []struct {
		name, recorded, flag, rows, base string
		currencies                       string // of a, b, c
		rejected                         int64
	}{
		{"first order's", "", "", "b,c,2024-01-01,1,EUR,\na,c,2024-01-01,1,EUR,\n", "EUR", "EUR EUR", 0},
		{"first in the file, not by id", "", "", "b,c,2024-01-01,1,EUR,\na,c,2024-01-01,1,USD,0.9\n", "EUR", "USD EUR", 0},
		{"first good one", "", "", "b,c,2024-13-01,1,EUR,\na,c,2024-01-01,1,CNY,\n", "CNY", "CNY", 1},
		{"no order at all", "", "", "b,,2024-01-01,1,EUR,\n", "", "", 1},
		{"flag", "", "gbp", "a,c,2024-01-01,1,,\n", "GBP", "GBP", 0},
		{"recorded", "GBP", "", "a,c,2024-01-01,1,,\n", "GBP", "GBP", 0},
		{"nothing known", "", "", "a,c,2024-01-01,1,,\n", "USD", "USD", 0},
		{"rate needed", "GBP", "", "a,c,2024-01-01,1,EUR,\nb,c,2024-01-01,1,EUR,0.87\n", "GBP", "EUR", 1},
		{"the flag's currency needs a rate too", "GBP", "EUR", "a,c,2024-01-01,1,,\nb,c,2024-01-01,1,GBP,\n", "GBP", "GBP", 1},
		{"currency only on a later row", "", "", "a,c,2024-01-01,1,,\na,c,2024-01-01,1,JPY,0.01\n", "USD", "JPY", 0},
		{"only rows together make an order", "", "", "a,c,,1,CNY,\na,,2024-01-01,1,,\n", "CNY", "CNY", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			sink, options := newMemory(test.recorded), stdin(head+test.rows)
			options.Currency = test.flag
			summary := mustImport(t, sink, options)
			var currencies []string
			for _, id := range sink.ids() {
				order := sink.orders[id]
				currencies = append(currencies, order.Currency)
				if isBase := order.Currency == test.base; isBase != order.Rate.Equal(decimal.NewFromInt(1)) {
					t.Errorf("%s in %s has the rate %s", id, order.Currency, order.Rate)
				}
			}
			if got := strings.Join(currencies, " "); sink.base != test.base || got != test.currencies || summary.Rejected != test.rejected {
				t.Errorf("base %q, orders in %q, %d rejected (%v); want %q, %q, %d",
					sink.base, got, summary.Rejected, summary.Reasons, test.base, test.currencies, test.rejected)
			}
		})
	}
}

// TestHints: in a batch, of each customer and product the newest that was said, as of when it was said.
func TestHints(t *testing.T) {
	sink := newMemory("USD")
	mustImport(t, sink, stdin(`order_id,customer_id,placed_at,customer_name,country,sku,product,quantity,unit_price
o3,c1,2024-01-03,,DE,s1,,1,1
o1,c1,2024-01-01,Old,FR,s1,Old thing,1,1
o2,c1,2024-01-02,New,,s1,New thing,1,1
o4,c1,2024-01-02,Another,,s1,A thing,1,1
o5,c2,2024-01-02,,,s2,,1,1
o6,c2,2024-01-01,,,s2,,1,1
`))
	var got []string
	for _, h := range sink.batches[0].Customers {
		got = append(got, fmt.Sprintf("%s %d%s%s%s", h.ExternalID, h.SeenAt.Day(), show(h.Name), show(h.Email), show(h.Country)))
	}
	for _, h := range sink.batches[0].Products {
		got = append(got, fmt.Sprintf("%s %d%s%s", h.SKU, h.SeenAt.Day(), show(h.Name), show(h.Category)))
	}
	same(t, "hints", got, []string{"c1 2 New - -", "c1 3 - - DE", "c2 2 - - -", "s1 2 New thing -", "s2 2 - -"})
}

func show(text *string) string {
	if text == nil {
		return " -"
	}
	return " " + *text
}

// TestTooLarge: what cannot be kept exactly in the base currency is rejected, not cut.
func TestTooLarge(t *testing.T) {
	for row, good := range map[string]bool{
		"EUR,1000000000,9007199,0":         false,
		"EUR,1000000000,90071.99,0":        true,
		"KWD,1000000000,9007.199,0":        true,
		"USD,,90071992547409.92,0":         true,
		"USD,,90071992547409.92,1":         false,
		"USD,,1.00,-90071992547409.92":     false,
		"EUR,0.0001,90071992547409.92,1":   true,
		"JPY,1,900719925474100,0":          false,
		"USD,,-90071992547409.92,0":        true,
		"EUR,1.000000001,-90071992547409,": false,
	} {
		s := mustImport(t, newMemory("USD"), stdin("customer_id,placed_at,currency,rate,total,tax\nc,2024-01-01,"+row+"\n"))
		if s.Created == 1 != good || !good && s.Reasons[ingest.TooLarge]+s.Reasons[ingest.BadTax] != 1 {
			t.Errorf("%s: %v", row, s.Reasons)
		}
	}
}

// TestTotals: which total an order has, and when its lines are kept.
func TestTotals(t *testing.T) {
	for _, test := range []struct {
		name, text string
		total      int64
		lines      int // -1: none given
		note       string
	}{
		{"total alone", "total\n0\n", 0, -1, ""},
		{"negative", "total\n-5.5\n", -550, -1, ""},
		{"lines", "sku,quantity,unit_price\ns,3,0.335\n", 100, 1, ""}, // 1.005 rounds half-even
		{"total and lines", "total,sku,quantity,unit_price\n9,s,3,0.335\n", 900, 1, ""},
		{"a product is enough", "product,quantity,unit_price\ns,1,2\n", 200, 1, ""},
		{"lines without products make the total only", "quantity,unit_price\n2,2\n", 400, -1, ""},
		{"quantity of 1", "total,sku,unit_price\n7,s,5\n", 700, 1, ""},
		{"no line in the row", "total,sku,quantity,unit_price\n9,,,\n", 900, -1, ""},
		{"no price", "total,sku,quantity\n9,s,1\n", 900, -1, `not used: "quantity", "sku"`},
		{"whole quantity with decimals", "sku,quantity,unit_price\ns,2.0,1\n", 200, 1, ""},
		{"nothing refunded", "total,refunded\n9,0.00\n", 900, -1, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			header, cells, _ := strings.Cut(test.text, "\n")
			sink := newMemory("USD")
			summary := mustImport(t, sink, stdin("order_id,customer_id,placed_at,"+header+"\no,c,2024-01-01,"+cells))
			order, ok := sink.orders["o"]
			lines := len(order.Lines.Value)
			if order.Lines.State == record.Omitted {
				lines = -1
			}
			if !ok || order.Total != record.Set(test.total) || lines != test.lines {
				t.Errorf("total %v, %d lines; want %d, %d (%v)", order.Total, lines, test.total, test.lines, summary.Reasons)
			}
			if got := strings.Join(summary.Notes, "\n"); !strings.HasPrefix(got, test.note) || (test.note == "") != (got == "") {
				t.Errorf("notes %q, want %q", got, test.note)
			}
		})
	}
}

// TestDryRun: everything is checked, and the sink is not used.
func TestDryRun(t *testing.T) {
	options := stdin("order_id,customer_id,placed_at,total,currency\no1,c,2024-01-01,1,EUR\no2,c,2024-01-01,1,USD\n")
	options.DryRun = true
	summary := mustImport(t, nil, options)
	if summary.Orders != 1 || summary.Created != 0 || summary.Base != "EUR" || summary.Reasons[ingest.MissingRate] != 1 {
		t.Errorf("a dry run: %+v", summary)
	}
	options.Stdin, options.Base = strings.NewReader("order_id,customer_id,placed_at,total,currency\no1,c,2024-01-01,1,EUR\n"), "USD"
	if summary := mustImport(t, nil, options); summary.Reasons[ingest.MissingRate] != 1 {
		t.Errorf("a dry run against a database in USD: %+v", summary)
	}
}
