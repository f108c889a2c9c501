package scoring_test

import (
	"math"
	"testing"
	"time"

	"bellwether/scoring"
)

func in(t *testing.T, zone string) *scoring.Env {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return &scoring.Env{Location: location}
}

func TestDay(t *testing.T) {
	tests := []struct {
		zone, at string
		want     string
	}{
		{"UTC", "2026-03-29T23:59:59.999999Z", "2026-03-29"},
		{"Europe/London", "2026-03-28T23:59:59.999999Z", "2026-03-28"},
		{"Europe/London", "2026-03-29T00:59:59Z", "2026-03-29"},        // an hour before the clocks go forward
		{"Europe/London", "2026-03-29T22:59:59.999999Z", "2026-03-29"}, // 23:59:59 in summer
		{"Europe/London", "2026-03-29T23:00:00Z", "2026-03-30"},
		{"Europe/London", "2026-10-25T23:59:59Z", "2026-10-25"}, // winter again: a day of 25 hours
		{"Asia/Shanghai", "2026-01-31T15:59:59.999999Z", "2026-01-31"},
		{"Asia/Shanghai", "2026-01-31T16:00:00Z", "2026-02-01"},
		{"America/New_York", "1969-12-31T23:59:59.999999Z", "1969-12-31"},
		{"UTC", "1969-12-31T23:59:59.999999Z", "1969-12-31"}, // a microsecond before 0
		{"Asia/Shanghai", "1899-12-31T23:00:00.000001Z", "1900-01-01"},
	}
	for _, tt := range tests {
		e := in(t, tt.zone)
		at, err := time.Parse(time.RFC3339Nano, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		day := e.Day(scoring.At(at))
		if got := time.Unix(day*86400, 0).UTC().Format(time.DateOnly); got != tt.want {
			t.Errorf("%s in %s is on %s, want %s", tt.at, tt.zone, got, tt.want)
		}
		if e.AsOf = scoring.At(at); e.Today() != day {
			t.Errorf("today is %d, want %d", e.Today(), day)
		}
	}
}

// TestDayStart goes through 120 years of zones with odd clocks: some skip midnight, some have it twice, and Apia skipped
// a whole day.
func TestDayStart(t *testing.T) {
	zones := []string{
		"America/Asuncion", "America/Havana", "America/Sao_Paulo", "America/St_Johns", "Asia/Beirut", "Asia/Shanghai",
		"Asia/Tehran", "Atlantic/Azores", "Europe/London", "Pacific/Apia", "UTC",
	}
	for _, zone := range zones {
		e, odd := in(t, zone), 0
		for day := int64(-20_000); day < 25_000; day++ {
			start := e.DayStart(day)
			if e.Day(start) != day || e.Day(start-1) != day-1 {
				odd++
			}
		}
		if want := map[bool]int{true: 2}[zone == "Pacific/Apia"]; odd != want {
			t.Errorf("%s: %d days begin at the wrong instant, want %d", zone, odd, want)
		}
	}
}

func TestInstant(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_901_999, time.FixedZone("", 3600))
	if got := scoring.At(at).Time(); !got.Equal(at.Truncate(time.Microsecond)) || got.Location() != time.UTC {
		t.Errorf("%v, want it truncated to microseconds, in UTC", got)
	}
	if got := scoring.At(at).Add(scoring.Day) - scoring.At(at); got != 86_400_000_000 {
		t.Errorf("a day is %d microseconds", got)
	}
}

func TestColumn(t *testing.T) {
	samples := map[scoring.Kind]scoring.Value{
		scoring.Label: scoring.Name("HIGH"), scoring.Number: scoring.Float(-.5), scoring.Integer: scoring.Int(math.MinInt64 + 1), scoring.Money: scoring.Minor(-3),
		scoring.Flag: scoring.Bool(true), scoring.Moment: scoring.Time(-1), scoring.Text: scoring.String("中文"),
	}
	for kind, v := range samples {
		c := scoring.MakeColumn(kind, 2)
		if c.Len() != 2 || c.At(0).Ok() || c.At(0).Kind() != kind {
			t.Errorf("%s: a new column is not of two nulls", kind)
		}
		if c.Set(1, v); c.At(1) != v {
			t.Errorf("%s: %v, want %v", kind, c.At(1), v)
		}
		c.Append(v)
		c.Append(scoring.Value{})
		if c.Len() != 4 || c.At(2) != v || c.At(3).Ok() {
			t.Errorf("%s: after appending a value and a null: %v and %v", kind, c.At(2), c.At(3))
		}
	}
	c := scoring.Column{Kind: scoring.Number, Floats: []float64{math.NaN(), 1}}
	if c.At(0).Ok() || !c.At(1).Ok() {
		t.Error("NaN is not null in a column without Null")
	}
	c = scoring.Column{Kind: scoring.Moment, Ints: []int64{int64(scoring.Never), 0}}
	if c.At(0).Ok() || !c.At(1).Ok() {
		t.Error("Never is not null in a column without Null")
	}
}

func TestSlice(t *testing.T) {
	b := &scoring.Batch{
		IDs: make([]scoring.ID, 3), Facts: []scoring.Column{{Kind: scoring.Integer, Ints: []int64{1, 2, 3}}},
		Orders: [][]scoring.Order{nil, {{Net: 7}}, nil},
	}
	s := b.Slice(1, 3)
	if s.Len() != 2 || s.Facts[0].Len() != 2 || s.Facts[0].At(0).Int() != 2 || s.Orders[0][0].Net != 7 {
		t.Errorf("got %+v", s)
	}
}

func TestValues(t *testing.T) {
	xs := []float64{-1, .5, math.MaxFloat64}
	list := scoring.Numbers(xs)
	if got := list.Floats(); len(got) != 3 || got[0] != -1 || got[1] != .5 || got[2] != math.MaxFloat64 {
		t.Errorf("floats %v, want %v", got, xs)
	}
	if list.Kind() != scoring.Number || !list.Ok() || list.Text() != "" || list != scoring.Numbers(xs) {
		t.Error("a list is not a value of kind NUMBER, equal to itself")
	}
	xs[0] = 9
	if list.Floats()[0] != -1 {
		t.Error("a list changes with the slice it was made of")
	}
	if scoring.Float(1).Floats() != nil || scoring.Numbers(nil).Floats() == nil {
		t.Error("a list without items is taken for a scalar, or a scalar for a list")
	}
	if v := scoring.Time(scoring.Never); v.Ok() || v.Instant() != scoring.Never || (scoring.Value{}).Instant() != scoring.Never {
		t.Error("Never is not null")
	}
	if scoring.Int(7).Float() != 7 || !scoring.Bool(true).Bool() || scoring.Bool(false).Bool() || scoring.Kind(99).String() != "Kind(99)" {
		t.Error("values do not read as what they are")
	}
}

func TestIDs(t *testing.T) {
	id := scoring.ID{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe}
	const text = "01234567-89ab-cdef-1032-547698badcfe"
	if id.String() != text {
		t.Errorf("%s, want %s", id, text)
	}
	if got, ok := scoring.ParseID(text); !ok || got != id {
		t.Errorf("read %s, %v", got, ok)
	}
	for _, bad := range []string{"", text[1:], text + "0", "01234567+89ab-cdef-1032-547698badcfe", "01234567-89ab-cdef-1032-547698badcfg", "0123456789abcdef1032547698badcfe0000"} {
		if _, ok := scoring.ParseID(bad); ok {
			t.Errorf("read %q as an id", bad)
		}
	}
}
