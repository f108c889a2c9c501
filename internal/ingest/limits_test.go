package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"bellwether/internal/ingest"
	"bellwether/internal/record"
)

// endless makes rows until size bytes are read. Orders repeat their ids far apart.
type endless struct {
	size, made int
	row        int
	rest       []byte
	peak       *uint64
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.made >= e.size {
			return 0, io.EOF
		}
		if e.row == 0 {
			e.rest = append(e.rest[:0], "order_id,customer_id,placed_at,sku,product,quantity,unit_price\n"...)
		}
		for range 100 {
			e.rest = fmt.Appendf(e.rest, "o%d,c%d,2024-01-01,s%d,%0500d,1,9.99\n", e.row%40_000, e.row%1000, e.row%100, e.row)
			e.row++
		}
		e.made += len(e.rest)
		if e.row%2000 == 0 {
			measure(e.peak)
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// measure remembers the most memory in use.
func measure(peak *uint64) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	*peak = max(*peak, m.HeapInuse)
}

// measuring is a sink that measures.
type measuring struct {
	discard
	peak *uint64
}

// Write implements ingest.Sink.
func (m *measuring) Write(ctx context.Context, batch record.Batch) ([]record.Outcome, error) {
	measure(m.peak)
	return m.discard.Write(ctx, batch)
}

// TestMemory: what an import takes does not grow with the file.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 300 MB")
	}
	peak := uint64(0)
	sink := &measuring{peak: &peak}
	dir := t.TempDir()
	runtime.GC()
	summary := mustImport(t, sink, ingest.Options{
		Files: []string{"-"}, Stdin: &endless{size: 300 << 20, peak: &peak}, Memory: 16 << 20, TempDir: dir,
	})
	if summary.Rejected != 0 || sink.orders != 40_000 || int64(sink.lines) != summary.Rows {
		t.Errorf("%d orders, %d lines of %d rows, %d rejected", sink.orders, sink.lines, summary.Rows, summary.Rejected)
	}
	if limit := uint64(100 << 20); peak > limit {
		t.Errorf("%d MiB in use, want at most %d", peak>>20, limit>>20)
	}
	t.Logf("%d MiB in use at most", peak>>20)
	empty(t, dir)
}

// TestCancel: an import ends soon after its context, leaves no files, and tells what it rejected so far.
func TestCancel(t *testing.T) {
	const head = "order_id,customer_id,placed_at,total\nwrong,row\n"
	rows := head + strings.Repeat("o1,c1,2024-01-01,5\n", 5000)
	cancelled := errors.New("enough")
	check := func(t *testing.T, options ingest.Options, sink *memory, cancel func()) {
		ctx, stop := context.WithCancelCause(t.Context())
		go func() { cancel(); stop(cancelled) }()
		var rejects strings.Builder
		options.TempDir, options.Memory, options.Rejects = t.TempDir(), 50_000, &rejects
		start := time.Now()
		_, err := ingest.Orders(ctx, sink, options)
		if !errors.Is(err, cancelled) && !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, cancelled)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("it took %v", took)
		}
		if !strings.Contains(rejects.String(), string(ingest.WrongColumnCount)) {
			t.Errorf("the reject file is %q", rejects.String())
		}
		empty(t, options.TempDir)
	}
	t.Run("while input blocks", func(t *testing.T) {
		r, w := io.Pipe()
		t.Cleanup(func() { _ = w.Close() })
		check(t, ingest.Options{Files: []string{"-"}, Stdin: r}, newMemory("USD"), func() {
			_, _ = io.WriteString(w, rows) // the reader checks
			time.Sleep(50 * time.Millisecond)
		})
	})
	t.Run("while writing", func(t *testing.T) {
		writing := make(chan struct{})
		sink := newMemory("USD")
		sink.fail = func(batch int) error {
			if batch == 1 {
				close(writing)
				time.Sleep(50 * time.Millisecond)
			}
			return nil
		}
		var text strings.Builder
		text.WriteString(head)
		for i := range 100_000 {
			fmt.Fprintf(&text, "o%d,c1,2024-01-01,5\n", i)
		}
		options := stdin(text.String())
		options.BatchOrders = 10
		check(t, options, sink, func() { <-writing })
		if len(sink.batches) > 100 {
			t.Errorf("%d batches were written after the end", len(sink.batches))
		}
	})
}

// TestSinkError: what the sink says comes back as it is, and nothing is left.
func TestSinkError(t *testing.T) {
	sink := newMemory("USD")
	sink.fail = func(int) error { return errKilled }
	options := stdin("customer_id,placed_at,total\n" + strings.Repeat("c,2024-01-01,1\n", 5000))
	options.Memory, options.TempDir = 50_000, t.TempDir()
	if _, err := ingest.Orders(t.Context(), sink, options); !errors.Is(err, errKilled) {
		t.Errorf("error %v", err)
	}
	empty(t, options.TempDir)
}
