package ingest

import "time"

// isoKind tells what a text in ISO 8601's common forms gives.
type isoKind uint8

const (
	isoNone isoKind = iota
	isoDate
	isoLocal   // a date and a time without an offset
	isoInstant // RFC 3339
)

// parseISO reads 2011-12-09, and with a time 12:50, 12:50:00 or 12:50:00.123 behind a T or a blank, and with an offset Z
// or +01:00 behind that. Without an offset the result shows the text in UTC. It is by hand because package time takes
// a layout for each form and allocates for each that does not fit.
func parseISO(text string) (time.Time, isoKind) {
	p := isoParser{text: text}
	year := p.number(4)
	p.expect('-')
	month := p.number(2)
	p.expect('-')
	day := p.number(2)
	if p.bad || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return time.Time{}, isoNone
	}
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if p.text == "" {
		return date, isoDate
	}
	if p.text[0] != 'T' && p.text[0] != 't' && p.text[0] != ' ' {
		return time.Time{}, isoNone
	}
	p.text = p.text[1:]
	ofDay := p.timeOfDay()
	offset, zoned := p.offset()
	if p.bad || p.text != "" {
		return time.Time{}, isoNone
	}
	if t := date.Add(ofDay - offset); zoned {
		return t, isoInstant
	} else {
		return t, isoLocal
	}
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// isoParser takes a text from its front; bad once it did not fit.
type isoParser struct {
	text string
	bad  bool
}

func (p *isoParser) number(digits int) int {
	if len(p.text) < digits {
		p.bad = true
		return 0
	}
	n := 0
	for _, c := range []byte(p.text[:digits]) {
		if c < '0' || c > '9' {
			p.bad = true
			return 0
		}
		n = n*10 + int(c-'0')
	}
	p.text = p.text[digits:]
	return n
}

func (p *isoParser) next(c byte) bool {
	if p.text == "" || p.text[0] != c {
		return false
	}
	p.text = p.text[1:]
	return true
}

func (p *isoParser) expect(c byte) {
	if !p.next(c) {
		p.bad = true
	}
}

func (p *isoParser) timeOfDay() time.Duration {
	hour := p.number(2)
	p.expect(':')
	minute, second, fraction := p.number(2), 0, time.Duration(0)
	if p.next(':') {
		second = p.number(2)
		if p.next('.') {
			fraction = p.fraction()
		}
	}
	if hour > 23 || minute > 59 || second > 59 {
		p.bad = true
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second + fraction
}

// fraction reads digits behind the point of a second; those beyond nanoseconds do not count.
func (p *isoParser) fraction() time.Duration {
	var sum time.Duration
	unit, digits := 100*time.Millisecond, 0
	for p.text != "" && p.text[0] >= '0' && p.text[0] <= '9' {
		sum += time.Duration(p.text[0]-'0') * unit
		unit /= 10
		digits++
		p.text = p.text[1:]
	}
	if digits == 0 {
		p.bad = true
	}
	return sum
}

func (p *isoParser) offset() (time.Duration, bool) {
	if p.text == "" {
		return 0, false
	}
	if p.next('Z') || p.next('z') {
		return 0, true
	}
	sign := time.Duration(1)
	if p.next('-') {
		sign = -1
	} else {
		p.expect('+')
	}
	hour := p.number(2)
	p.next(':')
	minute := p.number(2)
	if hour > 23 || minute > 59 {
		p.bad = true
	}
	return sign * (time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute), true
}
