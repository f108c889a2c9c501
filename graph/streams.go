package graph

import (
	"context"
	"sync"
	"time"
)

// Streams bounds what stays open: WebSockets and event streams. What is 0 has its default.
type Streams struct {
	Connections   int           // open at once; 2,000
	Subscriptions int           // operations at once on one WebSocket; 100
	Init          time.Duration // from the handshake to connection_init; 3 s
	Ping          time.Duration // between two signs of life; 20 s
	Write         time.Duration // for a client to take a message; 10 s
}

func (s Streams) withDefaults() Streams {
	for limit, value := range map[*int]int{&s.Connections: 2000, &s.Subscriptions: 100} {
		if *limit == 0 {
			*limit = value
		}
	}
	for limit, value := range map[*time.Duration]time.Duration{&s.Init: 3 * time.Second, &s.Ping: 20 * time.Second, &s.Write: 10 * time.Second} {
		if *limit == 0 {
			*limit = value
		}
	}
	return s
}

// streams are the connections that stay open, so that there are not too many and the server's end is theirs.
type streams struct {
	Streams
	ended chan struct{} // closed when they shall end

	mu   sync.Mutex
	open int
	none *sync.Cond // open is 0
}

func newStreams(limits Streams) *streams {
	s := &streams{Streams: limits.withDefaults(), ended: make(chan struct{})}
	s.none = sync.NewCond(&s.mu)
	return s
}

// enter counts a connection; false where there are too many, or the server ends.
func (s *streams) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending() || s.open >= s.Connections {
		return false
	}
	s.open++
	return true
}

func (s *streams) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open--; s.open == 0 {
		s.none.Broadcast()
	}
}

func (s *streams) ending() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// end ends all connections and waits until they have, or until the context ends.
func (s *streams) end(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ending() {
		close(s.ended)
	}
	defer context.AfterFunc(ctx, s.none.Broadcast)()
	for s.open > 0 && ctx.Err() == nil {
		s.none.Wait()
	}
	return ctx.Err()
}
