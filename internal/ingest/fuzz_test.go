package ingest_test

import (
	"bytes"
	"maps"
	"reflect"
	"strings"
	"testing"

	"bellwether/internal/fault"
	"bellwether/internal/ingest"
	"bellwether/internal/record"
)

// FuzzOrders imports anything. It must end without a crash, account for every row, and say the same the second time.
func FuzzOrders(f *testing.F) {
	const rows = "order_id,customer_id,placed_at,total,sku,quantity,unit_price\no1,c1,2024-01-01,5,s1,1,2.5\n"
	for _, seed := range []struct{ text, delimiter, layout string }{
		{rows, "", ""},
		{rows + `"o2","c,""2""",2024-01-01T00:00:00+08:00,,"s` + "\n" + `2",-1,1e2` + "\r\n", "comma", ""},
		{rows + `o3,"open,2024-01-01` + "\n" + `o4,c,2024-01-01,1,"a"b,1,1` + "\n\"", "", ""},
		{strings.ReplaceAll(rows, ",", " \t "), "whitespace", ""},
		{strings.ReplaceAll(rows, ",", "，"), "，", ""},
		{strings.ReplaceAll(rows, ",", "\t"), "tab", "%Y-%m-%d"},
		{"\ufeff" + strings.ReplaceAll(rows, ",", "|") + "o|c\xff|\x00|", "pipe", "2006-01-02"},
		{"\x1f\x8b", "", ""},
		{"\xfd7zXZ\x00\x00\x04", "", ""},
		{"\x28\xb5\x2f\xfd\x00\x00", "", ""},
		{"\xff\xfea\x00", "", ""},
		{"customer_id,placed_at,total,currency,rate\n1,2024-02-30,1,XXX,0\n1,2024-02-28,99999999999999999999,JPY,1e-9\n", "", ""},
	} {
		f.Add([]byte(seed.text), seed.delimiter, seed.layout)
	}
	f.Fuzz(func(t *testing.T, data []byte, delimiter, layout string) {
		run := func(limit int) (*memory, ingest.Summary, string, error) {
			var rejects bytes.Buffer
			sink := newMemory("")
			s, err := ingest.Orders(t.Context(), sink, ingest.Options{
				Files: []string{"-"}, Stdin: bytes.NewReader(data), Delimiter: delimiter, TimeLayout: layout,
				Rejects: &rejects, Memory: limit, TempDir: t.TempDir(), BatchOrders: 3,
			})
			return sink, s, rejects.String(), err
		}
		sink, s, rejects, err := run(0)
		if err != nil {
			if fault.Code(err) == "" {
				t.Fatalf("an error that is not for people: %v", err)
			}
			return
		}
		again, _, rejectsAgain, err := run(200)
		if err != nil || rejects != rejectsAgain || !maps.EqualFunc(sink.orders, again.orders, sameOrder) {
			t.Fatalf("another result on disk: %v", err)
		}
		total := int64(0)
		for _, n := range s.Reasons {
			total += n
		}
		if total != s.Rejected || s.Rejected > s.Rows || s.Orders > s.Rows-s.Rejected || (s.Orders == 0) != (s.Rejected == s.Rows) {
			t.Fatalf("rows are lost: %+v", s)
		}
		for id, order := range sink.orders {
			if id == "" || order.Customer.ExternalID == "" || order.PlacedAt.IsZero() || order.Rate.Sign() <= 0 || reflect.ValueOf(order.Total).IsZero() {
				t.Fatalf("an order that is none: %+v", order)
			}
		}
	})
}

func sameOrder(a, b record.Order) bool { return reflect.DeepEqual(a, b) }
