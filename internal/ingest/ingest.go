// Package ingest reads files of orders, one row per line item, and hands them on as batches of records. Begin with
// [Orders]; [Presets] lists the known layouts of files, and [ParseAsOf] reads the instants that people type.
//
// An import goes over its files once. Rows are cut, mapped and sorted by order (on disk, where they are many), so
// that the rows of an order may stand anywhere; then orders are put together, checked and written, the first two on
// one core while the sink works on the other. Memory does not depend on the size of the files.
//
// What is wrong with a row rejects that row alone, with a [Reason]; the other rows of its order are imported. What is
// wrong with a file - unknown columns, a broken archive - stops the import before anything is written.
//
// The same rows always make the same records in the same order. So an import that was killed and is run again ends
// as if it had run once, and importing a file twice changes nothing.
package ingest

import (
	"context"
	"io"
	"time"

	"bellwether/internal/record"
)

// Sink takes what is imported: the database.
type Sink interface {
	// Adopt records the base currency if none is recorded yet, and returns the recorded one. It is called at most once,
	// before the first Write, with the currency of the first order.
	Adopt(ctx context.Context, currency string) (base string, err error)
	// Write writes a batch in one transaction and returns what became of its orders, by position. The batch is the
	// sink's to keep.
	Write(ctx context.Context, batch record.Batch) ([]record.Outcome, error)
}

// Defaults of [Options].
const (
	DefaultBatchOrders = 500
	DefaultBatchLines  = 5000
	DefaultCurrency    = "USD" // where neither the rows nor a flag, a preset or the database name one
	DefaultMemory      = 16 << 20
	DefaultSource      = "import"
)

// Options says what to import and how to read it. Zero values take the preset's, else the default.
type Options struct {
	Files []string  // read in this order; "-" is Stdin
	Stdin io.Reader // for the file "-"

	Preset    string            // name of a preset, or the path of a .yaml file in the shape of one
	Delimiter string            // a character, or comma, pipe, semicolon, tab, whitespace (runs of blanks); default comma
	Columns   []string          // names of the columns of files without a header
	Map       map[string]string // field to column; "a+b" joins columns with a blank, "a|b" is the first there is, "" none

	Source      string         // of customers and orders; default "import"
	Currency    string         // of orders that name none; default the base currency
	TimeZone    *time.Location // of times without an offset; default UTC
	TimeLayout  string         // Go's, or strftime's where it has a %; default RFC 3339, a date, or a date and a time
	BatchOrders int            // at most so many orders in a batch
	BatchLines  int            // at most so many lines in a batch, unless one order has more
	Memory      int            // bytes of rows held before they are sorted on disk
	TempDir     string         // for sorting; default the system's

	DryRun   bool             // check everything, write nothing: the sink is not used
	Base     string           // the base currency, if it is known already; else the sink is asked
	Rejects  io.Writer        // CSV of the rows that were rejected, by file and row; nil: they are only counted
	Progress Progress         // nil: none
	Now      func() time.Time // measures the duration; default time.Now
}

// Orders imports files of orders into a sink. Its summary is right as far as the import came, also with an error.
// Errors in what the user gave are faults of package fault.
func Orders(ctx context.Context, sink Sink, options Options) (Summary, error) {
	im, err := newImport(sink, options)
	if err != nil {
		return Summary{}, err
	}
	defer im.close()
	start := im.now()
	err = im.run(ctx)
	im.summary.Duration = im.now().Sub(start)
	return im.summary, err
}
