package ingest

import (
	"bytes"
	"errors"
	"io"
)

// Limits of a row. They bound memory, and how far a quote that is never closed is followed.
const (
	maxRow      = 1 << 20 // bytes
	maxRowLines = 1000    // line breaks inside the quotes of one row
	scanBuffer  = 256 << 10
)

// scanner cuts delimited text into rows of cells, by RFC 4180 with these freedoms: quotes inside an unquoted cell are
// part of it, blanks around a quoted cell are dropped, empty lines are skipped. It is not encoding/csv because that
// loses the rest of the file to one unclosed quote; here a malformed row costs its first line, and the next line is
// tried as a row of its own.
type scanner struct {
	src      io.Reader
	delim    []byte // nil: runs of blanks
	buf      []byte
	pos, end int // buf[pos:end] is unread
	line     int64
	last     int   // bytes of the row that next returned
	err      error // of src; io.EOF at its end
	cells    [][]byte
	scratch  []byte
}

func newScanner(src io.Reader, delim []byte) *scanner {
	return &scanner{src: src, delim: delim, buf: make([]byte, scanBuffer), line: 1}
}

// begin skips a byte-order mark. It refuses UTF-16, which spreadsheets call "Unicode text".
func (s *scanner) begin() error {
	for s.end < 3 && s.err == nil {
		s.fill()
	}
	switch start := s.buf[:s.end]; {
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		s.pos = 3
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return errors.New("the text is UTF-16 (give --encoding utf-16, or save it as UTF-8)")
	}
	return nil
}

// first is the first character that is not blank; 0: there is none.
func (s *scanner) first() byte {
	for {
		if rest := bytes.TrimLeft(s.buf[s.pos:s.end], " \t\r\n"); len(rest) > 0 {
			return rest[0]
		}
		if s.err != nil || s.end-s.pos >= maxRow {
			return 0
		}
		s.fill()
	}
}

// nextLine is the next line that is not blank, as the one cell of a row.
func (s *scanner) nextLine() (scanned, error) {
	for {
		unread := s.buf[s.pos:s.end]
		n := bytes.IndexByte(unread, '\n')
		switch {
		case n >= 0:
			n++
		case s.err == nil && len(unread) < maxRow:
			s.fill()
			continue
		case s.err == nil:
			return s.skipLine()
		case !errors.Is(s.err, io.EOF):
			return scanned{}, s.err
		case len(unread) == 0:
			return scanned{}, io.EOF
		default:
			n = len(unread)
		}
		row := scanned{line: s.line, text: bytes.TrimSpace(unread[:n])}
		s.advance(n, 1)
		if len(row.text) > 0 {
			return row, nil
		}
	}
}

// scanned is a row of a file. Its slices are good until the next call of next.
type scanned struct {
	line   int64 // where it begins, from 1
	cells  [][]byte
	reason Reason // why it is malformed, else ""
	text   []byte // the beginning of a malformed row; or the whole line
}

// next is the next row, or the error of the source: io.EOF at its end.
func (s *scanner) next() (scanned, error) {
	for {
		unread := s.buf[s.pos:s.end]
		n := bytes.IndexByte(unread, '\n')
		switch {
		case n >= 0:
			n++
		case s.err == nil && len(unread) < maxRow:
			s.fill()
			continue
		case s.err == nil:
			return s.skipLine()
		case !errors.Is(s.err, io.EOF):
			return scanned{}, s.err
		case len(unread) == 0:
			return scanned{}, io.EOF
		default:
			n = len(unread)
		}
		text := bytes.TrimRight(unread[:n], "\r\n")
		if len(bytes.TrimSpace(text)) == 0 {
			s.advance(n, 1)
			continue
		}
		if bytes.IndexByte(text, '"') < 0 {
			row := scanned{line: s.line, cells: s.split(text)}
			s.advance(n, 1)
			return row, nil
		}
		if row, ok := s.quotedRow(n, text); ok {
			return row, nil
		}
	}
}

// quotedRow reads a row with quotes, which may go on past its first line of n bytes; false: more has to be read first.
func (s *scanner) quotedRow(n int, text []byte) (scanned, bool) {
	unread := s.buf[s.pos:s.end]
	row := scanned{line: s.line}
	length, breaks, err := s.quoted(unread, s.err != nil)
	if errors.Is(err, errMore) && s.err == nil && len(unread) < maxRow {
		s.fill()
		return row, false
	}
	if err != nil {
		row.reason, row.text = MalformedCSV, text
		s.advance(n, 1)
		return row, true
	}
	row.cells = s.cells
	s.advance(length, breaks)
	return row, true
}

// peek is the row that next will return, unless it is too large.
func (s *scanner) peek() (scanned, error) {
	row, err := s.next()
	if err == nil && row.reason != RowTooLarge {
		s.pos -= s.last
		s.line = row.line
	}
	return row, err
}

func (s *scanner) advance(n, lines int) {
	s.pos += n
	s.last = n
	s.line += int64(lines)
}

// fill reads more behind what is unread, which it moves to the front of the buffer; full buffers are doubled.
func (s *scanner) fill() {
	if s.pos > 0 {
		s.end = copy(s.buf, s.buf[s.pos:s.end])
		s.pos = 0
	}
	if s.end == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		n, err := s.src.Read(s.buf[s.end:])
		s.end += n
		if s.err = err; n > 0 || err != nil {
			return
		}
	}
	s.err = io.ErrNoProgress
}

// skipLine drops a line that is too large, and says so.
func (s *scanner) skipLine() (scanned, error) {
	row := scanned{line: s.line, reason: RowTooLarge, text: bytes.Clone(s.buf[s.pos : s.pos+maxShown])}
	for {
		unread := s.buf[s.pos:s.end]
		if n := bytes.IndexByte(unread, '\n'); n >= 0 {
			s.advance(n+1, 1)
			return row, nil
		}
		s.pos = s.end
		if errors.Is(s.err, io.EOF) {
			return row, nil
		}
		if s.err != nil {
			return scanned{}, s.err
		}
		s.fill()
	}
}

// split cuts a line without quotes.
func (s *scanner) split(text []byte) [][]byte {
	s.cells = s.cells[:0]
	if s.delim == nil {
		s.cells = append(s.cells, bytes.Fields(text)...)
		return s.cells
	}
	for {
		var n int
		if len(s.delim) == 1 {
			n = bytes.IndexByte(text, s.delim[0])
		} else {
			n = bytes.Index(text, s.delim)
		}
		if n < 0 {
			s.cells = append(s.cells, text)
			return s.cells
		}
		s.cells = append(s.cells, text[:n])
		text = text[n+len(s.delim):]
	}
}
