package scoring

import (
	"math"
	"slices"
)

// sortNumbers sorts ascending, by radix where there are many: facts are mostly whole numbers of a few bytes, so that three or
// four passes do what comparing takes twenty for.
func sortNumbers(values []float64) {
	const few = 1 << 10
	if len(values) < few {
		slices.Sort(values)
		return
	}
	keys, other, varying := make([]uint64, len(values)), make([]uint64, len(values)), uint64(0)
	for i, v := range values {
		if v != v { // NaN has no place among keys
			slices.Sort(values)
			return
		}
		keys[i] = sortKey(v)
		varying |= keys[i] ^ keys[0]
	}
	for shift := 0; shift < 64; shift += 8 {
		if byte(varying>>shift) == 0 {
			continue // all alike in this byte
		}
		var next [257]int // the place of the next key by its byte, once counted
		for _, k := range keys {
			next[1+int(byte(k>>shift))]++
		}
		for d := range 256 {
			next[d+1] += next[d]
		}
		for _, k := range keys {
			d := byte(k >> shift)
			other[next[d]] = k
			next[d]++
		}
		keys, other = other, keys
	}
	for i, k := range keys {
		values[i] = numberOf(k)
	}
}

const sign = 1 << 63

// sortKey orders like the number: of negative ones every bit is turned, of others the sign alone.
func sortKey(v float64) uint64 {
	bits := math.Float64bits(v)
	return bits ^ (uint64(int64(bits)>>63) | sign)
}

func numberOf(key uint64) float64 {
	return math.Float64frombits(key ^ (uint64(int64(^key)>>63) | sign))
}
