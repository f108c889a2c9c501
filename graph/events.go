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
	results, read := make(chan string), make(chan struct{})
	go func() {
		defer close(read)
		defer close(results)
		for response := respond(ctx); response != nil; response = respond(ctx) {
			select {
			case results <- result(response): // as text: the next response lies in the same memory
			case <-ctx.Done():
				return
			}
		}
	}()
	t.relay(ctx, e, results)
	cancel()
	<-read
}

// relay writes results as they come, and signs of life between them.
func (t overHTTP) relay(ctx context.Context, e *events, results <-chan string) {
	tick := time.NewTicker(t.Ping)
	defer tick.Stop()
	for going := e.write(":\n\n"); going; {
		select {
		case text, more := <-results:
			switch {
			case !more && ctx.Err() == nil:
				e.write("event: complete\ndata:\n\n")
				return
			case !more:
				return
			}
			going = e.write(text)
		case <-tick.C:
			going = e.write(":\n\n")
		case <-ctx.Done():
			return
		case <-t.ended:
			return
		}
	}
}

// result is a response as an event. One without data, of an operation that was not executed, has no data entry either.
func result(response *graphql.Response) string {
	var shown any = response
	if response.Data == nil {
		shown = withoutData(response)
	}
	text, err := json.Marshal(shown)
	if err != nil { // an extension that is not JSON: there are none
		text = []byte(unwritten)
	}
	return "event: next\ndata: " + string(text) + "\n\n"
}

// events is a stream on its way to a client.
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
	limit   time.Duration
}

// write sends text; false where the client is gone or does not take it in time.
func (e *events) write(text string) bool {
	e.control.SetWriteDeadline(time.Now().Add(e.limit)) //nolint:errcheck // then the connection's own
	if _, err := e.w.Write([]byte(text)); err != nil {
		return false
	}
	return e.control.Flush() == nil
}
