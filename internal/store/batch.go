package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bellwether/internal/record"
)

// inBatch runs a function in a transaction whose statements stay prepared.
func (s *Store) inBatch(ctx context.Context, do func(*batch) error) error {
	var w *batch
	err := s.transaction(ctx, func(tx *sql.Tx) error {
		w = newBatch(&batchTx{Tx: tx, dialect: s.dialect, kept: s.statements})
		return do(w)
	})
	if w != nil && w.tx.kept != nil {
		s.statements.keep(ctx, s.writer, w.tx.own)
	}
	return err
}

// batch is what a transaction knows of the rows that it may write: as they are stored, and as they shall be.
type batch struct {
	tx          *batchTx
	recorded    businessRow // before the batch
	business    businessRow
	adopted     bool // the base currency comes from this batch
	exponents   map[string]int
	accounts    map[string]string    // names by id
	customers   map[string]*customer // by id; rows that are merged into another, too
	keys        map[record.Key]*customer
	described   bool                // something is said of a customer
	products    map[string]*product // by sku
	orders      map[record.Key]*order
	touchpoints map[record.Key]*touchpoint
	last        *instant        // the stamp of the transaction before; nil: not read
	touched     map[string]bool // ids of the customers whose scored data changes; true where more changes than that something is new
	written     []record.Written
}

func newBatch(tx *batchTx) *batch {
	return &batch{
		tx:          tx,
		exponents:   map[string]int{},
		accounts:    map[string]string{},
		customers:   map[string]*customer{},
		keys:        map[record.Key]*customer{},
		products:    map[string]*product{},
		orders:      map[record.Key]*order{},
		touchpoints: map[record.Key]*touchpoint{},
		touched:     map[string]bool{},
	}
}

// load reads what is stored of all that is named, with a statement for each table.
func (s *Store) load(ctx context.Context, w *batch) error {
	var err error
	if w.recorded, err = s.business(ctx, w.tx); err != nil {
		return err
	}
	w.business = w.recorded
	if err := w.loadCustomers(ctx); err != nil {
		return fmt.Errorf("read customers: %w", err)
	}
	if err := w.loadProducts(ctx); err != nil {
		return fmt.Errorf("read products: %w", err)
	}
	if err := w.loadOrders(ctx); err != nil {
		return fmt.Errorf("read orders: %w", err)
	}
	if err := w.loadTouchpoints(ctx); err != nil {
		return fmt.Errorf("read touchpoints: %w", err)
	}
	return nil
}

// each takes in records one after the other, so that one sent twice in a batch ends as its last says.
func each[T any](w *batch, records []T, id func(*T) string, apply func(*T) (record.Written, error)) error {
	var rejected record.RejectedError
	w.written = make([]record.Written, len(records))
	for i := range records {
		business, adopted := w.business, w.adopted
		var wrong record.Problem
		written, err := apply(&records[i])
		switch {
		case errors.As(err, &wrong):
			rejected.Items = append(rejected.Items, record.RejectedItem{Position: i, ID: id(&records[i]), Problem: wrong})
			w.business, w.adopted = business, adopted
		case err != nil:
			return err
		}
		w.written[i] = written
	}
	if len(rejected.Items) > 0 {
		return &rejected
	}
	return nil
}

// flush writes what differs from what is stored.
func (s *Store) flush(ctx context.Context, w *batch) error {
	if !w.differs() {
		return nil
	}
	at, err := s.instant(ctx, w)
	if err != nil {
		return err
	}
	if w.adopted {
		if err := s.writeBusiness(ctx, w.tx.Tx, w.business); err != nil {
			return err
		}
	}
	for _, flush := range []func(context.Context, instant) error{w.flushProducts, w.flushCustomers, w.flushOrders, w.flushTouchpoints, w.flushRollups} {
		if err := flush(ctx, at); err != nil {
			return err
		}
	}
	return w.tx.release(ctx)
}

// differs tells whether there is anything to write, and finds the customers whose scored data changes.
func (w *batch) differs() bool {
	differs := w.adopted
	touch := func(stored bool, before, now string) {
		if stored {
			w.touched[before] = true
		}
		w.touched[now] = w.touched[now] || stored
	}
	for _, o := range w.orders {
		if o.differs() {
			differs = true
			if o.countsOtherwise() {
				touch(o.stored, o.before.customerID, o.now.customerID)
			}
		}
	}
	for _, t := range w.touchpoints {
		if t.differs() {
			differs = true
			touch(t.stored, t.before.customerID, t.now.customerID)
		}
	}
	for _, c := range w.customers {
		differs = differs || c.differs()
		if c.differs() && c.says() && !c.mergedInto.Valid {
			w.touched[c.id] = w.touched[c.id] || c.joined
		}
	}
	for _, p := range w.products {
		differs = differs || p.differs()
	}
	return differs
}

// instant is when a transaction that holds the write lock happens: now, but always later than all before it, so that
// what changed since an instant is never missed.
func (s *Store) instant(ctx context.Context, w *batch) (instant, error) {
	var last instant
	if w.last != nil {
		last = *w.last
	} else if err := w.tx.queryRow(ctx, "SELECT "+lastStamp).Scan(&last); err != nil {
		return instant{}, fmt.Errorf("read the last change: %w", err)
	}
	now := s.now().UnixMicro()
	if last.Valid && now <= last.V {
		now = last.V + 1
	}
	return at(now), nil
}

// lastStamp is the stamp of the last transaction that wrote data.
const lastStamp = "max(data_changed_at) FROM customer_rollups"

// sorted is the values of a map by a key of theirs: neighbours in an index are written together.
func sorted[K comparable, V any](m map[K]V, key func(V) string) []V {
	return slices.SortedFunc(maps.Values(m), func(a, b V) int { return strings.Compare(key(a), key(b)) })
}
