package web

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// What answers a request is garbage at once, and the rest is small: collecting at five times the live heap instead of
	// twice gives a fifth to a third of a page's CPU back.
	collectAt = 400
	// Where much is live, as in a refresh of millions, five times would be too much: from here on memory comes before CPU.
	memoryLimit = 1 << 30
)

// TuneMemory sets the garbage collector for a server, unless GOGC or GOMEMLIMIT say otherwise. It holds for the process.
func TuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// quiet is how much a process allocates in a second that has nothing to do but to look whether there is something.
const quiet = 1 << 20

// ReleaseMemory gives the memory that a busy time has left behind back to the system, once in each quiet time, until the
// context ends. The runtime alone keeps what the next collection would need, which is five times the live heap.
func ReleaseMemory(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for before, released := allocated(), false; ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := allocated()
		switch busy := now-before > uint64(quiet*max(every.Seconds(), 1)); {
		case busy:
			released = false
		case !released:
			debug.FreeOSMemory()
			released = true
		}
		before = now
	}
}

// allocated is how many bytes the process has allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
