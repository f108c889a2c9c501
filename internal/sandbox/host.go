// Package sandbox runs scorers that are WebAssembly modules, each in a process of its own that can be killed.
//
// Start with [MainIfWorker], which a program calls first of all, because the processes are that program again; then [New],
// and [Host.Load] for each module. A [Module] is a scorer like any other.
//
// A module sees no file, network, environment, clock or randomness. Its memory is shared between the two processes, so that
// customers are handed over without a copy; whatever a module does, a call ends in bounded time with an error that names
// the scorer, and the next call begins with a new process.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// Options are the bounds of modules; zero values mean the defaults.
type Options struct {
	Executable string        // what workers are; this program
	CacheDir   string        // folder of compiled modules, this user's alone; a temporary one, which Close removes
	Memory     int64         // bytes of a module's own memory; 256 MiB
	Overhead   int64         // bytes of a worker besides, compiling included; 512 MiB
	Workers    int           // how many processes a module may score in; 2, or 1 where there is one processor
	LoadLimit  time.Duration // of compiling a module and beginning it; a minute
	CallLimit  time.Duration // of a call that scores up to a few thousand customers; 2 s
	FitLimit   time.Duration // of a module's part in a fit; 5 minutes
}

func (o *Options) complete() (err error) {
	if o.Executable == "" {
		if o.Executable, err = os.Executable(); err != nil {
			return err
		}
	}
	if o.Memory == 0 {
		o.Memory = 256 << 20
	}
	if o.Memory < page || o.Memory%page != 0 || o.Memory > 2<<30 {
		return fmt.Errorf("memory of %d bytes for a module (give a multiple of %d, at most 2 GiB)", o.Memory, page)
	}
	for limit, standard := range map[*time.Duration]time.Duration{&o.LoadLimit: time.Minute, &o.CallLimit: 2 * time.Second, &o.FitLimit: 5 * time.Minute} {
		if *limit == 0 {
			*limit = standard * patience
		}
	}
	if o.Overhead == 0 {
		o.Overhead = 512 << 20
	}
	if o.Workers == 0 {
		o.Workers = min(2, runtime.NumCPU())
	}
	return nil
}

// Host has modules in worker processes. Close it when it is done.
type Host struct {
	options Options
	private bool // the cache is ours to remove
	spawn   chan spawning
	done    chan struct{} // closed when nothing can be started any more
	mu      sync.Mutex
	modules map[*Module]bool // nil: closed
}

type spawning struct{ reply chan started }

type started struct {
	p   *process
	err error
}

// errClosed is the error of everything that comes after Close.
var errClosed = errors.New("the sandbox is closed (the server is ending, or the module was replaced)")

// New is a host without modules; it starts no process.
func New(o Options) (*Host, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	h := &Host{options: o, spawn: make(chan spawning), done: make(chan struct{}), modules: map[*Module]bool{}}
	if o.CacheDir == "" {
		folder, err := os.MkdirTemp("", "bellwether-wasm-")
		if err != nil {
			return nil, err
		}
		h.options.CacheDir, h.private = folder, true
	} else if err := os.MkdirAll(o.CacheDir, 0o700); err != nil {
		return nil, err
	}
	go h.spawner()
	return h, nil
}

// spawner starts all workers from one thread that lives as long as the host: the kernel kills a worker when the thread that
// started it ends, which is how no worker outlives a server that was killed itself. Workers inherit that it steps back for
// others; it never gives the thread back, which would then serve requests so.
func (h *Host) spawner() {
	runtime.LockOSThread()
	stepBack()
	for {
		select {
		case request := <-h.spawn:
			p, err := start(h.options)
			request.reply <- started{p, err}
		case <-h.done:
			return
		}
	}
}

func (h *Host) start(ctx context.Context) (*process, error) {
	request := spawning{make(chan started, 1)}
	select {
	case h.spawn <- request:
		s := <-request.reply
		return s.p, s.err
	case <-h.done:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// sweep removes what a worker that was killed while it compiled has left in the cache.
func (h *Host) sweep() {
	left, _ := filepath.Glob(filepath.Join(h.options.CacheDir, "*", "*.tmp")) // the pattern is well-formed
	for _, name := range left {
		_ = os.Remove(name) // another sweep was faster
	}
}

// Close closes all modules and removes what the host made. What is being answered is answered first.
func (h *Host) Close() error {
	h.mu.Lock()
	modules := h.modules
	h.modules = nil
	h.mu.Unlock()
	if modules == nil {
		return nil
	}
	for m := range modules {
		m.close()
	}
	close(h.done)
	if h.private {
		return os.RemoveAll(h.options.CacheDir)
	}
	return nil
}
