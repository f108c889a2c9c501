package ingest

import (
	"bufio"
	"bytes"
	"container/heap"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"

	"bellwether/internal/fault"
)

// run is a sorted sequence of records in a temporary file: written, finished, read once, closed.
type run struct {
	file    *os.File
	removed bool
	closed  bool
	out     *bufio.Writer
	in      *bufio.Reader
	index   int // among the runs that are merged
	key     []byte
	value   []byte
	lengths [2 * binary.MaxVarintLen64]byte
}

const runBuffer = 64 << 10

// openRun makes a run of a new file. Where the system allows it, the file loses its name at once, so that not even a
// killed import leaves it behind.
func openRun(file *os.File) *run {
	r := &run{file: file, out: bufio.NewWriterSize(file, runBuffer)}
	r.removed = os.Remove(file.Name()) == nil
	return r
}

func (r *run) write(key, value []byte) error {
	n := binary.PutUvarint(r.lengths[:], uint64(len(key)))
	n += binary.PutUvarint(r.lengths[n:], uint64(len(value)))
	// The writer keeps its first error.
	_, _ = r.out.Write(r.lengths[:n])
	_, _ = r.out.Write(key)
	if _, err := r.out.Write(value); err != nil {
		return noRoom(err)
	}
	return nil
}

// finish ends writing; the run can be read then.
func (r *run) finish() error {
	if err := r.out.Flush(); err != nil {
		return noRoom(err)
	}
	if _, err := r.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r.out = nil
	return nil
}

// next reads the next record, io.EOF at the end.
func (r *run) next() error {
	keyLen, err := binary.ReadUvarint(r.in)
	if err != nil {
		return err
	}
	valueLen, err := binary.ReadUvarint(r.in)
	if err != nil {
		return unexpected(err)
	}
	r.key = resized(r.key, int(keyLen))
	r.value = resized(r.value, int(valueLen))
	if _, err := io.ReadFull(r.in, r.key); err != nil {
		return unexpected(err)
	}
	if _, err := io.ReadFull(r.in, r.value); err != nil {
		return unexpected(err)
	}
	return nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func resized(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n, max(n, 2*cap(b)))
	}
	return b[:n]
}

func (r *run) close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	err := r.file.Close()
	if !r.removed {
		err = os.Remove(r.file.Name())
	}
	return err
}

func noRoom(err error) error {
	return fault.New(fault.Unavailable, "rows cannot be sorted on disk (free some room, or set TMPDIR to a folder that has it): %w", err)
}

// mergeRuns yields the records of several runs in order; of equal keys, those of earlier runs go first.
func mergeRuns(ctx context.Context, runs []*run, yield func(key, value []byte) error) error {
	h := make(runHeap, 0, len(runs))
	for i, r := range runs {
		r.index, r.in = i, bufio.NewReaderSize(r.file, runBuffer)
		switch err := r.next(); {
		case err == nil:
			h = append(h, r)
		case !errors.Is(err, io.EOF):
			return err
		}
	}
	heap.Init(&h)
	for n := 0; len(h) > 0; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		first := h[0]
		if err := yield(first.key, first.value); err != nil {
			return err
		}
		switch err := first.next(); {
		case err == nil:
			heap.Fix(&h, 0)
		case errors.Is(err, io.EOF):
			heap.Pop(&h)
		default:
			return err
		}
	}
	return nil
}

// runHeap has the run with the least key on top.
type runHeap []*run

func (h runHeap) Len() int { return len(h) }
func (h runHeap) Less(i, j int) bool {
	if c := bytes.Compare(h[i].key, h[j].key); c != 0 {
		return c < 0
	}
	return h[i].index < h[j].index
}
func (h runHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(x any)   { *h = append(*h, x.(*run)) }
func (h *runHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
