package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"bellwether/scoring/abi"
)

// What a worker is told by its environment, which has nothing else.
const (
	envCache  = "BELLWETHER_SANDBOX_CACHE"  // folder of compiled modules
	envMemory = "BELLWETHER_SANDBOX_MEMORY" // bytes of a module's memory; what makes a process a worker
)

const page = 64 << 10 // of WebAssembly

// MainIfWorker does not return where the process was started as a worker. A program that has a [Host] calls it first of
// all, and so does TestMain of tests that have one.
func MainIfWorker() {
	if memory, err := strconv.ParseInt(os.Getenv(envMemory), 10, 64); err == nil {
		os.Exit(work(memory))
	}
}

// work obeys the server until it is gone.
func work(memory int64) int {
	humble()
	w := &guest{requests: os.Stdin, replies: os.Stdout, limit: memory}
	for {
		request, err := readFrame(w.requests, maxPayload)
		if errors.Is(err, io.EOF) {
			return 0
		}
		if err != nil {
			return 1
		}
		reply, err := w.obey(request)
		if err != nil {
			reply = frame{op: opFailed, payload: []byte(w.reason(err))}
		}
		if err := writeFrame(w.replies, reply); err != nil {
			return 1
		}
	}
}

// guest is the one module of a worker.
type guest struct {
	requests, replies *os.File
	limit             int64
	module            api.Module
	stderr            tail
	functions         map[string]api.Function
	stack             [3]uint64
}

func (g *guest) obey(f frame) (frame, error) {
	switch f.op {
	case opAlloc:
		return g.call(abi.ExportAlloc, f.a)
	case opFit:
		return g.call(abi.ExportFit, f.a, f.b)
	case opLoad:
		return g.load(f.payload)
	case opModel:
		return g.call(abi.ExportLoad, f.a, f.b, f.c)
	case opScore:
		return g.call(abi.ExportScore, f.a, f.b, f.c)
	case opUnload:
		return g.call(abi.ExportUnload, f.a)
	}
	return frame{}, fmt.Errorf("unknown request %d", f.op)
}

// call calls an export; what it returns are two words.
func (g *guest) call(name string, args ...uint32) (frame, error) {
	f, ok := g.functions[name]
	if !ok {
		return frame{}, fmt.Errorf("does not export %s (docs/wasm-abi.md lists what a module exports)", name)
	}
	stack := g.stack[:]
	for i, a := range args {
		stack[i] = uint64(a)
	}
	if err := f.CallWithStack(context.Background(), stack); err != nil {
		return frame{}, err
	}
	if name == abi.ExportAlloc {
		return frame{op: opDone, a: uint32(stack[0])}, nil
	}
	a, b := abi.Unpack(stack[0])
	return frame{op: opDone, a: a, b: b}, nil
}

// load compiles a module, or finds it compiled, begins it, and asks for its manifest.
func (g *guest) load(wasm []byte) (frame, error) {
	ctx := experimental.WithMemoryAllocator(context.Background(), experimental.MemoryAllocatorFunc(g.allocate))
	config := wazero.NewRuntimeConfig().WithMemoryLimitPages(uint32(g.limit / page))
	if folder := os.Getenv(envCache); folder != "" {
		cache, err := wazero.NewCompilationCacheWithDir(folder)
		if err != nil {
			return frame{}, err
		}
		config = config.WithCompilationCache(cache)
	}
	runtime := wazero.NewRuntimeWithConfig(ctx, config)
	compiled, err := runtime.CompileModule(ctx, wasm)
	if err != nil {
		return frame{}, fmt.Errorf("is not a module that can be compiled: %w", err)
	}
	if err := g.provide(ctx, runtime, compiled); err != nil {
		return frame{}, err
	}
	// By default there are no files, arguments or variables, randomness is always the same, and so is the clock.
	settings := wazero.NewModuleConfig().WithName("").WithStderr(&g.stderr).WithStartFunctions("_initialize")
	if g.module, err = runtime.InstantiateModule(ctx, compiled, settings); err != nil {
		return frame{}, err
	}
	g.functions = map[string]api.Function{}
	for name, signature := range signatures() {
		if f := g.module.ExportedFunction(name); f != nil {
			if got := signatureOf(f.Definition()); got != signature {
				return frame{}, fmt.Errorf("exports %s of type %s (make it %s)", name, got, signature)
			}
			g.functions[name] = f
		}
	}
	if g.module.Memory() == nil {
		return frame{}, errors.New("exports no memory (export it as memory)")
	}
	version, err := g.call(abi.ExportABI)
	if err != nil {
		return frame{}, err
	}
	if version.b < abi.Oldest || version.b > abi.Version {
		return frame{}, fmt.Errorf("is of ABI %d, and this server takes %d to %d (build it with the SDK of this server)", version.b, abi.Oldest, abi.Version)
	}
	return g.call(abi.ExportManifest)
}

// signatures are the types of what a module exports.
func signatures() map[string]string {
	return map[string]string{
		abi.ExportABI:      "() -> i32",
		abi.ExportAlloc:    "(i32) -> i32",
		abi.ExportFit:      "(i32, i32) -> i64",
		abi.ExportLoad:     "(i32, i32, i32) -> i64",
		abi.ExportManifest: "() -> i64",
		abi.ExportScore:    "(i32, i32, i32) -> i64",
		abi.ExportUnload:   "(i32)",
	}
}

func signatureOf(d api.FunctionDefinition) string {
	names := func(types []api.ValueType) string {
		out := make([]string, len(types))
		for i, t := range types {
			out[i] = api.ValueTypeName(t)
		}
		return strings.Join(out, ", ")
	}
	text := "(" + names(d.ParamTypes()) + ")"
	if results := names(d.ResultTypes()); results != "" {
		text += " -> " + results
	}
	return text
}

// provide gives a module what it imports of us and of WASI, and says what it must do without.
func (g *guest) provide(ctx context.Context, runtime wazero.Runtime, compiled wazero.CompiledModule) error {
	for _, f := range compiled.ImportedFunctions() {
		from, name, _ := f.Import()
		if from != abi.ImportModule && from != wasi_snapshot_preview1.ModuleName {
			return fmt.Errorf("imports %s of %s, which is not there (import nothing but %s and %s)", name, from, abi.ImportModule, wasi_snapshot_preview1.ModuleName)
		}
	}
	if len(compiled.ImportedMemories()) > 0 {
		return errors.New("imports its memory (define and export it)")
	}
	b := runtime.NewHostModuleBuilder(abi.ImportModule)
	b.NewFunctionBuilder().WithFunc(g.derive).Export(abi.ImportDerive)
	b.NewFunctionBuilder().WithFunc(g.next).Export(abi.ImportNext)
	b.NewFunctionBuilder().WithFunc(g.rewind).Export(abi.ImportRewind)
	if _, err := b.Instantiate(ctx); err != nil {
		return err
	}
	_, err := wasi_snapshot_preview1.Instantiate(ctx, runtime)
	return err
}

// The three functions that a fit may call ask the server and wait. Without a server there is nothing to do but to end.

func (g *guest) derive(_ context.Context, pointer, length uint32) {
	g.ask(frame{op: opDerive, a: pointer, b: length})
}

func (g *guest) next(_ context.Context, pointer, capacity uint32) uint32 {
	return g.ask(frame{op: opNext, a: pointer, b: capacity}).a
}

func (g *guest) rewind(context.Context) { g.ask(frame{op: opRewind}) }

func (g *guest) ask(f frame) frame {
	if err := writeFrame(g.replies, f); err != nil {
		os.Exit(1)
	}
	reply, err := readFrame(g.requests, 0)
	if err != nil || reply.op != opGiven {
		os.Exit(1)
	}
	return reply
}

// reason is an error with what the module wrote before it.
func (g *guest) reason(err error) string {
	text := strings.TrimPrefix(err.Error(), "wasm error: ")
	text, _, _ = strings.Cut(text, "\nwasm stack trace:")
	text = strings.TrimSuffix(text, " (recovered by wazero)")
	if said := g.stderr.first(); said != "" {
		text += ": " + said
	}
	return text
}

// tail keeps the beginning of what a module writes to standard error.
type tail struct{ b []byte }

func (t *tail) Write(b []byte) (int, error) {
	const enough = 4 << 10
	t.b = append(t.b, b[:min(len(b), enough-len(t.b))]...)
	return len(b), nil
}

// first is the first line.
func (t *tail) first() string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(t.b)), "\n")
	return line
}
