package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/pgtest"
	"bellwether/internal/record"
	"bellwether/internal/store"
)

// TestWriters lets 32 writers write, merge and delete at once, each its own customers and all of them common products; some
// calls are refused in part, some are given up. Outcomes are those of a model of each writer, what was refused is not
// there at all, and what was given up is there whole or not at all.
func TestWriters(t *testing.T) {
	const writers = 32
	calls := 60
	if testing.Short() {
		calls = 15
	}
	var loads atomic.Int64
	s := openAt(t, pgtest.DSN(t), store.Options{Trace: func(query string) {
		if strings.Contains(query, "FROM business") {
			loads.Add(1)
		}
	}})
	if err := s.Configure(t.Context(), "EUR", ""); err != nil {
		t.Fatal(err)
	}
	before := loads.Load()
	all := make([]*writer, writers)
	var running sync.WaitGroup
	for i := range all {
		all[i] = &writer{name: fmt.Sprint("w", i), random: rand.New(rand.NewPCG(uint64(i), 8)), orders: model{}}
		running.Go(func() {
			for range calls {
				all[i].call(t, s)
			}
		})
	}
	running.Wait()
	want := model{}
	for _, w := range all {
		for id, o := range w.orders {
			want[id] = o
		}
	}
	compare(t, storedLines(t, s), want.lines())
	rolledUp(t, s)
	if n := loads.Load() - before; n > writers*int64(calls)/2 {
		t.Errorf("%d transactions for %d calls", n, writers*calls)
	}
}

// writer writes orders that nobody else does.
type writer struct {
	name   string
	random *rand.Rand
	orders model
	done   int
}

func (w *writer) order() record.Order {
	o := randomOrder(w.random, w.random.IntN(8))
	o.ExternalID, o.Customer = w.name+"-"+o.ExternalID, key(w.name+"-"+o.Customer.ExternalID)
	return o
}

func (w *writer) call(t *testing.T, s *store.Store) {
	orders := some(w.random, w.order)
	w.done++
	switch w.random.IntN(8) {
	case 0: // refused, after others of it were taken in
		orders = append(orders, sale(w.name+"-bad", w.name, func(o *record.Order) { o.Currency = "USD" }), w.order())
		_, err := s.Write(t.Context(), orderBatch(orders))
		var rejected *record.RejectedError
		if !errors.As(err, &rejected) || len(rejected.Items) != 1 || rejected.Items[0].Position != len(orders)-2 {
			t.Errorf("%s: %v", w.name, err)
		}
	case 1: // given up
		w.giveUp(t, s, orders)
	case 2:
		ids := []string{w.name + "-0", w.name + "-1"}
		got, err := s.DeleteOrders(t.Context(), "shop", ids)
		n := 0
		for _, id := range ids {
			if _, ok := w.orders[id]; ok {
				delete(w.orders, id)
				n++
			}
		}
		if err != nil || len(got) != n {
			t.Errorf("%s deleted %v, %v; want %d", w.name, got, err, n)
		}
	default:
		written, err := s.Write(t.Context(), orderBatch(orders))
		if err != nil {
			t.Errorf("%s: %v", w.name, err)
			return
		}
		for i, o := range orders {
			if want := w.orders.write(o); written[i] != want {
				t.Errorf("%s: order %s is %v, want %v", w.name, o.ExternalID, written[i], want)
			}
		}
	}
}

// giveUp sends new orders and gives up at some moment: all are stored, or none.
func (w *writer) giveUp(t *testing.T, s *store.Store, orders []record.Order) {
	for i := range orders {
		orders[i].ExternalID = fmt.Sprintf("%s-%d-%d", w.name, w.done, i)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(w.random.IntN(4000))*time.Microsecond)
	defer cancel()
	_, err := s.Write(ctx, orderBatch(orders))
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%s: %v", w.name, err)
	}
	// Writing something else waits for what may still be on its way: calls keep their order.
	write(t, s, sale(w.name+"-then", w.name))
	w.orders.write(sale(w.name+"-then", w.name))
	var ids []string
	for _, o := range orders {
		ids = append(ids, o.ExternalID)
	}
	found, failed := s.DeleteOrders(t.Context(), "shop", ids)
	if failed != nil || len(found) != 0 && len(found) != len(orders) || err == nil && len(found) == 0 {
		t.Errorf("%s: %v; %d of %d orders are there, %v", w.name, err, len(found), len(orders), failed)
	}
}

// TestQueue sends calls while another process has the write lock, until some are too many: these are refused at once, what
// is given up is not written, and a call that is refused takes none of those with it that are written in the same
// transaction.
func TestQueue(t *testing.T) {
	const surplus, most = 50, 20_000
	dsn := pgtest.DSN(t)
	s := openAt(t, dsn, store.Options{})
	write(t, s, sale("first", "ann"))
	release := lock(t, dsn)
	var all sync.WaitGroup
	var full atomic.Int64
	var errs [most]error
	sent := 0
	given, giveUp := context.WithCancel(t.Context())
	for ; sent < most && full.Load() < surplus; sent++ {
		i, ctx, o := sent, t.Context(), sale(fmt.Sprint(sent), "ann")
		switch i % 50 {
		case 0:
			time.Sleep(time.Millisecond) // those that were sent shall arrive
		case 1:
			o.Currency = "USD"
		case 2:
			ctx = given
		}
		all.Go(func() {
			_, errs[i] = s.Write(ctx, batchOf(o))
			if fault.Code(errs[i]) == fault.Unavailable && strings.Contains(errs[i].Error(), "1000 writes are waiting") {
				full.Add(1)
			}
		})
	}
	giveUp()
	release()
	all.Wait()
	if sent <= 1000 || full.Load() < surplus {
		t.Errorf("%d of %d calls were too many", full.Load(), sent)
	}
	stored, written := storedLines(t, s), 0
	for i, err := range errs[:sent] {
		there := slices.ContainsFunc(stored, func(line string) bool { return strings.HasPrefix(line, fmt.Sprint(i, " ")) })
		var rejected *record.RejectedError
		switch {
		case there:
			written++
			if err != nil && i%50 != 2 || i%50 == 1 {
				t.Errorf("%d is there: %v", i, err)
			}
		case fault.Code(err) == fault.Unavailable: // too many, or it waited too long for a slow machine
		case i%50 == 1 && errors.As(err, &rejected):
		case i%50 == 2 && errors.Is(err, context.Canceled):
		default:
			t.Errorf("%d is not there: %v", i, err)
		}
	}
	if written == 0 {
		t.Error("nothing of what waited was written")
	}
}

// lock takes the write lock as another process would.
func lock(t *testing.T, dsn string) (release func()) {
	t.Helper()
	driver, source, begin := "sqlite", strings.TrimPrefix(dsn, "sqlite:"), "BEGIN IMMEDIATE"
	if pgtest.Postgres() {
		driver, source, begin = "postgres", dsn, "BEGIN; SELECT pg_advisory_xact_lock(1650814060, hashtext(current_schema()))"
	}
	db := must(sql.Open(driver, source))
	conn := must(db.Conn(context.Background()))
	must(conn.ExecContext(t.Context(), begin))
	return func() {
		must(conn.ExecContext(context.Background(), "ROLLBACK"))
		if err := errors.Join(conn.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	}
}
