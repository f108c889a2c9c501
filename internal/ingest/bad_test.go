package ingest_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwether/internal/fault"
	"bellwether/internal/ingest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestBadRows imports every kind of bad row. The reject file is golden; good rows around them are imported.
func TestBadRows(t *testing.T) {
	var rejects, summary strings.Builder
	sink := newMemory("USD")
	options := ingest.Options{
		Files: []string{"testdata/bad.csv", "testdata/bad_quotes.csv", "testdata/bad_tax.csv"}, Rejects: &rejects, TempDir: t.TempDir(),
	}
	s := mustImport(t, sink, options)
	s.Duration = 0
	if err := s.Print(&summary); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/bad.rejects.golden", rejects.String())
	golden(t, "testdata/bad.summary.golden", summary.String())
	golden(t, "testdata/bad.orders.golden", strings.Join(sink.ids(), "\n")+"\n")
	for _, reason := range ingest.Reasons() {
		switch reason.Reason {
		case ingest.RowTooLarge, ingest.TooManyLines: // they need more than a small file; see TestTooMuch
		default:
			if s.Reasons[reason.Reason] == 0 {
				t.Errorf("testdata/bad.csv has no row that is rejected for %s", reason.Reason)
			}
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update to accept); got\n%s", name, got)
	}
}

// TestTooMuch: what would fill memory is rejected, and what stands around it is imported.
func TestTooMuch(t *testing.T) {
	const head = "order_id,customer_id,placed_at,total\n"
	long := strings.Repeat("x", 2<<20)
	s := mustImport(t, newMemory("USD"), stdin(head+"o1,c,2024-01-01,1\no2,c,2024-01-01,"+long+"\no3,c,2024-01-01,1\n"))
	if s.Created != 2 || s.Reasons[ingest.RowTooLarge] != 1 {
		t.Errorf("a row of 2 MiB: %+v", s)
	}
	// A quote that is never closed costs its row, not the rest of the file.
	rest := strings.Repeat("o3,c,2024-01-01,1\n", 5000)
	s = mustImport(t, newMemory("USD"), stdin(head+"o1,c,2024-01-01,1\no2,c,\"2024-01-01,1\n"+rest))
	if s.Created != 2 || s.Reasons[ingest.MalformedCSV] != 1 || s.Rejected != 1 {
		t.Errorf("an open quote: %+v", s)
	}
	rest = strings.Repeat("o3,c,2024-01-01,1\n", 10_007)
	sink := newMemory("USD")
	if s = mustImport(t, sink, stdin(head+rest)); s.Created != 1 || s.Reasons[ingest.TooManyLines] != 7 {
		t.Errorf("an order of 10,007 rows: %+v", s)
	}
}

func TestFaults(t *testing.T) {
	const good = "order_id,customer_id,placed_at,total\no1,c1,2024-01-01,5\n"
	gz := write(t, "cut.csv.gz", string(compressed(t, good+strings.Repeat("x", 1000), "gz")[:40]))
	broken := write(t, "broken.xz", "\xfd7zXZ\x00 and then something else, long enough to be a header")
	// xz with a window of 1.5 GiB: the byte that says so is the 17th.
	window := compressed(t, good, "xz")
	window[16] = 37
	greedy := write(t, "greedy.xz", string(window))
	folder := t.TempDir()
	for _, test := range []struct {
		name    string
		options ingest.Options
		code    string
		message string // a part of it, with the cure
	}{
		{"no file", ingest.Options{}, fault.Invalid, "name some"},
		{"missing file", ingest.Options{Files: []string{filepath.Join(folder, "no.csv")}}, fault.NotFound, "check the path"},
		{"folder", ingest.Options{Files: []string{folder}}, fault.Invalid, "name the files in it"},
		{"no stdin", ingest.Options{Files: []string{"-"}}, fault.Invalid, "name a file"},
		{"twice", ingest.Options{Files: []string{gz, gz}}, fault.Invalid, "name it once"},
		{"empty", stdin(""), fault.Invalid, "is empty"},
		{"only blank lines", stdin("\n \n"), fault.Invalid, "is empty"},
		{"cut off", ingest.Options{Files: []string{gz}}, fault.Invalid, "fetch it again"},
		{"damaged", ingest.Options{Files: []string{broken}}, fault.Invalid, "is it damaged?"},
		{"large window", ingest.Options{Files: []string{greedy}}, fault.Invalid, "compress it with xz -9 or less"},
		{"UTF-16", stdin("\xff\xfea\x00"), fault.Invalid, "save it as UTF-8"},
		{"preset", with(good, func(o *ingest.Options) { o.Preset = "amazon" }), fault.NotFound, "there are cdnow, online-retail"},
		{"preset file", with(good, func(o *ingest.Options) { o.Preset = "no.yaml" }), fault.NotFound, "check the path"},
		{"delimiter", with(good, func(o *ingest.Options) { o.Delimiter = "ab" }), fault.Invalid, "give one character"},
		{"quote as delimiter", with(good, func(o *ingest.Options) { o.Delimiter = `"` }), fault.Invalid, "give one character"},
		{"wrong delimiter", with(good, func(o *ingest.Options) { o.Delimiter = ";" }), fault.Invalid, "is the delimiter right?"},
		{"field", with(good, func(o *ingest.Options) { o.Map = map[string]string{"totl": "total"} }), fault.Invalid, "did you mean total?"},
		{"unlike any field", with(good, func(o *ingest.Options) { o.Map = map[string]string{"zzzzzzzzzzzzz": "x"} }), fault.Invalid, "there are cancelled_at, category"},
		{
			"column", with(good, func(o *ingest.Options) { o.Map = map[string]string{"total": "Totel"} }), fault.Invalid,
			`no column "Totel" for total; its columns are "order_id", "customer_id", "placed_at", "total" (--map total=total?)`,
		},
		{
			"missing fields", stdin("a,b\n1,2\n"), fault.Invalid,
			`no column for customer_id, placed_at, total (or quantity and unit_price); its columns are "a", "b" (map them with --map`,
		},
		{"double column", stdin("customer_id,placed_at,total,total\n"), fault.Invalid, "more than one column"},
		{"currency", with(good, func(o *ingest.Options) { o.Currency = "BTC" }), fault.Invalid, "ISO 4217"},
		{"layout with a zone's name", with(good, func(o *ingest.Options) { o.TimeLayout = "2006-01-02 MST" }), fault.Invalid, "ambiguous"},
		{"layout without a date", with(good, func(o *ingest.Options) { o.TimeLayout = "yyyy-mm-dd" }), fault.Invalid, "has no part of a date"},
		{"strftime", with(good, func(o *ingest.Options) { o.TimeLayout = "%Q" }), fault.Invalid, "strftime"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sink := newMemory("")
			_, err := ingest.Orders(t.Context(), sink, test.options)
			if err == nil || fault.Code(err) != test.code || !strings.Contains(err.Error(), test.message) {
				t.Errorf("error %v with code %q, want %q with %q", err, fault.Code(err), test.message, test.code)
			}
			if sink.base != "" || len(sink.batches) > 0 {
				t.Error("something was written")
			}
		})
	}
	if _, err := ingest.Zone("Mars/Olympus"); fault.Code(err) != fault.Invalid {
		t.Errorf("unknown zone: %v", err)
	}
}

func with(text string, change func(*ingest.Options)) ingest.Options {
	options := stdin(text)
	change(&options)
	return options
}
