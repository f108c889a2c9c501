package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bellwether/internal/fault"
)

// readFiles is the first pass: it sorts the rows of all files by order.
func (im *importer) readFiles(ctx context.Context) error {
	im.progress.Stage("reading", unitBytes, totalSize(im.options.Files))
	named := map[string]bool{}
	for _, name := range im.options.Files {
		if named[filepath.Clean(name)] {
			return fault.New(fault.Invalid, "%q is named twice (its rows would count twice: name it once)", name)
		}
		named[filepath.Clean(name)] = true
	}
	for i, name := range im.options.Files {
		if err := im.readFile(ctx, i, name); err != nil {
			return err
		}
	}
	return nil
}

// totalSize is the size of all files; -1 when it is not known.
func totalSize(files []string) int64 {
	var total int64
	for _, name := range files {
		info, err := os.Stat(name)
		if name == stdinName || err != nil || !info.Mode().IsRegular() {
			return -1
		}
		total += info.Size()
	}
	return total
}

func (im *importer) readFile(ctx context.Context, index int, name string) error {
	decode, err := decoderOf(im.options.Encoding)
	if err != nil {
		return err
	}
	src, err := openSource(ctx, name, im.options.Stdin, decode, func(n int64) { im.read.Add(n) })
	if err != nil {
		return err
	}
	defer src.close()
	scanner := newScanner(src, nil)
	if err := scanner.begin(); err != nil {
		return fileError(ctx, src.name, err)
	}
	if im.options.Format == FormatNDJSON || im.options.Format == "" && scanner.first() == '{' {
		im.assembler.mappings = append(im.assembler.mappings, nil)
		return im.readLines(ctx, index, name, scanner)
	}
	header, err := im.begin(ctx, src, scanner)
	if err != nil {
		return err
	}
	r := newReader(index, im.assembler.mappings[index])
	if note := im.unused(r.mapping); note != nil && index == 0 {
		im.summary.Notes = append(im.summary.Notes, fmt.Sprintf(
			"not used: %s (a line item takes sku or product, and unit_price)", quotedList(note)))
	}
	for n := 0; ; n++ {
		if n%4096 == 0 {
			im.showRead()
		}
		row, err := scanner.next()
		if errors.Is(err, io.EOF) {
			im.showRead()
			return nil
		}
		if err != nil {
			return fileError(ctx, name, err)
		}
		if header {
			header = false
			continue
		}
		if err := im.readRow(r, row); err != nil {
			return err
		}
	}
}

// fileError is an error while reading a file. Those of sources are faults already.
func fileError(ctx context.Context, name string, err error) error {
	if fault.Code(err) != "" || ctx.Err() != nil {
		return err
	}
	return fault.New(fault.Invalid, "%q cannot be read: %w", name, err)
}

func (im *importer) showRead() {
	read := im.read.Load()
	im.progress.Add(read - im.shown)
	im.shown = read
}

// begin finds the delimiter, header and columns of a file of CSV, whose scanner stands at its first row.
func (im *importer) begin(ctx context.Context, src *source, s *scanner) (header bool, err error) {
	var row scanned
	for _, s.delim = range im.delimiters {
		if row, err = s.peek(); err != nil || len(row.cells) > 1 {
			break
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		return false, fault.New(fault.Invalid, "%q is empty (it needs a header, or rows and --columns)", src.name)
	case err != nil:
		return false, fileError(ctx, src.name, err)
	case row.reason == RowTooLarge || row.reason != "" && len(im.options.Columns) == 0:
		return false, fault.New(fault.Invalid, "the first row of %q, line %d, cannot be read: %s (is it text?)", src.name, row.line, row.reason)
	}
	names := make([]string, len(row.cells))
	for i, cell := range row.cells {
		names[i] = strings.TrimSpace(strings.ToValidUTF8(string(cell), "\uFFFD"))
	}
	m, header, err := im.rules.resolve(src.name, names)
	im.assembler.mappings = append(im.assembler.mappings, m)
	return header, err
}

// readRow sorts a row in, or rejects it.
func (im *importer) readRow(r *reader, row scanned) error {
	im.summary.Rows++
	switch {
	case row.reason != "":
		return im.rejects.add(r.file, row.line, "", string(row.text), row.reason)
	case len(row.cells) != r.mapping.width:
		text := fmt.Sprintf("%d cells, not %d: %s", len(row.cells), r.mapping.width, strings.Join(texts(row.cells), " | "))
		return im.rejects.add(r.file, row.line, "", text, WrongColumnCount)
	}
	if im.foreign(row.cells...) {
		return im.rejects.add(r.file, row.line, "", strings.Join(texts(row.cells), " | "), InvalidEncoding)
	}
	if im.kind != KindOrders {
		return im.readItem(r, row)
	}
	if problem := r.read(row.line, row.cells); problem != nil {
		return im.rejects.add(r.file, row.line, problem.column, problem.value, problem.reason)
	}
	if im.first == "" && im.assembler.base == "" {
		im.first = im.currencyOf(r.key, r.value)
	}
	return im.rows.add(r.key, r.value)
}

func texts(cells [][]byte) []string {
	out := make([]string, min(len(cells), maxShown))
	for i := range out {
		out[i] = string(cells[i][:min(len(cells[i]), maxShown)])
	}
	return slices.Clip(out)
}
