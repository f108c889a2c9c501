package ingest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"

	"bellwether/internal/fault"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// source is the text of a file, decompressed on a goroutine of its own.
type source struct {
	ctx     context.Context
	name    string
	raw     *counted
	chunks  chan chunk
	spare   chan []byte
	done    chan struct{}
	current chunk
	rest    []byte
}

type chunk struct {
	data []byte
	err  error
}

const (
	chunkSize   = 256 << 10
	chunksAhead = 3
)

// stdinName is the file name that stands for standard input.
const stdinName = "-"

// openSource opens a file, or stdin for "-". What it is compressed with is seen from its first bytes, not its name, so
// that a pipe works like a file.
func openSource(ctx context.Context, name string, stdin io.Reader, decode func(io.Reader) io.Reader, progress func(int64)) (*source, error) {
	raw := &counted{name: name, progress: progress}
	if name == stdinName {
		if stdin == nil {
			return nil, fault.New(fault.Invalid, "no standard input to read (name a file)")
		}
		raw.src, raw.close = stdin, func() error { return nil }
	} else {
		file, err := openFile(name)
		if err != nil {
			return nil, err
		}
		raw.src, raw.close = file, file.Close
	}
	s := &source{
		ctx: ctx, name: name, raw: raw,
		chunks: make(chan chunk, chunksAhead), spare: make(chan []byte, chunksAhead+1), done: make(chan struct{}),
	}
	for range chunksAhead {
		s.spare <- make([]byte, chunkSize)
	}
	go s.readAhead(decode)
	return s, nil
}

func openFile(name string) (*os.File, error) {
	file, err := os.Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.NotFound, "no file %q (check the path; - reads standard input)", name)
	case err != nil:
		return nil, fault.New(fault.Unavailable, "%q cannot be read (check its permissions): %w", name, err)
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		_ = file.Close() // nothing was read
		return nil, fault.New(fault.Invalid, "%q is a folder (name the files in it)", name)
	}
	return file, nil
}

// readAhead decompresses into chunks until the end, an error, or close. It owns the file, and closes it.
func (s *source) readAhead(decode func(io.Reader) io.Reader) {
	defer close(s.chunks)
	defer s.raw.close() //nolint:errcheck // read only
	text, err := decompressed(s.raw)
	if err != nil {
		s.send(chunk{err: s.broken(err)})
		return
	}
	defer text.Close() //nolint:errcheck // read only
	plain := decode(text)
	for {
		var data []byte
		select {
		case data = <-s.spare:
		case <-s.done:
			return
		}
		n, err := plain.Read(data)
		if err != nil && !errors.Is(err, io.EOF) {
			err = s.broken(err)
		}
		if !s.send(chunk{data: data[:n], err: err}) || err != nil {
			return
		}
	}
}

func (s *source) send(c chunk) bool {
	select {
	case s.chunks <- c:
		return true
	case <-s.done:
		return false
	}
}

// broken explains an error of the file or of its compression.
func (s *source) broken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.New(fault.Invalid, "%q ends in the middle (it was cut off: fetch it again): %w", s.name, err)
	}
	return fault.New(fault.Invalid, "%q cannot be read (is it damaged?): %w", s.name, err)
}

// Read is the next text. It returns when the context ends, even while the file itself blocks, as a terminal does.
func (s *source) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		if s.current.err != nil {
			return 0, s.current.err
		}
		if s.current.data != nil {
			s.spare <- s.current.data[:chunkSize]
			s.current.data = nil
		}
		select {
		case c, ok := <-s.chunks:
			if !ok {
				return 0, io.EOF
			}
			s.current, s.rest = c, c.data
		case <-s.ctx.Done():
			return 0, context.Cause(s.ctx)
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (s *source) close() { close(s.done) }

// counted reads a file as it is on disk and counts.
type counted struct {
	name     string
	src      io.Reader
	close    func() error
	bytes    atomic.Int64
	progress func(int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.bytes.Add(int64(n))
	c.progress(int64(n))
	return n, err
}

// decompressed is the text behind gzip, xz or Zstandard, or the file itself.
func decompressed(raw io.Reader) (io.ReadCloser, error) {
	magic := make([]byte, 6)
	n, err := io.ReadFull(raw, magic)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	magic = magic[:n]
	whole := io.MultiReader(bytes.NewReader(magic), raw)
	switch {
	case bytes.HasPrefix(magic, []byte("\x1f\x8b")):
		return gzip.NewReader(whole)
	case bytes.HasPrefix(magic, []byte("\xfd7zXZ\x00")):
		buffered := bufio.NewReaderSize(whole, chunkSize) // for the package reads single bytes
		start, err := buffered.Peek(64)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if xzWindow(start) > maxWindow {
			return nil, fmt.Errorf("its window is larger than %d MiB (compress it with xz -9 or less)", maxWindow>>20)
		}
		r, err := xz.NewReader(buffered)
		return io.NopCloser(r), err
	case bytes.HasPrefix(magic, []byte("\x28\xb5\x2f\xfd")):
		r, err := zstd.NewReader(whole, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return r.IOReadCloser(), nil
	default:
		return io.NopCloser(whole), nil
	}
}

// maxWindow is how far back a compressed file may refer, which takes as much memory: as far as xz -9 does.
const maxWindow = 64 << 20

// xzWindow reads from the start of an .xz file how far back it refers; 0: not known. The package would just take as
// much memory as the file says, up to 4 GiB.
func xzWindow(start []byte) int64 {
	const streamHeader, sizes, lzma2 = 12, 0xc0, 0x21
	if len(start) < streamHeader+2 {
		return 0
	}
	flags, rest := start[streamHeader+1], start[streamHeader+2:]
	for size := flags & sizes; size != 0; size &= size - 1 {
		_, n := binary.Uvarint(rest)
		rest = rest[max(n, 0):]
	}
	if len(rest) < 3 || rest[0] != lzma2 || rest[2] > 40 {
		return 0
	}
	return int64(2|rest[2]&1) << (rest[2]/2 + 11)
}
