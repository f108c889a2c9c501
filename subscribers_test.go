package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	genqlient "github.com/Khan/genqlient/graphql"
	"github.com/coder/websocket"
	"github.com/tmaxmax/go-sse"
)

// event is one of scoreChanged.
type event struct {
	Cursor   string
	Customer *struct{ ExternalID string }
	Change   struct {
		ID, Scorer string
		From, To   *string
	}
}

const scoreChanged = `subscription($after: String, $scorers: [String!], $to: [String!], $customer: ID, $n: Int) {
	scoreChanged(after: $after, scorers: $scorers, to: $to, customer: $customer, first: $n) { cursor customer { externalId } change { id scorer from to } } }`

// dialer lets genqlient use coder/websocket.
type dialer struct{}

func (dialer) DialContext(ctx context.Context, url string, header http.Header) (genqlient.WSConn, error) {
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPHeader: header, Subprotocols: []string{"graphql-transport-ws"}})
	return &dialed{ctx, conn}, err
}

type dialed struct {
	ctx context.Context
	*websocket.Conn
}

func (d *dialed) ReadMessage() (int, []byte, error) {
	kind, text, err := d.Read(d.ctx)
	return int(kind), text, err
}

func (d *dialed) WriteMessage(kind int, text []byte) error {
	if kind == 8 { // close
		return nil
	}
	return d.Write(d.ctx, websocket.MessageType(kind), text)
}

func (d *dialed) Close() error { return d.CloseNow() }

// overWebSocket are the first n events that genqlient receives after a cursor.
func overWebSocket(t testing.TB, url string, v vars, n int, meanwhile func()) []event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	client := genqlient.NewClientUsingWebSocket(url, dialer{})
	failed, err := client.Start(ctx)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	defer func() { // not by client.Close, which races with what the client receives
		cancel()
		<-failed //nolint:errcheck // that is the end it was given
	}()
	events := make(chan event, n)
	_, err = client.Subscribe(&genqlient.Request{Query: scoreChanged, Variables: v}, make(chan event), func(_ any, raw json.RawMessage) error {
		var next struct{ Data struct{ ScoreChanged event } }
		if err := json.Unmarshal(raw, &next); err != nil {
			return fmt.Errorf("%s: %w", raw, err)
		}
		select {
		case events <- next.Data.ScoreChanged:
		case <-ctx.Done():
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if meanwhile != nil {
		meanwhile()
	}
	var got []event
	for len(got) < n {
		select {
		case e := <-events:
			got = append(got, e)
		case <-ctx.Done():
			t.Fatalf("%d of %d events: %v", len(got), n, ctx.Err())
		}
	}
	return got
}

// overEvents is the same with go-sse.
func overEvents(t testing.TB, url string, v vars, n int, meanwhile func()) []event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	body, err := json.Marshal(map[string]any{"query": scoreChanged, "variables": v})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // read
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") {
		t.Fatalf("status %d, %s", answer.StatusCode, kind)
	}
	if meanwhile != nil {
		meanwhile()
	}
	var got []event
	for e, err := range sse.Read(answer.Body, nil) {
		if err != nil {
			t.Fatalf("%d of %d events: %v", len(got), n, err)
		}
		if e.Type == "complete" {
			break
		}
		var next struct{ Data struct{ ScoreChanged event } }
		if err := json.Unmarshal([]byte(e.Data), &next); err != nil || next.Data.ScoreChanged.Cursor == "" {
			t.Fatalf("%s: %v", e.Data, err)
		}
		if got = append(got, next.Data.ScoreChanged); len(got) == n && v["n"] == nil {
			break
		}
	}
	return got
}

func idsOf(events []event) []string {
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.Change.ID
	}
	return ids
}
