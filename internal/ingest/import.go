package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/record"
)

// importer is one import.
type importer struct {
	kind       string
	options    Options
	sink       Sink  // of orders
	items      items // what stands alone in a row or line
	now        func() time.Time
	progress   Progress
	rules      *rules
	delimiters [][]byte // the first that cuts the first line
	assembler  *assembler
	rows       *sorter
	rejects    *rejects
	summary    Summary
	first      string       // the currency of the first row that is an order by itself
	read       atomic.Int64 // bytes, by the goroutines that read ahead
	shown      int64        // of these, how many progress was told
}

// rejectMemory is how many bytes of rejects are held before they are sorted on disk.
const rejectMemory = 4 << 20

func newImport(kind string, options Options) (*importer, error) {
	if len(options.Files) == 0 {
		return nil, fault.New(fault.Invalid, "no files to import (name some; - reads standard input)")
	}
	preset, err := presetNamed(options.Preset)
	if err != nil {
		return nil, err
	}
	if of := firstOf(preset.Kind, KindOrders); preset.Name != "" && of != kind {
		return nil, fault.New(fault.Invalid, "preset %q is for %s, not %s (import those with it, or leave it out)", preset.Name, of, kind)
	}
	if options.Format != "" && options.Format != FormatCSV && options.Format != FormatNDJSON {
		return nil, fault.New(fault.Invalid, "no format %q (there are csv and ndjson)", options.Format)
	}
	if _, err := decoderOf(options.Encoding); err != nil {
		return nil, err
	}
	im := &importer{kind: kind, options: options, now: options.Now, progress: options.Progress}
	if im.now == nil {
		im.now = time.Now
	}
	if im.progress == nil {
		im.progress = silent{}
	}
	if im.rules, err = newRules(tableOf(kind), options, preset); err != nil {
		return nil, err
	}
	names := preset.Delimiters
	if options.Delimiter != "" || len(names) == 0 {
		names = []string{options.Delimiter}
	}
	for _, name := range names {
		d, err := delimiter(name)
		if err != nil {
			return nil, err
		}
		im.delimiters = append(im.delimiters, d)
	}
	if im.assembler, err = newAssembler(options, preset); err != nil {
		return nil, err
	}
	im.assembler.reject = im.rejectRow
	im.rows = newSorter(options.TempDir, positive(options.Memory, DefaultMemory))
	var rejected *sorter
	if options.Rejects != nil {
		rejected = newSorter(options.TempDir, rejectMemory)
	}
	im.rejects = newRejects(options.Files, rejected)
	im.summary = Summary{Kind: kind, Source: im.assembler.source, DryRun: options.DryRun, Reasons: im.rejects.counts}
	return im, nil
}

func newAssembler(options Options, preset Preset) (*assembler, error) {
	a := &assembler{
		source:   firstOf(options.Source, preset.Source, DefaultSource),
		currency: strings.ToUpper(firstOf(options.Currency, preset.Currency)),
		base:     options.Base,
		decimals: map[string]int{},
	}
	for _, currency := range []string{a.currency, a.base} {
		if currency == "" {
			continue
		}
		if _, err := record.Exponent(currency); err != nil {
			return nil, fault.New(fault.Invalid, "%w", err)
		}
	}
	zone := options.TimeZone
	if zone == nil {
		var err error
		if zone, err = Zone(firstOf(preset.TimeZone, "UTC")); err != nil {
			return nil, err
		}
	}
	layouts := preset.TimeLayouts
	if options.TimeLayout != "" {
		layouts = []string{options.TimeLayout}
	}
	var err error
	a.clock, err = newClock(zone, layouts)
	return a, err
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// currencyOf is the currency of a row, if the row by itself makes an order.
func (im *importer) currencyOf(key, value []byte) string {
	probe := *im.assembler
	probe.reject = func(*row, field, string, Reason) error { return nil }
	probe.adopt = func(string) (string, error) { return "", nil }
	rows := make([]row, 1)
	decodeRow(value, &rows[0])
	order, _, ok, err := probe.order(string(key[1:]), rows)
	if err != nil || !ok {
		return ""
	}
	return order.Currency
}

func positive(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// run imports. The reject file is written also after an error: what was found so far may be why.
func (im *importer) run(ctx context.Context) error {
	err := im.readFiles(ctx)
	if err == nil && im.kind != KindOrders {
		err = im.takeUnnamed(ctx)
	}
	// Also after an error, so that nothing is written any more when this returns.
	err = im.items.finish(err)
	if err == nil && im.kind == KindOrders {
		err = im.writeOrders(ctx)
	}
	im.progress.Done()
	im.summary.Bytes = im.read.Load()
	im.summary.Rejected = im.rejects.total
	im.summary.Base = im.assembler.base
	if im.options.Rejects == nil {
		return err
	}
	if rejectErr := im.rejects.write(context.WithoutCancel(ctx), im.options.Rejects); rejectErr != nil {
		err = errors.Join(err, fmt.Errorf("the reject file is not complete: %w", rejectErr))
	}
	return err
}

// close removes temporary files. Nothing is lost when it cannot: the system's cleaning takes them.
func (im *importer) close() {
	_ = im.rows.close()
	if im.rejects.sorter != nil {
		_ = im.rejects.sorter.close()
	}
}

func (im *importer) rejectRow(r *row, f field, value string, reason Reason) error {
	column := im.assembler.mappings[r.file].labels[f]
	if column == "" && reason != "" {
		column = im.rules.table.names[f]
	}
	return im.rejects.add(r.file, r.line, column, value, reason)
}
