package ingest_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"bellwether/internal/ingest"
	"bellwether/internal/record"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// small is a file with what the formats have to keep: quotes, a line break and a delimiter inside a cell, no last line
// end.
const small = "order_id,customer_id,placed_at,sku,product,quantity,unit_price\n" +
	"o1,c1,2024-03-01,s1,\"A \"\"good\"\" thing, in\ntwo lines\",2,1.50\n" +
	"o2,c2,2024-03-02T10:00:00Z,s2,6\" ruler,1,3.001\n" +
	"o1,c1,2024-03-01,s2,,1,3"

func compressed(t *testing.T, text, format string) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch format {
	case "gz":
		w = gzip.NewWriter(&out)
	case "xz":
		w, err = xz.NewWriter(&out)
	case "zst":
		w, err = zstd.NewWriter(&out)
	default:
		return []byte(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestCompression(t *testing.T) {
	want := newMemory("USD")
	mustImport(t, want, stdin(small))
	day := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	order := want.orders["o1"]
	if order.Total != record.Set[int64](600) || len(order.Lines.Value) != 2 || !order.PlacedAt.Equal(day) {
		t.Errorf("o1 is %+v", order)
	}
	if got := want.orders["o2"].Lines.Value[0].UnitPrice; got != 3_001_000 {
		t.Errorf("the unit price 3.001 is %d micro-units", got)
	}
	if got := *want.products["s1"].Name; got != "A \"good\" thing, in\ntwo lines" {
		t.Errorf("s1 is %q", got)
	}
	if got := *want.products["s2"].Name; got != `6" ruler` {
		t.Errorf("s2 is %q", got)
	}
	for _, format := range []string{"csv", "gz", "xz", "zst"} {
		data := compressed(t, small, format)
		path := filepath.Join(t.TempDir(), "orders")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		fromFile, fromPipe := newMemory("USD"), newMemory("USD")
		s := mustImport(t, fromFile, ingest.Options{Files: []string{path}})
		mustImport(t, fromPipe, ingest.Options{Files: []string{"-"}, Stdin: &trickle{data}})
		if !reflect.DeepEqual(fromFile.orders, want.orders) || !reflect.DeepEqual(fromPipe.orders, want.orders) {
			t.Errorf("%s imports as other orders", format)
		}
		if s.Bytes != int64(len(data)) {
			t.Errorf("%s: %d bytes read of %d", format, s.Bytes, len(data))
		}
	}
}

// trickle gives a byte at a time, as slow pipes do.
type trickle struct{ data []byte }

func (r *trickle) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:1], r.data)
	r.data = r.data[n:]
	return n, nil
}

func TestDelimiters(t *testing.T) {
	rows := [][]string{
		{"order_id", "customer_id", "placed_at", "total", "channel"},
		{"o1", "c1", "2024-03-01", "12.5", "web"},
		{"o2", "c2", "2024-03-02", "0", "shop"},
	}
	for _, test := range []struct{ name, text string }{
		{"comma", ","},
		{"pipe", "|"},
		{"semicolon", ";"},
		{"tab", "\t"},
		{`\t`, "\t"},
		{"whitespace", "  \t "},
		{" ", " "},
		{"§", "§"},
		{"，", "，"},
		{"^", "^"},
	} {
		for _, quote := range []string{"", `"`} {
			for _, end := range []string{"\n", "\r\n"} {
				var text strings.Builder
				for _, cells := range rows {
					text.WriteString(quote + strings.Join(cells, quote+test.text+quote) + quote + end)
				}
				sink, options := newMemory("USD"), stdin(text.String())
				options.Delimiter = test.name
				s := mustImport(t, sink, options)
				if s.Created != 2 || s.Rejected != 0 || sink.orders["o1"].Total.Value != 1250 || sink.orders["o1"].Channel.Value != "web" || sink.orders["o2"].Channel.Value != "shop" {
					t.Errorf("delimiter %q, quote %q, line end %q: %+v", test.name, quote, end, s)
				}
			}
		}
	}
}

func TestColumns(t *testing.T) {
	options := stdin("\ufeff  c1 2024-03-01  5\n\n c2\t2024-03-02 7 \n")
	options.Delimiter, options.Columns = "whitespace", []string{"customer_id", "placed_at", "total"}
	sink := newMemory("USD")
	if s := mustImport(t, sink, options); s.Created != 2 || s.Rows != 2 {
		t.Errorf("a file without header: %+v", s)
	}
}

func TestMapping(t *testing.T) {
	options := stdin("\ufeff\"Customer ID\",When,Worth,First,Last,Total,Land\nc1,2024-03-01,5,Ann,Lee,9,DE\nc2,2024-03-01,6,,Wu,9,CN\n")
	options.Map = map[string]string{
		"PlacedAt": "when", "total": "Worth", "customer_name": "First+Last", "country": "Country|Land", "email": "",
	}
	sink := newMemory("USD")
	mustImport(t, sink, options)
	if got := *sink.customers["c1"].Name; got != "Ann Lee" {
		t.Errorf("the name of c1 is %q", got)
	}
	if got := *sink.customers["c2"].Name; got != "Wu" {
		t.Errorf("the name of c2 is %q", got)
	}
	if got := *sink.customers["c2"].Country; got != "CN" {
		t.Errorf("the country of c2 is %q", got)
	}
	for id, order := range sink.orders {
		if order.Total.Value > 600 {
			t.Errorf("%s: the total is of the column mapped by name, not by --map", id)
		}
		if order.Lines.State != record.Omitted {
			t.Errorf("%s has lines", id)
		}
	}
}
