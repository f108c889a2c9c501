package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"bellwether/internal/pgtest"
	"bellwether/internal/record"
	"bellwether/internal/store"
)

// mergeUntil merges two customers and stops for ever before the statement after n that change something; then the parent kills it.
func mergeUntil(dsn string, n int) error {
	statements := 0
	s, err := store.Open(context.Background(), dsn, store.Options{Trace: func(query string) {
		if !strings.HasPrefix(query, "UPDATE") && !strings.HasPrefix(query, "INSERT") {
			return
		}
		if statements == n {
			fmt.Fprintln(os.Stdout, "stopped")
			select {}
		}
		statements++
	}})
	if err != nil {
		return err
	}
	if _, _, err := s.Merge(context.Background(), store.CustomerID(key("c1")), store.CustomerID(key("c2"))); err != nil {
		return err
	}
	return s.Close()
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
		cmd, out := start(t, os.Args[0], "merge "+strconv.Itoa(n), dsn)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killed := false
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if killed = lines.Text() == "stopped"; !killed {
				t.Fatal(lines.Text())
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		if err := cmd.Wait(); (err == nil) == killed {
			t.Fatalf("before statement %d: %v", n, err)
		}
		now := openAt(t, dsn, store.Options{})
		if !killed {
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
