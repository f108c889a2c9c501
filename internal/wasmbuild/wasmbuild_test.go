package wasmbuild_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwether/internal/wasmbuild"
)

// The languages' own tests are those of package sandbox, which runs what is built; here is what goes wrong.
func TestErrorsCarryTheirCure(t *testing.T) {
	folder := func(files ...string) string {
		to := t.TempDir()
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(to, f), []byte("no source\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return to
	}
	tests := []struct {
		name, source string
		tools        bool
		want         string
	}{
		{"nothing", folder(), true, "has no source that can be built (give a folder with *.go"},
		{"no such folder", filepath.Join(folder(), "none"), true, "no such file or directory"},
		{"another language", filepath.Join(folder("scorer.py"), "scorer.py"), true, "is no source that can be built"},
		{"bad C", filepath.Join(folder("scorer.c"), "scorer.c"), true, "clang: exit status 1\n"},
		{"bad Go", folder("go.mod", "main.go"), true, "go: exit status 1\n"},
		{"no compiler of AssemblyScript", folder("package.json"), true, "(run there: npm ci)"},
		{"no Go", folder("main.go"), false, "go is missing (install Go from go.dev)"},
		{"no linker", folder("scorer.c"), false, "wasm-ld is missing (install it, on Debian with: sudo apt-get install lld)"},
		{"no Node.js", folder("package.json"), false, "node is missing (install Node.js"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !tt.tools {
				t.Setenv("PATH", t.TempDir())
			}
			if _, err := wasmbuild.Build(t.Context(), tt.source); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// The same source gives the same bytes, so that a digest that was allowed stays so.
func TestBuildIsReproducible(t *testing.T) {
	for _, source := range []string{"../../examples/wasm/rfm", "../../examples/wasm/rfm_fixed"} {
		first, err := wasmbuild.Build(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		second, err := wasmbuild.Build(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) {
			t.Errorf("%s: two builds differ", source)
		}
	}
}
