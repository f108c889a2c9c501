package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process is a worker as the server sees it. One goroutine at a time has it.
type process struct {
	cmd      *exec.Cmd
	requests *os.File
	replies  *os.File
	memory   []byte // of the module, shared
	ceiling  int64  // bytes of the process altogether
	input    span   // where the next input may be written
	models   []uint32
	dead     chan struct{} // closed when the process is gone
}

// span is a piece of the module's memory.
type span struct{ pointer, length uint32 }

// lookEvery is how often a running worker's memory is looked at.
const lookEvery = 20 * time.Millisecond

// start starts a worker. The thread that does must outlive it: see [Host].
func start(o Options) (p *process, err error) {
	memory, shared, err := newMemory(o.Memory)
	if err != nil {
		return nil, err
	}
	defer memory.Close()
	p = &process{memory: shared, ceiling: o.Memory + o.Overhead, dead: make(chan struct{})}
	var theirs [2]*os.File
	defer func() {
		for _, f := range theirs {
			f.Close()
		}
		if err != nil {
			p.requests.Close()
			p.replies.Close()
			_ = unmapped(shared)
		}
	}()
	if theirs[0], p.requests, err = os.Pipe(); err != nil {
		return nil, err
	}
	if p.replies, theirs[1], err = os.Pipe(); err != nil {
		return nil, err
	}
	p.cmd = &exec.Cmd{
		Path: o.Executable, Args: []string{"bellwether-sandbox"}, Dir: "/", SysProcAttr: attributes(),
		Env:   []string{envMemory + "=" + strconv.FormatInt(o.Memory, 10), envCache + "=" + o.CacheDir, "GOMAXPROCS=1", "GOTRACEBACK=none"},
		Stdin: theirs[0], Stdout: theirs[1], Stderr: nil, ExtraFiles: []*os.File{memory},
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a sandbox: %w", err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in its state
		close(p.dead)
	}()
	return p, nil
}

// kill ends the process and gives its memory back; it returns when both are done.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // an error says that it is gone
	<-p.dead
	p.requests.Close()
	p.replies.Close()
	_ = unmapped(p.memory)
	p.memory = nil
}

// errStopped says why a worker had to be killed.
var (
	errMemory  = errors.New("memory")
	errTimeout = errors.New("timeout")
)

// ask sends a request, and waits for the reply at most for a time.
func (p *process) ask(request frame, limit time.Duration) (frame, error) {
	if err := p.requests.SetWriteDeadline(time.Now().Add(limit)); err != nil {
		return frame{}, err
	}
	if err := writeFrame(p.requests, request); err != nil {
		return frame{}, p.ended(err)
	}
	return p.await(limit)
}

// await waits for the next frame, and has an eye on the memory of the process.
func (p *process) await(limit time.Duration) (frame, error) {
	r := patient{p: p, until: time.Now().Add(limit)}
	f, err := readFrame(&r, 64<<10)
	if err != nil {
		return frame{}, p.ended(err)
	}
	return f, nil
}

// ended is an error of a pipe in words: it mostly says that the process has died.
func (p *process) ended(err error) error {
	if errors.Is(err, errMemory) || errors.Is(err, errTimeout) {
		return err
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errTimeout
	}
	select {
	case <-p.dead:
		return &death{p.cmd.ProcessState.String()}
	case <-time.After(time.Second):
		return fmt.Errorf("the sandbox does not answer: %w", err)
	}
}

// patient reads replies until a time, and stops early where the process takes too much memory.
type patient struct {
	p     *process
	until time.Time
}

func (r *patient) Read(b []byte) (int, error) {
	for {
		now := time.Now()
		if !now.Before(r.until) {
			return 0, errTimeout
		}
		if err := r.p.replies.SetReadDeadline(earlier(r.until, now.Add(lookEvery))); err != nil {
			return 0, err
		}
		n, err := r.p.replies.Read(b)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
		if r.p.resident() > r.p.ceiling {
			return 0, errMemory
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (p *process) proc(name string) []byte {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/" + name)
	if err != nil {
		return nil // gone
	}
	return b
}

// resident is how many bytes the process has in memory.
func (p *process) resident() int64 {
	fields := bytes.Fields(p.proc("statm"))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64) // the kernel wrote it
	return pages * int64(os.Getpagesize())
}

// spent is the CPU time and the peak memory of the process, alive or dead.
func (p *process) spent() (cpu time.Duration, peak int64) {
	select {
	case <-p.dead:
		return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime(), peakOf(p.cmd.ProcessState)
	default:
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux
	if _, after, ok := strings.Cut(string(p.proc("stat")), ") "); ok {
		if fields := strings.Fields(after); len(fields) > 12 {
			user, _ := strconv.ParseInt(fields[11], 10, 64)   // the kernel wrote it
			system, _ := strconv.ParseInt(fields[12], 10, 64) // so
			cpu = time.Duration(user+system) * tick
		}
	}
	for line := range strings.Lines(string(p.proc("status"))) {
		if kib, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kib), "kB")), 10, 64)
			peak = n << 10
		}
	}
	return cpu, peak
}
