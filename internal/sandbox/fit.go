package sandbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellwether/scoring"
	"bellwether/scoring/abi"
)

// maxPasses is how often a fit may read the population.
const maxPasses = 64

// Fit lets the module learn, in a process of its own that ends with it: pages are answered meanwhile, and the memory that a
// population takes is given back.
func (m *Module) Fit(ctx context.Context, population *scoring.Population) (scoring.Model, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !m.learns {
		return m.newModel(nil), nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(m.life, cancel)()
	p, _, err := m.begin(ctx)
	if err != nil {
		return nil, m.failed(err, 0)
	}
	f := &fitting{ctx: ctx, worker: &worker{process: p}, m: m, population: population, left: m.host.options.FitLimit}
	data, err := f.run()
	p.kill()
	m.usage.bury(p)
	if err != nil {
		if m.life.Err() != nil {
			return nil, errClosed
		}
		if source, ok := errors.AsType[*sourceError](err); ok {
			return nil, source.error
		}
		return nil, m.failed(err, m.host.options.FitLimit)
	}
	return m.newModel(data), nil
}

// fitting is a fit under way: the module asks, and the server answers.
type fitting struct {
	*worker
	ctx        context.Context
	m          *Module
	population *scoring.Population
	left       time.Duration // for the module
	passes     int
	customers  int   // that were given, the same ones again in every pass
	derived    int   // values
	failure    error // of the module or the context, where the source hands it on
}

// sourceError is a failure of the population rather than of the module.
type sourceError struct{ error }

func (f *fitting) run() ([]byte, error) {
	at, err := f.write(&scoring.Batch{Env: f.population.Env}, f.left)
	if err != nil {
		return nil, err
	}
	if err := writeFrame(f.requests, frame{op: opFit, a: at.pointer, b: at.length}); err != nil {
		return nil, f.ended(err)
	}
	asked, err := f.listen()
	for err == nil && asked.op != opDone {
		if asked.op == opRewind {
			asked, err = f.reply(0)
		} else {
			asked, err = f.pass(asked)
		}
	}
	if err != nil {
		return nil, err
	}
	data, err := f.answer(asked, maxModel)
	return append([]byte(nil), data...), err
}

// errElsewhere ends a pass that the module does not want the rest of.
var errElsewhere = errors.New("the module goes on elsewhere")

// pass gives the population once, from the first batch on, and returns what the module asks for after it.
func (f *fitting) pass(asked frame) (frame, error) {
	if f.passes++; f.passes > maxPasses {
		return frame{}, &trap{fmt.Sprintf("reads the population more than %d times (keep what is needed again)", maxPasses)}
	}
	err := f.population.Source(func(b *scoring.Batch) error {
		for from := 0; from < b.Len(); from += maxRows {
			var err error
			f.customers += min(from+maxRows, b.Len()) - from
			if asked, err = f.give(b.Slice(from, min(from+maxRows, b.Len())), asked); err != nil {
				return err
			}
			if asked.op != opNext {
				return errElsewhere
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, errElsewhere):
		return asked, nil
	case f.failure != nil:
		return frame{}, f.failure
	case err != nil:
		return frame{}, &sourceError{err}
	}
	return f.reply(0)
}

// fails remembers an error that is not the source's.
func (f *fitting) fails(err error) error {
	f.failure = err
	return err
}

// give writes a batch where the module wants it, and returns what it asks for next.
func (f *fitting) give(b *scoring.Batch, asked frame) (frame, error) {
	for {
		room, err := f.at(asked.a, asked.b)
		if err != nil {
			return frame{}, f.fails(err)
		}
		if asked.a%8 != 0 {
			return frame{}, f.fails(&trap{"wants the population at an address that is not a multiple of 8 (align the buffer)"})
		}
		written, err := f.encoder.AppendInput(room[:0:len(room)], b)
		if err != nil {
			return frame{}, f.fails(&refusal{err.Error()})
		}
		fits := len(written) <= len(room)
		if asked, err = f.reply(uint32(len(written))); err != nil {
			return frame{}, f.fails(err)
		}
		if fits || asked.op != opNext {
			return asked, nil
		}
	}
}

// reply answers what the module asked, and returns what it asks for next.
func (f *fitting) reply(length uint32) (frame, error) {
	if err := writeFrame(f.requests, frame{op: opGiven, a: length}); err != nil {
		return frame{}, f.ended(err)
	}
	return f.listen()
}

// listen waits for the module, keeps what it derived, and returns what it asks for.
func (f *fitting) listen() (frame, error) {
	for {
		asked, err := f.await()
		if err != nil {
			return frame{}, err
		}
		switch asked.op {
		case opDone, opNext, opRewind:
			return asked, nil
		case opFailed:
			return frame{}, &trap{string(asked.payload)}
		case opDerive:
			if err := f.derive(asked); err != nil {
				return frame{}, err
			}
		default:
			return frame{}, fmt.Errorf("the sandbox answered %d", asked.op)
		}
		if err := writeFrame(f.requests, frame{op: opGiven}); err != nil {
			return frame{}, f.ended(err)
		}
	}
}

func (f *fitting) derive(asked frame) error {
	b, err := f.at(asked.a, asked.b)
	if err != nil {
		return err
	}
	values, err := abi.DecodeDerived(append([]byte(nil), b...), f.m.manifest)
	if err != nil {
		return &refusal{err.Error()}
	}
	if f.derived += len(values); f.derived > f.customers*len(f.m.manifest.Derived) {
		return &trap{fmt.Sprintf("derives %d values for %d customers (derive each column once a customer)", f.derived, f.customers)}
	}
	for _, v := range values {
		f.population.Derive(v.ID, v.Column, v.Value)
	}
	return nil
}

// await waits for the module as long as its part of the fit may still take, in steps that see the context end.
func (f *fitting) await() (frame, error) {
	begun := time.Now()
	defer func() { f.left -= time.Since(begun) }()
	stop := context.AfterFunc(f.ctx, func() { _ = f.cmd.Process.Kill() }) // an error says that it is gone
	defer stop()
	answer, err := f.process.await(f.left)
	if err != nil && f.ctx.Err() != nil {
		return frame{}, f.ctx.Err()
	}
	return answer, err
}
