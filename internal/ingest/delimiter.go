package ingest

import (
	"unicode/utf8"

	"bellwether/internal/fault"
)

// delimiter is what separates cells, by its name or itself; nil: runs of blanks.
func delimiter(name string) ([]byte, error) {
	switch name {
	case "", "comma":
		return []byte{','}, nil
	case "pipe":
		return []byte{'|'}, nil
	case "semicolon":
		return []byte{';'}, nil
	case "tab", `\t`:
		return []byte{'\t'}, nil
	case "whitespace":
		return nil, nil
	}
	r, size := utf8.DecodeRuneInString(name)
	if size != len(name) || r == utf8.RuneError || r == '"' || r == '\n' || r == '\r' || r == 0 {
		return nil, fault.New(fault.Invalid, "%q cannot separate columns (give one character, or comma, pipe, semicolon, tab or whitespace)", name)
	}
	return []byte(name), nil
}
