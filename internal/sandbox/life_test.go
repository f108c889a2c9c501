package sandbox_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bellwether/internal/sandbox"
	"bellwether/internal/wasmbuild"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

// asServer makes the tests' program a server whose module never ends: it loads it, and says the number of the worker.
const asServer = "BELLWETHER_TEST_SERVER"

func serve() {
	b, err := os.ReadFile(os.Getenv(asServer))
	if err != nil {
		panic(err)
	}
	h, err := sandbox.New(sandbox.Options{CacheDir: os.Getenv(asServer) + ".cache", CallLimit: time.Hour})
	if err != nil {
		panic(err)
	}
	m, err := h.Load(context.Background(), "hostile", b)
	if err != nil {
		panic(err)
	}
	model, err := m.Fit(context.Background(), nil)
	if err != nil {
		panic(err)
	}
	fmt.Println("loaded") //nolint:forbidigo // this is a program
	_, err = m.Score(context.Background(), model, buyers(&scoring.Manifest{Facts: []scoring.FactUse{{Name: "orders"}}}, 1))
	panic(err)
}

// A server that is killed leaves no worker, even one whose module is in an endless loop.
func TestWorkersDieWithTheServer(t *testing.T) {
	module, err := wasmbuild.Build(t.Context(), filepath.Join("testdata", "hostile", "loop.c"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "loop.wasm")
	if err := os.WriteFile(file, module, 0o600); err != nil {
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), os.Args[0])
	server.Env = append(os.Environ(), asServer+"="+file)
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "loaded\n" {
		t.Fatalf("the server said %q, %v", line, err)
	}
	workers := childrenOf(t, server.Process.Pid)
	if len(workers) != 1 {
		t.Fatalf("the server has %d workers, want 1", len(workers))
	}
	time.Sleep(100 * time.Millisecond) // the module is running by now; if not, the test shows less, but holds
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, out)
	_ = server.Wait() // it was killed
	for end := time.Now().Add(time.Minute); alive(workers[0]); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the worker outlives its server")
		}
	}
}

func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// A worker that dies between two calls is replaced in the next, with its models.
func TestWorkersAreReplaced(t *testing.T) {
	m := load(t, "rfm")
	d := scoretest.Random(1, 120)
	fitted, err := scoretest.Fit(m, d)
	if err != nil {
		t.Fatal(err)
	}
	before, err := fitted.Score(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range childrenOf(t, os.Getpid()) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		for alive(pid) {
			time.Sleep(time.Millisecond)
		}
	}
	after, err := fitted.Score(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if before.CSV() != after.CSV() {
		t.Error("a new worker answers otherwise")
	}
	if u := m.Usage(); u.Failures != 0 || u.Calls != 2 || u.Customers != 240 || u.CPU <= 0 || u.Peak < 1<<20 {
		t.Errorf("usage %+v", u)
	}
}

// What is being answered when a module is closed is answered; everything later is refused.
func TestClose(t *testing.T) {
	m := load(t, "rfm_fixed")
	model, err := m.Fit(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	batch := buyers(m.Manifest(), 5000)
	want := answers(t, m, model, batch)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for {
				r, err := m.Score(t.Context(), model, batch)
				if err != nil {
					if r != nil || !strings.Contains(err.Error(), "the sandbox is closed") {
						t.Errorf("after Close: %v", err)
					}
					return
				}
			}
		})
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	if n := len(childrenOf(t, os.Getpid())); n != 0 {
		t.Errorf("%d processes after Close", n)
	}
	if err := m.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
	again := load(t, "rfm_fixed")
	if model, err = again.Fit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got := answers(t, again, model, batch); got != want {
		t.Error("the module answers otherwise when it is loaded again")
	}
	if _, err := again.Score(t.Context(), struct{}{}, batch); err == nil || !strings.Contains(err.Error(), "fit it with the same scorer") {
		t.Errorf("with another's model: %v", err)
	}
}

// Batches and pages may come together, and a context that ends ends its own call alone.
func TestTogether(t *testing.T) {
	m := load(t, "rfm")
	d := scoretest.Random(2, 500)
	fitted, err := scoretest.Fit(m, d)
	if err != nil {
		t.Fatal(err)
	}
	large, page := buyers(m.Manifest(), 10_000), buyers(m.Manifest(), 50)
	wantLarge, wantPage := answers(t, m, fitted.Model, large), answers(t, m, fitted.Model, page)
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			for range 5 {
				b, want := large, wantLarge
				if i%2 == 0 {
					b, want = page, wantPage
				}
				if got := answers(t, m, fitted.Model, b); got != want {
					t.Error("an answer depends on what else is asked")
				}
			}
		})
	}
	group.Go(func() {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := m.Score(ctx, fitted.Model, large); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that has ended: %v", err)
		}
	})
	group.Wait()
	if u := m.Usage(); u.Failures != 0 {
		t.Errorf("usage %+v", u)
	}
}

// A source that fails, and a context that ends, end a fit with their own error.
func TestFitFails(t *testing.T) {
	m := load(t, "rfm")
	batch, broken := buyers(m.Manifest(), 10), errors.New("the database is gone")
	fit := func(ctx context.Context, source func(yield func(*scoring.Batch) error) error) error {
		_, err := m.Fit(ctx, scoring.NewPopulation(m.Manifest(), batch.Env, source, nil))
		return err
	}
	err := fit(t.Context(), func(yield func(*scoring.Batch) error) error { return errors.Join(yield(batch), broken) })
	if !errors.Is(err, broken) || m.Usage().Failures != 0 {
		t.Errorf("with a source that fails: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = fit(ctx, func(yield func(*scoring.Batch) error) error {
		cancel()
		for {
			if err := yield(batch); err != nil {
				return err
			}
		}
	})
	if !errors.Is(err, context.Canceled) || m.Usage().Failures != 0 {
		t.Errorf("with a context that ends: %v", err)
	}
	if _, err := m.DecodeModel([]byte("no model")); err == nil || !strings.HasPrefix(err.Error(), "rfm: decode a model of rfm") {
		t.Errorf("with the bytes of no model: %v", err)
	}
	if n := len(childrenOf(t, os.Getpid())); n != 1 {
		t.Errorf("%d processes, want the one that scores", n)
	}
}

// A worker with nothing to do takes no CPU time.
func TestIdle(t *testing.T) {
	m := load(t, "rfm")
	if _, err := scoretest.Score(m, scoretest.Random(1, 100)); err != nil {
		t.Fatal(err)
	}
	before := m.Usage().CPU
	time.Sleep(time.Second)
	if spent := m.Usage().CPU - before; spent > 100*time.Millisecond {
		t.Errorf("an idle second took %v of CPU time", spent)
	}
}
