package engine

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Now is the engine's clock.
func (e *Engine) Now() time.Time { return e.now() }

// Business is whose data the engine reads.
func (e *Engine) Business(ctx context.Context) (Business, error) { return e.source.Business(ctx) }

// LastError is what went wrong when a scorer's stored scores were refreshed last; "" where nothing did.
func (e *Engine) LastError(ctx context.Context, name string) (string, error) {
	all, err := e.statesNow(ctx)
	return all[name].Error, err
}

// Nearest is the name most like one that is not known.
func Nearest(given string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(given, a), distance(given, b)) })
}
