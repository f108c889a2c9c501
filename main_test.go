package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bellwether/internal/cli"
	"bellwether/internal/pgtest"
	"bellwether/internal/sandbox"
	"bellwether/plugins"
	"bellwether/scoring/engine"
)

// demoServer serves the demo to all tests that only read. Its two years end on 2011-12-10.
var demoServer = sync.OnceValues(func() (*Server, error) {
	dsn, err := pgtest.New(context.Background())
	if err != nil {
		return nil, err
	}
	return NewServer(context.Background(), cli.ServeOptions{
		DB: dsn, Demo: true, Now: func() time.Time { return time.Date(2011, 12, 10, 0, 0, 0, 0, time.UTC) },
	})
})

func demoData(t testing.TB) *Server {
	t.Helper()
	s, err := demoServer()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMain(m *testing.M) {
	sandbox.MainIfWorker()
	if os.Getenv(asProgram) != "" { // a test starts the command itself
		main()
	}
	code := m.Run()
	if s, err := demoServer(); err == nil {
		s.Close() //nolint:errcheck // a temporary database
	}
	os.Exit(code)
}

// run runs a command line and returns its exit code and what it printed.
func run(t testing.TB, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = runApp(t.Context(), application(&out, &errs), args...)
	return code, out.String(), errs.String()
}

func runApp(ctx context.Context, app cli.App, args ...string) int { return cli.Run(ctx, args, app) }

// application is what main gives the commands, at noon of 1 July 2024.
func application(stdout, stderr io.Writer) cli.App {
	return cli.App{
		Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr, Scorers: plugins.All(), SDK: sdk, Open: openAPI, Serve: serve,
		Now: func() time.Time { return time.Date(2024, 7, 1, 12, 0, 0, 0, time.UTC) },
	}
}

// importCSV imports orders into a new database and returns its DSN.
func importCSV(t testing.TB, csv string, args ...string) string {
	t.Helper()
	folder := t.TempDir()
	file, dsn := filepath.Join(folder, "orders.csv"), pgtest.DSN(t)
	if err := os.WriteFile(file, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := run(t, append([]string{"import", "orders", file, "--db", dsn, "-q"}, args...)...)
	if code != 0 {
		t.Fatalf("import: exit code %d\n%s%s", code, stdout, stderr)
	}
	return dsn
}

// open serves a database at noon of 1 July 2024.
func open(t testing.TB, dsn string, params engine.Params) *Server {
	t.Helper()
	o := optionsOf(dsn)
	o.Params = params
	s, err := NewServer(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func optionsOf(dsn string) cli.ServeOptions {
	return cli.ServeOptions{DB: dsn, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Date(2024, 7, 1, 12, 0, 0, 0, time.UTC) }}
}

// shop serves orders.
func shop(t testing.TB, csv string, args ...string) *Server {
	t.Helper()
	return open(t, importCSV(t, csv, args...), nil)
}

// answer is an answer of the API.
type answer struct {
	Status int `json:"-"`
	Data   map[string]any
	Errors []problem
}

type problem struct {
	Message    string
	Path       []any
	Extensions struct{ Code string }
}

// post sends a body to the API.
func post(t testing.TB, h http.Handler, body string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return answered(t, h, r)
}

func answered(t testing.TB, h http.Handler, r *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	a := answer{Status: w.Code}
	d := json.NewDecoder(w.Body)
	d.UseNumber()
	if err := d.Decode(&a); err != nil {
		t.Fatalf("status %d, %v", w.Code, err)
	}
	return a
}

// vars are the variables of a query.
type vars map[string]any

// ask sends a query, and fails the test where there are errors.
func ask(t testing.TB, s *Server, query string, v vars) map[string]any {
	t.Helper()
	a := try(t, s.Handler, query, v)
	if len(a.Errors) > 0 {
		t.Fatalf("%s\n%v: %+v", query, v, a.Errors)
	}
	return a.Data
}

// try sends a query.
func try(t testing.TB, h http.Handler, query string, v vars) answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": v})
	if err != nil {
		t.Fatal(err)
	}
	return post(t, h, string(body))
}

// at is what lies at a path of names and indices, such as "customers.edges.0.node.name"; * collects all items of a list.
func at(value any, path string) any {
	if path == "" {
		return value
	}
	head, rest, _ := strings.Cut(path, ".")
	switch v := value.(type) {
	case map[string]any:
		return at(v[head], rest)
	case []any:
		if head == "*" {
			all := []any{}
			for _, item := range v {
				all = append(all, at(item, rest))
			}
			return all
		}
		if i, err := strconv.Atoi(head); err == nil && i < len(v) {
			return at(v[i], rest)
		}
	}
	return nil
}

// texts is a list at a path, as strings; null is "null".
func texts(value any, path string) []string {
	list, _ := at(value, path).([]any)
	out := make([]string, len(list))
	for i, v := range list {
		if out[i] = "null"; v != nil {
			out[i] = text(v)
		}
	}
	return out
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	raw, _ := json.Marshal(v) //nolint:errchkjson // it came from JSON
	return string(raw)
}

// expect compares what lies at some paths with JSON values, written as Go ones.
func expect(t testing.TB, value any, want map[string]any) {
	t.Helper()
	for path, w := range want {
		raw, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var wanted any
		if err := d.Decode(&wanted); err != nil {
			t.Fatal(err)
		}
		if got := at(value, path); !reflect.DeepEqual(got, wanted) {
			t.Errorf("%s is %s, want %s", path, text(got), raw)
		}
	}
}
