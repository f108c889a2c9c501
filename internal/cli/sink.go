package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"bellwether/internal/fault"
	"bellwether/internal/ingest"
	"bellwether/internal/record"
	"bellwether/internal/store"
)

// sink takes what is imported, whatever its kind.
type sink interface {
	ingest.Sink
	ingest.CustomerSink
	ingest.ProductSink
	ingest.TouchpointSink
}

// configured is a store that records the flags of an import with the first write: an import that fails before leaves
// the database as it was, free to count in another currency.
type configured struct {
	*store.Store
	currency, zone string
	done           bool
}

func (c *configured) configure(ctx context.Context) error {
	if c.done {
		return nil
	}
	err := c.Configure(ctx, c.currency, c.zone)
	c.done = err == nil
	return err
}

// Adopt implements [ingest.Sink].
func (c *configured) Adopt(ctx context.Context, currency string) (string, error) {
	if err := c.configure(ctx); err != nil {
		return "", err
	}
	return c.Store.Adopt(ctx, currency)
}

// Write implements [ingest.Sink].
func (c *configured) Write(ctx context.Context, b record.Batch) ([]record.Outcome, error) {
	if err := c.configure(ctx); err != nil {
		return nil, err
	}
	return c.Store.Write(ctx, b)
}

// WriteCustomers implements [ingest.CustomerSink].
func (c *configured) WriteCustomers(ctx context.Context, customers []record.Customer) ([]record.Written, error) {
	if err := c.configure(ctx); err != nil {
		return nil, err
	}
	return c.Store.WriteCustomers(ctx, customers)
}

// WriteProducts implements [ingest.ProductSink].
func (c *configured) WriteProducts(ctx context.Context, products []record.Product) ([]record.Written, error) {
	if err := c.configure(ctx); err != nil {
		return nil, err
	}
	return c.Store.WriteProducts(ctx, products)
}

// WriteTouchpoints implements [ingest.TouchpointSink].
func (c *configured) WriteTouchpoints(ctx context.Context, touchpoints []record.Touchpoint) ([]record.Written, error) {
	if err := c.configure(ctx); err != nil {
		return nil, err
	}
	return c.Store.WriteTouchpoints(ctx, touchpoints)
}

// rejects is the file of rejected rows. It is opened by the first of them, or at the end of an import that found none:
// one that cannot begin leaves an older file alone.
type rejects struct {
	path   string
	header []byte // written, but not in the file yet
	file   *os.File
}

// newRejects refuses a file that the import reads or writes itself.
func newRejects(path string, taken []string) (*rejects, error) {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return nil, fault.New(fault.Invalid, "cannot write the rejects: %w (give a file in a folder that exists)", err)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, fault.New(fault.Invalid, "cannot write the rejects: %w (give a file in a folder that exists)", err)
	case info.IsDir():
		return nil, fault.New(fault.Invalid, "cannot write the rejects: %s is a folder (give a file)", path)
	}
	same := func(other string) bool {
		for _, name := range []string{other, other + "-wal", other + "-shm"} {
			if there, err := os.Stat(name); err == nil && info != nil && os.SameFile(there, info) {
				return true
			}
		}
		return other == path
	}
	if slices.ContainsFunc(taken, same) {
		return nil, fault.New(fault.Invalid, "the rejects would overwrite %s, which the import uses itself (give another file)", path)
	}
	return &rejects{path: path}, nil
}

// Write implements io.Writer.
func (r *rejects) Write(p []byte) (int, error) {
	if r.file == nil && r.header == nil && bytes.Count(p, []byte{'\n'}) <= 1 {
		r.header = bytes.Clone(p)
		return len(p), nil
	}
	if err := r.open(); err != nil {
		return 0, err
	}
	return r.file.Write(p)
}

func (r *rejects) open() error {
	if r.file != nil {
		return nil
	}
	file, err := os.Create(r.path)
	if err != nil {
		return fault.New(fault.Invalid, "cannot write the rejects: %w (give a file in a folder that exists)", err)
	}
	r.file = file
	_, err = file.Write(r.header)
	return err
}

// close closes the file; of an import that was done there is one, whether it has rows or not.
func (r *rejects) close(done bool) error {
	if done {
		if err := r.open(); err != nil {
			return err
		}
	}
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
