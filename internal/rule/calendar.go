package rule

import (
	"math"
	"time"

	"bellwether/scoring"
)

// calendar counts calendar days in the business's time zone. It remembers the spans between changes of the clocks that it has
// met: asking the time zone for each customer costs more than everything else.
type calendar struct {
	env    *scoring.Env
	today  int64
	spans  []clock
	starts []scoring.Instant // of the days after today, so far as they were asked for
}

// clock is a span of time with one offset.
type clock struct{ from, to, offset int64 } // seconds

// since counts the days from instants, in microseconds, to today.
func (c *calendar) since(out, instants []float64) {
	instants = instants[:len(out)]
	for i, at := range instants {
		if at != at {
			out[i] = at
			continue
		}
		seconds := int64(math.Floor(at / 1e6))
		out[i] = float64(c.today - floorDiv(seconds+c.offset(seconds), 86400))
	}
}

func (c *calendar) offset(seconds int64) int64 {
	for i := range c.spans {
		if s := &c.spans[i]; seconds >= s.from && seconds < s.to {
			return s.offset
		}
	}
	t := time.Unix(seconds, 0).In(c.env.Location)
	_, offset := t.Zone()
	from, to := t.ZoneBounds()
	s := clock{math.MinInt64, math.MaxInt64, int64(offset)}
	if !from.IsZero() {
		s.from = from.Unix()
	}
	if !to.IsZero() {
		s.to = to.Unix()
	}
	c.spans = append(c.spans, s)
	return s.offset
}

// start is the instant at which the day begins that comes so many days after today; Never where that is more than anybody
// waits for.
func (c *calendar) start(after int64) scoring.Instant {
	if after > maxDays {
		return scoring.Never
	}
	for int64(len(c.starts)) < after {
		c.starts = append(c.starts, scoring.Never)
	}
	at := &c.starts[after-1]
	if *at == scoring.Never {
		*at = c.env.DayStart(c.today + after)
	}
	return *at
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
