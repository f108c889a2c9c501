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
	Orders importOrders `cmd:"" help:"Import orders from CSV files: plain, .gz, .xz, .zst, or - for standard input; one row an order line."`
}

type importOrders struct {
	database
	business
	Files      []string          `arg:"" name:"file" help:"Files, or - for standard input."`
	Preset     string            `placeholder:"NAME" help:"How well-known files are read: online-retail, cdnow, or a .yaml file of the same shape."`
	Map        map[string]string `mapsep:"," placeholder:"FIELD=COLUMN,..." help:"Which column has which field. A column named like a field is found without. Fields: ${orderFields}."`
	Delimiter  string            `placeholder:"CHAR" help:"Between columns: a character, or comma, semicolon, tab, pipe, whitespace. Default: comma."`
	Columns    []string          `placeholder:"A,B,..." help:"Names of the columns of files without a header."`
	Source     string            `placeholder:"NAME" help:"System that the keys of customers and orders belong to. Default: the preset's, else import."`
	Currency   string            `placeholder:"CODE" help:"Currency of rows that name none. Default: the base currency."`
	TimeZone   string            `placeholder:"ZONE" help:"IANA zone of times without an offset. Default: the preset's, else UTC."`
	TimeLayout string            `placeholder:"LAYOUT" help:"Layout of times, Go's (02.01.2006 15:04) or strftime's (%d.%m.%Y %H:%M). RFC 3339 and dates are found without."`
	Rejects    string            `placeholder:"FILE" help:"Write a CSV of the rejected rows: file, row, column, value, reason."`
	DryRun     bool              `help:"Check everything, write nothing."`
	Quiet      bool              `short:"q" help:"Print no progress."`
}

// Run imports the files. Its exit code is 3 where rows were rejected.
func (c *importOrders) Run(ctx context.Context, app App) (err error) {
	o := ingest.Options{
		Files: c.Files, Stdin: app.Stdin, Preset: c.Preset, Delimiter: c.Delimiter, Columns: c.Columns, Map: c.Map,
		Source: c.Source, Currency: c.Currency, TimeLayout: c.TimeLayout, DryRun: c.DryRun, Base: c.BaseCurrency, Now: app.Now,
	}
	if c.TimeZone != "" {
		if o.TimeZone, err = ingest.Zone(c.TimeZone); err != nil {
			return err
		}
	}
	if !c.Quiet {
		o.Progress = ingest.NewProgress(app.Stderr, isTerminal(app.Stderr), app.Now)
	}
	if c.Rejects != "" {
		file, err := os.Create(c.Rejects)
		if err != nil {
			return fault.New(fault.Invalid, "cannot write the rejects: %w (give a file in a folder that exists)", err)
		}
		o.Rejects = file
		defer func() { err = errors.Join(err, file.Close()) }()
	}
	summary, err := c.into(ctx, o)
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
func (c *importOrders) into(ctx context.Context, o ingest.Options) (summary ingest.Summary, err error) {
	s, err := store.Open(ctx, c.DB, store.Options{ReadOnly: c.DryRun})
	switch {
	case c.DryRun && fault.Code(err) == fault.NotFound:
		return ingest.Orders(ctx, nil, o)
	case err != nil:
		return summary, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if !c.DryRun {
		if err := s.Configure(ctx, c.BaseCurrency, c.BusinessZone); err != nil {
			return summary, err
		}
	}
	b, err := s.Business(ctx)
	if err != nil {
		return summary, err
	}
	if b.BaseCurrency != "" {
		o.Base = b.BaseCurrency
	}
	return ingest.Orders(ctx, s, o)
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// orderFields are the fields of an order row, for the help.
func orderFields() string { return strings.Join(ingest.OrderFields(), ", ") }
