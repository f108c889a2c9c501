package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// writeOrders is the second pass: one goroutine puts orders together, this one writes them.
func (im *importer) writeOrders(ctx context.Context) error {
	im.assembler.adopt = func(currency string) (string, error) { return im.adopt(ctx, currency) }
	if im.first != "" {
		var err error
		if im.assembler.base, err = im.adopt(ctx, im.first); err != nil {
			return err
		}
	}
	im.progress.Stage("writing", unitRows, im.summary.Rows-im.rejects.total)
	// Its own context, so that the goroutine ends when writing does.
	working, stop := context.WithCancel(ctx)
	defer stop()
	batches, ended := make(chan *batch, 2), make(chan error, 1)
	go func() {
		err := im.assemble(working, batches)
		close(batches)
		ended <- err
	}()
	var err error
	for b := range batches {
		if err != nil {
			continue // drained, so that the goroutine ends and its sorter can be closed
		}
		if err = im.write(ctx, b); err != nil {
			stop()
		}
	}
	// What writing says is the cause; the other is then only told to stop.
	if assembleErr := <-ended; err == nil {
		err = assembleErr
	}
	return err
}

// adopt makes the currency of the first order the database's, if it has none, and returns the database's.
func (im *importer) adopt(ctx context.Context, currency string) (string, error) {
	if im.options.DryRun {
		return currency, nil
	}
	base, err := im.sink.Adopt(ctx, currency)
	if err == nil && base == "" {
		err = errors.New("the sink names no base currency")
	}
	return base, err
}

// write writes a batch and counts.
func (im *importer) write(ctx context.Context, b *batch) error {
	if !im.options.DryRun {
		outcomes, err := im.sink.Write(ctx, b.Batch)
		if err != nil {
			return err
		}
		if len(outcomes) != len(b.Orders) {
			return fmt.Errorf("the sink has %d outcomes for %d orders", len(outcomes), len(b.Orders))
		}
		im.count(outcomes)
	}
	im.summary.Orders += int64(len(b.Orders))
	im.summary.Lines += int64(b.lines)
	im.progress.Add(b.rows)
	return nil
}

// grouping puts the sorted rows together by order.
type grouping struct {
	im         *importer
	ctx        context.Context
	out        chan<- *batch
	batch      *batch
	key        []byte
	rows       []row
	occurrence int // of a row without id among equal ones
}

func (im *importer) assemble(ctx context.Context, out chan<- *batch) error {
	g := &grouping{im: im, ctx: ctx, out: out, batch: newBatch(im.batchOrders())}
	if err := im.rows.merge(ctx, g.add); err != nil {
		return err
	}
	if err := g.flush(); err != nil {
		return err
	}
	return g.send()
}

func (im *importer) batchOrders() int { return positive(im.options.BatchOrders, DefaultBatchOrders) }
func (im *importer) batchLines() int  { return positive(im.options.BatchLines, DefaultBatchLines) }

func (g *grouping) add(key, value []byte) error {
	if same := bytes.Equal(key, g.key); !same || key[0] == keyHash {
		if err := g.flush(); err != nil {
			return err
		}
		if !same {
			g.key, g.occurrence = append(g.key[:0], key...), 0
		}
		g.occurrence++
	}
	if len(g.rows) < maxOrderRows {
		g.rows = append(g.rows, row{})
		decodeRow(value, &g.rows[len(g.rows)-1])
		return nil
	}
	var surplus row
	decodeRow(value, &surplus)
	return g.im.rejectRow(&surplus, fieldOrderID, string(key[1:]), TooManyLines)
}

// flush makes an order of the rows collected.
func (g *grouping) flush() error {
	if len(g.rows) == 0 {
		return nil
	}
	id := string(g.key[1:])
	if g.key[0] == keyHash {
		id = rowID(g.key, g.occurrence)
	}
	for i := range g.rows {
		g.rows[i].values[fieldOrderID] = id
	}
	defer func() { g.rows = g.rows[:0] }()
	g.batch.rows += int64(len(g.rows)) // also if they are rejected, for progress
	order, hints, ok, err := g.im.assembler.order(id, g.rows)
	if err != nil || !ok {
		return err
	}
	g.batch.add(order, hints)
	if len(g.batch.Orders) >= g.im.batchOrders() || g.batch.lines >= g.im.batchLines() {
		return g.send()
	}
	return nil
}

func (g *grouping) send() error {
	if len(g.batch.Orders) == 0 {
		return nil
	}
	g.batch.finish()
	select {
	case g.out <- g.batch:
		g.batch = newBatch(g.im.batchOrders())
		return nil
	case <-g.ctx.Done():
		return context.Cause(g.ctx)
	}
}
