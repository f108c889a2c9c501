package engine

import (
	"math"

	"bellwether/scoring"
)

// A stored score has its outputs in slots, numbered as in the manifest: whole numbers that sort as the values do. Money
// and integers are themselves, flags 0 or 1, instants microseconds, labels their place in the manifest, numbers their
// bits in an order-preserving form; so nothing is rounded, and one kind of column and index serves all. What ages is the
// instant that it counts from.

// Null is the slot of a null.
const Null int64 = math.MinInt64

// Sortable turns a number into a whole number that sorts alike.
func Sortable(x float64) int64 {
	bits := int64(math.Float64bits(x))
	if bits < 0 {
		bits ^= math.MaxInt64
	}
	return bits
}

func unsortable(n int64) float64 {
	if n < 0 {
		n ^= math.MaxInt64
	}
	return math.Float64frombits(uint64(n))
}

// slot is output i of a row in its stored form; texts are kept elsewhere.
func slot(m *scoring.Manifest, b *scoring.Batch, r *scoring.Results, i, row int) int64 {
	o, v := &m.Outputs[i], r.Outputs[i].At(row)
	switch {
	case !v.Ok() || o.Kind == scoring.Text:
		return Null
	case o.DaysSince != "":
		return int64(b.Facts[m.Fact(o.DaysSince)].At(row).Instant())
	case o.Kind == scoring.Number:
		return Sortable(v.Float())
	case o.Kind == scoring.Label:
		return place(o, v.Text())
	}
	return v.Int()
}

// place is the index of a label.
func place(o *scoring.Output, label string) int64 {
	for i := range o.Labels {
		if o.Labels[i].Name == label {
			return int64(i)
		}
	}
	return Null
}

// unslot is the value of a slot as of an instant.
func unslot(o *scoring.Output, n int64, env *scoring.Env) scoring.Value {
	if n == Null {
		return scoring.Value{}
	}
	switch {
	case o.DaysSince != "":
		return scoring.Int(env.Today() - env.Day(scoring.Instant(n)))
	case o.Kind == scoring.Number:
		return scoring.Float(unsortable(n))
	case o.Kind == scoring.Label:
		if n < 0 || n >= int64(len(o.Labels)) {
			return scoring.Value{}
		}
		return scoring.Name(o.Labels[n].Name)
	case o.Kind == scoring.Money:
		return scoring.Minor(n)
	case o.Kind == scoring.Flag:
		return scoring.Bool(n != 0)
	case o.Kind == scoring.Moment:
		return scoring.Time(scoring.Instant(n))
	}
	return scoring.Int(n)
}

// least is the smallest slot of the values from min on, most the largest of those up to max. Both may be beyond what the
// output can have: then nothing matches.
func least(o *scoring.Output, min float64, env *scoring.Env) int64 {
	switch {
	case o.Kind == scoring.Number && min == 0:
		return Sortable(math.Copysign(0, -1)) // which is no less than 0
	case o.Kind == scoring.Number:
		return Sortable(min)
	case o.Kind == scoring.Money:
		return toInt(math.Ceil(scaled(min, env.Exponent)))
	}
	return toInt(math.Ceil(min))
}

func most(o *scoring.Output, max float64, env *scoring.Env) int64 {
	switch o.Kind {
	case scoring.Number:
		return Sortable(max + 0) // of -0: 0
	case scoring.Money:
		return toInt(math.Floor(scaled(max, env.Exponent)))
	}
	return toInt(math.Floor(max))
}

// scaled is an amount in minor units, forgiving what binary fractions did to a decimal.
func scaled(x float64, exponent int) float64 {
	minor := x * math.Pow10(exponent)
	if near := math.Round(minor); math.Abs(near-minor) <= 1e-9*math.Max(1, math.Abs(minor)) {
		return near
	}
	return minor
}

// toInt is a float64 as the nearest int64 there is.
func toInt(x float64) int64 {
	switch {
	case x >= math.MaxInt64:
		return math.MaxInt64
	case x <= math.MinInt64:
		return math.MinInt64 + 1 // above Null
	}
	return int64(x)
}

// days turns a range of ages into one of instants: at least so many days is up to the end of a day, at most from the
// beginning of one.
func days(min, max *float64, env *scoring.Env) (from, to *int64) {
	today := env.Today()
	if max != nil {
		at := int64(env.DayStart(today - clampDays(math.Floor(*max))))
		from = &at
	}
	if min != nil {
		at := int64(env.DayStart(today-clampDays(math.Ceil(*min))+1)) - 1
		to = &at
	}
	return from, to
}

// clampDays keeps a number of days within what a calendar has.
func clampDays(x float64) int64 { return int64(math.Max(-1e6, math.Min(1e6, x))) }
