package sandbox

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bellwether/scoring"
	"bellwether/scoring/abi"
)

// How many customers a call has at most: so few that a page does not wait long for a batch before it, and that the columns
// stay in the processor's cache; so many that the call itself costs little. Orders are longer than facts.
const (
	maxRows           = 2048
	maxRowsWithOrders = 512
)

// Score answers for a batch, in several calls where it is large, and in several workers at once; other batches may come
// between them.
func (m *Module) Score(ctx context.Context, fitted scoring.Model, b *scoring.Batch) (*scoring.Results, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	mine, err := m.mine(fitted)
	if err != nil {
		return nil, err
	}
	size := maxRows
	if b.Orders != nil {
		size = maxRowsWithOrders
	}
	if b.Len() <= size {
		return m.score(ctx, mine, b)
	}
	return m.scoreLarge(ctx, mine, b, size)
}

// worthSeveral is how many calls a batch must take to be worth another process.
const worthSeveral = 4

func (m *Module) scoreLarge(ctx context.Context, fitted *model, b *scoring.Batch, size int) (*scoring.Results, error) {
	n := b.Len()
	if n > (worthSeveral-1)*size {
		m.grow.Do(func() { go m.enlarge() })
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	all := m.room(b)
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(m.host.options.Workers, (n+size-1)/size) {
		group.Go(func() {
			for {
				from := int(next.Add(int64(size))) - size
				if from >= n {
					return
				}
				part, err := m.score(ctx, fitted, b.Slice(from, min(from+size, n)))
				if err != nil {
					cancel(err) // the first error is the one that counts
					return
				}
				put(all, part, from)
			}
		})
	}
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return all, nil
}

// room has the room for the answers to a batch.
func (m *Module) room(b *scoring.Batch) *scoring.Results {
	n := b.Len()
	all := &scoring.Results{Outputs: make([]scoring.Column, len(m.manifest.Outputs)), Until: make([]scoring.Instant, n)}
	for i := range all.Outputs {
		c := &all.Outputs[i]
		c.Kind, c.Null = m.manifest.Outputs[i].Kind, make([]bool, n)
		switch c.Kind {
		case scoring.Number:
			c.Floats = make([]float64, n)
		case scoring.Text, scoring.Label:
			c.Texts = make([]string, n)
		default:
			c.Ints = make([]int64, n)
		}
	}
	if b.Explain {
		all.Evidence = make([][]scoring.Evidence, n)
	}
	return all
}

// put puts the answers to a part of a batch where they belong.
func put(all, part *scoring.Results, from int) {
	for i := range all.Outputs {
		to, of := &all.Outputs[i], &part.Outputs[i]
		copy(to.Null[from:], of.Null)
		switch to.Kind {
		case scoring.Number:
			copy(to.Floats[from:], of.Floats)
		case scoring.Text, scoring.Label:
			copy(to.Texts[from:], of.Texts)
		default:
			copy(to.Ints[from:], of.Ints)
		}
	}
	copy(all.Until[from:], part.Until)
	if all.Evidence != nil {
		copy(all.Evidence[from:], part.Evidence)
	}
}

// score is one call.
func (m *Module) score(ctx context.Context, fitted *model, b *scoring.Batch) (results *scoring.Results, err error) {
	err = m.with(ctx, func(w *worker) error {
		limit := m.host.options.CallLimit
		if m.learns {
			if err := w.load(fitted, limit); err != nil {
				return err
			}
		}
		at, err := w.write(b, limit)
		if err != nil {
			return err
		}
		begun := time.Now()
		reply, err := w.ask(frame{op: opScore, a: fitted.number, b: at.pointer, c: at.length}, limit)
		if err != nil {
			return err
		}
		content, err := w.answer(reply, maxAnswer+maxEach*b.Len())
		if err != nil {
			return err
		}
		m.usage.called(b.Len(), time.Since(begun))
		// A copy, because the next call overwrites the module's memory.
		if results, err = abi.DecodeResults(slices.Clone(content), m.manifest, b.Len(), b.Explain); err != nil {
			return &refusal{err.Error()}
		}
		return nil
	})
	return results, err
}

// load makes the worker have a model, if it has not.
func (w *worker) load(fitted *model, limit time.Duration) error {
	if i := slices.Index(w.models, fitted.number); i >= 0 {
		copy(w.models[i:], w.models[i+1:])
		w.models[len(w.models)-1] = fitted.number
		return nil
	}
	if len(w.models) == maxModels {
		if _, err := w.done(frame{op: opUnload, a: w.models[0]}, limit); err != nil {
			return err
		}
		w.models = w.models[1:]
	}
	at, err := w.room(uint32(len(fitted.data)), limit)
	if err != nil {
		return err
	}
	copy(w.memory[at.pointer:], fitted.data)
	reply, err := w.ask(frame{op: opModel, a: fitted.number, b: at.pointer, c: uint32(len(fitted.data))}, limit)
	if err != nil {
		return err
	}
	if _, err := w.answer(reply, maxAnswer); err != nil {
		return err
	}
	w.models = append(w.models, fitted.number)
	return nil
}

// write writes an input straight into the module's memory; where it does not fit, into more of it.
func (w *worker) write(b *scoring.Batch, limit time.Duration) (span, error) {
	room, err := w.at(w.input.pointer, w.input.length)
	if err != nil {
		return span{}, err
	}
	written, err := w.encoder.AppendInput(room[:0:len(room)], b)
	if err != nil {
		return span{}, &refusal{err.Error()}
	}
	if length := uint32(len(written)); length > w.input.length {
		if _, err := w.room(length+length/4, limit); err != nil {
			return span{}, err
		}
		copy(w.memory[w.input.pointer:], written)
	}
	return span{w.input.pointer, uint32(len(written))}, nil
}

// room is room for an input of a length.
func (w *worker) room(length uint32, limit time.Duration) (span, error) {
	if length <= w.input.length && w.input.length > 0 {
		return span{w.input.pointer, length}, nil
	}
	length = max(length, 4<<10)
	reply, err := w.done(frame{op: opAlloc, a: length}, limit)
	if err != nil {
		return span{}, err
	}
	if reply.a == 0 || reply.a%8 != 0 {
		return span{}, &trap{"gives no room for its input (return a multiple of 8 from bellwether_alloc, 0 only where memory ends)"}
	}
	if _, err := w.at(reply.a, length); err != nil {
		return span{}, err
	}
	w.input = span{reply.a, length}
	return w.input, nil
}

// done asks what is answered by numbers alone.
func (p *process) done(request frame, limit time.Duration) (frame, error) {
	reply, err := p.ask(request, limit)
	if err == nil && reply.op == opFailed {
		err = &trap{string(reply.payload)}
	}
	return reply, err
}
