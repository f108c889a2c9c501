package abi

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// le is the order of bytes, whatever the machine's.
var le = binary.LittleEndian

// native tells whether the machine's order of bytes is the format's, so that columns need no conversion.
func native() bool { return binary.NativeEndian.Uint16([]byte{1, 0}) == 1 }

// number is what columns are made of.
type number interface {
	~int32 | ~int64 | ~uint32 | ~float64
}

// numbers are bytes as numbers: the same memory where the machine allows, else a copy.
func numbers[T number](b []byte) []T {
	var zero T
	width := int(unsafe.Sizeof(zero))
	n := len(b) / width
	if n == 0 {
		return []T{}
	}
	if first := unsafe.Pointer(&b[0]); native() && uintptr(first)%uintptr(width) == 0 {
		return unsafe.Slice((*T)(first), n)
	}
	out := make([]T, n)
	for i := range out {
		if width == 4 {
			*(*uint32)(unsafe.Pointer(&out[i])) = le.Uint32(b[4*i:])
		} else {
			*(*uint64)(unsafe.Pointer(&out[i])) = le.Uint64(b[8*i:])
		}
	}
	return out
}

// appendNumbers is the reverse of numbers.
func appendNumbers[T number](b []byte, values []T) []byte {
	if len(values) == 0 {
		return b
	}
	var zero T
	width := int(unsafe.Sizeof(zero))
	if native() {
		return append(b, unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), width*len(values))...)
	}
	for i := range values {
		if width == 4 {
			b = le.AppendUint32(b, *(*uint32)(unsafe.Pointer(&values[i])))
		} else {
			b = le.AppendUint64(b, *(*uint64)(unsafe.Pointer(&values[i])))
		}
	}
	return b
}

// appendFlags writes a byte for each, 0 or 1.
func appendFlags(b []byte, flags []bool) []byte {
	if len(flags) == 0 {
		return b
	}
	return append(b, unsafe.Slice((*byte)(unsafe.Pointer(&flags[0])), len(flags))...)
}

// flags are bytes as booleans, in the same memory; ok is false where a byte is neither 0 nor 1, which Go may not see.
func flags(b []byte) (out []bool, ok bool) {
	if len(b) == 0 {
		return []bool{}, true
	}
	if union(b) > 1 {
		return nil, false
	}
	return unsafe.Slice((*bool)(unsafe.Pointer(&b[0])), len(b)), true
}

// some tells whether one of the flags is set.
func some(flags []bool) bool {
	return len(flags) > 0 && union(unsafe.Slice((*byte)(unsafe.Pointer(&flags[0])), len(flags))) != 0
}

// union is all bytes or-ed, eight at a time: a guest looks at each byte of memory as slowly as at eight.
func union(b []byte) byte {
	var all uint64
	for len(b) >= 8 {
		all |= le.Uint64(b)
		b = b[8:]
	}
	for _, x := range b {
		all |= uint64(x)
	}
	all |= all >> 32
	all |= all >> 16
	return byte(all | all>>8)
}

// text is bytes as a string in the same memory.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func appendFloat(b []byte, x float64) []byte { return le.AppendUint64(b, math.Float64bits(x)) }
