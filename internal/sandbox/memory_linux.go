package sandbox

import (
	"fmt"
	"os"
	"syscall"

	"github.com/tetratelabs/wazero/experimental"
	"golang.org/x/sys/unix"
)

// memoryFile is the number of the file in a worker that is the module's memory.
const memoryFile = 3

// newMemory is memory that a server and a worker share: a file without a name, whose length nobody can change, so that
// reading it cannot fail.
func newMemory(size int64) (*os.File, []byte, error) {
	fd, err := unix.MemfdCreate("bellwether-module", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, nil, fmt.Errorf("memory of a module: %w", err)
	}
	f := os.NewFile(uintptr(fd), "memory of a module")
	if err := f.Truncate(size); err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("memory of a module: %w", err)
	}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL); err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("memory of a module: %w", err)
	}
	b, err := mapped(f, size)
	if err != nil {
		f.Close()
	}
	return f, b, err
}

func mapped(f *os.File, size int64) ([]byte, error) {
	b, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("memory of a module: %w", err)
	}
	return b, nil
}

func unmapped(b []byte) error { return syscall.Munmap(b) }

// allocate makes the memory that the server sees the module's.
func (g *guest) allocate(_, _ uint64) experimental.LinearMemory {
	b, err := mapped(os.NewFile(memoryFile, "memory of a module"), g.limit)
	if err != nil {
		return linear(nil)
	}
	return linear(b)
}

type linear []byte

func (l linear) Reallocate(size uint64) []byte {
	if size > uint64(len(l)) {
		return nil
	}
	return l[:size]
}

func (linear) Free() {}

// humble makes a worker the first to go where memory is short, and gives it as little as it needs.
func humble() {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) // where /proc is missing, the kernel decides alone
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
}

// stepBack lets the calling thread, and what it starts, have the processor after the server: a tenth of it where both want it.
func stepBack() {
	const step, last = 10, 19
	if raw, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0); err == nil { // the kernel answers 20 less the niceness
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, min(20-raw+step, last)) // always allowed in this direction
	}
}

// attributes of a worker's process: it dies with the thread that started it.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// peakOf is the peak memory of a process that has ended, in bytes.
func peakOf(s *os.ProcessState) int64 {
	if usage, ok := s.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss << 10
	}
	return 0
}
