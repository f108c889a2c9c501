package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

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
