package sandbox

import (
	"encoding/binary"
	"fmt"
	"io"
)

// The server and a worker talk over two pipes in frames of fixed length, some followed by bytes. Customers never go through
// them: they lie in the module's memory, which both see.
type frame struct {
	op      uint32
	a, b, c uint32
	payload []byte
}

// What a server asks for.
const (
	opAlloc  = iota + 1 // a: length
	opFit               // a: pointer, b: length
	opGiven             // a: the length of what the server wrote where opNext said; 0: no more; above the capacity: ask again
	opLoad              // payload: the module
	opModel             // a: model, b: pointer, c: length
	opScore             // a: model, b: pointer, c: length
	opUnload            // a: model
)

// What a worker answers.
const (
	opDerive = iota + 100 // a: pointer, b: length
	opDone                // a, b: what the module returned, mostly pointer and length
	opFailed              // payload: what went wrong; the module must not be called again
	opNext                // a: pointer, b: capacity
	opRewind
)

const (
	frameSize  = 20
	maxPayload = 256 << 20
)

func writeFrame(w io.Writer, f frame) error {
	var head [frameSize]byte
	for i, word := range []uint32{f.op, f.a, f.b, f.c, uint32(len(f.payload))} {
		binary.LittleEndian.PutUint32(head[4*i:], word)
	}
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	if len(f.payload) == 0 {
		return nil
	}
	_, err := w.Write(f.payload)
	return err
}

// readFrame reads what writeFrame wrote, with a payload of at most limit bytes.
func readFrame(r io.Reader, limit uint32) (frame, error) {
	var head [frameSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(head[4*i:]) }
	f := frame{op: word(0), a: word(1), b: word(2), c: word(3)}
	if length := word(4); length > limit {
		return frame{}, fmt.Errorf("a frame of %d bytes", length)
	} else if length > 0 {
		f.payload = make([]byte, length)
		if _, err := io.ReadFull(r, f.payload); err != nil {
			return frame{}, err
		}
	}
	return f, nil
}
