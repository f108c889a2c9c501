// Package fault has the errors that people are meant to read: a code for machines, a message for humans, and the cure
// in parentheses at its end. Everything else is an internal error and shows nobody its text.
package fault

import (
	"errors"
	"fmt"
)

// The codes, as clients see them.
const (
	Ambiguous   = "AMBIGUOUS"
	Conflict    = "CONFLICT"
	Invalid     = "INVALID"
	NotFound    = "NOT_FOUND"
	OutOfRange  = "OUT_OF_RANGE"
	Unavailable = "UNAVAILABLE"
)

// Error is an error for people.
type Error struct {
	code    string
	message string
	cause   error
}

// New is an error with a code and a message, formatted as by fmt.Errorf; %w keeps a cause.
func New(code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{code: code, message: err.Error(), cause: errors.Unwrap(err)}
}

// Error is the message.
func (e *Error) Error() string { return e.message }

// Code is the code for machines.
func (e *Error) Code() string { return e.code }

// Unwrap is the cause, if any.
func (e *Error) Unwrap() error { return e.cause }

// Code is the code of the first error in the chain that has one, else "".
func Code(err error) string {
	var coded interface{ Code() string }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return ""
}
