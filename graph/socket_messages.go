package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bellwether/internal/fault"
	"bellwether/internal/record"
)

// Types of messages.
const (
	typeInit      = "connection_init"
	typeAck       = "connection_ack"
	typePing      = "ping"
	typePong      = "pong"
	typeSubscribe = "subscribe"
	typeNext      = "next"
	typeError     = "error"
	typeComplete  = "complete"
)

// take obeys a message of the client.
func (s *socket) take(ctx context.Context, text []byte) error {
	var m message
	if !record.ValidJSON(text) || json.Unmarshal(text, &m) != nil {
		return protocolError{closeBadRequest, "Invalid message: not a JSON object with a type, in Unicode"}
	}
	switch m.Type {
	case typeInit, typePing, typePong:
		if m.Payload != nil && !isObject(m.Payload) {
			return protocolError{closeBadRequest, "Invalid message: the payload is neither an object nor null"}
		}
	case typeSubscribe, typeComplete:
		if m.ID == nil || *m.ID == "" {
			return protocolError{closeBadRequest, "Invalid message: there is no id"}
		}
	default:
		return protocolError{closeBadRequest, "Invalid message: no such type from a client"}
	}
	switch m.Type {
	case typeInit:
		return s.init(ctx)
	case typePing:
		s.write(ctx, message{Type: typePong, Payload: m.Payload})
	case typeSubscribe:
		return s.subscribe(ctx, *m.ID, m.Payload)
	case typeComplete:
		s.complete(*m.ID)
	}
	return nil
}

func isObject(text json.RawMessage) bool {
	text = bytes.TrimSpace(text)
	return text[0] == '{' || string(text) == "null"
}

func (s *socket) init(ctx context.Context) error {
	s.mu.Lock()
	again := s.ready
	s.ready = true
	s.mu.Unlock()
	if again {
		return protocolError{closeAgainInit, "Too many initialisation requests"}
	}
	s.write(ctx, message{Type: typeAck})
	return nil
}

// subscribe runs an operation beside the others.
func (s *socket) subscribe(ctx context.Context, id string, payload json.RawMessage) error {
	if !s.acknowledged() {
		return protocolError{closeUnauthorized, "Unauthorized"}
	}
	start := graphql.Now()
	var params *graphql.RawParams
	if err := decodeJSON(payload, &params); err != nil || params == nil || params.Query == "" || !record.ValidJSON([]byte(params.Query)) {
		return protocolError{closeBadRequest, "Invalid message: the payload is not a GraphQL request"}
	}
	params.Headers = s.headers
	ctx, cancel := context.WithCancel(graphql.StartOperationTrace(ctx))
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	op := &running{id, cancel}
	switch err := s.begin(op); {
	case errors.As(err, &protocolError{}):
		cancel()
		return err
	case err != nil:
		cancel()
		s.fail(ctx, id, s.exec.DispatchError(ctx, gqlerror.List{gqlerror.WrapPath(nil, err)}).Errors)
		return nil
	}
	s.operations.Go(func() { s.run(ctx, op, params) })
	return nil
}

// begin counts an operation.
func (s *socket) begin(op *running) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.running[op.id] != nil:
		return protocolError{closeDuplicate, fmt.Sprintf("Subscriber for %.60q already exists", op.id)}
	case len(s.running) >= s.Subscriptions:
		return fault.New(fault.OutOfRange, "%d operations at once are too many on one connection (complete some)", s.Subscriptions)
	}
	s.running[op.id] = op
	return nil
}

// finish forgets an operation; false where the client has completed it, so that nothing more may be sent for it.
func (s *socket) finish(op *running) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	op.cancel()
	if s.running[op.id] != op {
		return false
	}
	delete(s.running, op.id)
	return true
}

// complete ends an operation, as the client asks.
func (s *socket) complete(id string) {
	s.mu.Lock()
	op := s.running[id]
	s.mu.Unlock()
	if op != nil {
		s.finish(op)
	}
}

// run answers an operation.
func (s *socket) run(ctx context.Context, op *running, params *graphql.RawParams) {
	refused := s.answer(ctx, op.id, params)
	switch finished := s.finish(op); { // first, for the client may use the id again once it has read the end
	case !finished:
	case refused != nil:
		s.fail(ctx, op.id, refused)
	default:
		s.write(ctx, message{ID: &op.id, Type: typeComplete})
	}
}

// answer sends the results of an operation. It returns the errors of one that was not executed.
func (s *socket) answer(ctx context.Context, id string, params *graphql.RawParams) (refused gqlerror.List) {
	defer func() {
		if p := recover(); p != nil {
			refused = s.exec.DispatchError(ctx, gqlerror.List{gqlerror.WrapPath(nil, fmt.Errorf("panic: %v", p))}).Errors
		}
	}()
	operation, wrong := s.exec.CreateOperationContext(ctx, params)
	if len(wrong) > 0 {
		return s.exec.DispatchError(graphql.WithOperationContext(ctx, operation), wrong).Errors
	}
	respond, ctx := s.exec.DispatchOperation(ctx, operation)
	for response := respond(ctx); response != nil; response = respond(ctx) {
		if response.Data == nil {
			return response.Errors
		}
		payload, err := json.Marshal(response)
		if err != nil || ctx.Err() != nil || !s.write(ctx, message{ID: &id, Type: typeNext, Payload: payload}) {
			return nil
		}
	}
	return nil
}

func (s *socket) fail(ctx context.Context, id string, errs gqlerror.List) {
	if payload, err := json.Marshal(errs); err == nil {
		s.write(ctx, message{ID: &id, Type: typeError, Payload: payload})
	}
}
