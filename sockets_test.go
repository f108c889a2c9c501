package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"bellwether/graph"
	"bellwether/internal/web"
)

// listening serves an API on a port of its own until the test, or stop, ends it. It returns the URL of /graphql.
func listening(t testing.TB, h http.Handler, end func(context.Context) error) (url string, stop func() error) {
	t.Helper()
	listener, err := web.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- web.Run(ctx, listener, h, end, slog.New(slog.DiscardHandler)) }()
	stop = func() error {
		cancel()
		err := <-ended
		ended <- err
		return err
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String() + "/graphql", stop
}

// limited serves a server's API with bounds of its own.
func limited(t testing.TB, s *Server, limits graph.Streams) (url string, stop func() error) {
	t.Helper()
	api := graph.NewHandler(&graph.Resolver{Ent: s.Store.Ent(), Live: s.Live, Rules: s.Rules, Scores: s.Store, Store: s.Store, Writer: s.Store}, slog.New(slog.DiscardHandler), limits)
	return listening(t, web.Handler(web.Routes{API: api, Console: http.NotFoundHandler(), Ready: s.Store.Ping}, slog.New(slog.DiscardHandler)), api.End)
}

// frame is a message of graphql-transport-ws.
type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// wire is a WebSocket that the test writes and reads itself.
type wire struct {
	t testing.TB
	*websocket.Conn
}

func dial(t testing.TB, url string) *wire {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(64 << 20)
	t.Cleanup(func() { conn.CloseNow() }) //nolint:errcheck // it may be closed
	return &wire{t, conn}
}

// ready is a connection that has been acknowledged.
func ready(t testing.TB, url string) *wire {
	t.Helper()
	w := dial(t, url)
	w.send(`{"type":"connection_init"}`)
	if f := w.read(); f.Type != "connection_ack" {
		t.Fatalf("acknowledged with %+v", f)
	}
	return w
}

func (w *wire) send(text string) {
	w.t.Helper()
	if err := w.Write(w.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		w.t.Fatal(err)
	}
}

// read is the next message; the test fails where there is none within 10 seconds.
func (w *wire) read() frame {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	_, text, err := w.Read(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	var f frame
	if err := json.Unmarshal(text, &f); err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
	return f
}

// closed reads up to the close code.
func (w *wire) closed() websocket.StatusCode {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	for {
		if _, _, err := w.Read(ctx); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

// subscribe is the message that starts an operation.
func subscribe(id, query string, v vars) string {
	payload, _ := json.Marshal(map[string]any{"query": query, "variables": v})                                  //nolint:errchkjson // strings
	text, _ := json.Marshal(map[string]any{"id": id, "type": "subscribe", "payload": json.RawMessage(payload)}) //nolint:errchkjson // the same
	return string(text)
}

// TestSocketProtocol: what breaks graphql-transport-ws closes the connection with the code of the protocol.
func TestSocketProtocol(t *testing.T) {
	url, _ := limited(t, demoData(t), graph.Streams{})
	for name, c := range map[string]struct {
		begin func(testing.TB, string) *wire
		send  []string
		code  websocket.StatusCode
	}{
		"no JSON":                    {ready, []string{`{"type":`}, 4400},
		"no object":                  {ready, []string{`42`}, 4400},
		"no Unicode":                 {ready, []string{`{"type":"ping","payload":{"a":"\ud800"}}`}, 4400},
		"no type":                    {ready, []string{`{}`}, 4400},
		"unknown type":               {ready, []string{`{"type":"start"}`}, 4400},
		"a type of servers":          {ready, []string{`{"type":"next","id":"1","payload":{"data":{}}}`}, 4400},
		"no id":                      {ready, []string{`{"type":"subscribe","payload":{"query":"{ __typename }"}}`}, 4400},
		"empty id":                   {ready, []string{`{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}`}, 4400},
		"no payload":                 {ready, []string{`{"type":"subscribe","id":"1"}`}, 4400},
		"no query":                   {ready, []string{`{"type":"subscribe","id":"1","payload":{}}`}, 4400},
		"variables that are no JSON": {ready, []string{`{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","variables":"x"}}`}, 4400},
		"payload of a ping":          {ready, []string{`{"type":"ping","payload":7}`}, 4400},
		"two connection_init":        {ready, []string{`{"type":"connection_init"}`}, 4429},
		"subscribe first":            {dial, []string{subscribe("1", "{ __typename }", nil)}, 4401},
		"a message of 2 MB":          {ready, []string{subscribe("1", "{ __typename } # "+strings.Repeat("x", 2<<20), nil)}, websocket.StatusMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := c.begin(t, url)
			for _, text := range c.send {
				if err := w.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil && c.code != websocket.StatusMessageTooBig {
					t.Fatal(err)
				}
			}
			// Who is still sending may see the connection go before it sees why.
			if got := w.closed(); got != c.code && (got != -1 || c.code != websocket.StatusMessageTooBig) {
				t.Errorf("closed with %d, want %d", got, c.code)
			}
		})
	}
}

// TestSocketOperations: queries and errors over a WebSocket, one after the other under one id.
func TestSocketOperations(t *testing.T) {
	url, _ := limited(t, demoData(t), graph.Streams{})
	w := ready(t, url)
	w.send(`{"type":"ping","payload":{"n":1}}`)
	if f := w.read(); f.Type != "pong" || string(f.Payload) != `{"n":1}` {
		t.Errorf("a ping is answered by %+v", f)
	}
	w.send(`{"type":"complete","id":"unknown"}`)
	w.send(`{"type":"pong"}`)
	for range 2 {
		w.send(subscribe("1", "{ __typename }", nil))
		if f := w.read(); f.Type != "next" || f.ID != "1" || string(f.Payload) != `{"data":{"__typename":"Query"}}` {
			t.Errorf("the answer is %s %s", f.Type, f.Payload)
		}
		if f := w.read(); f.Type != "complete" || f.ID != "1" {
			t.Errorf("the end is %+v", f)
		}
	}
	w.send(subscribe("2", "{ nothing }", nil))
	if f := w.read(); f.Type != "error" || f.ID != "2" || !strings.Contains(string(f.Payload), `[{"message":"Cannot query field`) {
		t.Errorf("an invalid document is answered by %s %s", f.Type, f.Payload)
	}
	w.send(subscribe("3", "{ customers(first: 0) { totalCount } }", nil))
	if f := w.read(); f.Type != "next" || !strings.Contains(string(f.Payload), `"code":"OUT_OF_RANGE"`) {
		t.Errorf("an error of a field is answered by %s %s", f.Type, f.Payload)
	}
}

// TestSocketHandshake: a page of another origin is refused, as is who does not speak the protocol.
func TestSocketHandshake(t *testing.T) {
	url, _ := limited(t, demoData(t), graph.Streams{Init: 50 * time.Millisecond})
	try := func(protocol, origin string) (int, error) {
		o := &websocket.DialOptions{HTTPHeader: http.Header{}}
		if protocol != "" {
			o.Subprotocols = []string{protocol}
		}
		if origin != "" {
			o.HTTPHeader.Set("Origin", origin)
		}
		conn, answer, err := websocket.Dial(t.Context(), url, o)
		if err != nil {
			return answer.StatusCode, err
		}
		defer conn.CloseNow() //nolint:errcheck // it is over
		_, _, err = conn.Read(t.Context())
		return int(websocket.CloseStatus(err)), nil
	}
	if status, err := try("graphql-transport-ws", "https://evil.example"); status != http.StatusForbidden || err == nil {
		t.Errorf("a foreign origin: %d, %v", status, err)
	}
	if code, err := try("graphql-ws", ""); code != 4406 || err != nil {
		t.Errorf("another protocol: %d, %v", code, err)
	}
	if code, err := try("graphql-transport-ws", strings.TrimSuffix(url, "/graphql")); code != 4408 || err != nil {
		t.Errorf("no connection_init: %d, %v", code, err)
	}
	url, _ = limited(t, demoData(t), graph.Streams{Connections: 1})
	ready(t, url)
	if status, err := try("graphql-transport-ws", ""); status != http.StatusServiceUnavailable || err == nil {
		t.Errorf("a connection too many: %d, %v", status, err)
	}
}
