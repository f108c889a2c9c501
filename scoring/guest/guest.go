// Package guest makes a WebAssembly module of a scorer: the same source that is compiled into the server runs in its
// sandbox.
//
// The whole of a module's main package is
//
//	package main
//
//	import (
//		"bellwether/scoring/guest"
//		"example.com/value"
//	)
//
//	var _ = guest.Serve(value.New())
//
//	func main() {}
//
// and its build is
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags='-s -w' -o value.wasm .
//
// The scorer is one that [scoring.Define] made, or one that fulfils [scoring.Scorer] and, if it learns, [scoring.Codec].
// There are no files, no network, no environment and no clock; what is written to standard error is shown when the scorer
// fails.
package guest

// Served is what Serve returns, so that it can be called in a declaration, which is when a module begins.
type Served struct{}
