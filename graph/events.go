package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// stream answers with server-sent events, in the distinct connections mode of
// https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. A stream that ends without the event complete was
// broken off: by the server's end, or because the client did not read.
func (t overHTTP) stream(w http.ResponseWriter, r *http.Request, respond graphql.ResponseHandler) {
	e := &events{w, http.NewResponseController(w), t.Write}
	w.Header().Set("Content-Type", mediaEvents+"; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Vary", "Accept")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy that keeps events back
	e.control.SetReadDeadline(time.Time{})    //nolint:errcheck // the deadline of the request, where there is one
	ctx, cancel := context.WithCancel(r.Context())
	responses, read := make(chan *graphql.Response), make(chan struct{})
	go func() {
		defer close(read)
		for response := respond(ctx); response != nil; response = respond(ctx) {
			select {
			case responses <- response:
			case <-ctx.Done():
				return
			}
		}
		close(responses)
	}()
	t.relay(ctx, e, responses)
	cancel()
	<-read
}

// relay writes responses as they come, and signs of life between them.
func (t overHTTP) relay(ctx context.Context, e *events, responses <-chan *graphql.Response) {
	tick := time.NewTicker(t.Ping)
	defer tick.Stop()
	for going := e.write(":\n\n"); going; {
		select {
		case response, more := <-responses:
			switch {
			case !more && ctx.Err() == nil:
				e.write("event: complete\ndata:\n\n")
				return
			case !more:
				return
			}
			going = e.next(response)
		case <-tick.C:
			going = e.write(":\n\n")
		case <-ctx.Done():
			return
		case <-t.ended:
			return
		}
	}
}

// events is a stream on its way to a client.
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
	limit   time.Duration
}

// next sends a result. One without data, of an operation that was not executed, has no data entry either.
func (e *events) next(response *graphql.Response) bool {
	var shown any = response
	if response.Data == nil {
		shown = withoutData(response)
	}
	text, err := json.Marshal(shown)
	return err == nil && e.write("event: next\ndata: "+string(text)+"\n\n")
}

// write sends text; false where the client is gone or does not take it in time.
func (e *events) write(text string) bool {
	e.control.SetWriteDeadline(time.Now().Add(e.limit)) //nolint:errcheck // then the connection's own
	if _, err := e.w.Write([]byte(text)); err != nil {
		return false
	}
	return e.control.Flush() == nil
}
