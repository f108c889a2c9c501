package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"bellwether/internal/sandbox"
	"bellwether/scoring"
)

// FuzzLoad loads any bytes as a module, and lets it score where it can. Whatever they are, the server goes on, and the
// error names them. Run it with -fuzzminimizetime 10x: making inputs smaller, each in a new process, takes all the time otherwise.
func FuzzLoad(f *testing.F) {
	f.Add(wasm(f, "rfm_fixed"))
	f.Add(module(1, plainManifest, constant64(0)))
	f.Add(module(1, strings.Replace(plainManifest, "NUMBER", "LABEL", 1), constant64(0)))
	f.Add(tableGrow())
	f.Add([]byte("\x00asm\x01\x00\x00\x00"))
	h := host(f, sandbox.Options{Memory: 8 << 20, Overhead: 256 << 20, LoadLimit: 10 * time.Second, CallLimit: 200 * time.Millisecond})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := h.Load(t.Context(), "fuzzed", b)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "fuzzed: ") {
				t.Errorf("an error without the name: %v", err)
			}
			return
		}
		if err := m.Manifest().Validate(); err != nil {
			t.Errorf("a manifest that is not valid was taken: %v", err)
		}
		batch := buyers(m.Manifest(), 3)
		batch.Derived, batch.Requires = make([]scoring.Column, 0), nil
		if model, err := m.DecodeModel(nil); err == nil {
			r, err := m.Score(t.Context(), model, batch)
			if err == nil && len(r.Outputs) != len(m.Manifest().Outputs) {
				t.Errorf("answered %d outputs", len(r.Outputs))
			}
			if err != nil && !strings.HasPrefix(err.Error(), m.Manifest().Name+": ") {
				t.Errorf("an error without the name: %v", err)
			}
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
}
