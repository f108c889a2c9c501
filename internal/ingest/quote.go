package ingest

import (
	"bytes"
	"errors"
)

var (
	errMore      = errors.New("the row goes on")
	errMalformed = errors.New("malformed row")
)

// quoted cuts a row that may have quoted cells from the front of data into s.cells. It returns the row's length with
// its line end and how many lines it has. final: no more data will come.
func (s *scanner) quoted(data []byte, final bool) (length, lines int, err error) {
	s.cells, s.scratch = s.cells[:0], s.scratch[:0]
	at := 0
	if s.delim == nil {
		at = s.blanks(data, 0)
	}
	for {
		start := s.blanks(data, at)
		if start < len(data) && data[start] == '"' {
			cell, next, breaks, err := s.unquote(data, start+1)
			if err != nil {
				return 0, 0, err
			}
			s.cells = append(s.cells, cell)
			lines += breaks
			at = next
			if s.delim != nil {
				at = s.blanks(data, at)
			}
		} else {
			next := s.plainEnd(data, at)
			s.cells = append(s.cells, bytes.TrimSuffix(data[at:next], []byte{'\r'}))
			at = next
		}
		width, end, err := s.separator(data, at, final)
		if err != nil {
			return 0, 0, err
		}
		if at += width; end {
			return at, lines + 1, nil
		}
	}
}

// blanks is the position of the first byte from at on that is neither a blank nor a delimiter.
func (s *scanner) blanks(data []byte, at int) int {
	for at < len(data) && (data[at] == ' ' || data[at] == '\t') && (s.delim == nil || data[at] != s.delim[0]) {
		at++
	}
	return at
}

// plainEnd is where an unquoted cell that begins at at ends.
func (s *scanner) plainEnd(data []byte, at int) int {
	rest := data[at:]
	if n := bytes.IndexByte(rest, '\n'); n >= 0 {
		rest = rest[:n]
	}
	var n int
	if s.delim == nil {
		n = bytes.IndexAny(rest, " \t\r")
	} else {
		n = bytes.Index(rest, s.delim)
	}
	if n < 0 {
		n = len(rest)
	}
	return at + n
}

// separator is the width of what follows a cell: a delimiter, or the end of the row.
func (s *scanner) separator(data []byte, at int, final bool) (width int, end bool, err error) {
	rest := data[at:]
	if s.delim == nil {
		width = s.blanks(data, at) - at
		rest = rest[width:]
	}
	switch {
	case len(rest) == 0 && final:
		return width, true, nil
	case len(rest) == 0:
		return 0, false, errMore
	case rest[0] == '\n':
		return width + 1, true, nil
	case rest[0] == '\r' && len(rest) == 1 && final:
		return width + 1, true, nil
	case rest[0] == '\r' && len(rest) > 1 && rest[1] == '\n':
		return width + 2, true, nil
	case s.delim == nil && width > 0:
		return width, false, nil
	case s.delim != nil && bytes.HasPrefix(rest, s.delim):
		return len(s.delim), false, nil
	case !final && len(rest) < max(2, len(s.delim)):
		return 0, false, errMore
	default:
		return 0, false, errMalformed
	}
}

// unquote reads a quoted cell whose opening quote is just before at. It returns where the cell ends, behind its
// closing quote, and how many line breaks it has.
func (s *scanner) unquote(data []byte, at int) (cell []byte, next, breaks int, err error) {
	from := len(s.scratch)
	for start := at; ; {
		n := bytes.IndexByte(data[at:], '"')
		if n < 0 {
			if bytes.Count(data[start:], []byte{'\n'}) > maxRowLines {
				return nil, 0, 0, errMalformed
			}
			return nil, 0, 0, errMore
		}
		end := at + n
		if end+1 == len(data) && s.err == nil {
			return nil, 0, 0, errMore // perhaps the first of two quotes
		}
		if end+1 < len(data) && data[end+1] == '"' {
			s.scratch = append(s.scratch, data[at:end+1]...)
			at = end + 2
			continue
		}
		if breaks = bytes.Count(data[start:end], []byte{'\n'}); breaks > maxRowLines {
			return nil, 0, 0, errMalformed
		}
		if len(s.scratch) == from {
			return data[start:end], end + 1, breaks, nil
		}
		s.scratch = append(s.scratch, data[at:end]...)
		return s.scratch[from:len(s.scratch):len(s.scratch)], end + 1, breaks, nil
	}
}
