package main

import (
	"embed"
	"io/fs"
	"strings"
)

// sources are the packages that a module in Go is built with: the contract, the ABI, and the kit that its tests use.
//
//go:embed scoring/*.go scoring/abi/*.go scoring/conformance/*.go scoring/guest/*.go scoring/scoretest/*.go
var sources embed.FS

// sdk are the sources without their tests, and a go.mod, so that an author needs neither a clone nor a network.
func sdk() map[string][]byte {
	files := map[string][]byte{"go.mod": []byte("module bellwether\n\ngo 1.26.0\n")}
	_ = fs.WalkDir(sources, ".", func(path string, d fs.DirEntry, err error) error { // what is embedded can be read
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files[path], err = sources.ReadFile(path)
		return err
	})
	return files
}
