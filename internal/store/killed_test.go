package store_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"bellwether/internal/pgtest"
	"bellwether/internal/record"
	"bellwether/internal/store"
)

// mergeUntil merges two customers and stops for ever before the statement after n that change something; then the parent kills it.
func mergeUntil(dsn string, n int) error {
	s, err := store.Open(context.Background(), dsn, store.Options{Trace: stopAfter(n)})
	if err != nil {
		return err
	}
	if _, _, err := s.Merge(context.Background(), store.CustomerID(key("c1")), store.CustomerID(key("c2"))); err != nil {
		return err
	}
	return s.Close()
}

// stopAfter stops for ever before the statement after n that write something, and says so.
func stopAfter(n int) func(string) {
	var statements atomic.Int64
	return func(query string) {
		if !strings.HasPrefix(query, "UPDATE") && !strings.HasPrefix(query, "INSERT") {
			return
		}
		if statements.Add(1) > int64(n) {
			fmt.Fprintln(os.Stdout, "stopped")
			select {}
		}
	}
}

// TestKilledMerge kills a merge before each of its statements: there are two customers as before, and merging them again
// ends as if nothing had happened.
func TestKilledMerge(t *testing.T) {
	dsn := pgtest.DSN(t)
	fill := func(s *store.Store) {
		for _, b := range manyBatches()[:4] {
			writeBatch(t, s, b)
		}
		writeTouchpoints(t, s, visit("1", "c1"), visit("2", "c2"))
		writeCustomers(t, s, record.Customer{Key: key("c3"), ReferredBy: record.Set(key("c1"))}, record.Customer{Key: key("c0")})
		merge(t, s, "c0", "c1")
	}
	clean, s := open(t), openAt(t, dsn, store.Options{})
	fill(clean)
	fill(s)
	before := state(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	merge(t, clean, "c1", "c2")
	for n := 0; ; n++ {
		stopped := killed(t, "merge "+strconv.Itoa(n), dsn)
		now := openAt(t, dsn, store.Options{})
		if !stopped {
			compare(t, state(t, now), state(t, clean))
			if n < 7 {
				t.Errorf("a merge has only %d statements", n)
			}
			return
		}
		compare(t, state(t, now), before)
		if err := now.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
