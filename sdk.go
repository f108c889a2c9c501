package main

import (
	"bytes"
	"embed"
	"io/fs"
	"strings"
)

// sources are what modules are built with: in Go the contract, the ABI, and the kit that tests use; in C a header; in
// AssemblyScript a file, and the versions of the compiler.
//
//go:embed scoring/*.go scoring/abi/*.go scoring/conformance/*.go scoring/guest/*.go scoring/scoretest/*.go
//go:embed examples/wasm/basket/assembly/bellwether.ts examples/wasm/basket/assembly/tsconfig.json examples/wasm/basket/package*.json
//go:embed examples/wasm/rfm_fixed/bellwether.h
var sources embed.FS

// sdk is what a plugin of a kind is built with, by paths in its folder, so that its author needs no clone.
func sdk(kind string) map[string][]byte {
	switch kind {
	case "wasm-as":
		return embedded("examples/wasm/basket", "")
	case "wasm-c":
		return embedded("examples/wasm/rfm_fixed", "")
	case "wasm-go":
		files := embedded("scoring", "bellwether/scoring/")
		files["bellwether/go.mod"] = []byte("module bellwether\n\ngo 1.26.0\n")
		return files
	}
	return nil
}

// embedded are the files of a folder, without tests, and without the name of the example that they are taken from.
func embedded(from, to string) map[string][]byte {
	files := map[string][]byte{}
	_ = fs.WalkDir(sources, from, func(path string, d fs.DirEntry, err error) error { // what is embedded can be read
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := sources.ReadFile(path)
		files[to+strings.TrimPrefix(path, from+"/")] = bytes.ReplaceAll(text, []byte(`"name": "basket"`), []byte(`"name": "plugin"`))
		return err
	})
	return files
}
