package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	genqlient "github.com/Khan/genqlient/graphql"
	"github.com/coder/websocket"
	"github.com/tmaxmax/go-sse"

	"bellwether/graph"
)

// grow adds customers, each with an order, and scores them: each moves from no label to a first one.
func grow(t testing.TB, s *Server, names ...string) {
	t.Helper()
	orders := make([]any, len(names))
	for i, name := range names {
		orders[i] = vars{"externalId": "o-" + name, "customer": vars{"externalId": name}, "placedAt": "2024-06-01T10:00:00Z", "total": "10", "currency": "EUR"}
	}
	ask(t, s, `mutation($in: RecordOrdersInput!) { recordOrders(input: $in) { outcomes errors { code message } } }`, vars{"in": vars{"orders": orders}})
	refreshed(t, s)
}

// refreshed scores whoever changed.
func refreshed(t testing.TB, s *Server) {
	t.Helper()
	data := ask(t, s, `mutation { refreshScores(input: {wait: true}) { refresh { finishedAt errors { scorer message } } errors { message } } }`, nil)
	if at(data, "refreshScores.refresh.finishedAt") == nil || text(at(data, "refreshScores.refresh.errors")) != "[]" {
		t.Fatalf("the refresh: %s", text(data))
	}
}

// feed are the ids of all changes after a cursor, oldest first, read in pages of a size; and the place to go on from.
func feed(t testing.TB, s *Server, after any, size int) (ids []string, end any) {
	t.Helper()
	for more := any(true); more == true; {
		data := ask(t, s, `query($n: Int, $after: String) { scoreChanges(first: $n, after: $after) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }`, vars{"n": size, "after": after})
		ids = append(ids, texts(data, "scoreChanges.edges.*.node.id")...)
		after, more = at(data, "scoreChanges.pageInfo.endCursor"), at(data, "scoreChanges.pageInfo.hasNextPage")
	}
	return ids, after
}

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

// TestSubscriptions: over both transports a subscriber gets what was stored after its cursor and then what happens, in the
// order of the feed, without a gap and without a duplicate; also where it reconnects, to another server.
func TestSubscriptions(t *testing.T) {
	dsn := importCSV(t, ordersCSV, "--currency", "EUR")
	s := open(t, dsn, nil)
	_, start := feed(t, s, nil, 100)
	if start == nil {
		t.Fatal("an empty feed has no place to go on from")
	}
	refreshed(t, s)
	for name, receive := range map[string]func(testing.TB, string, vars, int, func()) []event{"graphql-transport-ws": overWebSocket, "server-sent events": overEvents} {
		t.Run(name, func(t *testing.T) {
			url, stop := limited(t, s, graph.Streams{})
			before, _ := feed(t, s, start, 7)
			grown := func(names ...string) func() { return func() { grow(t, s, names...) } }
			tag := strconv.Itoa(len(before))
			want := func() []string { all, _ := feed(t, s, start, 5); return all }
			got := receive(t, url, vars{"after": start}, len(before)+3, grown("a"+tag, "b"+tag, "c"+tag))
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			other := open(t, dsn, nil)
			url, _ = limited(t, other, graph.Streams{})
			rest := len(want()) - len(got)
			got = append(got, receive(t, url, vars{"after": got[len(got)-1].Cursor}, rest+1, func() { grow(t, other, "d"+tag) })...)
			if all := want()[:len(got)]; !slices.Equal(idsOf(got), all) {
				t.Errorf("got  %v\nwant %v", idsOf(got), all)
			}
			if last := got[len(got)-1]; last.Customer == nil || last.Customer.ExternalID != "d"+tag || last.Change.From != nil || last.Change.To == nil {
				t.Errorf("the last event is %+v", last)
			}
		})
	}
}

// TestSubscriptionChoices: scorers, labels, a customer, the number of events, and from now on without a cursor.
func TestSubscriptionChoices(t *testing.T) {
	s := shop(t, ordersCSV, "--currency", "EUR")
	_, start := feed(t, s, nil, 100)
	refreshed(t, s)
	url, _ := limited(t, s, graph.Streams{})
	ann := text(at(ask(t, s, `{ customer(by: {external: {externalId: "ann", source: "orders"}}) { id } customers(search: "ann") { edges { node { id } } } }`, nil), "customers.edges.0.node.id"))
	stored, _ := feed(t, s, start, 100)
	all := overEvents(t, url, vars{"after": start, "n": len(stored)}, len(stored), nil)
	for name, c := range map[string]struct {
		v    vars
		keep func(event) bool
	}{
		"of a scorer": {vars{"scorers": []string{"rfm"}}, func(e event) bool { return e.Change.Scorer == "rfm" }},
		"to a label":  {vars{"to": []string{*all[0].Change.To}}, func(e event) bool { return *e.Change.To == *all[0].Change.To }},
		"a customer":  {vars{"customer": ann}, func(e event) bool { return e.Customer.ExternalID == "ann" }},
	} {
		c.v["after"], c.v["n"] = start, 1
		got := overEvents(t, url, c.v, 1, nil)
		if len(got) != 1 || !c.keep(got[0]) {
			t.Errorf("%s: %+v", name, got)
		}
		if i := slices.IndexFunc(all, c.keep); i < 0 || got[0].Change.ID != all[i].Change.ID {
			t.Errorf("%s: the first is %+v, want %+v", name, got[0], all[i])
		}
	}
	now := overEvents(t, url, vars{"scorers": []string{"rfm"}, "n": 2}, 2, func() { grow(t, s, "x", "y") })
	if len(now) != 2 || !strings.Contains("xy", now[0].Customer.ExternalID) {
		t.Errorf("from now on: %+v", now)
	}
}

// TestManySubscribers: all get everything, and the store is read once for all of them.
func TestManySubscribers(t *testing.T) {
	s, statements := counted(t, importCSV(t, ordersCSV, "--currency", "EUR"))
	refreshed(t, s)
	url, _ := limited(t, s, graph.Streams{})
	const sockets, each = 40, 5
	var group sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]int{}
	for range sockets {
		w := ready(t, url)
		for i := range each {
			w.send(subscribe(strconv.Itoa(i), `subscription { scoreChanged(scorers: ["rfm"]) { change { id } } }`, nil))
		}
		w.send(`{"type":"ping"}`)
		for w.read().Type != "pong" {
		}
		group.Go(func() {
			for range each * 2 {
				f := w.read()
				mu.Lock()
				seen[string(f.Payload)]++
				mu.Unlock()
			}
		})
	}
	time.Sleep(300 * time.Millisecond) // the operations have begun
	ran := statements.during(func() {
		grow(t, s, "x", "y")
		group.Wait()
	})
	if len(seen) != 2 {
		t.Fatalf("%d different events, want 2: %v", len(seen), seen)
	}
	for e, n := range seen {
		if n != sockets*each {
			t.Errorf("%s came %d times, want %d", e, n, sockets*each)
		}
	}
	if reads := slices.DeleteFunc(ran, func(q string) bool { return !strings.Contains(q, "score_changes") }); len(reads) > 20 {
		t.Errorf("%d statements on the feed for %d subscribers", len(reads), sockets*each)
	}
}

// TestSlowSubscriber: who stops reading is cut off, and the others do not notice.
func TestSlowSubscriber(t *testing.T) {
	if testing.Short() {
		t.Skip("it fills the buffers of a connection")
	}
	s := shop(t, ordersCSV, "--currency", "EUR")
	_, start := feed(t, s, nil, 100)
	refreshed(t, s)
	url, stop := limited(t, s, graph.Streams{Write: 500 * time.Millisecond, Ping: time.Minute})
	var wide strings.Builder
	for i := range 100 {
		fmt.Fprintf(&wide, " %s%d: version", strings.Repeat("wide", 75), i)
	}
	slow := ready(t, url)
	for i := range 50 { // each some 500 KB, more than connections buffer
		slow.send(subscribe(strconv.Itoa(i), `subscription($after: String) { scoreChanged(after: $after) { change {`+wide.String()+` } } }`, vars{"after": start}))
	}
	if got := overWebSocket(t, url, vars{"after": start}, 5, func() { grow(t, s, "x") }); len(got) != 5 {
		t.Errorf("another subscriber got %d events", len(got))
	}
	time.Sleep(2 * time.Second)
	if code := slow.closed(); code != -1 {
		t.Errorf("the slow subscriber was closed with %d", code)
	}
	began := time.Now()
	if err := stop(); err != nil || time.Since(began) > 30*time.Second {
		t.Errorf("the end took %s: %v", time.Since(began), err)
	}
}

// TestEndOfStreams: a server that ends closes sockets so that clients connect again, ends streams without complete, and
// loses no time over it.
func TestEndOfStreams(t *testing.T) {
	s := shop(t, ordersCSV, "--currency", "EUR")
	refreshed(t, s)
	url, stop := limited(t, s, graph.Streams{})
	w := ready(t, url)
	w.send(subscribe("1", `subscription { scoreChanged { cursor } }`, nil))
	streamed := make(chan []event)
	began := make(chan struct{})
	go func() { streamed <- overEvents(t, url, vars{}, 1, func() { close(began) }) }()
	<-began
	ended := make(chan error)
	start := time.Now()
	go func() { ended <- stop() }()
	if code := w.closed(); code != websocket.StatusGoingAway {
		t.Errorf("the socket is closed with %d", code)
	}
	if got := <-streamed; len(got) != 0 {
		t.Errorf("the stream had %+v", got)
	}
	if err := <-ended; err != nil || time.Since(start) > 30*time.Second {
		t.Errorf("the end took %s: %v", time.Since(start), err)
	}
}

// TestSIGTERM ends a process with a subscriber.
func TestSIGTERM(t *testing.T) {
	dsn := importCSV(t, ordersCSV, "--currency", "EUR")
	process := exec.CommandContext(t.Context(), os.Args[0], "serve", "--db", dsn, "--addr", "127.0.0.1:0")
	process.Env = append(os.Environ(), "BELLWETHER_TEST_MAIN=1")
	var stdout, stderr output
	process.Stdout, process.Stderr = &stdout, &stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	for range 9000 {
		if strings.Contains(stdout.String(), "\n") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	url, _, found := strings.Cut(strings.TrimPrefix(stdout.String(), "Bellwether serves "), " ")
	if !found {
		t.Fatalf("stdout %q, stderr %q", stdout.String(), stderr.String())
	}
	w := ready(t, url+"graphql")
	w.send(subscribe("1", `subscription { scoreChanged(scorers: ["rfm"]) { change { id } } }`, nil))
	began := time.Now()
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := w.closed(); code != websocket.StatusGoingAway {
		t.Errorf("the socket is closed with %d", code)
	}
	if err := process.Wait(); err != nil || time.Since(began) > 30*time.Second {
		t.Errorf("it ended after %s: %v\n%s", time.Since(began), err, stderr.String())
	}
}
