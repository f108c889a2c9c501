package web_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"bellwether/internal/web"
)

// TestReleaseMemory: what a busy time has left behind goes back to the system once it is quiet.
func TestReleaseMemory(t *testing.T) {
	const size = 64 << 20
	kept := make([]byte, size)
	for i := range kept {
		kept[i] = 1
	}
	runtime.KeepAlive(kept)
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.HeapIdle - m.HeapReleased
	}
	before := inUse()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go web.ReleaseMemory(ctx, 20*time.Millisecond)
	for end := time.Now().Add(time.Minute); inUse()+size/2 > before; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d bytes are held, of %d before", inUse(), before)
		}
	}
}
