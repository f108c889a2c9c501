package store

// described is what hints have said of a customer or a product: texts, and the instant of the newest hint. It is
// comparable, so that what is stored can be told from what shall be.
type described struct {
	texts  [3]nullText
	seenAt nullInt // null: described by a record of its own, and hints say nothing any more
}

// undescribed is the state of what is named but was never described: every hint is newer.
func undescribed() described { return described{seenAt: nullInt{V: 0, Valid: true}} }

// hear takes in a hint: a newer one replaces, an older one fills what is missing. Of two at the same instant the text
// that sorts last wins, whichever came first. A hint without any text leaves no trace.
func (d *described) hear(at int64, texts ...*string) {
	if !d.seenAt.Valid {
		return
	}
	seen := d.seenAt.V
	for i, said := range texts {
		if said == nil {
			continue
		}
		d.seenAt.V = max(seen, at)
		if have := d.texts[i]; !have.Valid || at > seen || (at == seen && *said > have.V) {
			d.texts[i] = text(said)
		}
	}
}
