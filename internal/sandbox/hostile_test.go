package sandbox_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"bellwether/internal/sandbox"
	"bellwether/internal/wasmbuild"
	"bellwether/scoring"
)

// TestHostile lets modules do what harms. Each ends in an error that names the scorer, in bounded time; a good module beside
// it answers as before, and no process or file stays behind.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("its limits are seconds, which the race detector makes too few; it looks at other processes, which that does not see")
	}
	started := "did not end within"
	tests := []struct {
		name   string
		module []byte // nil: built of the file of that name
		load   bool   // fails when it is loaded
		fit    bool   // fails when it is fitted
		want   string
		or     string // what a slow machine says instead
	}{
		{name: "columns", want: "output number"},
		{name: "compile bomb", module: compileBomb(), load: true, want: "stopped"},
		{name: "derive", fit: true, want: "derives 51 values for 50 customers (derive each column once a customer)"},
		{name: "evidence", want: "more than the message has bytes for"},
		{name: "fill", want: started},
		{name: "garbage", module: []byte("\x00asm\x01\x00\x00\x00 and more"), load: true, want: "is not a module that can be compiled"},
		{name: "grow", want: "unreachable"},
		{name: "huge manifest", module: module(1, strings.Repeat(" ", 2<<20)+plainManifest, constant64(0)), load: true, want: "(at most 1048576)"},
		{name: "label", want: "output label is label 7 of 1, which is not declared"},
		{name: "loop", want: started},
		{name: "model", fit: true, want: "(at most 67108864)"},
		{name: "nan", want: "output number is NaN, not a number or null"},
		{name: "no module", module: []byte("#!/bin/sh"), load: true, want: "is not a module that can be compiled"},
		{name: "old", module: module(0, plainManifest, constant64(0)), load: true, want: "is of ABI 0, and this server takes 1 to 1 (build it with the SDK of this server)"},
		{name: "outside", want: "calls the host outside of a fit"},
		{name: "passes", fit: true, want: "reads the population more than 64 times"},
		{name: "pointer", fit: true, want: "which are not in its memory"},
		{name: "read", want: "out of bounds memory access"},
		{name: "recursion", want: "stack overflow", or: started},
		{name: "short", want: "answered 49 customers of 50"},
		{name: "spam", want: started},
		{name: "start", load: true, want: "did not begin within"},
		{name: "table", module: tableGrow(), want: "was stopped"},
		{name: "trap", want: "unreachable"},
		{name: "unfit manifest", module: module(1, `{"name":"hostile"}`, constant64(0)), load: true, want: "has no outputs (declare at least one)"},
	}
	good := load(t, "rfm_fixed")
	everybody := buyers(good.Manifest(), 3000)
	model, err := good.Fit(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	before := answers(t, good, model, everybody)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.module == nil {
				if tt.module, err = wasmbuild.Build(t.Context(), filepath.Join("testdata", "hostile", tt.name+".c")); err != nil {
					t.Fatal(err)
				}
			}
			folder := t.TempDir()
			h := host(t, sandbox.Options{
				CacheDir: folder, Memory: 80 << 20, Overhead: 400 << 20, LoadLimit: 5 * time.Second, CallLimit: time.Second, FitLimit: 5 * time.Second,
			})
			err := attack(t, h, tt.module, tt.load, tt.fit)
			if err == nil || !strings.HasPrefix(err.Error(), "hostile") ||
				!strings.Contains(err.Error(), tt.want) && (tt.or == "" || !strings.Contains(err.Error(), tt.or)) {
				t.Errorf("got %v, want hostile: ... %s", err, tt.want)
			}
			if after := answers(t, good, model, everybody); after != before {
				t.Error("a good module answers otherwise than before")
			}
			if err := h.Close(); err != nil {
				t.Error(err)
			}
			if left, _ := filepath.Glob(filepath.Join(folder, "*", "*.tmp")); len(left) > 0 {
				t.Errorf("files stay behind: %q", left)
			}
			if n := len(childrenOf(t, os.Getpid())); n != 1 {
				t.Errorf("%d processes, want that of the good module alone", n)
			}
		})
	}
}

// attack gives a module its opportunity twice, because a scorer that failed is tried again, and returns the error.
func attack(t *testing.T, h *sandbox.Host, wasm []byte, loading, fitting bool) error {
	t.Helper()
	begun := time.Now()
	m, err := h.Load(t.Context(), "hostile.wasm", wasm)
	if loading {
		return err
	}
	if err != nil {
		t.Fatal(err)
	}
	batch := buyers(&scoring.Manifest{Facts: []scoring.FactUse{{Name: "orders"}}}, 50)
	batch.Explain = true
	try := func() error {
		if fitting {
			_, err := m.Fit(t.Context(), scoring.NewPopulation(m.Manifest(), batch.Env, func(yield func(*scoring.Batch) error) error { return yield(batch) }, nil))
			return err
		}
		model, err := m.DecodeModel(nil)
		if err != nil {
			return err
		}
		_, err = m.Score(t.Context(), model, batch)
		return err
	}
	first, second := try(), try()
	if first == nil || second == nil {
		t.Errorf("first %v, then %v", first, second)
	}
	if u := m.Usage(); u.Failures != 2 || second == nil || u.LastError == nil || u.LastError.Error() != second.Error() {
		t.Errorf("usage tells of %d failures, the last %v", u.Failures, u.LastError)
	}
	if took := time.Since(begun); took > 2*time.Minute {
		t.Errorf("took %v", took)
	}
	return second
}

// answers are a module's answers, as a text.
func answers(t testing.TB, m scoring.Scorer, model scoring.Model, b *scoring.Batch) string {
	t.Helper()
	r, err := m.Score(t.Context(), model, b)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for i := range r.Outputs {
		for row := range b.Len() {
			v := r.Outputs[i].At(row)
			text.WriteString(v.Text() + strconv.FormatInt(v.Int(), 10) + " ")
		}
	}
	return text.String()
}

// childrenOf are the numbers of the processes that one has started and that still run.
func childrenOf(t testing.TB, parent int) []int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var out []int
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue // gone
		}
		_, after, _ := strings.Cut(string(b), ") ")
		if fields := strings.Fields(after); len(fields) > 1 && fields[1] == strconv.Itoa(parent) && fields[0] != "Z" {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
			out = append(out, pid)
		}
	}
	return out
}
