package record

import (
	"fmt"
	"strconv"
	"strings"
)

// The codes of problems, as clients see them.
const (
	CodeAmbiguous       = "AMBIGUOUS"
	CodeConflict        = "CONFLICT"
	CodeDuplicate       = "DUPLICATE"
	CodeInvalid         = "INVALID"
	CodeNotFound        = "NOT_FOUND"
	CodeOutOfRange      = "OUT_OF_RANGE"
	CodeRequired        = "REQUIRED"
	CodeTooMany         = "TOO_MANY"
	CodeUnknownCurrency = "UNKNOWN_CURRENCY"
)

// Problem is what is wrong with a record, for the person who sent it.
type Problem struct { //nolint:errname // clients know it by this name, and it is data before it is an error
	Code string
	Path []string // from the record to the field, list places as numbers
	En   string   // the message, with its cure in parentheses
	Zh   string

	Line, Column int    // of an expression, from 1; 0: it is not in one
	Suggestion   string // what may have been meant; "": nothing is near
}

// NewProblem is a problem at a path, whose parts are separated by points. Both messages take the same arguments.
func NewProblem(code, path, en, zh string, args ...any) Problem {
	p := Problem{Code: code, En: fmt.Sprintf(en, args...), Zh: fmt.Sprintf(zh, args...)}
	if path != "" {
		p.Path = strings.Split(path, ".")
	}
	return p
}

// Error is the English message after the path.
func (p Problem) Error() string {
	if len(p.Path) == 0 {
		return p.En
	}
	return strings.Join(p.Path, ".") + ": " + p.En
}

// In is the message in a locale.
func (p Problem) In(locale string) string {
	if strings.HasPrefix(strings.ToLower(locale), "zh") {
		return p.Zh
	}
	return p.En
}

// object is a JSON object being decoded: it takes fields by name and notes what is wrong with them.
type object struct {
	fields   map[string]any
	path     []string
	problems *[]Problem
}

func (o object) at(name string) []string { return append(o.path[:len(o.path):len(o.path)], name) }

// problem notes what is wrong with a field; the formats take the same arguments.
func (o object) problem(code, name, en, zh string, args ...any) {
	path := o.path
	if name != "" {
		path = o.at(name)
	}
	*o.problems = append(*o.problems, Problem{Code: code, Path: path, En: fmt.Sprintf(en, args...), Zh: fmt.Sprintf(zh, args...)})
}

// only refuses fields that a record does not have; GraphQL has done so already, files have not.
func (o object) only(known ...string) {
	for name := range o.fields {
		if !contains(known, name) {
			o.problem(CodeInvalid, name, "no such field (there are %s)", "没有该字段（可用字段：%s）", strings.Join(known, ", "))
		}
	}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// field takes a field whose values read can make; what is left out stays omitted, null is null.
func field[T any](o object, name string, read func(object, string, any) (T, bool)) Field[T] {
	v, given := o.fields[name]
	if !given {
		return Field[T]{}
	}
	if v == nil {
		return Clear[T]()
	}
	if value, ok := read(o, name, v); ok {
		return Set(value)
	}
	return Field[T]{}
}

// required takes a field that must have a value.
func required[T any](o object, name string, read func(object, string, any) (T, bool)) T {
	f := field(o, name, read)
	if v, given := o.fields[name]; !given || v == nil {
		o.problem(CodeRequired, name, "it is missing (give it)", "缺少该字段（请提供）")
	}
	return f.Value
}

// each takes a list of objects.
func each[T any](o object, name string, read func(object) T) Field[[]T] {
	return field(o, name, func(o object, name string, v any) ([]T, bool) {
		items, ok := v.([]any)
		if !ok {
			items = []any{v} // GraphQL takes a single value for a list of one
		}
		out := make([]T, 0, len(items))
		for i, item := range items {
			fields, ok := item.(map[string]any)
			if !ok {
				o.problem(CodeInvalid, name, "item %d is not an object", "第 %d 项不是对象", i)
				continue
			}
			out = append(out, read(object{fields, append(o.at(name), strconv.Itoa(i)), o.problems}))
		}
		return out, true
	})
}

// RejectedError is the error of a write with records that cannot be written. Nothing was written: without those
// records, the others can be.
type RejectedError struct{ Items []RejectedItem }

// RejectedItem is one record that cannot be written.
type RejectedItem struct {
	Position int    // among those that were given
	ID       string // its external id or sku, if it has one
	Problem  Problem
}

// Error has the messages, a line for each record.
func (e *RejectedError) Error() string {
	lines := make([]string, len(e.Items))
	for i, item := range e.Items {
		lines[i] = item.Problem.Error()
		if item.ID != "" {
			lines[i] = strconv.Quote(item.ID) + ": " + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

// Code is that of the first problem.
func (e *RejectedError) Code() string { return e.Items[0].Problem.Code }
