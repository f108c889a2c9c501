package engine

import (
	"errors"
	"fmt"
)

// Error is an error of a request, for people: a code, a message, the cure in parentheses.
type Error struct{ code, message string }

// Error is the message.
func (e *Error) Error() string { return e.message }

// Code is the code for machines: OUT_OF_RANGE, INVALID, SCORER_DISABLED or UNKNOWN_SCORER.
func (e *Error) Code() string { return e.code }

func errorf(code, format string, args ...any) *Error {
	return &Error{code: code, message: fmt.Sprintf(format, args...)}
}

// ScorerError is the failure of one scorer; the others still answer.
type ScorerError struct {
	Scorer string
	Cause  error
}

// Error names the scorer.
func (e *ScorerError) Error() string { return fmt.Sprintf("scorer %s failed: %v", e.Scorer, e.Cause) }

// Unwrap is what went wrong.
func (e *ScorerError) Unwrap() error { return e.Cause }

// Code is the code for machines: SCORER_FAILED, unless it is the data that could not be read.
func (e *ScorerError) Code() string {
	if coded, ok := errors.AsType[interface {
		error
		Code() string
	}](e.Cause); ok && coded.Code() == unavailable {
		return unavailable
	}
	return "SCORER_FAILED"
}

// unavailable is the code of what is there, but does not answer now.
const unavailable = "UNAVAILABLE"
