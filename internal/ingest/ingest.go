// Package ingest reads files of records and hands them on in batches: CSV, and NDJSON in the shape of the API's inputs.
// Begin with [Orders], whose CSV has one row per line item, [Customers], [Products] or [Touchpoints]; [Presets] lists the
// known layouts of files, and [ParseAsOf] reads the instants that people type.
//
// An import goes over its files once. Records that have a row or line of their own are decoded as the API decodes its
// items, and written in the order of the files; of one that stands there twice, the last counts. Rows of orders are cut, mapped and sorted by order (on disk, where they are many), so
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
	DefaultBatchOrders = 1500
	DefaultBatchLines  = 30_000
	DefaultCurrency    = "USD" // where neither the rows nor a flag, a preset or the database name one
	DefaultMemory      = 16 << 20
	DefaultSource      = "import"
)

// Options says what to import and how to read it. Zero values take the preset's, else the default.
type Options struct {
	Files []string  // read in this order; "-" is Stdin
	Stdin io.Reader // for the file "-"

	Format    string            // csv or ndjson; default what the first character says
	Encoding  string            // of the text: utf-8 (default), gb18030 or utf-16
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

// The formats of files.
const (
	FormatCSV    = "csv"
	FormatNDJSON = "ndjson" // a JSON object a line, in the shape of the API's inputs
)

// Orders imports files of orders into a sink. Its summary is right as far as the import came, also with an error.
// Errors in what the user gave are faults of package fault.
func Orders(ctx context.Context, sink Sink, options Options) (Summary, error) {
	im, err := newImport(KindOrders, options)
	if err != nil {
		return Summary{}, err
	}
	im.sink = sink
	im.items = &stream[hinted]{im: im, ctx: ctx, decode: decodeOrder, lines: func(o hinted) int { return len(o.order.Lines.Value) }, write: func(ctx context.Context, orders []hinted) ([]record.Outcome, error) {
		b := newBatch(len(orders))
		for _, o := range orders {
			b.Orders = append(b.Orders, o.order)
			for _, p := range o.products {
				b.products.hear(p.SKU, p.SeenAt, p.Name, p.Category)
			}
		}
		b.finish()
		return sink.Write(ctx, b.Batch)
	}}
	return im.all(ctx)
}

// hinted is an order with what its lines say of their products.
type hinted struct {
	order    record.Order
	products []record.ProductHint
}

func decodeOrder(d record.Decoding, item map[string]any) (hinted, []record.Problem) {
	order, products, problems := d.Order(item)
	return hinted{order, products}, problems
}

// importItems imports files of records of which each has a row or line of its own.
func importItems[R any](ctx context.Context, kind string, options Options, decode func(record.Decoding, map[string]any) (R, []record.Problem), write func(context.Context, []R) ([]record.Outcome, error)) (Summary, error) {
	im, err := newImport(kind, options)
	if err != nil {
		return Summary{}, err
	}
	im.items = &stream[R]{im: im, ctx: ctx, decode: decode, lines: func(R) int { return 0 }, write: write}
	return im.all(ctx)
}

// all imports, and measures how long it takes.
func (im *importer) all(ctx context.Context) (Summary, error) {
	defer im.close()
	start := im.now()
	err := im.run(ctx)
	im.summary.Duration = im.now().Sub(start)
	return im.summary, err
}
