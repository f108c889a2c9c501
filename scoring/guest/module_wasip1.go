package guest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"unsafe"

	"bellwether/scoring"
	"bellwether/scoring/abi"
)

// host is what the sandbox gives to a fit; see package abi for the three.
type host interface {
	derive(values []byte)
	next(buffer []byte) int
	rewind()
}

// module is a scorer behind the functions that a module exports.
type module struct {
	scorer   scoring.Scorer
	manifest *scoring.Manifest
	host     host
	decoder  abi.Decoder
	models   map[uint32]scoring.Model
	input    []uint64 // where the host writes; whole words, so that columns are aligned
	output   []byte   // the last answer
}

func newModule(s scoring.Scorer, h host) *module {
	// Answers are made and thrown away with every call, and collecting garbage costs a guest most of all; where memory grows
	// short, it is collected sooner.
	debug.SetGCPercent(800)
	debug.SetMemoryLimit(96 << 20)
	return &module{scorer: s, manifest: s.Manifest(), host: h, models: map[uint32]scoring.Model{}}
}

// alloc makes room for an input of a length, and keeps what is large enough.
func (m *module) alloc(length uint32) unsafe.Pointer {
	if n := int(length+7) / 8; n > len(m.input) || m.input == nil {
		m.input = make([]uint64, max(n, 1))
	}
	return unsafe.Pointer(&m.input[0])
}

func (m *module) buffer() []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(m.input))), 8*len(m.input))
}

// given is the input that the host wrote.
func (m *module) given(length uint32) ([]byte, error) {
	if uint64(length) > uint64(8*len(m.input)) {
		return nil, fmt.Errorf("an input of %d bytes in room for %d (ask for room first)", length, 8*len(m.input))
	}
	return m.buffer()[:length], nil
}

// answer keeps what append makes, or its error; a scorer that panics gives an error, too.
func (m *module) answer(appendTo func(b []byte) ([]byte, error)) (b []byte) {
	fail := func(message string) []byte {
		m.output = append(append(m.output[:0], abi.StatusError, 0, 0, 0, 0, 0, 0, 0), message...)
		return m.output
	}
	defer func() {
		if p := recover(); p != nil {
			b = fail(fmt.Sprintf("panics: %v", p))
		}
	}()
	out, err := appendTo(append(m.output[:0], make([]byte, abi.AnswerHeader)...))
	if err != nil {
		return fail(err.Error())
	}
	m.output = out
	return out
}

func (m *module) describe() []byte {
	return m.answer(func(b []byte) ([]byte, error) {
		text, err := abi.EncodeManifest(m.manifest, !scoring.Fitless(m.scorer))
		return append(b, text...), err
	})
}

func (m *module) fit(length uint32) []byte {
	return m.answer(func(b []byte) ([]byte, error) {
		codec, ok := m.scorer.(scoring.Codec)
		if !ok {
			return nil, errors.New("models cannot be stored (let the scorer have scoring.Codec)")
		}
		input, err := m.given(length)
		if err != nil {
			return nil, err
		}
		setting, err := m.decoder.Input(input, true)
		if err != nil {
			return nil, err
		}
		debug.SetGCPercent(100)
		values := derived{host: m.host}
		model, err := m.scorer.Fit(context.Background(), scoring.NewPopulation(m.manifest, setting.Env, m.population, values.add))
		if err != nil {
			return nil, err
		}
		values.flush()
		data, err := codec.EncodeModel(model)
		return append(b, data...), err
	})
}

// population reads everybody, from the first customer.
func (m *module) population(yield func(*scoring.Batch) error) error {
	m.host.rewind()
	for {
		length := m.host.next(m.buffer())
		if length == 0 {
			return nil
		}
		if length > 8*len(m.input) {
			m.input = make([]uint64, length/8+length/32)
			continue
		}
		b, err := m.decoder.Input(m.buffer()[:length], true)
		if err != nil {
			return err
		}
		if err := yield(b); err != nil {
			return err
		}
	}
}

func (m *module) load(model, length uint32) []byte {
	return m.answer(func(b []byte) ([]byte, error) {
		codec, ok := m.scorer.(scoring.Codec)
		if !ok {
			return nil, errors.New("models cannot be stored (let the scorer have scoring.Codec)")
		}
		data, err := m.given(length)
		if err != nil {
			return nil, err
		}
		m.models[model], err = codec.DecodeModel(data)
		return b, err
	})
}

func (m *module) unload(model uint32) { delete(m.models, model) }

func (m *module) score(model, length uint32) []byte {
	return m.answer(func(b []byte) ([]byte, error) {
		fitted, loaded := m.models[model]
		if !loaded {
			if !scoring.Fitless(m.scorer) {
				return nil, fmt.Errorf("there is no model %d (load it first)", model)
			}
			var err error
			if fitted, err = m.scorer.Fit(context.Background(), nil); err != nil {
				return nil, err
			}
			m.models[model] = fitted
		}
		input, err := m.given(length)
		if err != nil {
			return nil, err
		}
		batch, err := m.decoder.Input(input, false)
		if err != nil {
			return nil, err
		}
		results, err := m.scorer.Score(context.Background(), fitted, batch)
		if err != nil {
			return nil, err
		}
		return abi.AppendResults(b, m.manifest, results, batch.Len())
	})
}

// derived gathers derived values, because every call of the host takes some microseconds.
type derived struct {
	host   host
	values []abi.Derived
	bytes  []byte
}

func (d *derived) add(id scoring.ID, column int, v scoring.Value) {
	const many = 4096
	if d.values = append(d.values, abi.Derived{ID: id, Column: column, Value: v}); len(d.values) == many {
		d.flush()
	}
}

func (d *derived) flush() {
	if len(d.values) == 0 {
		return
	}
	d.bytes = abi.AppendDerived(d.bytes[:0], d.values)
	d.values = d.values[:0]
	d.host.derive(d.bytes)
}
