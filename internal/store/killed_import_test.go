package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bellwether/internal/ingest"
	"bellwether/internal/pgtest"
	"bellwether/internal/record"
	"bellwether/internal/store"
)

// imported are files of which every line changes something: customers and products that orders have named already, and
// new ones. Search finds customers by the word that comes with it.
var imported = map[string]struct {
	line string // of number %[1]d
	word string
	load func(context.Context, *store.Store, ingest.Options) (ingest.Summary, error)
}{
	"customers": {
		`{"externalId": "c%[1]d", "name": "Zoë Imported %[1]d", "email": "zoe%[1]d@example.com"}`, "zoë",
		func(ctx context.Context, s *store.Store, o ingest.Options) (ingest.Summary, error) {
			return ingest.Customers(ctx, s, o)
		},
	},
	"products": {
		`{"sku": "s%[1]d", "name": "Imported %[1]d", "category": "new"}`, "",
		func(ctx context.Context, s *store.Store, o ingest.Options) (ingest.Summary, error) {
			return ingest.Products(ctx, s, o)
		},
	},
	"touchpoints": {
		`{"externalId": "t%[1]d", "customer": {"externalId": "c%[1]d"}, "at": "2026-02-01T00:00:%[1]dZ", "kind": "demo"}`, "c5",
		func(ctx context.Context, s *store.Store, o ingest.Options) (ingest.Summary, error) {
			return ingest.Touchpoints(ctx, s, o)
		},
	},
}

// importFile imports 50 lines of a kind in batches of 20.
func importFile(ctx context.Context, s *store.Store, kind, file string) (ingest.Summary, error) {
	return imported[kind].load(ctx, s, ingest.Options{Files: []string{file}, Source: "shop", BatchOrders: 20})
}

// importUntil imports and stops for ever before the statement after n that write something; then the parent kills it.
func importUntil(dsn, kind, file string, n int) error {
	ctx := context.Background()
	s, err := store.Open(ctx, dsn, store.Options{Bulk: true, Trace: stopAfter(n)})
	if err != nil {
		return err
	}
	_, err = importFile(ctx, s, kind, file)
	return errors.Join(err, s.Close())
}

// TestKilledImport kills imports in the middle of their transactions, until one comes to its end: that ends as one that
// nobody disturbed, and its customers are found.
func TestKilledImport(t *testing.T) {
	for kind, of := range imported {
		file := filepath.Join(t.TempDir(), kind+".ndjson")
		var lines strings.Builder
		for n := range 50 {
			fmt.Fprintf(&lines, of.line+"\n", 10+n)
		}
		if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		dsn := pgtest.DSN(t)
		clean, s := open(t), openAt(t, dsn, store.Options{})
		for _, b := range manyBatches()[:2] {
			writeBatch(t, clean, b)
			writeBatch(t, s, b)
		}
		for _, one := range []*store.Store{clean, s} {
			writeCustomers(t, one, record.Customer{Key: key("c11"), Name: record.Set("Said before")})
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		summary := must(importFile(t.Context(), clean, kind, file))
		if summary.Created == 0 || summary.Rejected > 0 {
			t.Fatalf("%s: %+v", kind, summary)
		}
		kills := 0
		for n := 0; killed(t, "import "+kind+" "+strconv.Itoa(n)+" "+file, dsn); n += 2 {
			kills++
		}
		if kills < 2 {
			t.Errorf("%s: an import was killed %d times", kind, kills)
		}
		s = openAt(t, dsn, store.Options{})
		compare(t, state(t, s), state(t, clean))
		found := searched(t, s, of.word)
		if of.word != "" && (len(found) < 10 || !slices.Equal(found, searched(t, clean, of.word))) {
			t.Errorf("%s: search finds %v", kind, found)
		}
	}
}

// killed runs a child until it says that it has stopped, and kills it then; or until it ends.
func killed(t *testing.T, what, dsn string) bool {
	t.Helper()
	cmd, out := start(t, os.Args[0], what, dsn)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if stopped = lines.Text() == "stopped"; !stopped {
			t.Fatal(lines.Text())
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); (err == nil) == stopped {
		t.Fatalf("%s: %v", what, err)
	}
	return stopped
}
