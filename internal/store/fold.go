package store

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold is a text as search compares it: compatibility forms as one (full-width letters and digits too), and without
// case. What is searched for is folded the same way.
func Fold(text string) string {
	if isFolded(text) {
		return text
	}
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
}

// isFolded spares most keys and e-mail addresses the tables.
func isFolded(text string) bool {
	for i := range len(text) {
		if c := text[i]; c >= 0x80 || (c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return true
}

// searchText is what the search for a customer looks through, a line for each of its parts.
func searchText(parts ...nullText) string {
	var b strings.Builder
	for _, p := range parts {
		if !p.Valid || p.V == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(Fold(p.V))
	}
	return b.String()
}
