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

// Nearest is the name most like one that is not known.
func Nearest(given string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(given, a), distance(given, b)) })
}
