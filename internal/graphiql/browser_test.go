package graphiql_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"bellwether/internal/graphiql"
	"bellwether/internal/graphiql/browsertest"
)

// server serves the page and records what was asked of it, by page and workers: path -> status.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	status map[string]int
}

// serve starts a server whose endpoint answers with answer; nil is no endpoint at all.
func serve(t *testing.T, answer http.HandlerFunc) *server {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/", graphiql.Handler("/graphql"))
	if answer != nil {
		mux.Handle("/graphql", answer)
	}
	s := &server{status: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		mux.ServeHTTP(seen, r)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.status[r.URL.Path] = seen.status
	}))
	t.Cleanup(s.Close)
	return s
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// asked reports whether a path with this prefix was asked for.
func (s *server) asked(prefix string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for path := range s.status {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

const (
	editorText = `(document.querySelector('.graphiql-query-editor .view-lines')?.textContent ?? '').replaceAll('\u00a0', ' ')`
	tabs       = `[...document.querySelectorAll('.graphiql-tabs [role=tab]')].map((tab) => tab.innerText.trim())`
	variables  = `(document.querySelector('.graphiql-editor-tool .view-lines')?.textContent ?? '').replaceAll('\u00a0', ' ')`
	response   = `document.querySelector('.graphiql-response .view-lines')?.textContent ?? ''`
)

// open shows the page and waits for its editor to have text.
func open(ctx context.Context, t *testing.T, s *server) *browsertest.Record {
	t.Helper()
	record := browsertest.Watch(ctx, t)
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+"/"), chromedp.WaitVisible(chromedp.CSS(".graphiql-query-editor .monaco-editor"))); err != nil {
		t.Fatalf("opening the page: %v (problems: %v)", err, record.Problems())
	}
	eventually(t, "text in the editor", func() bool { return evaluate[string](ctx, t, editorText) != "" })
	return record
}

func evaluate[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("evaluating %s: %v", expression, err)
	}
	return value
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 300 {
		if holds() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("no %s within 30 s", what)
}

// The page works without any other server, and without an endpoint too: GraphiQL's introspection is then not found.
func TestPageOffline(t *testing.T) {
	ctx := browsertest.New(t)
	s := serve(t, nil)
	record := open(ctx, t, s)

	var names []string
	for _, example := range graphiql.Examples() {
		names = append(names, operation(example))
	}
	if got := evaluate[[]string](ctx, t, tabs); !slices.Equal(got, names) {
		t.Errorf("tabs %q, want %q", got, names)
	}
	if got := evaluate[string](ctx, t, editorText); !strings.Contains(got, "# The first customers:") {
		t.Errorf("the editor shows %q", got)
	}

	third := chromedp.CSS("#graphiql-session-tab-2")
	if err := chromedp.Do(ctx, chromedp.Click(third)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "variables of the third example", func() bool {
		return strings.Contains(evaluate[string](ctx, t, variables), `"orderBy"`)
	})
	for _, worker := range []string{"editor", "graphql", "json"} {
		eventually(t, worker+" worker", func() bool { return s.asked("/graphiql/" + worker + "-worker-") })
	}
	screenshot(ctx, t)
	check(t, s, record)
}

// check finds what the page missed, and what it asked of others.
func check(t *testing.T, s *server, record *browsertest.Record) {
	t.Helper()
	for _, request := range record.Requests() {
		if address, err := url.Parse(request); err != nil || address.Scheme != "data" && "http://"+address.Host != s.URL {
			t.Errorf("request to another host: %.200s", request)
		}
	}
	for _, problem := range record.Problems() {
		if problem.URL != s.URL+"/graphql" {
			t.Errorf("problem in the browser: %+v", problem)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for path, status := range s.status {
		if status != http.StatusOK && path != "/graphql" {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

// However the endpoint fails, the page shows it and the editor stays.
func TestIntrospectionFails(t *testing.T) {
	answers := map[string]struct {
		answer http.HandlerFunc
		shows  string
	}{
		"not JSON": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<h1>bad gateway</h1>", http.StatusBadGateway)
		}, "error"},
		"refused": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"errors":[{"message":"introspection is off"}],"data":null}`))
		}, "introspection is off"},
		"closed": {func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}, "Failed to fetch"},
	}
	for name, test := range answers {
		t.Run(name, func(t *testing.T) {
			ctx := browsertest.New(t)
			s := serve(t, test.answer)
			record := open(ctx, t, s)
			eventually(t, "message "+test.shows, func() bool {
				return strings.Contains(strings.ReplaceAll(evaluate[string](ctx, t, response), "\u00a0", " "), test.shows)
			})
			if got := evaluate[string](ctx, t, editorText); !strings.Contains(got, "FirstCustomers") {
				t.Errorf("the editor shows %q", got)
			}
			check(t, s, record)
		})
	}
}

// screenshot writes the page as a PNG file where BELLWETHER_SCREENSHOT says, to be looked at.
func screenshot(ctx context.Context, t *testing.T) {
	t.Helper()
	file := os.Getenv("BELLWETHER_SCREENSHOT")
	if file == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.Fatal(err)
	}
}
