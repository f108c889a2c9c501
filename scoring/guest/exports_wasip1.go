package guest

import (
	"unsafe"

	"bellwether/scoring"
	"bellwether/scoring/abi"
)

// served is the module's scorer. Exported functions have no receiver, so that it must be a variable of the package; a
// module is one scorer, set once before anything is called.
var served *module

// Serve makes the scorer the module's. Call it once, in a declaration of package main.
func Serve(s scoring.Scorer) Served {
	served = newModule(s, imports{})
	return Served{}
}

//go:wasmexport bellwether_abi
func exportABI() uint32 { return abi.Version }

//go:wasmexport bellwether_alloc
func exportAlloc(length uint32) unsafe.Pointer { return served.alloc(length) }

//go:wasmexport bellwether_fit
func exportFit(_, length uint32) uint64 { return packed(served.fit(length)) }

//go:wasmexport bellwether_load
func exportLoad(model, _, length uint32) uint64 { return packed(served.load(model, length)) }

//go:wasmexport bellwether_manifest
func exportManifest() uint64 { return packed(served.describe()) }

//go:wasmexport bellwether_score
func exportScore(model, _, length uint32) uint64 { return packed(served.score(model, length)) }

//go:wasmexport bellwether_unload
func exportUnload(model uint32) { served.unload(model) }

func packed(b []byte) uint64 {
	return abi.Pack(uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b)))), uint32(len(b)))
}

// imports are what the host gives.
type imports struct{}

//go:wasmimport bellwether derive
func importDerive(values unsafe.Pointer, length uint32)

//go:wasmimport bellwether next
func importNext(buffer unsafe.Pointer, capacity uint32) uint32

//go:wasmimport bellwether rewind
func importRewind()

func (imports) derive(values []byte) {
	importDerive(unsafe.Pointer(unsafe.SliceData(values)), uint32(len(values)))
}

func (imports) next(buffer []byte) int {
	return int(importNext(unsafe.Pointer(unsafe.SliceData(buffer)), uint32(len(buffer))))
}

func (imports) rewind() { importRewind() }
