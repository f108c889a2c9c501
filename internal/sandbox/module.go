package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"bellwether/scoring"
	"bellwether/scoring/abi"
)

// Module is a scorer in a module. It fulfils [scoring.Scorer], [scoring.Learner] and [scoring.Codec].
type Module struct {
	host     *Host
	name     string
	wasm     []byte
	manifest *scoring.Manifest
	learns   bool
	usage    usage
	numbers  atomic.Uint32 // of models

	open    sync.RWMutex // read by every call, so that Close waits for them
	closed  bool
	workers chan *worker    // those that score; whoever takes one puts it back
	grow    sync.Once       // starts those beside the first
	life    context.Context // ends when fits are to be given up
	end     context.CancelFunc
}

// model is what a module learned, as its bytes: every worker makes a model of them when it first needs it.
type model struct {
	module *Module
	number uint32
	data   []byte
}

// worker is a process that has the module, or none yet.
type worker struct {
	*process
	encoder abi.Encoder
}

// maxModels is how many models a worker keeps; the one used longest ago goes.
const maxModels = 8

// maxModule is how long a module may be.
const maxModule = 64 << 20

// Load compiles a module, or finds it in the cache, begins it, and reads its manifest. The name is that of errors until the
// manifest has one.
func (h *Host) Load(ctx context.Context, name string, wasm []byte) (*Module, error) {
	if len(wasm) > maxModule {
		return nil, fmt.Errorf("%s: a module of %d bytes (at most %d)", name, len(wasm), maxModule)
	}
	m := &Module{host: h, name: name, wasm: slices.Clone(wasm), workers: make(chan *worker, h.options.Workers)}
	m.life, m.end = context.WithCancel(context.WithoutCancel(ctx))
	p, text, err := m.begin(ctx)
	if err != nil {
		return nil, m.failed(err, 0)
	}
	if m.manifest, m.learns, err = abi.DecodeManifest(text); err == nil {
		err = m.manifest.Validate()
	}
	if err != nil {
		p.kill()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	m.name = m.manifest.Name
	m.usage.alive(p)
	m.workers <- &worker{process: p}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.modules == nil {
		p.kill()
		return nil, errClosed
	}
	h.modules[m] = true
	return m, nil
}

// begin starts a worker with the module, and returns the text of its manifest, too.
func (m *Module) begin(ctx context.Context) (*process, []byte, error) {
	p, err := m.host.start(ctx)
	if err != nil {
		return nil, nil, err
	}
	limit := m.host.options.LoadLimit
	reply, err := p.ask(frame{op: opLoad, payload: m.wasm}, limit)
	var text []byte
	if err == nil {
		text, err = p.answer(reply, maxManifest)
	}
	if err != nil {
		p.kill()
		m.usage.bury(p)
		m.host.sweep()
		if errors.Is(err, errTimeout) {
			err = &trap{fmt.Sprintf("did not begin within %v and was stopped (look for a loop that does not end, or make the module smaller)", limit)}
		}
		return nil, nil, err
	}
	return p, slices.Clone(text), nil
}

// How long answers may be, in bytes: longer ones would only fill the server's memory.
const (
	maxManifest = 1 << 20
	maxModel    = 64 << 20
	maxAnswer   = 1 << 20 // and for each customer that is scored
	maxEach     = 16 << 10
)

// answer is the content of an answer in the module's memory, which the next call overwrites.
func (p *process) answer(reply frame, limit int) ([]byte, error) {
	switch reply.op {
	case opDone:
	case opDerive, opNext, opRewind:
		return nil, &trap{"calls the host outside of a fit (derive, next and rewind are for bellwether_fit)"}
	case opFailed:
		return nil, &trap{string(reply.payload)}
	default:
		return nil, fmt.Errorf("the sandbox answered %d", reply.op)
	}
	b, err := p.at(reply.a, reply.b)
	if err != nil || len(b) < abi.AnswerHeader {
		return nil, &trap{fmt.Sprintf("answers with %d bytes at %d, which are not in its memory (return pointer<<32 | length)", reply.b, reply.a)}
	}
	if len(b) > limit+abi.AnswerHeader {
		return nil, &refusal{fmt.Sprintf("answers with %d bytes (at most %d)", len(b), limit)}
	}
	content := b[abi.AnswerHeader:]
	switch b[0] {
	case abi.StatusOK:
		return content, nil
	case abi.StatusError:
		const enough = 1 << 10
		return nil, &refusal{strings.ToValidUTF8(string(content[:min(len(content), enough)]), "�")}
	}
	return nil, &refusal{fmt.Sprintf("answers with status %d (use 0 or 1)", b[0])}
}

// at is a piece of the module's memory.
func (p *process) at(pointer, length uint32) ([]byte, error) {
	if end := uint64(pointer) + uint64(length); end > uint64(len(p.memory)) {
		return nil, &trap{fmt.Sprintf("gives %d bytes at %d, which are not in its memory", length, pointer)}
	}
	return p.memory[pointer : uint64(pointer)+uint64(length) : uint64(pointer)+uint64(length)], nil
}

// trap is a failure after which a module is not called again.
type trap struct{ message string }

func (t *trap) Error() string { return t.message }

// death is the end of a worker that nobody here caused.
type death struct{ state string }

func (d *death) Error() string {
	return "the sandbox ended: " + d.state + " (look at the memory of the machine)"
}

// refusal is an error that a module answered; it goes on.
type refusal struct{ message string }

func (r *refusal) Error() string { return r.message }

// failed is an error in words, naming the scorer; it is remembered as the last one.
func (m *Module) failed(err error, limit time.Duration) error {
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errClosed):
		return err
	case errors.Is(err, errTimeout):
		err = fmt.Errorf("did not end within %v and was stopped (look for a loop that does not end)", limit)
	case errors.Is(err, errMemory):
		err = fmt.Errorf("took more than %d MiB of memory and was stopped (keep less)", (m.host.options.Memory+m.host.options.Overhead)>>20)
	}
	err = fmt.Errorf("%s: %w", m.name, err)
	m.usage.failed(err)
	return err
}

// Manifest describes the scorer.
func (m *Module) Manifest() *scoring.Manifest { return m.manifest }

// Learns tells whether the module fits a model.
func (m *Module) Learns() bool { return m.learns }

// EncodeModel returns the model's bytes.
func (m *Module) EncodeModel(fitted scoring.Model) ([]byte, error) {
	mine, err := m.mine(fitted)
	if err != nil {
		return nil, err
	}
	return mine.data, nil
}

// DecodeModel lets the module read a model's bytes, which it may refuse.
func (m *Module) DecodeModel(data []byte) (scoring.Model, error) {
	decoded := m.newModel(data)
	if !m.learns {
		return decoded, nil
	}
	err := m.with(context.Background(), func(w *worker) error { return w.load(decoded, m.host.options.CallLimit) })
	return decoded, err
}

func (m *Module) newModel(data []byte) *model {
	return &model{module: m, number: m.numbers.Add(1), data: slices.Clone(data)}
}

func (m *Module) mine(fitted scoring.Model) (*model, error) {
	if mine, ok := fitted.(*model); ok && mine.module == m {
		return mine, nil
	}
	return nil, fmt.Errorf("model of %s is a %T (fit it with the same scorer)", m.name, fitted)
}

// Close ends the module: a fit is given up, what is being answered is answered first, everything later is refused.
func (m *Module) Close() error {
	m.host.mu.Lock()
	delete(m.host.modules, m)
	m.host.mu.Unlock()
	m.close()
	return nil
}

func (m *Module) close() {
	m.end()
	m.open.Lock()
	defer m.open.Unlock()
	if m.closed {
		return
	}
	m.closed = true
	for len(m.workers) > 0 { // nobody has one, since nobody reads open
		if w := <-m.workers; w.process != nil {
			m.bury(w)
		}
	}
}

// enlarge starts the workers beside the first, because a batch came that is worth several.
func (m *Module) enlarge() {
	m.open.RLock()
	defer m.open.RUnlock()
	for n := m.host.options.Workers; n > 1 && !m.closed; n-- {
		p, _, err := m.begin(m.life)
		if err != nil {
			return // the first worker goes on alone
		}
		m.usage.alive(p)
		m.workers <- &worker{process: p}
	}
}

// with lends a worker to a function, with a new process where the last one failed. After a failure that is more than an answer the
// worker is given up.
func (m *Module) with(ctx context.Context, use func(w *worker) error) error {
	m.open.RLock()
	defer m.open.RUnlock()
	if m.closed {
		return errClosed
	}
	var w *worker
	select {
	case w = <-m.workers:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { m.workers <- w }()
	err := m.try(ctx, w, use)
	// A worker that was killed by somebody else, mostly for want of memory, may have been so before this call.
	if _, ok := errors.AsType[*death](err); ok {
		err = m.try(ctx, w, use)
	}
	if err == nil {
		return nil
	}
	return m.failed(err, m.host.options.CallLimit)
}

func (m *Module) try(ctx context.Context, w *worker, use func(w *worker) error) error {
	if w.process == nil {
		p, _, err := m.begin(ctx)
		if err != nil {
			return err
		}
		w.process = p
		m.usage.alive(p)
	}
	err := use(w)
	if _, ok := errors.AsType[*refusal](err); err != nil && !ok {
		m.bury(w)
	}
	return err
}

func (m *Module) bury(w *worker) {
	w.kill()
	m.usage.bury(w.process)
	w.process = nil
}
