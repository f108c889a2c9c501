package store

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"bellwether/scoring"
)

// instant is a moment as databases hold it, or null: microseconds since 1970. It is comparable, a parameter and a result
// on every database.
type instant struct {
	V     int64
	Valid bool
}

// at is the instant of microseconds since 1970.
func at(micros int64) instant { return instant{V: micros, Valid: true} }

// atTime is the instant of a time; null where there is none.
func atTime(t *time.Time) instant {
	if t == nil {
		return instant{}
	}
	return at(t.UnixMicro())
}

// atInstant is the instant of a scorer; null for never.
func atInstant(i scoring.Instant) instant {
	if i == scoring.Never {
		return instant{}
	}
	return at(int64(i))
}

// earliest is before everything that can be recorded, and within what every database can hold.
const earliest = -62135596800000000 // 0001-01-01T00:00:00Z

// millennium is the instant from which PostgreSQL counts.
const millennium = 946684800000000 // 2000-01-01T00:00:00Z

// since is an instant as the open beginning of a span, which may be never.
func since(i scoring.Instant) instant { return at(max(int64(i), earliest)) }

// time is an instant as a time; nil for null.
func (i instant) time() *time.Time {
	if !i.Valid {
		return nil
	}
	t := time.UnixMicro(i.V).UTC()
	return &t
}

// scored is an instant as scorers read it.
func (i instant) scored() scoring.Instant {
	if !i.Valid {
		return scoring.Never
	}
	return scoring.Instant(i.V)
}

// Scan implements [database/sql.Scanner].
func (i *instant) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*i = instant{}
	case int64:
		*i = at(v)
	case time.Time:
		*i = at(v.UnixMicro())
	case []byte: // as PostgreSQL sends it
		if len(v) != 8 {
			return fmt.Errorf("an instant cannot be %d bytes", len(v))
		}
		*i = at(int64(binary.BigEndian.Uint64(v)) + millennium)
	default:
		return fmt.Errorf("an instant cannot be a %T", value)
	}
	return nil
}

// stamp reads an instant into a time.
type stamp time.Time

// Scan implements [database/sql.Scanner].
func (t *stamp) Scan(value any) error {
	var i instant
	if err := i.Scan(value); err != nil {
		return err
	}
	if !i.Valid {
		return errors.New("an instant is null (the column must have none)")
	}
	*t = stamp(time.UnixMicro(i.V).UTC())
	return nil
}

// stampOrNull reads an instant into a time, or nil.
type stampOrNull struct{ to **time.Time }

// Scan implements [database/sql.Scanner].
func (t stampOrNull) Scan(value any) error {
	var i instant
	err := i.Scan(value)
	*t.to = i.time()
	return err
}

// Value implements [driver.Valuer].
func (i instant) Value() (driver.Value, error) {
	if !i.Valid {
		return nil, nil
	}
	return time.UnixMicro(i.V).UTC(), nil
}

// earlier is the first of two instants, of which one may be null.
func (i instant) earlier(other instant) instant {
	if !i.Valid || other.Valid && other.V < i.V {
		return other
	}
	return i
}

// later is the last of two instants, of which one may be null.
func (i instant) later(other instant) instant {
	if !i.Valid || other.Valid && other.V > i.V {
		return other
	}
	return i
}
