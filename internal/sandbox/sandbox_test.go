package sandbox_test

import (
	"context"
	"os"
	"sync"
	"testing"

	"bellwether/internal/sandbox"
	"bellwether/internal/wasmbuild"
)

// cacheDir is shared by all tests, so that a module is compiled once.
var cacheDir string

func TestMain(m *testing.M) {
	sandbox.MainIfWorker()
	if os.Getenv(asServer) != "" {
		serve()
	}
	folder, err := os.MkdirTemp("", "bellwether-sandbox-")
	if err != nil {
		panic(err)
	}
	cacheDir = folder
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

var modules = map[string]func() ([]byte, error){
	"basket":    built("../../examples/wasm/basket"),
	"pioneer":   built("../../examples/wasm/pioneer"),
	"rfm":       built("../../examples/wasm/rfm"),
	"rfm_fixed": built("../../examples/wasm/rfm_fixed"),
}

func built(source string) func() ([]byte, error) {
	return sync.OnceValues(func() ([]byte, error) { return wasmbuild.Build(context.Background(), source) })
}

// wasm is a module of the examples, built once.
func wasm(t testing.TB, name string) []byte {
	t.Helper()
	b, err := modules[name]()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// host is a host with the bounds of the options, closed with the test.
func host(t testing.TB, o sandbox.Options) *sandbox.Host {
	t.Helper()
	if o.CacheDir == "" {
		o.CacheDir = cacheDir
	}
	h, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// load loads a module of the examples.
func load(t testing.TB, name string) *sandbox.Module {
	t.Helper()
	m, err := host(t, sandbox.Options{}).Load(t.Context(), name+".wasm", wasm(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
