package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bellwether/internal/fault"
)

const (
	mediaEvents   = "text/event-stream"
	mediaJSON     = "application/json"
	mediaResponse = "application/graphql-response+json"
	methods       = "GET, OPTIONS, POST"
)

const unwritten = `{"errors":[{"message":"the answer cannot be written","extensions":{"code":"INTERNAL"}}]}`

// overHTTP is the transport of https://graphql.github.io/graphql-over-http/draft/. It is not gqlgen's own because that
// repeats malformed bodies, gives refused requests a data entry, takes no q-values, and has its own mind of statuses.
type overHTTP struct{ *streams }

// Supports implements graphql.Transport: there is no other.
func (overHTTP) Supports(*http.Request) bool { return true }

// Do implements graphql.Transport.
func (t overHTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if r.Method == http.MethodOptions {
		w.Header().Set("Allow", methods)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	takes := accepted(r.Header.Values("Accept"))
	media := takes.media
	ctx, start := r.Context(), graphql.Now()
	params, status, err := readRequest(w, r)
	if err != nil {
		refuse(w, media, status, exec.DispatchError(ctx, gqlerror.List{gqlerror.WrapPath(nil, err)}))
		return
	}
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	operation, wrong := exec.CreateOperationContext(ctx, params)
	switch {
	case len(wrong) > 0 && takes.onlyEvents():
		t.stream(w, r, graphql.OneShot(exec.DispatchError(graphql.WithOperationContext(ctx, operation), wrong)))
		return
	case len(wrong) > 0:
		status = http.StatusOK // of a well-formed request, for clients of application/json
		if media == mediaResponse {
			status = http.StatusBadRequest
		}
		refuse(w, media, status, exec.DispatchError(graphql.WithOperationContext(ctx, operation), wrong))
		return
	}
	ctx = graphql.WithOperationContext(ctx, operation)
	subscribes := operation.Operation.Operation == ast.Subscription
	if status, err := t.may(w, r, operation.Operation.Operation, takes); err != nil {
		refuse(w, media, status, exec.DispatchError(ctx, gqlerror.List{gqlerror.WrapPath(nil, err)}))
		return
	}
	if subscribes {
		defer t.leave()
	}
	if subscribes || takes.onlyEvents() {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		respond, ctx := exec.DispatchOperation(ctx, operation)
		t.stream(w, r.WithContext(ctx), respond)
		return
	}
	respond, ctx := exec.DispatchOperation(ctx, operation)
	answer(w, media, http.StatusOK, respond(ctx))
}

// may tells whether an operation may be answered to this request; a subscription that may has entered the streams.
func (t overHTTP) may(w http.ResponseWriter, r *http.Request, operation ast.Operation, takes acceptable) (status int, err error) {
	switch {
	case r.Method == http.MethodGet && operation == ast.Mutation:
		w.Header().Set("Allow", "OPTIONS, POST")
		return http.StatusMethodNotAllowed, fault.New(fault.Invalid, "a GET only asks, it writes nothing (POST a mutation)")
	case operation == ast.Subscription && !takes.events:
		return http.StatusNotAcceptable, fault.New(fault.Invalid, "a subscription needs a stream (send Accept: text/event-stream, or use a WebSocket with the protocol graphql-transport-ws)")
	case operation == ast.Subscription && !t.enter():
		return http.StatusServiceUnavailable, full()
	}
	return http.StatusOK, nil
}

// encoded is a response in JSON, in parts. Data that came without errors is JSON already, neither read nor copied.
func encoded(response any) ([][]byte, error) {
	if r, ok := response.(*graphql.Response); ok && len(r.Data) > 0 && len(r.Errors) == 0 && len(r.Extensions) == 0 {
		return [][]byte{[]byte(`{"data":`), r.Data, []byte("}")}, nil
	}
	text, err := json.Marshal(response)
	return [][]byte{text}, err
}

// refuse answers a request that was not executed.
func refuse(w http.ResponseWriter, media string, status int, response *graphql.Response) {
	answer(w, media, status, withoutData(response))
}

// withoutData is an answer with errors, and no data entry.
func withoutData(response *graphql.Response) any {
	return struct {
		Errors     gqlerror.List  `json:"errors"`
		Extensions map[string]any `json:"extensions,omitempty"`
	}{response.Errors, response.Extensions}
}

func answer(w http.ResponseWriter, media string, status int, response any) {
	body, err := encoded(response)
	if err != nil { // an extension that is not JSON: there are none
		status, body = http.StatusInternalServerError, [][]byte{[]byte(unwritten)}
	}
	length := 0
	for _, part := range body {
		length += len(part)
	}
	w.Header().Set("Content-Length", strconv.Itoa(length))
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	w.Header().Set("Vary", "Accept")
	w.WriteHeader(status)
	for _, part := range body {
		w.Write(part) //nolint:errcheck // the client is gone
	}
}

// acceptable is what a client takes.
type acceptable struct {
	media  string // of a single answer
	single bool
	events bool // a stream of them
}

// onlyEvents is true of clients that want any answer as a stream. Who names text/event-stream beside others gets one
// where there is a subscription, and JSON elsewhere.
func (a acceptable) onlyEvents() bool { return a.events && !a.single }

// accepted reads the Accept headers. Of the media types of single answers it takes the one of the higher quality, of
// equal ones the one named first. Who names neither, or nothing, gets application/json, which every client reads.
func accepted(headers []string) acceptable {
	a, quality := acceptable{media: mediaJSON}, 0.0
	for _, header := range headers {
		for part := range strings.SplitSeq(header, ",") {
			media, parameters, _ := strings.Cut(part, ";")
			media = strings.ToLower(strings.TrimSpace(media))
			q := qualityOf(parameters)
			switch {
			case q <= 0:
			case media == mediaEvents:
				a.events = true
			case media == mediaResponse || media == mediaJSON:
				a.single = true
				if q > quality {
					a.media, quality = media, q
				}
			case media != "":
				a.single = true // for one, */*
			}
		}
	}
	return a
}

func qualityOf(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				return 1
			}
			return q
		}
	}
	return 1
}
