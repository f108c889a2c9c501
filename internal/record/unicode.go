package record

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// ValidJSON tells whether JSON holds only texts that can be kept as they are: UTF-8, and escaped surrogates in pairs.
// Go's decoder makes U+FFFD of everything else, and different keys would become one.
func ValidJSON(text []byte) bool {
	if !utf8.Valid(text) {
		return false
	}
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		high, ok := escaped(text[i:])
		if !ok || !utf16.IsSurrogate(high) {
			i++ // the letter after the backslash, which may be one itself
			continue
		}
		low, ok := escaped(text[i+6:])
		if !ok || utf16.DecodeRune(high, low) == utf8.RuneError {
			return false
		}
		i += 11
	}
	return true
}

// escaped is the code unit of an escape like \u00e9 at the start of a text.
func escaped(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(n), err == nil
}
