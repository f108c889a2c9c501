package store

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
)

// Packed makes one value of the rows of a query, which may refer to the row around it: what belongs to a row comes with it,
// from the same statement. [Store.Unpack] reads it. false: the database is part of the process, and a statement more costs
// less than to pack.
func (s *Store) Packed(rows *entsql.Selector) (entsql.Querier, bool) {
	return s.dialect.packed(rows)
}

// ChildrenOf is a query of columns of the first rows of a table with customer_id, for the customer of a row around it, whose
// id is given as an expression: among those that restrict keeps, in the order and up to the limit that it gives. The rows
// are called first.
func (s *Store) ChildrenOf(d *entsql.DialectBuilder, customer, table string, columns []string, restrict func(*entsql.Selector)) *entsql.Selector {
	return firstOf(d, customer, table, columns, restrict)
}

// Unpack reads rows that were packed, in their order. It calls row for each, which has to scan its columns into places:
// pointers to values, to pointers to values where there may be none, or scanners. A place is left as it is where there is no
// value, and one for bytes is given a part of packed.
func (s *Store) Unpack(packed []byte, row func(scan func(places []any) error) error) error {
	r := packedRows{left: packed, text: string(packed)}
	for len(r.left) > 0 {
		if err := row(r.scan); err != nil {
			return fmt.Errorf("unpack rows: %w", err)
		}
	}
	return nil
}

// packedRows are records as PostgreSQL's record_send writes them: the number of columns, and of each its type, its length,
// which is negative where there is no value, and the value as its type's send function writes it.
type packedRows struct {
	left []byte
	text string // of which texts are parts: they need no memory of their own
}

func (r *packedRows) take(n int) ([]byte, error) {
	if n > len(r.left) {
		return nil, errors.New("they end early")
	}
	taken := r.left[:n:n]
	r.left = r.left[n:]
	return taken, nil
}

func (r *packedRows) number() (int, error) {
	b, err := r.take(4)
	if err != nil {
		return 0, err
	}
	return int(int32(binary.BigEndian.Uint32(b))), nil
}

// scan reads the next row.
func (r *packedRows) scan(places []any) error {
	n, err := r.number()
	if err != nil {
		return err
	}
	if n != len(places) {
		return fmt.Errorf("%d columns were packed where %d are read", n, len(places))
	}
	for _, place := range places {
		if err := r.put(place); err != nil {
			return err
		}
	}
	return nil
}

// put puts the next value in its place.
func (r *packedRows) put(place any) error {
	if _, err := r.take(4); err != nil { // the type
		return err
	}
	n, err := r.number()
	if err != nil || n < 0 {
		return err
	}
	at := len(r.text) - len(r.left)
	value, err := r.take(n)
	if err != nil {
		return err
	}
	switch to := place.(type) {
	case *string:
		*to = r.text[at : at+n]
	case **string:
		text := r.text[at : at+n]
		*to = &text
	case *[]byte:
		*to = value
	case sql.Scanner:
		return to.Scan(value)
	default:
		return put(place, value)
	}
	return nil
}

// put puts a value of a fixed length in its place.
func put(place any, value []byte) error {
	want := 8
	switch place.(type) {
	case *bool:
		want = 1
	case *uuid.UUID:
		want = 16
	}
	if len(value) != want {
		return fmt.Errorf("%d bytes are no %T (add it to internal/store/packed.go)", len(value), place)
	}
	switch to := place.(type) {
	case *bool:
		*to = value[0] != 0
	case *float64:
		*to = math.Float64frombits(binary.BigEndian.Uint64(value))
	case *int:
		*to = int(sentInt(value))
	case **int:
		n := int(sentInt(value))
		*to = &n
	case *int64:
		*to = sentInt(value)
	case **int64:
		n := sentInt(value)
		*to = &n
	case *time.Time:
		*to = sentTime(value)
	case **time.Time:
		t := sentTime(value)
		*to = &t
	case *uuid.UUID:
		copy(to[:], value)
	default:
		return fmt.Errorf("a %T is not read (add it to internal/store/packed.go)", place)
	}
	return nil
}

func sentInt(value []byte) int64 { return int64(binary.BigEndian.Uint64(value)) }

func sentTime(value []byte) time.Time { return time.UnixMicro(sentInt(value) + millennium).UTC() }
