package store

import (
	"strconv"
	"strings"
)

// described is what is known of the fields that orders hint at, and since when: null where nobody said anything, the
// year 9999 where a record of its own did. It is comparable, so that what is stored can be told from what shall be.
type described struct {
	texts [3]nullText
	seen  [3]nullInt
}

// hear takes in a hint. Of each field the newest counts, and of two of one instant the text that sorts last, so that
// hints may come in any order.
func (d *described) hear(at int64, texts ...*string) {
	for i, said := range texts {
		if said == nil {
			continue
		}
		seen := d.seen[i]
		if !seen.Valid || at > seen.V || (at == seen.V && *said > d.texts[i].V) {
			d.texts[i], d.seen[i] = text(said), nullInt{V: at, Valid: true}
		}
	}
}

// seenByID is a JSON object of the instants of fields by id, for updating them alone.
func seenByID(m map[string]described, fields int) string {
	var b strings.Builder
	b.WriteByte('{')
	for id, d := range m {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + id + `":[`)
		for i, seen := range d.seen[:fields] {
			if i > 0 {
				b.WriteByte(',')
			}
			if seen.Valid {
				b.WriteString(strconv.FormatInt(seen.V, 10))
			} else {
				b.WriteString("null")
			}
		}
		b.WriteByte(']')
	}
	b.WriteByte('}')
	return b.String()
}
