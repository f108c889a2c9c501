package ingest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// cell reads what a cell says as the value of an input's field. A text that it cannot read it leaves as it is: the
// decoder of inputs says what is wrong with it.
type cell func(c *clock, text string) any

func plain(_ *clock, text string) any { return text }

func number(_ *clock, text string) any { return json.Number(text) }

// name reads the name of a constant: "business" is BUSINESS.
func name(_ *clock, text string) any { return constant(text) }

func code(_ *clock, text string) any { return upper(text) }

// moment reads an instant in the file's layouts and zone.
func moment(c *clock, text string) any {
	if at, err := c.parse(text); err == nil {
		return at
	}
	return text
}

// day reads a calendar date; where it is written as an instant, its date in the file's zone.
func day(c *clock, text string) any {
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		return text
	}
	if at, err := c.parse(text); err == nil {
		return at.In(c.zone).Format(time.DateOnly)
	}
	return text
}

func truth(_ *clock, text string) any {
	switch plain := strings.ToLower(text); {
	case slices.Contains([]string{"true", "yes", "y", "1", "t", "是"}, plain):
		return true
	case slices.Contains([]string{"false", "no", "n", "0", "f", "否"}, plain):
		return false
	}
	return text
}

// list reads texts between semicolons or bars.
func list(_ *clock, text string) any {
	texts := []any{}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '|' }) {
		if part = strings.TrimSpace(part); part != "" {
			texts = append(texts, part)
		}
	}
	return texts
}

// object reads JSON; text that is none is a text.
func object(_ *clock, text string) any {
	var value any
	if decodeJSON([]byte(text), &value) != nil {
		return text
	}
	return value
}
