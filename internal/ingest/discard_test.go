package ingest_test

import (
	"context"
	"os"
	"testing"

	"bellwether/internal/record"
)

// discard is a sink that costs nothing.
type discard struct{ orders, lines int }

// Adopt implements ingest.Sink.
func (d *discard) Adopt(_ context.Context, currency string) (string, error) { return currency, nil }

// Write implements ingest.Sink.
func (d *discard) Write(_ context.Context, batch record.Batch) ([]record.Outcome, error) {
	d.orders += len(batch.Orders)
	for _, o := range batch.Orders {
		d.lines += len(o.Lines.Value)
	}
	return make([]record.Outcome, len(batch.Orders)), nil
}

// empty checks that no temporary file is left.
func empty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v (%v)", left, err)
	}
}
