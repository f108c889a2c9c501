package graph

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bellwether/internal/fault"
)

const (
	subprotocol = "graphql-transport-ws"
	maxMessage  = 1 << 20 // bytes that a client may send at once
)

// Close codes of the protocol.
const (
	closeBadRequest    = websocket.StatusCode(4400)
	closeUnauthorized  = websocket.StatusCode(4401)
	closeNoProtocol    = websocket.StatusCode(4406)
	closeInitTimeout   = websocket.StatusCode(4408)
	closeDuplicate     = websocket.StatusCode(4409)
	closeAgainInit     = websocket.StatusCode(4429)
	closeServerLeaving = websocket.StatusGoingAway // clients connect again
)

// overSocket is the transport of https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. It is not gqlgen's own
// because that closes with other codes, runs two operations under one id, echoes complete, and never stops writing to a
// client that does not read.
type overSocket struct{ *streams }

// Supports implements graphql.Transport.
func (overSocket) Supports(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// Do implements graphql.Transport: it serves a connection until it ends.
func (t overSocket) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if !t.enter() {
		refuse(w, mediaJSON, http.StatusServiceUnavailable, exec.DispatchError(r.Context(), gqlerror.List{gqlerror.WrapPath(nil, full())}))
		return
	}
	defer t.leave()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}})
	if err != nil {
		return // answered: not a handshake, or of a foreign origin
	}
	conn.SetReadLimit(maxMessage)
	if conn.Subprotocol() != subprotocol {
		conn.Close(closeNoProtocol, "Subprotocol not acceptable") //nolint:errcheck // it is over
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	s := &socket{Streams: t.Streams, conn: conn, exec: exec, headers: r.Header, running: map[string]*running{}}
	late := time.AfterFunc(t.Init, func() {
		if !s.acknowledged() {
			s.close(closeInitTimeout, "Connection initialisation timeout")
		}
	})
	go s.watch(ctx, t.ended)
	s.read(ctx)
	late.Stop()
	cancel()
	s.operations.Wait()
	conn.CloseNow() //nolint:errcheck // it is over
}

func full() error {
	return fault.New(fault.Unavailable, "the server has as many open connections as it takes, or is ending (come back later)")
}

// socket is a connection with its operations. Each writes its own answers, and waits while the client does not take them.
type socket struct {
	Streams
	conn    *websocket.Conn
	exec    graphql.GraphExecutor
	headers http.Header

	operations sync.WaitGroup
	mu         sync.Mutex
	ready      bool
	running    map[string]*running // by the client's id
}

// running is an operation that has not ended.
type running struct {
	id     string
	cancel context.CancelFunc
}

// message is what travels, either way.
type message struct {
	ID      *string         `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

func (s *socket) acknowledged() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ready
}

func (s *socket) close(code websocket.StatusCode, reason string) {
	s.conn.Close(code, reason) //nolint:errcheck // it is over
}

// watch closes the connection when the server ends or the client is gone without a word.
func (s *socket) watch(ctx context.Context, ended <-chan struct{}) {
	tick := time.NewTicker(s.Ping)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ended:
			s.close(closeServerLeaving, "the server ends (connect again)")
			return
		case <-tick.C:
			alive, cancel := context.WithTimeout(ctx, s.Write)
			err := s.conn.Ping(alive)
			cancel()
			if err != nil {
				s.conn.CloseNow() //nolint:errcheck // it is over
				return
			}
		}
	}
}

// write sends a message; a client that does not take it in time loses the connection.
func (s *socket) write(ctx context.Context, m message) bool {
	text, err := json.Marshal(m)
	if err != nil {
		return false
	}
	// Not the operation's context: the end of one operation would break the frame, and with it the connection, off.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Write)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, text) == nil
}

// protocolError ends a connection with a code.
type protocolError struct {
	code   websocket.StatusCode
	reason string
}

func (e protocolError) Error() string { return e.reason }

// read takes messages until the connection ends.
func (s *socket) read(ctx context.Context) {
	for {
		kind, text, err := s.conn.Read(ctx)
		if err != nil {
			return
		}
		err = protocolError{closeBadRequest, "Invalid message"}
		if kind == websocket.MessageText {
			err = s.take(ctx, text)
		}
		var wrong protocolError
		if errors.As(err, &wrong) {
			s.close(wrong.code, wrong.reason)
			return
		}
	}
}
