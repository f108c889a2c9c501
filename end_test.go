package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/web"
)

// TestGracefulEnd: when the process is told to stop, a request in flight finishes, and no other is taken.
func TestGracefulEnd(t *testing.T) {
	listener, err := web.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun, finish := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-finish
		if r.Context().Err() != nil {
			t.Error("the request's context ended with the server")
		}
		io.WriteString(w, "done") //nolint:errcheck // the test reads it
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- web.Run(ctx, listener, slow, func(context.Context) error { return nil }, slog.New(slog.DiscardHandler))
	}()
	url := "http://" + listener.Addr().String()
	answered := make(chan string, 1)
	go func() { answered <- get(t, url) }()
	<-begun
	stop()
	for dialed := true; dialed; { // until no other is taken
		c, err := net.Dial("tcp", listener.Addr().String())
		if dialed = err == nil; dialed {
			c.Close() //nolint:errcheck // nothing was sent
			time.Sleep(time.Millisecond)
		}
	}
	select {
	case err := <-ended:
		t.Fatalf("the server ended with a request in flight: %v", err)
	default:
	}
	close(finish)
	if got := <-answered; got != "done" {
		t.Errorf("the request in flight got %q", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer answer.Body.Close() //nolint:errcheck // read
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

// output is a buffer that is written by one goroutine and read by another.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// TestServe runs the command itself: it says where it serves, answers, logs, and ends with its context.
func TestServe(t *testing.T) {
	dsn := importCSV(t, ordersCSV, "--currency", "EUR")
	var stdout, stderr output
	ctx, stop := context.WithCancel(t.Context())
	code := make(chan int, 1)
	go func() {
		app := application(&stdout, &stderr)
		code <- runApp(ctx, app, "serve", "--db", dsn, "--addr", "127.0.0.1:0", "--now", "2024-07-01", "--log-format", "json")
	}()
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
	if page := get(t, url); !strings.Contains(page, "<html") {
		t.Errorf("the page is %.100q", page)
	}
	if got := strings.TrimSpace(get(t, url+"graphql?query=%7B__typename%7D")); got != `{"data":{"__typename":"Query"}}` {
		t.Errorf("GET answers %s", got)
	}
	address := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/")
	if c, _, errs := run(t, "serve", "--db", dsn, "--addr", address); c != 1 || errs != "bellwether: address "+address+" is in use (choose another with --addr, or :0 for any free port)\n" {
		t.Errorf("a port in use: exit code %d, %s", c, errs)
	}
	stop()
	if c := <-code; c != 0 {
		t.Errorf("exit code %d: %s", c, stderr.String())
	}
	for _, line := range []string{`"msg":"serving"`, `"path":"/graphql","status":200`, `"msg":"shutting down`} {
		if !strings.Contains(stderr.String(), line) {
			t.Errorf("the log lacks %s:\n%s", line, stderr.String())
		}
	}
}

// TestListen: addresses that cannot be served are faults with a cure.
func TestListen(t *testing.T) {
	for addr, code := range map[string]string{"127.0.0.1:http-nonsense": fault.Invalid, "nowhere": fault.Invalid, "192.0.2.1:1": fault.Invalid} {
		l, err := web.Listen(t.Context(), addr)
		if err == nil {
			l.Close() //nolint:errcheck // it should not have opened
		}
		if fault.Code(err) != code || !strings.HasSuffix(err.Error(), ")") {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

// TestHealth: /healthz tells that the process lives, /readyz that it can answer.
func TestHealth(t *testing.T) {
	s, err := NewServer(t.Context(), optionsOf(importCSV(t, ordersCSV, "--currency", "EUR")))
	if err != nil {
		t.Fatal(err)
	}
	check := func(path string, status int, text string) {
		t.Helper()
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if w.Code != status || w.Body.String() != text+"\n" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s answers %d %q", path, w.Code, w.Body.String())
		}
	}
	check("/healthz", http.StatusOK, "ok")
	check("/readyz", http.StatusOK, "ready")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check("/healthz", http.StatusOK, "ok")
	check("/readyz", http.StatusServiceUnavailable, "not ready")
}
