package ingest_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"bellwether/internal/ingest"
	"bellwether/internal/record"
)

// memory is a sink that keeps what it gets, as a database would by key.
type memory struct {
	base      string
	orders    map[string]record.Order
	customers map[string]record.CustomerHint
	products  map[string]record.ProductHint
	batches   []record.Batch
	writing   atomic.Bool
	fail      func(batch int) error
}

func newMemory(base string) *memory {
	return &memory{
		base: base, orders: map[string]record.Order{},
		customers: map[string]record.CustomerHint{}, products: map[string]record.ProductHint{},
	}
}

// Adopt implements ingest.Sink.
func (m *memory) Adopt(_ context.Context, currency string) (string, error) {
	if m.base == "" {
		m.base = currency
	}
	return m.base, nil
}

// Write implements ingest.Sink.
func (m *memory) Write(_ context.Context, batch record.Batch) ([]record.Outcome, error) {
	if m.writing.Swap(true) {
		panic("two writes at a time")
	}
	defer m.writing.Store(false)
	if m.fail != nil {
		if err := m.fail(len(m.batches)); err != nil {
			return nil, err
		}
	}
	m.batches = append(m.batches, batch)
	for _, c := range batch.Customers {
		if have, ok := m.customers[c.ExternalID]; !ok || c.SeenAt.After(have.SeenAt) {
			m.customers[c.ExternalID] = c
		}
	}
	for _, p := range batch.Products {
		if have, ok := m.products[p.SKU]; !ok || p.SeenAt.After(have.SeenAt) {
			m.products[p.SKU] = p
		}
	}
	outcomes := make([]record.Outcome, len(batch.Orders))
	for i, order := range batch.Orders {
		have, ok := m.orders[order.ExternalID]
		switch {
		case !ok:
			outcomes[i] = record.Created
		case reflect.DeepEqual(have, order):
			outcomes[i] = record.Unchanged
		default:
			outcomes[i] = record.Updated
		}
		m.orders[order.ExternalID] = order
	}
	return outcomes, nil
}

func (m *memory) ids() []string { return slices.Sorted(maps.Keys(m.orders)) }

// stdin are options to read a text from standard input.
func stdin(text string) ingest.Options {
	return ingest.Options{Files: []string{"-"}, Stdin: strings.NewReader(text)}
}

func mustImport(t testing.TB, sink ingest.Sink, options ingest.Options) ingest.Summary {
	t.Helper()
	summary, err := ingest.Orders(context.Background(), sink, options)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}
