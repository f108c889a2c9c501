package sandbox_test

import (
	"encoding/binary"
	"strings"
)

// Modules that no compiler makes are put together byte by byte, after the WebAssembly specification.

const (
	i32 = 0x7f
	i64 = 0x7e
)

func unsigned(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

func signed(n int64) []byte {
	var b []byte
	for {
		low := byte(n & 0x7f)
		if n >>= 7; n == 0 && low&0x40 == 0 || n == -1 && low&0x40 != 0 {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}

func join(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// vector is a counted list.
func vector(items ...[]byte) []byte { return append(unsigned(len(items)), join(items...)...) }

func section(id byte, content []byte) []byte {
	return join([]byte{id}, unsigned(len(content)), content)
}

// body is a function without variables; end is added.
func body(code ...byte) []byte {
	code = append([]byte{0}, append(code, 0x0b)...)
	return append(unsigned(len(code)), code...)
}

func constant64(n int64) []byte { return append([]byte{0x42}, signed(n)...) }

func export(name string, kind byte, index int) []byte {
	return join(unsigned(len(name)), []byte(name), []byte{kind}, unsigned(index))
}

// plainManifest is the manifest of a scorer with one number.
const plainManifest = `{"name":"hostile","version":"1.0.0","title":{"en":"a","zh":"b"},"doc":{"en":"a","zh":"b"},
	"outputs":[{"name":"number","kind":"NUMBER","doc":{"en":"a","zh":"b"}}]}`

// module exports what a scorer must, with a body of bellwether_score, more functions of type () -> (), and a table.
func module(abi int, manifest string, score []byte, more ...[]byte) []byte {
	const at = 4096
	data := append(make([]byte, 8), manifest...)
	functions, bodies := [][]byte{{0}, {1}, {2}, {3}}, [][]byte{
		body(append([]byte{0x41}, signed(int64(abi))...)...),
		body(append([]byte{0x41}, signed(1<<16)...)...),
		body(constant64(int64(at)<<32 | int64(len(data)))...),
		body(score...),
	}
	for _, b := range more {
		functions, bodies = append(functions, []byte{4}), append(bodies, b)
	}
	function := func(params, results []byte) []byte {
		return join([]byte{0x60}, unsigned(len(params)), params, unsigned(len(results)), results)
	}
	return join(
		[]byte("\x00asm\x01\x00\x00\x00"),
		section(1, vector(
			function(nil, []byte{i32}), function([]byte{i32}, []byte{i32}), function(nil, []byte{i64}),
			function([]byte{i32, i32, i32}, []byte{i64}), function(nil, nil),
		)),
		section(3, vector(functions...)),
		section(4, vector([]byte{0x70, 0, 1})),
		section(5, vector(append([]byte{0}, unsigned((at+len(data))>>16+4)...))),
		section(7, vector(
			export("memory", 2, 0), export("bellwether_abi", 0, 0), export("bellwether_alloc", 0, 1),
			export("bellwether_manifest", 0, 2), export("bellwether_score", 0, 3),
		)),
		section(10, vector(bodies...)),
		section(11, vector(join([]byte{0, 0x41}, signed(at), []byte{0x0b}, unsigned(len(data)), data))),
	)
}

// tableGrow scores by making a table longer and longer.
func tableGrow() []byte {
	grow := join([]byte{0x03, 0x40, 0xd0, 0x70, 0x41}, signed(1<<22), []byte{0xfc, 0x0f, 0x00, 0x1a, 0x0c, 0x00, 0x0b, 0x00})
	return module(1, plainManifest, grow)
}

// compileBomb has so many functions of nested arithmetic that compiling them takes long.
func compileBomb() []byte {
	work := []byte(strings.Repeat("\x41\x07\x41\x03\x6c\x45\x04\x40\x0b", 400)) // 7*3 == 0? then nothing
	many := make([][]byte, 15_000)
	for i := range many {
		many[i] = body(work...)
	}
	return module(1, plainManifest, constant64(0), many...)
}
