package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"bellwether/internal/fault"
	"bellwether/internal/ingest"
	"bellwether/internal/store"
)

type importCommands struct {
	Customers   importCustomers   `cmd:"" help:"Import customers from files of CSV or NDJSON, a customer a row or line."`
	Orders      importOrders      `cmd:"" help:"Import orders from files of CSV, one row an order line, or NDJSON, an order a line."`
	Products    importProducts    `cmd:"" help:"Import products from files of CSV or NDJSON, a product a row or line."`
	Touchpoints importTouchpoints `cmd:"" help:"Import touchpoints from files of CSV or NDJSON, a touchpoint a row or line."`
}

// importFiles is what all kinds of records are imported with.
type importFiles struct {
	database
	business
	Files      []string `arg:"" name:"file" help:"Files: plain, .gz, .xz, .zst, or - for standard input."`
	Format     string   `placeholder:"FORMAT" help:"csv, or ndjson: a JSON object a line, in the shape of the API's inputs. Default: what the file's first character says."`
	Encoding   string   `placeholder:"NAME" help:"Encoding of the text: utf-8, gb18030 or utf-16. Default: utf-8."`
	Preset     string   `placeholder:"NAME" help:"How well-known files are read: online-retail, cdnow, shopify-orders, or a .yaml file of the same shape."`
	Delimiter  string   `placeholder:"CHAR" help:"Between columns: a character, or comma, semicolon, tab, pipe, whitespace. Default: comma."`
	Columns    []string `placeholder:"A,B,..." help:"Names of the columns of files without a header."`
	Source     string   `placeholder:"NAME" help:"System that the keys of records belong to. Default: the preset's, else import."`
	TimeZone   string   `placeholder:"ZONE" help:"IANA zone of times without an offset. Default: the preset's, else UTC."`
	TimeLayout string   `placeholder:"LAYOUT" help:"Layout of times, Go's (02.01.2006 15:04) or strftime's (%d.%m.%Y %H:%M). RFC 3339 and dates are found without."`
	Rejects    string   `placeholder:"FILE" help:"Write a CSV of the rejected rows: file, row, column, value, reason."`
	DryRun     bool     `help:"Check everything, write nothing."`
	Quiet      bool     `short:"q" help:"Print no progress."`
}

type importCustomers struct {
	importFiles
	Map map[string]string `mapsep:"," placeholder:"FIELD=COLUMN,..." help:"Which column has which field. A column named like a field is found without. Fields: ${customerFields}, attributes.ANYTHING."`
}

type importOrders struct {
	importFiles
	Map      map[string]string `mapsep:"," placeholder:"FIELD=COLUMN,..." help:"Which column has which field. A column named like a field is found without. Fields: ${orderFields}."`
	Currency string            `placeholder:"CODE" help:"Currency of orders that name none. Default: the base currency."`
}

type importProducts struct {
	importFiles
	Map map[string]string `mapsep:"," placeholder:"FIELD=COLUMN,..." help:"Which column has which field. A column named like a field is found without. Fields: ${productFields}."`
}

type importTouchpoints struct {
	importFiles
	Map map[string]string `mapsep:"," placeholder:"FIELD=COLUMN,..." help:"Which column has which field. A column named like a field is found without. Fields: ${touchpointFields}, attributes.ANYTHING."`
}

// Run imports customers.
func (c *importCustomers) Run(ctx context.Context, app App) error {
	return c.run(ctx, app, ingest.Options{Map: c.Map}, func(s sink, o ingest.Options) (ingest.Summary, error) { return ingest.Customers(ctx, s, o) })
}

// Run imports orders.
func (c *importOrders) Run(ctx context.Context, app App) error {
	return c.run(ctx, app, ingest.Options{Map: c.Map, Currency: c.Currency}, func(s sink, o ingest.Options) (ingest.Summary, error) { return ingest.Orders(ctx, s, o) })
}

// Run imports products.
func (c *importProducts) Run(ctx context.Context, app App) error {
	return c.run(ctx, app, ingest.Options{Map: c.Map}, func(s sink, o ingest.Options) (ingest.Summary, error) { return ingest.Products(ctx, s, o) })
}

// Run imports touchpoints.
func (c *importTouchpoints) Run(ctx context.Context, app App) error {
	return c.run(ctx, app, ingest.Options{Map: c.Map}, func(s sink, o ingest.Options) (ingest.Summary, error) { return ingest.Touchpoints(ctx, s, o) })
}

// run imports the files. The exit code is 3 where rows were rejected.
func (c *importFiles) run(ctx context.Context, app App, o ingest.Options, load func(sink, ingest.Options) (ingest.Summary, error)) (err error) {
	o.Files, o.Stdin, o.Format, o.Encoding, o.Preset, o.Delimiter = c.Files, app.Stdin, c.Format, c.Encoding, c.Preset, c.Delimiter
	o.Columns, o.Source, o.TimeLayout, o.DryRun, o.Base, o.Now = c.Columns, c.Source, c.TimeLayout, c.DryRun, c.BaseCurrency, app.Now
	if c.TimeZone != "" {
		if o.TimeZone, err = ingest.Zone(c.TimeZone); err != nil {
			return err
		}
	}
	if !c.Quiet {
		o.Progress = ingest.NewProgress(app.Stderr, isTerminal(app.Stderr), app.Now)
	}
	if c.Rejects != "" {
		rejects, refused := newRejects(c.Rejects, append([]string{store.Path(c.DB)}, c.Files...))
		if refused != nil {
			return refused
		}
		o.Rejects = rejects
		defer func() {
			var rejected rejectedError
			err = errors.Join(err, rejects.close(err == nil || errors.As(err, &rejected)))
		}()
	}
	summary, err := c.into(ctx, o, load)
	if err != nil {
		return err
	}
	if err := summary.Print(app.Stdout); err != nil {
		return err
	}
	if summary.Rejected > 0 {
		if c.Rejects == "" {
			fmt.Fprintln(app.Stdout, "give --rejects FILE to see the rejected rows")
		}
		return rejectedError(summary.Rejected)
	}
	return nil
}

// into opens the database and imports. A dry run only looks up what an existing one has recorded.
func (c *importFiles) into(ctx context.Context, o ingest.Options, load func(sink, ingest.Options) (ingest.Summary, error)) (summary ingest.Summary, err error) {
	s, err := store.Open(ctx, c.DB, store.Options{ReadOnly: c.DryRun, Bulk: true})
	switch {
	case c.DryRun && fault.Code(err) == fault.NotFound:
		if _, err := ingest.Zone(c.BusinessZone); c.BusinessZone != "" && err != nil {
			return summary, err
		}
		return load(nil, o)
	case err != nil:
		return summary, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if _, err := s.Agrees(ctx, c.BaseCurrency, c.BusinessZone); err != nil {
		return summary, err
	}
	o.BatchOrders = s.Batch()
	b, err := s.Business(ctx)
	if err != nil {
		return summary, err
	}
	if b.BaseCurrency != "" {
		o.Base = b.BaseCurrency
	}
	summary, err = load(&configured{Store: s, currency: c.BaseCurrency, zone: c.BusinessZone}, o)
	if now, businessErr := s.Business(ctx); err == nil && businessErr == nil && b.BaseCurrency == "" && now.BaseCurrency != "" && c.BaseCurrency == "" {
		summary.Notes = append(summary.Notes, "the business counts in "+now.BaseCurrency+", the currency of its first order, for good (if that is wrong, start a new database with --base-currency)")
	}
	return summary, err
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// fieldsOf are the fields of a row, for the help.
func fieldsOf(kind string) string { return strings.Join(ingest.Fields(kind), ", ") }
