package abi_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"bellwether/plugins"
	"bellwether/scoring"
	"bellwether/scoring/abi"
)

// everything is a manifest with a column of every kind wherever one may be.
func everything() *scoring.Manifest {
	m := &scoring.Manifest{Reasons: make([]scoring.Reason, 3)}
	for kind := scoring.Label; kind <= scoring.Text; kind++ {
		o := scoring.Output{Name: strings.ToLower(kind.String()), Kind: kind}
		if kind == scoring.Label {
			o.Labels = []scoring.LabelDoc{{Name: "A"}, {Name: "B"}, {Name: "C"}}
		}
		m.Outputs = append(m.Outputs, o)
		m.Derived = append(m.Derived, scoring.Derived{Name: o.Name, Kind: kind})
	}
	return m
}

// value is some value of a kind, one in four null.
func value(r *rand.Rand, kind scoring.Kind) scoring.Value {
	if r.IntN(4) == 0 {
		c := scoring.MakeColumn(kind, 1)
		return c.At(0)
	}
	texts := []string{"", "A", "中文", strings.Repeat("x", 300)}
	switch kind {
	case scoring.Label:
		return scoring.Name(texts[1])
	case scoring.Number:
		return scoring.Float(r.NormFloat64())
	case scoring.Money:
		return scoring.Minor(r.Int64() - math.MaxInt64/2)
	case scoring.Flag:
		return scoring.Bool(r.IntN(2) == 0)
	case scoring.Moment:
		return scoring.Time(scoring.Instant(r.Int64()))
	case scoring.Text:
		return scoring.String(texts[r.IntN(len(texts))])
	}
	return scoring.Int(-r.Int64())
}

func columns(r *rand.Rand, rows int) []scoring.Column {
	var out []scoring.Column
	for kind := scoring.Label; kind <= scoring.Text; kind++ {
		c := scoring.MakeColumn(kind, rows)
		for i := range rows {
			c.Set(i, value(r, kind))
		}
		out = append(out, c)
	}
	return out
}

func orders(r *rand.Rand, rows int) [][]scoring.Order {
	out := make([][]scoring.Order, rows)
	for i := range out {
		for range r.IntN(4) {
			o := scoring.Order{PlacedAt: scoring.Instant(r.Int64()), PaidAt: scoring.Never, DueAt: 7, Net: -r.Int64(), Credit: r.IntN(2) == 0}
			for range r.IntN(4) {
				o.Lines = append(o.Lines, scoring.Line{
					SKU: string(rune('a' + r.IntN(5))), Kind: "GOODS", Condition: "NEW", LaunchedAt: scoring.Never, Technology: r.IntN(2) == 0,
					Quantity: r.Int64(), Price: r.Float64(), ListPrice: 1, Discount: r.Float64(), Cost: -1,
				})
			}
			out[i] = append(out[i], o)
		}
	}
	return out
}

// batch is some input.
func batch(r *rand.Rand, rows int) *scoring.Batch {
	b := &scoring.Batch{
		Env: &scoring.Env{
			AsOf: scoring.Instant(r.Int64()), Currency: "EUR", Exponent: 2, Location: time.UTC,
			Params: []scoring.Value{scoring.Int(3), scoring.Numbers([]float64{1, 2}), scoring.Bool(true), scoring.String("RANK"), scoring.Numbers(nil)},
		},
		IDs: make([]scoring.ID, rows), Facts: columns(r, rows), Requires: columns(r, rows), Derived: columns(r, rows), Orders: orders(r, rows), Explain: r.IntN(2) == 0,
	}
	for i := range b.IDs {
		for j := range b.IDs[i] {
			b.IDs[i][j] = byte(r.Uint32())
		}
	}
	return b
}

func TestInput(t *testing.T) {
	var e abi.Encoder
	var d abi.Decoder
	r := rand.New(rand.NewPCG(1, 2))
	for _, rows := range []int{0, 1, 2, 7, 100} {
		for _, keep := range []bool{false, true} {
			want := batch(r, rows)
			b, err := e.AppendInput(nil, want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := d.Input(b, keep)
			if err != nil {
				t.Fatal(err)
			}
			sameEnv(t, got.Env, want.Env)
			sameColumns(t, got.Facts, want.Facts)
			sameColumns(t, got.Requires, want.Requires)
			sameColumns(t, got.Derived, want.Derived)
			if !reflect.DeepEqual(got.IDs, want.IDs) || got.Explain != want.Explain || !reflect.DeepEqual(got.Orders, want.Orders) {
				t.Errorf("%d rows: %+v, want %+v", rows, got, want)
			}
			if keep && rows > 2 { // what is kept does not change with the message
				clear(b)
				if column := &got.Facts[scoring.Text]; !reflect.DeepEqual(column.Texts, want.Facts[scoring.Text].Texts) {
					t.Error("texts that were to be kept went with the message")
				}
			}
		}
	}
}

func TestInputBehindOtherBytes(t *testing.T) {
	var e abi.Encoder
	var d abi.Decoder
	want := batch(rand.New(rand.NewPCG(3, 4)), 5)
	b, err := e.AppendInput(make([]byte, 16), want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Input(b[16:], false)
	if err != nil {
		t.Fatal(err)
	}
	sameColumns(t, got.Facts, want.Facts)
}

func sameEnv(t *testing.T, got, want *scoring.Env) {
	t.Helper()
	if got.AsOf != want.AsOf || got.Currency != want.Currency || got.Exponent != want.Exponent || !reflect.DeepEqual(got.Params, want.Params) {
		t.Errorf("environment %+v, want %+v", got, want)
	}
}

func sameColumns(t *testing.T, got, want []scoring.Column) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d columns, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i].Kind != want[i].Kind || got[i].Len() != want[i].Len() {
			t.Fatalf("column %d is of %s and %d rows, want %s and %d", i, got[i].Kind, got[i].Len(), want[i].Kind, want[i].Len())
		}
		for row := range want[i].Len() {
			if g, w := got[i].At(row), want[i].At(row); g != w {
				t.Errorf("column %d, row %d: %v, want %v", i, row, g, w)
			}
		}
	}
}

// TestZones holds the days of a guest's time zone against those of the real one, hour by hour around each change.
func TestZones(t *testing.T) {
	zones := []string{
		"Africa/Casablanca", "America/Asuncion", "America/Havana", "America/Sao_Paulo", "America/St_Johns", "Asia/Beirut", "Asia/Shanghai",
		"Asia/Tehran", "Atlantic/Azores", "Australia/Lord_Howe", "Europe/Dublin", "Europe/London", "Pacific/Apia", "Pacific/Kiritimati", "UTC",
	}
	for _, name := range zones {
		location, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		want := &scoring.Env{Location: location}
		got := through(t, want)
		for day := int64(-40_000); day < 80_000; day += 3 { // from 1860 to 2189
			for _, hour := range []int64{0, 1, 2, 3, 12, 22, 23} {
				at := scoring.Instant((day*24 + hour) * 3600 * 1_000_000)
				if g, w := got.Day(at), want.Day(at); g != w {
					t.Fatalf("%s: %s is on day %d, want %d", name, at.Time(), g, w)
				}
			}
			if g, w := got.DayStart(day), want.DayStart(day); g != w {
				t.Fatalf("%s: day %d begins at %s, want %s", name, day, g.Time(), w.Time())
			}
		}
	}
	fixed := through(t, &scoring.Env{Location: time.FixedZone("", -5*3600-1800)})
	if got := fixed.Day(0); got != -1 {
		t.Errorf("five and a half hours behind, 1970 begins on day %d, want -1", got)
	}
	if got := through(t, &scoring.Env{}).Day(0); got != 0 {
		t.Errorf("without a zone, 1970 begins on day %d, want 0", got)
	}
}

// through is an environment as a guest sees it.
func through(t *testing.T, env *scoring.Env) *scoring.Env {
	t.Helper()
	var e abi.Encoder
	var d abi.Decoder
	b, err := e.AppendInput(nil, &scoring.Batch{Env: env})
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Input(b, false)
	if err != nil {
		t.Fatal(err)
	}
	return got.Env
}

func TestResults(t *testing.T) {
	m, r := everything(), rand.New(rand.NewPCG(5, 6))
	for _, rows := range []int{0, 1, 9, 100} {
		want := &scoring.Results{Outputs: columns(r, rows), Until: make([]scoring.Instant, rows), Evidence: make([][]scoring.Evidence, rows)}
		for i := range rows {
			want.Until[i] = scoring.Instant(r.Int64())
			for range r.IntN(3) {
				want.Evidence[i] = append(want.Evidence[i], scoring.Evidence{
					Reason: r.IntN(3), Value: value(r, scoring.Kind(r.IntN(7))), Percentile: r.Float64(),
					Threshold: []scoring.Value{value(r, scoring.Number), value(r, scoring.Text)}, Args: []scoring.Value{scoring.Numbers([]float64{1, 2, 3})},
				})
			}
		}
		b, err := abi.AppendResults(nil, m, want, rows)
		if err != nil {
			t.Fatal(err)
		}
		got, err := abi.DecodeResults(b, m, rows, true)
		if err != nil {
			t.Fatal(err)
		}
		sameColumns(t, got.Outputs, want.Outputs)
		if !reflect.DeepEqual(got.Until, want.Until) || !reflect.DeepEqual(got.Evidence, want.Evidence) {
			t.Errorf("%d rows: %+v, want %+v", rows, got, want)
		}
		if got, err = abi.DecodeResults(b, m, rows, false); err != nil || got.Evidence != nil {
			t.Errorf("evidence that nobody asked for: %v, %v", got.Evidence, err)
		}
	}
}

func TestResultsWithoutUntilAndEvidence(t *testing.T) {
	m := &scoring.Manifest{Outputs: []scoring.Output{{Name: "size", Kind: scoring.Integer}}}
	b, err := abi.AppendResults(nil, m, &scoring.Results{Outputs: []scoring.Column{{Kind: scoring.Integer, Ints: []int64{1, int64(scoring.Never)}}}}, 2)
	if err != nil {
		t.Fatal(err)
	}
	got, err := abi.DecodeResults(b, m, 2, true)
	if err != nil {
		t.Fatal(err)
	}
	if got.Until[1] != scoring.Never || len(got.Evidence) != 2 || got.Outputs[0].Null[0] || got.Outputs[0].At(0).Int() != 1 {
		t.Errorf("got %+v", got)
	}
}

// What a guest may not answer.
func TestBadResults(t *testing.T) {
	tests := []struct {
		name   string
		output scoring.Output
		column scoring.Column
		want   string
	}{
		{"infinite", scoring.Output{Name: "x", Kind: scoring.Number}, scoring.Column{Kind: scoring.Number, Floats: []float64{1, math.Inf(1)}}, "output x is +Inf"},
		{"not a number", scoring.Output{Name: "x", Kind: scoring.Number}, scoring.Column{Kind: scoring.Number, Floats: []float64{1, math.NaN()}}, "output x is NaN"},
		{"not a flag", scoring.Output{Name: "x", Kind: scoring.Flag}, scoring.Column{Kind: scoring.Flag, Ints: []int64{1, 2}}, "output x is 2, not 0, 1 or null"},
	}
	for _, tt := range tests {
		m := &scoring.Manifest{Outputs: []scoring.Output{tt.output}}
		b, err := abi.AppendResults(nil, m, &scoring.Results{Outputs: []scoring.Column{tt.column}}, 2)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := abi.DecodeResults(b, m, 2, false); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if _, err := abi.DecodeResults(b, m, 3, false); err == nil || !strings.Contains(err.Error(), "answered 2 customers of 3") {
			t.Errorf("%s: for three customers: %v", tt.name, err)
		}
		other := &scoring.Manifest{Outputs: []scoring.Output{{Name: "x", Kind: scoring.Money}}}
		if _, err := abi.DecodeResults(b, other, 2, false); err == nil || !strings.Contains(err.Error(), "output x is of kind") {
			t.Errorf("%s: for money: %v", tt.name, err)
		}
	}
}

func TestDerived(t *testing.T) {
	m, r := everything(), rand.New(rand.NewPCG(7, 8))
	var want []abi.Derived
	for i := range 50 {
		want = append(want, abi.Derived{ID: scoring.ID{byte(i)}, Column: i % 7, Value: value(r, scoring.Kind(i%7))})
	}
	got, err := abi.DecodeDerived(abi.AppendDerived(nil, want), m)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %+v, want %+v", err, got, want)
	}
	bad := abi.AppendDerived(nil, []abi.Derived{{Column: 1, Value: scoring.String("")}})
	if _, err := abi.DecodeDerived(bad, m); err == nil || !strings.Contains(err.Error(), "derived number is TEXT, want NUMBER") {
		t.Errorf("a text for a number: %v", err)
	}
	bad = abi.AppendDerived(nil, []abi.Derived{{Column: 7}})
	if _, err := abi.DecodeDerived(bad, m); err == nil || !strings.Contains(err.Error(), "derived column 7 of 7") {
		t.Errorf("a column too many: %v", err)
	}
}

func TestManifests(t *testing.T) {
	for _, s := range plugins.All() {
		want := s.Manifest()
		text, err := abi.EncodeManifest(want, !scoring.Fitless(s))
		if err != nil {
			t.Fatal(err)
		}
		got, learns, err := abi.DecodeManifest(text)
		if err != nil {
			t.Fatal(err)
		}
		if learns == scoring.Fitless(s) || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v\nwant %+v", want.Name, got, want)
		}
	}
}

func TestBadManifests(t *testing.T) {
	tests := map[string]string{
		``:                                   "manifest: EOF",
		`{"name": "x", "colour": 1}`:         `unknown field "colour"`,
		`{"name": "x"} {}`:                   "something follows the JSON object",
		`{"outputs": [{"kind": "integer"}]}`: "use LABEL, NUMBER, INTEGER, MONEY, FLAG, INSTANT or TEXT",
		`{"params": [{"name": "days", "kind": "INTEGER", "default": 1.5}]}`: "default of parameter days",
		`{"params": [{"name": "days", "kind": "NUMBER", "min": 1e999}]}`:    "cannot unmarshal number 1e999",
	}
	for text, want := range tests {
		if _, _, err := abi.DecodeManifest([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	m := &scoring.Manifest{Params: []scoring.Param{{Name: "days", Kind: scoring.Number, Default: scoring.Float(1), Max: math.Inf(1)}}}
	if _, err := abi.EncodeManifest(m, false); err == nil {
		t.Error("an infinite bound, which JSON has not, was written")
	}
}
