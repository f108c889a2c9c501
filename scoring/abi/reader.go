package abi

import "fmt"

// reader gives views of a message. The first thing that is wrong stays as its error, and every further view is empty.
type reader struct {
	b     []byte
	spent int // bytes of memory that the message was given
	err   error
}

// spend counts memory that is made of the message: parts may overlap, so that a short message could ask for any amount.
func (r *reader) spend(what string, count uint32, each int) {
	const ratio = 8 // more than any message of ours needs
	if r.spent += int(min(uint64(count)*uint64(each), 1<<40)); r.spent > ratio*(len(r.b)+512) {
		r.fail("%s: more than the message has bytes for", what)
	}
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format+" (write it as docs/wasm-abi.md says)", args...)
	}
}

// view is count items of a width at an offset, which is a multiple of the width or of 8.
func (r *reader) view(what string, offset, count uint32, width int) []byte {
	size := uint64(count) * uint64(width)
	align := uint32(min(width, 8))
	switch {
	case r.err != nil:
	case uint64(offset)+size > uint64(len(r.b)):
		r.fail("%s: %d bytes at %d of a message of %d", what, size, offset, len(r.b))
	case align&(align-1) == 0 && offset%align != 0:
		r.fail("%s: offset %d is not a multiple of %d", what, offset, align)
	default:
		return r.b[offset : uint64(offset)+size : uint64(offset)+size]
	}
	return nil
}

// words is a fixed part of a message as its words of four bytes; never nil, so that they can be read after an error.
func (r *reader) words(what string, offset uint32, size int) words {
	if b := r.view(what, offset, 1, size); b != nil {
		return words(b)
	}
	return make(words, size)
}

type words []byte

func (w words) at(i int) uint32 { return le.Uint32(w[4*i:]) }

// starts are count+1 ascending offsets from 0 to limit.
func (r *reader) starts(what string, offset, count, limit uint32) []uint32 {
	if count == 1<<32-1 {
		r.fail("%s: too many", what)
		return nil
	}
	s := numbers[uint32](r.view(what, offset, count+1, 4))
	if r.err != nil {
		return nil
	}
	previous := uint32(0)
	for _, at := range s {
		if at < previous {
			r.fail("%s: offsets descend", what)
			return nil
		}
		previous = at
	}
	if s[0] != 0 || previous > limit {
		r.fail("%s: offsets from %d to %d, want 0 to at most %d", what, s[0], previous, limit)
		return nil
	}
	return s
}

// texts are count texts: their offsets, and the bytes that these point into.
func (r *reader) texts(what string, starts, bytes, count uint32, keep bool) []string {
	limit := uint32(0)
	if uint64(bytes) <= uint64(len(r.b)) {
		limit = uint32(min(uint64(len(r.b))-uint64(bytes), 1<<32-1))
	}
	at := r.starts(what, starts, count, limit)
	if r.err != nil {
		return nil
	}
	all := text(r.view(what, bytes, at[count], 1))
	r.spend(what, count, 16)
	if keep {
		r.spend(what, at[count], 1)
	}
	if keep && r.err == nil {
		all = string([]byte(all))
	}
	if r.err != nil {
		return nil
	}
	out := make([]string, count)
	from := uint32(0)
	for i, to := range at[1:] {
		out[i], from = all[from:to], to
	}
	return out
}

// flags are count bytes of 0 or 1.
func (r *reader) flags(what string, offset, count uint32) []bool {
	out, ok := flags(r.view(what, offset, count, 1))
	if !ok {
		r.fail("%s: a byte is neither 0 nor 1", what)
	}
	return out
}

// ints, floats and small numbers are views of columns.
func (r *reader) ints(what string, offset, count uint32) []int64 {
	return numbers[int64](r.view(what, offset, count, 8))
}

func (r *reader) floats(what string, offset, count uint32) []float64 {
	return numbers[float64](r.view(what, offset, count, 8))
}

// writer appends a message to bytes that may hold something before: offsets count from base.
type writer struct {
	b    []byte
	base int
}

// offset is where the next byte comes, after as many zeros as make it a multiple of 8.
func (w *writer) offset() uint32 {
	for (len(w.b)-w.base)%8 != 0 {
		w.b = append(w.b, 0)
	}
	return uint32(len(w.b) - w.base)
}

// reserve leaves room for a fixed part, and says where.
func (w *writer) reserve(size int) uint32 {
	at := w.offset()
	w.b = append(w.b, make([]byte, size)...)
	return at
}

// put writes a word of a fixed part.
func (w *writer) put(part uint32, word int, value uint32) {
	le.PutUint32(w.b[w.base+int(part)+4*word:], value)
}

func (w *writer) put64(part uint32, word int, value uint64) {
	le.PutUint64(w.b[w.base+int(part)+4*word:], value)
}

// texts writes offsets and bytes, and says where they are.
func (w *writer) texts(values []string) (starts, bytes uint32) {
	starts = w.reserve(4 * (len(values) + 1))
	at, from := w.base+int(starts), len(w.b)
	w.b = append(w.b, make([]byte, (8-(from-w.base)%8)%8)...)
	from = len(w.b)
	for i, v := range values {
		le.PutUint32(w.b[at+4*i:], uint32(len(w.b)-from))
		w.b = append(w.b, v...)
	}
	le.PutUint32(w.b[at+4*len(values):], uint32(len(w.b)-from))
	return starts, uint32(from - w.base)
}
