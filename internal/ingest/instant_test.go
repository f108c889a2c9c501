package ingest_test

import (
	"testing"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/ingest"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := ingest.Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestTimes reads each text as the time of an order; want "" is a rejected one.
func TestTimes(t *testing.T) {
	for _, test := range []struct{ zone, layout, text, want string }{
		{"UTC", "", "2011-12-09", "2011-12-09T00:00:00Z"},
		{"UTC", "", "2011-12-09T12:50:00Z", "2011-12-09T12:50:00Z"},
		{"UTC", "", "2011-12-09t12:50:00.1234567z", "2011-12-09T12:50:00.123456Z"},
		{"UTC", "", "2011-12-09T12:50:00+05:30", "2011-12-09T07:20:00Z"},
		{"Asia/Shanghai", "", "2011-12-09 12:50:00-0100", "2011-12-09T13:50:00Z"},
		{"UTC", "", "2011-12-09 12:50", "2011-12-09T12:50:00Z"},
		{"Asia/Shanghai", "", "2011-12-09", "2011-12-08T16:00:00Z"},
		{"Europe/London", "", "2011-07-01 12:00:00", "2011-07-01T11:00:00Z"},
		{"Europe/London", "", "2011-12-01 12:00:00", "2011-12-01T12:00:00Z"},
		// Clocks went forward at 01:00 and back at 02:00.
		{"Europe/London", "", "2011-03-27 00:59:59", "2011-03-27T00:59:59Z"},
		{"Europe/London", "", "2011-03-27 01:30:00", "2011-03-27T01:30:00Z"},
		{"Europe/London", "", "2011-03-27 02:00:00", "2011-03-27T01:00:00Z"},
		{"Europe/London", "", "2011-10-30 00:59:59", "2011-10-29T23:59:59Z"},
		{"Europe/London", "", "2011-10-30 01:30:00", "2011-10-30T00:30:00Z"},
		{"Europe/London", "", "2011-10-30 02:00:00", "2011-10-30T02:00:00Z"},
		{"America/Sao_Paulo", "", "2017-10-15", "2017-10-15T03:00:00Z"}, // a day that began at 01:00
		{"Pacific/Apia", "", "2011-12-30", "2011-12-30T10:00:00Z"},      // a day that never was: the next begins
		{"UTC", "", "2011-02-29", ""},
		{"UTC", "", "2012-02-29", "2012-02-29T00:00:00Z"},
		{"UTC", "", "2011-13-01", ""},
		{"UTC", "", "2011-12-9", ""},
		{"UTC", "", "2011-12-09T", ""},
		{"UTC", "", "2011-12-09T24:00:00", ""},
		{"UTC", "", "2011-12-09T23:59:60", ""},
		{"UTC", "", "2011-12-09T23:59:59.", ""},
		{"UTC", "", "2011-12-09T23:59:59Z.", ""},
		{"UTC", "", "2011-12-09 noon", ""},
		{"UTC", "", "1899-12-31", ""},
		{"UTC", "", "1900-01-01", "1900-01-01T00:00:00Z"},
		{"UTC", "", "2200-12-31", "2200-12-31T00:00:00Z"},
		{"UTC", "", "2201-01-01", ""},
		{"UTC", "", "tomorrow", ""},
		{"UTC", "", "２０１１-12-09", ""},
		{"Europe/London", "1/2/2006 15:04", "7/1/2011 12:00", "2011-07-01T11:00:00Z"},
		{"Europe/London", "1/2/2006 15:04", "2/29/2011 12:00", ""},
		{"Europe/London", "2006-01-02 15:04:05 -0700", "2011-07-01 12:00:00 +0000", "2011-07-01T12:00:00Z"},
		{"UTC", "20060102", "20111209", "2011-12-09T00:00:00Z"},
		{"UTC", "20060102", "2011-12-09", ""}, // a layout replaces the default
		{"Europe/London", "%d/%m/%Y %H:%M", "01/07/2011 12:00", "2011-07-01T11:00:00Z"},
		{"UTC", "%d.%m.%Y", "29.2.2012", "2012-02-29T00:00:00Z"},
		{"UTC", "%d.%m.%Y", "29.2.2011", ""},
		{"UTC", "%d.%m.%Y", "31.4.2011", ""},
		{"UTC", "%d.%m.%Y", "1.3.2011", "2011-03-01T00:00:00Z"},
		{"UTC", "%e %B %Y", "30 February 2011", ""},
		{"UTC", "%Y%m%d%H%M%S", "20111209125000", "2011-12-09T12:50:00Z"},
		{"Asia/Shanghai", "%Y-%m-%dT%H:%M:%S%z", "2011-12-09T12:50:00+0100", "2011-12-09T11:50:00Z"},
		{"Asia/Shanghai", "%s", "1323435000", "2011-12-09T12:50:00Z"},
	} {
		options := stdin("customer_id\tplaced_at\ttotal\nc\t" + test.text + "\t1\n")
		options.Delimiter, options.TimeZone, options.TimeLayout = "tab", zone(t, test.zone), test.layout
		sink := newMemory("USD")
		summary := mustImport(t, sink, options)
		got := ""
		for _, order := range sink.orders {
			got = order.PlacedAt.Format(time.RFC3339Nano)
		}
		if got != test.want || summary.Reasons[ingest.BadTime] != int64(1-len(sink.orders)) {
			t.Errorf("%s %q %q: %q, want %q; %v", test.zone, test.layout, test.text, got, test.want, summary.Reasons)
		}
	}
}

// TestFirstTime: an order whose rows have several times was placed at the earliest, whatever their order.
func TestFirstTime(t *testing.T) {
	sink := newMemory("USD")
	mustImport(t, sink, stdin("order_id,customer_id,placed_at,total\no,c,2024-01-02,5\no,c,2024-01-01,5\no,c,2024-01-03,5\n"))
	if got := sink.orders["o"].PlacedAt.Day(); got != 1 {
		t.Errorf("placed on day %d, want 1", got)
	}
}

func TestParseAsOf(t *testing.T) {
	for _, test := range []struct{ zone, text, want, code string }{
		{"UTC", "2006-12-31", "2006-12-31T23:59:59.999999Z", ""},
		{"Europe/London", "2011-07-01", "2011-07-01T22:59:59.999999Z", ""},
		{"Europe/London", "2011-03-27", "2011-03-27T22:59:59.999999Z", ""}, // 23 hours
		{"Asia/Shanghai", "2011-12-09T12:50:00.0000009Z", "2011-12-09T12:50:00Z", ""},
		{"Asia/Shanghai", "2011-12-09T12:50:00+08:00", "2011-12-09T04:50:00Z", ""},
		{"UTC", "2011-12-09T12:50:00", "", fault.Invalid},
		{"UTC", "2011-02-30", "", fault.Invalid},
		{"UTC", "", "", fault.Invalid},
		{"UTC", "1600-01-01", "", fault.OutOfRange},
	} {
		got, err := ingest.ParseAsOf(test.text, zone(t, test.zone))
		switch {
		case test.code != "":
			if fault.Code(err) != test.code {
				t.Errorf("%q: error %v, want code %s", test.text, err, test.code)
			}
		case err != nil || got.UTC().Format(time.RFC3339Nano) != test.want:
			t.Errorf("%q in %s: %v (%v), want %s", test.text, test.zone, got, err, test.want)
		}
	}
}
