package store

import (
	"slices"
	"strings"
)

// gramSize is how many characters of a text the index of searches has as one term.
const gramSize = 3

// grams are the terms by which a folded text is found, each once: the three characters from every one on, fewer at the
// end of a word. So every part of a word is the beginning of a term, or several terms.
func grams(text string) []string {
	var all []string
	for word := range strings.FieldsSeq(text) {
		runes := []rune(word)
		for i := range runes {
			all = append(all, gram(runes[i:min(i+gramSize, len(runes))]))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// sought are the terms that a folded text must have where a word is part of it; of those in begins, one that begins so.
// There are none of a single letter or digit, which nearly every text has.
func sought(words []string) (terms, begins []string) {
	for _, word := range words {
		runes := []rune(word)
		switch {
		case len(runes) == 1 && latin(runes[0]):
		case len(runes) < gramSize:
			begins = append(begins, gram(runes))
		default:
			for i := range len(runes) - gramSize + 1 {
				terms = append(terms, gram(runes[i:i+gramSize]))
			}
		}
	}
	slices.Sort(terms)
	return slices.Compact(terms), begins
}

func latin(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }

// gram writes characters with letters and digits alone, which databases leave as they are. No character is written as the
// beginning of another: letters and digits but z are themselves, the others z and five more.
func gram(runes []rune) string {
	const digits = "abcdefghijklmnopqrstuvwxyz234567"
	b := make([]byte, 0, 6*gramSize)
	for _, r := range runes {
		if latin(r) && r != 'z' {
			b = append(b, byte(r))
			continue
		}
		b = append(b, 'z')
		for shift := 20; shift >= 0; shift -= 5 {
			b = append(b, digits[r>>shift&31])
		}
	}
	return string(b)
}
