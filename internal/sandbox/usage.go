package sandbox

import (
	"sync"
	"time"
)

// Usage is what a module has used since it was loaded.
type Usage struct {
	Calls     int64         // that scored
	Customers int64         // that were scored
	Elapsed   time.Duration // of those calls
	CPU       time.Duration // of all its processes
	Peak      int64         // bytes of memory of the largest of them
	Failures  int64
	LastError error // of the last failure; nil: none
}

type usage struct {
	mu      sync.Mutex
	total   Usage
	current map[*process]bool // that score now
}

// Usage is what the module has used so far.
func (m *Module) Usage() Usage {
	u := &m.usage
	u.mu.Lock()
	defer u.mu.Unlock()
	total := u.total
	for p := range u.current {
		cpu, peak := p.spent()
		total.CPU, total.Peak = total.CPU+cpu, max(total.Peak, peak)
	}
	return total
}

func (u *usage) called(customers int, took time.Duration) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.total.Calls++
	u.total.Customers += int64(customers)
	u.total.Elapsed += took
}

func (u *usage) failed(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.total.Failures++
	u.total.LastError = err
}

// alive adds a process that scores from now on.
func (u *usage) alive(p *process) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.current == nil {
		u.current = map[*process]bool{}
	}
	u.current[p] = true
}

// bury adds what a process used that has ended.
func (u *usage) bury(p *process) {
	cpu, peak := p.spent()
	u.mu.Lock()
	defer u.mu.Unlock()
	u.total.CPU, u.total.Peak = u.total.CPU+cpu, max(u.total.Peak, peak)
	delete(u.current, p)
}
