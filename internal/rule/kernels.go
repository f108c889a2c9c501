package rule

import (
	"math"
	"strings"
)

// The loops over columns. All slices are of one length. Every one is written out, because a call for each customer would cost
// more than the operation.

// missing are the bits of NaN, which is a number that is missing.
const missing = 0x7ff8000000000001

// finite is x, or missing where it is no number: division by zero, overflow.
func finite(x float64) float64 {
	if x-x != 0 {
		return math.Float64frombits(missing)
	}
	return x
}

func add(out, a, b []float64) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = finite(a[i] + b[i])
	}
}

func subtract(out, a, b []float64) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = finite(a[i] - b[i])
	}
}

func multiply(out, a, b []float64) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = finite(a[i] * b[i])
	}
}

func divide(out, a, b []float64) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = finite(a[i] / b[i])
	}
}

func negate(out, a []float64) {
	a = a[:len(out)]
	for i := range out {
		out[i] = finite(-a[i])
	}
}

func choose[T any](out []T, c []bool, a, b []T) {
	c, a, b = c[:len(out)], a[:len(out)], b[:len(out)]
	for i := range out {
		if out[i] = b[i]; c[i] {
			out[i] = a[i]
		}
	}
}

// A comparison with NaN is false by itself, but for !=.

func less(out []bool, a, b []float64) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = a[i] < b[i]
	}
}

func lessEqual(out []bool, a, b []float64) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = a[i] <= b[i]
	}
}

func equal(out []bool, a, b []float64) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = a[i] == b[i]
	}
}

func notEqual(out []bool, a, b []float64) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = a[i] < b[i] || a[i] > b[i]
	}
}

func among(out []bool, a, items []float64) {
	a = a[:len(out)]
	fill(out, false)
	for _, x := range items {
		for i := range out {
			out[i] = out[i] || a[i] == x
		}
	}
}

func same(out, a, b []bool) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = a[i] == b[i]
	}
}

func different(out, a, b []bool) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = a[i] != b[i]
	}
}

func and(out, a, b []bool) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = a[i] && b[i]
	}
}

func or(out, a, b []bool) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = a[i] || b[i]
	}
}

func not(out, a []bool) {
	a = a[:len(out)]
	for i := range out {
		out[i] = !a[i]
	}
}

func compareTexts(op op, a, b string) bool {
	switch op {
	case opSame:
		return a == b
	case opDifferent:
		return a != b
	case opBegins:
		return strings.HasPrefix(a, b)
	case opEnds:
		return strings.HasSuffix(a, b)
	}
	return strings.Contains(a, b)
}
