package engine

import (
	"context"
	"sync/atomic"
	"time"
)

// Live has the engine of the moment, for a server whose scorers change while it answers. It is safe for concurrent use.
type Live struct{ engine atomic.Pointer[Engine] }

// NewLive begins with an engine.
func NewLive(e *Engine) *Live {
	l := &Live{}
	l.engine.Store(e)
	return l
}

// Engine is the engine of the moment. What belongs together, such as the answer to a request, takes it once.
func (l *Live) Engine() *Engine { return l.engine.Load() }

// Use makes an engine, which [Engine.With] made of the one before, that of the moment. Who has the old one finishes with it.
func (l *Live) Use(e *Engine) {
	l.engine.Store(e)
	e.models.retain(e.keys)
	e.Nudge()
}

// runModels keeps the models of this process current.
func (l *Live) runModels(ctx context.Context, every time.Duration, report func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		e := l.Engine()
		if err := e.refitStale(ctx); err != nil && ctx.Err() == nil {
			report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-e.nudged:
		}
	}
}
