// Package abi is how a scorer in a WebAssembly module and the server exchange data: columns in the module's own memory,
// little-endian, written and read without a copy where the machine allows.
//
// Start with docs/wasm-abi.md, which describes every byte. A host writes an input with an [Encoder] and reads answers with
// [DecodeResults], [DecodeDerived] and [DecodeManifest]; a guest in Go uses package scoring/guest, which uses the other
// half of this package. Every decoder takes any bytes: what is not of the format is an error, never a panic, and takes no
// more memory than a small multiple of the bytes.
package abi

// Version is the version of the format that this package writes. A host takes modules of [Oldest] to Version.
const Version = 1

// Oldest is the oldest version that a host takes: the one before Version, once there is one.
const Oldest = 1

// Names of what a module exports. Fit, Load and Unload are only there in a scorer that learns.
const (
	ExportABI      = "bellwether_abi"      // () -> i32: the version
	ExportAlloc    = "bellwether_alloc"    // (length i32) -> i32: where an input may be written, a multiple of 8; 0: no memory
	ExportFit      = "bellwether_fit"      // (input i32, length i32) -> i64: an answer with the model's bytes
	ExportLoad     = "bellwether_load"     // (model i32, input i32, length i32) -> i64: an answer without content
	ExportManifest = "bellwether_manifest" // () -> i64: an answer with JSON
	ExportScore    = "bellwether_score"    // (model i32, input i32, length i32) -> i64: an answer with results
	ExportUnload   = "bellwether_unload"   // (model i32)
)

// Names of what a host gives to a module, which only fit may call.
const (
	ImportModule = "bellwether"
	ImportDerive = "derive" // (derived i32, length i32): keeps derived values
	ImportNext   = "next"   // (buffer i32, capacity i32) -> i32: the length of the next input; 0: no more; above capacity: ask again
	ImportRewind = "rewind" // (): the next input is the first again
)

// Statuses that an answer begins with.
const (
	StatusOK    = 0
	StatusError = 1 // the content is a message, UTF-8
)

// AnswerHeader is how many bytes an answer has before its content: the status, and four bytes of 0.
const AnswerHeader = 8

// Pack is the i64 that an export returns for an answer.
func Pack(pointer, length uint32) uint64 { return uint64(pointer)<<32 | uint64(length) }

// Unpack is the reverse of Pack.
func Unpack(answer uint64) (pointer, length uint32) { return uint32(answer >> 32), uint32(answer) }

// Flags of an input.
const (
	flagExplain = 1 << iota // evidence is wanted
)

// Sizes of the fixed parts, in bytes.
const (
	sizeColumn   = 16
	sizeDerived  = 40
	sizeEnv      = 40
	sizeEvidence = 48
	sizeInput    = 48
	sizeOrders   = 96
	sizeResults  = 32
	sizeValue    = 16
)
