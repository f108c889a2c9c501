package ingest

import (
	"errors"
	"strings"
	"time"

	// So that zones are known on machines without a zone database, such as Windows and small containers.
	_ "time/tzdata"

	"bellwether/internal/fault"

	"github.com/itchyny/timefmt-go"
)

// Years that an instant can have. Others are slips, and some databases cannot keep them.
const (
	firstYear = 1900
	lastYear  = 2200
)

var errTime = errors.New("not an instant")

// Zone is a time zone by its IANA name, such as Europe/London or UTC.
func Zone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	// "Local" would make a file mean different things on different machines.
	if err != nil || name == "" || name == "Local" {
		return nil, fault.New(fault.Invalid, "no time zone %q (give an IANA name such as UTC, Europe/London or Asia/Shanghai)", name)
	}
	return zone, nil
}

// ParseAsOf is the instant that a user means by "as of": RFC 3339, or a date, which means the end of that day (its last
// microsecond) in the zone.
func ParseAsOf(text string, zone *time.Location) (time.Time, error) {
	var t time.Time
	wall, kind := parseISO(text)
	switch kind {
	case isoInstant:
		t = wall
	case isoDate:
		t = inZone(wall.AddDate(0, 0, 1), zone).Add(-time.Microsecond)
	default:
		return t, fault.New(fault.Invalid, "%q is not an instant (write RFC 3339 such as 2011-12-09T12:50:00Z, or a date such as 2011-12-09)", text)
	}
	if !plausible(t) {
		return time.Time{}, fault.New(fault.OutOfRange, "%q is out of range (give a year from %d to %d)", text, firstYear, lastYear)
	}
	return t.Truncate(time.Microsecond), nil
}

func plausible(t time.Time) bool { return t.Year() >= firstYear && t.Year() <= lastYear }

// clock reads the times of rows.
//
// A time without an offset is local to zone. One that happens twice, when clocks go back, is the first; one that never
// happens, when they go forward, is as much later as they do: 01:30 becomes 02:30.
type clock struct {
	zone    *time.Location
	layouts []string // none: ISO 8601's common forms
	text    string   // the last one read, for rows of one order often share it
	at      time.Time
}

// newClock checks the layouts.
func newClock(zone *time.Location, layouts []string) (*clock, error) {
	for _, layout := range layouts {
		zoneName := strings.Contains(layout, "MST")
		var sample string
		if strings.Contains(layout, "%") {
			sample = timefmt.Format(time.Date(2011, 12, 9, 0, 0, 0, 0, time.UTC), layout)
			zoneName = strings.Contains(layout, "%Z") || strings.Contains(layout, "%+")
			if _, err := timefmt.Parse(sample, layout); err != nil && !zoneName {
				return nil, fault.New(fault.Invalid, "time layout %q cannot be read (use strftime's directives, such as %%d/%%m/%%Y %%H:%%M): %w", layout, err)
			}
		} else {
			sample = time.Date(2011, 12, 9, 0, 0, 0, 0, time.UTC).Format(layout)
		}
		if zoneName {
			return nil, fault.New(fault.Invalid, "time layout %q has the abbreviation of a zone, which is ambiguous (use an offset, -0700 or %%z, or --time-zone)", layout)
		}
		if sample == layout {
			return nil, fault.New(fault.Invalid, "time layout %q has no part of a date (write it as Go's, 2006-01-02 15:04, or strftime's, %%Y-%%m-%%d %%H:%%M)", layout)
		}
	}
	return &clock{zone: zone, layouts: layouts}, nil
}

// parse reads an instant, in UTC and whole microseconds.
func (c *clock) parse(text string) (time.Time, error) {
	if text == c.text && text != "" {
		return c.at, nil
	}
	t, err := c.read(text)
	if err != nil || !plausible(t) {
		return time.Time{}, errTime
	}
	c.text, c.at = text, t.UTC().Truncate(time.Microsecond)
	return c.at, nil
}

func (c *clock) read(text string) (time.Time, error) {
	if len(c.layouts) == 0 {
		switch wall, kind := parseISO(text); kind {
		case isoInstant:
			return wall, nil
		case isoDate, isoLocal:
			return inZone(wall, c.zone), nil
		}
		return time.Time{}, errTime
	}
	for _, layout := range c.layouts {
		t, err := c.readLayout(text, layout)
		if err == nil {
			return t, nil
		}
	}
	return time.Time{}, errTime
}

// unzoned marks times whose text has no offset: no text can have this one.
var unzoned = time.FixedZone("", 12345)

func (c *clock) readLayout(text, layout string) (time.Time, error) {
	var t time.Time
	var err error
	if strings.Contains(layout, "%") {
		t, err = readStrftime(text, layout)
	} else {
		t, err = time.ParseInLocation(layout, text, unzoned)
	}
	if err != nil || t.Location() != unzoned || strings.Contains(layout, "%s") {
		return t, err
	}
	return inZone(time.Unix(t.Unix()+12345, int64(t.Nanosecond())).UTC(), c.zone), nil
}

// readStrftime reads a time and refuses days that its month does not have; timefmt makes the 30th of February the
// second of March.
func readStrftime(text, layout string) (time.Time, error) {
	t, err := timefmt.ParseInLocation(text, layout, unzoned)
	if err != nil || t.Day() > 3 {
		return t, err
	}
	// The later directive wins, and every day is one of January's.
	january, err := timefmt.ParseInLocation(text+"\x0001", layout+"\x00%m", unzoned)
	if err == nil && january.Day() != t.Day() && !strings.Contains(layout, "%s") && !strings.Contains(layout, "%j") {
		err = errTime
	}
	return t, err
}

// inZone is the instant at which clocks in a zone show what wall shows in UTC.
func inZone(wall time.Time, zone *time.Location) time.Time {
	if zone == time.UTC {
		return wall
	}
	// No zone changes its clocks twice within two days.
	before := wall.Add(-offsetAt(wall.Add(-24*time.Hour), zone))
	after := wall.Add(-offsetAt(wall.Add(24*time.Hour), zone))
	if before.Equal(after) || shows(before, wall, zone) || !shows(after, wall, zone) {
		return before
	}
	return after
}

func offsetAt(t time.Time, zone *time.Location) time.Duration {
	_, offset := t.In(zone).Zone()
	return time.Duration(offset) * time.Second
}

func shows(t, wall time.Time, zone *time.Location) bool { return t.Add(offsetAt(t, zone)).Equal(wall) }
