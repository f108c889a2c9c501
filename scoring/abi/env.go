package abi

import (
	"bytes"
	"math"
	"time"

	"bellwether/scoring"
)

// An Encoder writes inputs. It remembers the last time zone, whose table takes a while to make; it is not for several
// goroutines at once.
type Encoder struct {
	location *time.Location
	zone     zone
	words    map[string]uint32 // of the orders' lines, while they are written
}

func (e *Encoder) env(w *writer, env *scoring.Env) uint32 {
	location := env.Location
	if location == nil {
		location = time.UTC
	}
	if e.location != location {
		e.location, e.zone = location, zoneOf(location)
	}
	part := w.reserve(sizeEnv)
	w.put64(part, 0, uint64(env.AsOf))
	w.put(part, 2, w.offset())
	w.b = append(w.b, env.Currency...)
	w.put(part, 3, uint32(len(env.Currency)))
	w.put(part, 4, uint32(int32(env.Exponent)))
	w.put(part, 5, uint32(len(env.Params)))
	w.put(part, 6, w.values(env.Params))
	w.put(part, 7, uint32(len(e.zone.changes)))
	w.put(part, 8, w.offset())
	w.b = appendNumbers(w.b, e.zone.changes)
	w.put(part, 9, w.offset())
	w.b = appendNumbers(w.b, e.zone.ahead)
	return part
}

// A Decoder reads inputs. It remembers the last time zone, which takes a while to read; it is not for several goroutines
// at once.
type Decoder struct {
	zone     []byte
	location *time.Location
}

func (d *Decoder) env(r *reader, at uint32) *scoring.Env {
	b := r.words("environment", at, sizeEnv)
	changes, ahead := b.at(7), b.at(7)+1
	env := &scoring.Env{
		AsOf:     scoring.Instant(le.Uint64(b)),
		Currency: string(r.view("currency", b.at(2), b.at(3), 1)),
		Exponent: int(int32(b.at(4))),
		Params:   r.values("parameters", b.at(6), b.at(5)),
	}
	if changes > maxChanges {
		r.fail("time zone: %d changes of at most %d", changes, maxChanges)
	}
	first, second := r.view("changes of the time zone", b.at(8), changes, 8), r.view("time zone", b.at(9), ahead, 4)
	if r.err != nil {
		return nil
	}
	key := append(append(make([]byte, 0, len(first)+len(second)), first...), second...)
	if d.location == nil || !bytes.Equal(key, d.zone) {
		z := zone{changes: numbers[int64](first), ahead: numbers[int32](second)}
		if !z.plausible() {
			r.fail("time zone: its changes do not ascend, or are of more than a week")
			return nil
		}
		location, err := z.location()
		if err != nil {
			r.fail("time zone: %v", err)
			return nil
		}
		d.zone, d.location = key, location
	}
	env.Location = d.location
	return env
}

// plausible keeps out what package time would not get through: it looks for the bounds of a zone step by step.
func (z zone) plausible() bool {
	const week, far = 7 * 86400, math.MaxInt64 / 1_000_000
	previous := int64(-far)
	for _, at := range z.changes {
		if at <= previous || at >= far {
			return false
		}
		previous = at
	}
	for _, ahead := range z.ahead {
		if ahead < -week || ahead > week {
			return false
		}
	}
	return true
}
