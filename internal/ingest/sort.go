package ingest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"slices"
)

// sorter sorts records by key, records of one key in the order they came. It holds up to limit bytes; beyond that it
// writes sorted runs into temporary files, which are gone when it is closed, or the process dies.
type sorter struct {
	dir     string // where temporary files go; "": the system's folder
	limit   int
	blocks  [][]byte // the records held, each whole in one block
	free    [][]byte // blocks to be used again
	entries []entry
	held    int
	runs    []*run
}

// entry is a record held: a key of keyLen bytes and a value up to size.
type entry struct {
	prefix        uint64 // the key's first eight bytes, which decide most comparisons
	block, offset uint32
	keyLen, size  uint32
}

const (
	blockSize = 1 << 20
	entrySize = 24
	fanIn     = 64 // runs that are merged at a time
)

func newSorter(dir string, limit int) *sorter {
	return &sorter{dir: dir, limit: limit}
}

// add takes a record; the slices stay the caller's.
func (s *sorter) add(key, value []byte) error {
	size := len(key) + len(value)
	if len(s.entries) > 0 && s.held+size+entrySize > s.limit {
		if err := s.spill(); err != nil {
			return err
		}
	}
	last := len(s.blocks) - 1
	if last < 0 || len(s.blocks[last])+size > cap(s.blocks[last]) {
		s.blocks = append(s.blocks, s.block(size))
		last++
	}
	block := s.blocks[last]
	e := entry{block: uint32(last), offset: uint32(len(block)), keyLen: uint32(len(key)), size: uint32(size)}
	var prefix [8]byte
	copy(prefix[:], key)
	e.prefix = binary.BigEndian.Uint64(prefix[:])
	s.blocks[last] = append(append(block, key...), value...)
	s.entries = append(s.entries, e)
	s.held += size + entrySize
	return nil
}

// block is an empty block with room for size bytes. Small inputs take small blocks.
func (s *sorter) block(size int) []byte {
	if n := len(s.free); n > 0 && size <= blockSize {
		block := s.free[n-1]
		s.free = s.free[:n-1]
		return block
	}
	return make([]byte, 0, max(size, min(blockSize, max(4<<10, s.held))))
}

func (s *sorter) record(e entry) []byte {
	return s.blocks[e.block][e.offset : e.offset+e.size]
}

// sort puts the entries held in order.
func (s *sorter) sort() {
	slices.SortFunc(s.entries, func(a, b entry) int {
		if a.prefix != b.prefix {
			return cmp.Compare(a.prefix, b.prefix)
		}
		if c := bytes.Compare(s.record(a)[:a.keyLen], s.record(b)[:b.keyLen]); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.block, b.block), cmp.Compare(a.offset, b.offset))
	})
}

// spill writes what is held as a run and forgets it, but keeps the memory.
func (s *sorter) spill() error {
	s.sort()
	w, err := newRun(s.dir)
	if err != nil {
		return err
	}
	s.runs = append(s.runs, w)
	for _, e := range s.entries {
		record := s.record(e)
		if err := w.write(record[:e.keyLen], record[e.keyLen:]); err != nil {
			return err
		}
	}
	if err := w.finish(); err != nil {
		return err
	}
	for _, block := range s.blocks {
		if cap(block) == blockSize {
			s.free = append(s.free, block[:0])
		}
	}
	s.blocks, s.entries, s.held = s.blocks[:0], s.entries[:0], 0
	return nil
}

// merge yields all records in order. It can be called once; the slices are good until yield returns.
func (s *sorter) merge(ctx context.Context, yield func(key, value []byte) error) error {
	if len(s.runs) == 0 {
		s.sort()
		for i, e := range s.entries {
			if i%1024 == 0 && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			record := s.record(e)
			if err := yield(record[:e.keyLen], record[e.keyLen:]); err != nil {
				return err
			}
		}
		return nil
	}
	if err := s.spill(); err != nil {
		return err
	}
	s.blocks, s.free, s.entries = nil, nil, nil
	for len(s.runs) > fanIn {
		if err := s.reduce(ctx); err != nil {
			return err
		}
	}
	return mergeRuns(ctx, s.runs, yield)
}

// reduce merges runs by groups of neighbours, which keeps records of one key in the order they came.
func (s *sorter) reduce(ctx context.Context) error {
	var reduced []*run
	for group := range slices.Chunk(s.runs, fanIn) {
		merged, err := newRun(s.dir)
		if err != nil {
			return errors.Join(err, closeRuns(reduced))
		}
		reduced = append(reduced, merged)
		err = mergeRuns(ctx, group, merged.write)
		if err == nil {
			err = merged.finish()
		}
		if err = errors.Join(err, closeRuns(group)); err != nil {
			return errors.Join(err, closeRuns(reduced))
		}
	}
	s.runs = reduced
	return nil
}

// close removes the temporary files.
func (s *sorter) close() error {
	runs := s.runs
	s.runs, s.blocks, s.free, s.entries = nil, nil, nil, nil
	return closeRuns(runs)
}

func closeRuns(runs []*run) error {
	errs := make([]error, len(runs))
	for i, r := range runs {
		errs[i] = r.close()
	}
	return errors.Join(errs...)
}

// tempPattern names temporary files, for those who find one after a crash on a system that keeps open files.
const tempPattern = "bellwether-import-*"

func newRun(dir string) (*run, error) {
	file, err := os.CreateTemp(dir, tempPattern)
	if err != nil {
		return nil, noRoom(err)
	}
	return openRun(file), nil
}
