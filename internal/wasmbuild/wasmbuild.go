// Package wasmbuild makes WebAssembly modules of scorers' sources.
//
// Start with [Build], which sees what a folder or file is written in: Go, C, AssemblyScript or Rust.
package wasmbuild

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build makes a module of a source, and returns its bytes: a folder with a Go package, a file or folder of C, a folder of
// AssemblyScript with its package.json, or one of Rust with its Cargo.toml. An error says what to install where a tool is missing, and else what it said.
func Build(ctx context.Context, source string) ([]byte, error) {
	info, err := os.Stat(source)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		if filepath.Ext(source) == ".c" {
			return C(ctx, source)
		}
		return nil, fmt.Errorf("%s is no source that can be built (give a folder with a Go package or AssemblyScript, or a .c file)", source)
	}
	has := func(pattern string) []string {
		found, _ := filepath.Glob(filepath.Join(source, pattern)) // the pattern is well-formed
		return found
	}
	switch {
	case len(has("*.go")) > 0:
		return Go(ctx, source)
	case len(has("*.c")) > 0:
		return C(ctx, has("*.c")...)
	case len(has("Cargo.toml")) > 0:
		return Rust(ctx, source)
	case len(has("package.json")) > 0:
		return AssemblyScript(ctx, source)
	}
	return nil, fmt.Errorf("%s has no source that can be built (give a folder with *.go, *.c, a Cargo.toml or a package.json)", source)
}

// Go builds the main package in a folder.
func Go(ctx context.Context, folder string) ([]byte, error) {
	return build(ctx, tool{"go", "install Go from go.dev"}, folder, []string{"GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS="}, func(out string) []string {
		return []string{"build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", out, "."}
	})
}

// C builds files of C, which find bellwether.h beside them.
func C(ctx context.Context, files ...string) ([]byte, error) {
	if _, err := exec.LookPath("wasm-ld"); err != nil {
		return nil, errors.New("wasm-ld is missing (install it, on Debian with: sudo apt-get install lld)")
	}
	absolute := make([]string, len(files))
	for i, f := range files {
		var err error
		if absolute[i], err = filepath.Abs(f); err != nil {
			return nil, err
		}
	}
	return build(ctx, tool{"clang", "install it, on Debian with: sudo apt-get install clang lld"}, filepath.Dir(files[0]), nil, func(out string) []string {
		return append([]string{
			"--target=wasm32", "-O3", "-std=c11", "-Wall", "-Werror", "-nostdlib", "-ffreestanding", "-mbulk-memory",
			"-Wl,--no-entry", "-Wl,--strip-all", "-o", out,
		}, absolute...)
	})
}

// AssemblyScript builds assembly/index.ts of a folder with the compiler that npm installed there.
func AssemblyScript(ctx context.Context, folder string) ([]byte, error) {
	if _, err := exec.LookPath("node"); err != nil {
		return nil, errors.New("node is missing (install Node.js 20 or newer, on Debian with: sudo apt-get install nodejs npm)")
	}
	compiler, err := filepath.Abs(filepath.Join(folder, "node_modules", "assemblyscript", "bin", "asc.js"))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(compiler); err != nil {
		return nil, fmt.Errorf("the compiler of AssemblyScript is missing in %s (run there: npm ci)", folder)
	}
	return build(ctx, tool{"node", ""}, folder, nil, func(out string) []string {
		return []string{
			compiler, "assembly/index.ts", "--outFile", out, "--optimizeLevel", "3", "--runtime", "incremental", "--use", "abort=",
		}
	})
}

// Rust builds src/lib.rs of a folder, which has no dependencies: cargo would add nothing.
func Rust(ctx context.Context, folder string) ([]byte, error) {
	rust := tool{"rustc", "install Rust from rustup.rs, or on Debian with: sudo apt-get install rustc libstd-rust-dev-wasm32 lld"}
	if _, err := exec.LookPath(rust.name); err == nil {
		// Without the target, the compiler only says that it cannot find core.
		found, err := exec.CommandContext(ctx, rust.name, "--print", "target-libdir", "--target", rustTarget).Output()
		if _, missing := os.Stat(strings.TrimSpace(string(found))); err != nil || missing != nil {
			return nil, fmt.Errorf("rustc has no target %[1]s (install it with: rustup target add %[1]s; or on Debian: sudo apt-get install libstd-rust-dev-wasm32 lld)", rustTarget)
		}
	}
	return build(ctx, rust, folder, nil, func(out string) []string {
		return []string{
			"--edition", "2021", "--target", rustTarget, "--crate-type", "cdylib", "-C", "opt-level=3", "-C", "panic=abort", "-C", "strip=symbols",
			"-D", "warnings", "-o", out, "src/lib.rs",
		}
	})
}

const rustTarget = "wasm32-unknown-unknown"

// tool is a program with the cure for its absence.
type tool struct{ name, cure string }

// build runs a tool in a folder, and returns the file that it writes.
func build(ctx context.Context, t tool, folder string, env []string, args func(out string) []string) ([]byte, error) {
	program, err := exec.LookPath(t.name)
	if err != nil {
		return nil, fmt.Errorf("%s is missing (%s)", t.name, t.cure)
	}
	private, err := os.MkdirTemp("", "bellwether-build-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(private) //nolint:errcheck // a temporary folder
	out := filepath.Join(private, "module.wasm")
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args(out)...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = folder, append(os.Environ(), env...), &said, &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s(correct the source)", t.name, err, strings.TrimPrefix(said.String(), "\n"))
	}
	return os.ReadFile(out)
}
