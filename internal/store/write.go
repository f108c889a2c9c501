package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bellwether/internal/fault"
	"bellwether/internal/record"
)

// UnknownCurrency is the code of the fault that an order's amounts cannot be counted in the base currency.
const UnknownCurrency = "UNKNOWN_CURRENCY"

// RejectedError is the error of a batch with orders that cannot be written. Nothing of the batch was: without those orders
// it can be written again.
type RejectedError struct {
	Orders []RejectedOrder // by position
}

// RejectedOrder is an order that cannot be written, and the fault that says why.
type RejectedOrder struct {
	Position int // in the batch
	Err      error
}

// Error lists the faults, a line for each.
func (r *RejectedError) Error() string {
	lines := make([]string, len(r.Orders))
	for i, o := range r.Orders {
		lines[i] = o.Err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap has the faults.
func (r *RejectedError) Unwrap() []error {
	errs := make([]error, len(r.Orders))
	for i, o := range r.Orders {
		errs[i] = o.Err
	}
	return errs
}

// Write writes a batch in one transaction and tells what became of each order, by position. Writing the same again
// changes nothing. Of an order that is there, a field left out stays, null clears, and lists are replaced; a new order
// is PAID and in the base currency unless it says otherwise, and the first order of all decides what that is.
// Customers and products that nobody described are created. The error of orders that cannot be written is [*RejectedError].
func (s *Store) Write(ctx context.Context, b record.Batch) ([]record.Outcome, error) {
	var w *batch
	err := s.transaction(ctx, func(tx *sql.Tx) error {
		w = newBatch(&batchTx{Tx: tx, kept: &s.statements})
		if err := w.load(ctx, b); err != nil {
			return err
		}
		w.hear(b)
		if err := w.apply(b.Orders); err != nil {
			return err
		}
		return s.flush(ctx, w)
	})
	if w != nil {
		s.statements.keep(ctx, s.writer, w.tx.own)
	}
	if err != nil {
		return nil, err
	}
	return w.outcomes, nil
}

// batch is what a transaction knows of the rows that it may write: as they are stored, and as they shall be.
type batch struct {
	tx        *batchTx
	business  businessRow
	adopted   bool // the base currency comes from this batch
	exponents map[string]int
	customers map[string]*customer // by id
	keys      map[record.Key]*customer
	products  map[string]*product // by sku
	orders    map[record.Key]*order
	touched   map[string]bool // ids of the customers whose scored data changes
	outcomes  []record.Outcome
}

func newBatch(tx *batchTx) *batch {
	return &batch{
		tx:        tx,
		exponents: map[string]int{},
		customers: map[string]*customer{},
		keys:      map[record.Key]*customer{},
		products:  map[string]*product{},
		orders:    map[record.Key]*order{},
		touched:   map[string]bool{},
	}
}

// load reads what is stored of all that the batch names, with a statement for each table.
func (w *batch) load(ctx context.Context, b record.Batch) error {
	var err error
	if w.business, err = readBusiness(ctx, w.tx); err != nil {
		return err
	}
	for _, h := range b.Customers {
		w.keys[h.Key] = nil
	}
	for _, h := range b.Products {
		w.products[h.SKU] = nil
	}
	for i := range b.Orders {
		o := &b.Orders[i]
		w.keys[o.Customer], w.orders[o.Key] = nil, nil
		for _, l := range o.Lines.Value {
			w.products[l.SKU] = nil
		}
	}
	if err := w.loadCustomers(ctx); err != nil {
		return fmt.Errorf("read customers: %w", err)
	}
	if err := w.loadProducts(ctx); err != nil {
		return fmt.Errorf("read products: %w", err)
	}
	if err := w.loadOrders(ctx); err != nil {
		return fmt.Errorf("read orders: %w", err)
	}
	return nil
}

// hear takes in what orders say of customers and products.
func (w *batch) hear(b record.Batch) {
	for _, h := range b.Customers {
		w.keys[h.Key].now.hear(h.SeenAt.UnixMicro(), h.Name, h.Email, h.Country)
	}
	for _, h := range b.Products {
		w.products[h.SKU].now.hear(h.SeenAt.UnixMicro(), h.Name, h.Category)
	}
}

// apply takes in the orders one after the other, so that one sent twice in a batch ends as its last says.
func (w *batch) apply(orders []record.Order) error {
	var rejected RejectedError
	w.outcomes = make([]record.Outcome, len(orders))
	for i := range orders {
		outcome, err := w.applyOrder(&orders[i])
		if err != nil {
			rejected.Orders = append(rejected.Orders, RejectedOrder{Position: i, Err: err})
			continue
		}
		w.outcomes[i] = outcome
	}
	if len(rejected.Orders) > 0 {
		return &rejected
	}
	return nil
}

// flush writes what differs from what is stored.
func (s *Store) flush(ctx context.Context, w *batch) error {
	if !w.differs() {
		return nil
	}
	at, err := s.instant(ctx, w.tx)
	if err != nil {
		return err
	}
	if w.adopted {
		if err := s.writeBusiness(ctx, w.tx.Tx, w.business); err != nil {
			return err
		}
	}
	if err := w.flushProducts(ctx, at); err != nil {
		return err
	}
	if err := w.flushCustomers(ctx, at); err != nil {
		return err
	}
	return w.flushOrders(ctx, at)
}

// differs tells whether there is anything to write, and finds the customers whose scored data changes.
func (w *batch) differs() bool {
	differs := w.adopted
	for _, o := range w.orders {
		if o != nil && o.differs() {
			differs = true
			if o.stored && o.countsOtherwise() {
				w.touched[o.before.customerID] = true
			}
			if o.countsOtherwise() {
				w.touched[o.now.customerID] = true
			}
		}
	}
	for _, c := range w.customers {
		differs = differs || c.differs()
	}
	for _, p := range w.products {
		differs = differs || p.differs()
	}
	return differs
}

// instant is when a transaction that holds the write lock happens: now, but always later than all before it, so that
// what changed since an instant is never missed.
func (s *Store) instant(ctx context.Context, tx *batchTx) (int64, error) {
	var last nullInt
	if err := tx.queryRow(ctx, "SELECT max(data_changed_at) FROM customers").Scan(&last); err != nil {
		return 0, fmt.Errorf("read the last change: %w", err)
	}
	now := s.now().UnixMicro()
	if last.Valid && now <= last.V {
		now = last.V + 1
	}
	return now, nil
}

type (
	nullInt  = sql.Null[int64]
	nullText = sql.Null[string]
)

// orNil is a value as a parameter.
func orNil[T any](n sql.Null[T]) any {
	if !n.Valid {
		return nil
	}
	return n.V
}

func text(s *string) nullText {
	if s == nil {
		return nullText{}
	}
	return nullText{V: *s, Valid: true}
}

// sorted is the values of a map by a key of theirs: neighbours in an index are written together.
func sorted[K comparable, V any](m map[K]V, key func(V) string) []V {
	return slices.SortedFunc(maps.Values(m), func(a, b V) int { return strings.Compare(key(a), key(b)) })
}

// invalid is the fault of an order that says something impossible.
func invalid(key record.Key, format string, args ...any) error {
	return fault.New(fault.Invalid, "order %q: "+format, append([]any{key.ExternalID}, args...)...)
}
