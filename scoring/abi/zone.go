package abi

import (
	"fmt"
	"slices"
	"time"
)

// zone is what a guest knows of a time zone, since it has no database of them: the changes of its clocks, and by how many
// seconds they are ahead of UTC before the first, and after each.
type zone struct {
	changes []int64 // seconds since 1970-01-01T00:00:00Z, ascending
	ahead   []int32 // one more
}

// The years within which a guest knows a zone; beyond them its clocks do not change.
const (
	firstYear = 1800
	lastYear  = 2200
)

// maxChanges is how many changes a zone may have: twice a year would make 800.
const maxChanges = 4096

// zoneOf asks a location for the changes of its clocks. Package time sometimes names a bound where nothing changes, or one
// that has passed already: it is left out, and looked behind.
func zoneOf(l *time.Location) zone {
	t, end := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(lastYear, 1, 1, 0, 0, 0, 0, time.UTC)
	offset := func() int32 {
		_, ahead := t.In(l).Zone()
		return int32(ahead)
	}
	z := zone{ahead: []int32{offset()}}
	for len(z.changes) < maxChanges {
		_, next := t.In(l).ZoneBounds()
		if next.IsZero() || next.After(end) {
			break
		}
		if !next.After(t) {
			next = t.Add(24 * time.Hour)
		}
		t = next
		if ahead := offset(); ahead != z.ahead[len(z.ahead)-1] {
			z.changes, z.ahead = append(z.changes, t.Unix()), append(z.ahead, ahead)
		}
	}
	return z
}

// location makes a location of a zone, by way of the format that package time reads (RFC 9636).
func (z zone) location() (*time.Location, error) {
	// The first kind of local time is that before all changes, and no change leads back to it: otherwise package time would
	// guess which one that is.
	kinds := []int32{z.ahead[0]}
	index := make([]byte, len(z.changes))
	for i, ahead := range z.ahead[1:] {
		k := slices.Index(kinds[1:], ahead) + 1
		if k == 0 {
			k, kinds = len(kinds), append(kinds, ahead)
		}
		if k > 255 {
			return nil, fmt.Errorf("a zone has more than 255 differences from UTC (send one that exists)")
		}
		index[i] = byte(k)
	}
	header := func(changes, kinds int) []byte {
		b := append([]byte("TZif2"), make([]byte, 15)...)
		for _, n := range []int{0, 0, 0, changes, kinds, 1} {
			b = append(b, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
		}
		return b
	}
	// The first part is for readers of 32 bits, and may be all but empty.
	b := append(header(0, 1), make([]byte, 7)...)
	b = append(b, header(len(z.changes), len(kinds))...)
	for _, at := range z.changes {
		for shift := 56; shift >= 0; shift -= 8 {
			b = append(b, byte(at>>shift))
		}
	}
	b = append(b, index...)
	for _, ahead := range kinds {
		b = append(b, byte(ahead>>24), byte(ahead>>16), byte(ahead>>8), byte(ahead), 0, 0)
	}
	b = append(b, 0, '\n', '\n')
	return time.LoadLocationFromTZData("business", b)
}
