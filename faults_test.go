package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwether/internal/pgtest"
)

// asProgram is the variable that makes the tests' program the program itself, for processes that a test may kill.
const asProgram = "BELLWETHER_TEST_MAIN"

// requestEnds is how long any request may take, whatever happens: ten seconds in the server, and as many for a slow machine
// on which the test, the server and PostgreSQL share two cores with other tests.
const requestEnds = 20 * time.Second

// patiently is how long a test waits for what must come.
const patiently = 2 * time.Minute

// program is the program in a process of its own.
type program struct {
	t      testing.TB
	cmd    *exec.Cmd
	stdout io.Reader
	stderr output
	ended  chan struct{}
	err    error  // once it has ended
	url    string // of a server
}

func launch(t testing.TB, args ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.CommandContext(t.Context(), os.Args[0], args...), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdout = stdout
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", args[0], p.stderr.String())
		}
	})
	return p
}

// started serves a database in a process of its own.
func started(t testing.TB, dsn string, args ...string) *program {
	t.Helper()
	p := launch(t, append([]string{"serve", "--db", dsn, "--addr", "127.0.0.1:0"}, args...)...)
	lines := bufio.NewScanner(p.stdout)
	lines.Scan()
	at, _, found := strings.Cut(strings.TrimPrefix(lines.Text(), "Bellwether serves "), " ")
	if !found {
		t.Fatalf("the server does not start: %s", p.stderr.String())
	}
	p.url = at + "graphql"
	go p.wait()
	return p
}

func (p *program) wait() {
	p.err = p.cmd.Wait()
	close(p.ended)
}

// kill ends the process as kill -9 does.
func (p *program) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err == nil {
		if p.url == "" {
			p.wait()
		}
		<-p.ended
	}
}

// lives fails the test where the process has ended.
func (p *program) lives() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.Signal(0)); err != nil {
		p.t.Errorf("the server has ended: %v\n%s", err, p.stderr.String())
	}
}

// asked is what became of a request.
type asked struct {
	answer
	took time.Duration
	err  error // no answer came
}

// ok tells whether it was answered without errors.
func (a asked) ok() bool { return a.err == nil && a.Status == http.StatusOK && len(a.Errors) == 0 }

// try sends a query.
func (p *program) try(query string, v vars) (a asked) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": v})
	if err != nil {
		return asked{err: err}
	}
	began := time.Now()
	defer func() { a.took = time.Since(began) }()
	ctx, cancel := context.WithTimeout(p.t.Context(), patiently)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return asked{err: err}
	}
	r.Header.Set("Content-Type", "application/json")
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return asked{err: err}
	}
	defer got.Body.Close() //nolint:errcheck // read
	d := json.NewDecoder(got.Body)
	d.UseNumber()
	a.err = d.Decode(&a.answer)
	a.Status = got.StatusCode
	return a
}

// ask sends a query, and fails the test where there are errors.
func (p *program) ask(query string, v vars) map[string]any {
	p.t.Helper()
	a := p.try(query, v)
	if !a.ok() {
		p.t.Fatalf("%s\n%v: %+v", query, v, a)
	}
	return a.Data
}

// clear fails the test unless a request ended in time, answered or with errors that tell what to do.
func (p *program) clear(a asked) {
	p.t.Helper()
	if a.took >= requestEnds {
		p.t.Errorf("a request took %v", a.took)
	}
	if a.err != nil {
		p.t.Errorf("a request was not answered: %v", a.err)
	}
	for _, e := range a.Errors {
		if code := e.Extensions.Code; code != "UNAVAILABLE" && code != "TIMEOUT" {
			p.t.Errorf("%s: %s", code, e.Message)
		}
		if !strings.HasSuffix(e.Message, ")") {
			p.t.Errorf("%q names no cure", e.Message)
		}
		for _, raw := range []string{"driver", "pq:", "sql:", "tcp", "EOF", "i/o", "context", "broken pipe", "reset by peer"} {
			if strings.Contains(e.Message, raw) {
				p.t.Errorf("%q is the driver's language", e.Message)
			}
		}
	}
}

// eventually waits until something holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patiently); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v", what, patiently)
		}
	}
}

// with is a DSN with a further parameter.
func with(t testing.TB, dsn, name, value string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// heavy tests start processes and wait for time to pass.
func heavy(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts processes")
	}
}

// shopOf is a new database of PostgreSQL with customers c0, c1, ... of some orders each, and a way into it.
func shopOf(t testing.TB, customers, orders int) (dsn string, a admin) {
	t.Helper()
	dsn = pgtest.Database(t)
	file := t.TempDir() + "/orders.csv"
	if err := os.WriteFile(file, []byte(ordersOf(customers, orders)), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, stdout, stderr := run(t, "import", "orders", file, "--db", dsn, "--currency", "EUR", "-q"); code != 0 {
		t.Fatalf("import: exit code %d\n%s%s", code, stdout, stderr)
	}
	return dsn, administer(t, dsn)
}

// ordersOf is a file of orders: what each customer buys, and when, differs.
func ordersOf(customers, orders int) string {
	var csv strings.Builder
	csv.WriteString("order_id,customer_id,customer_name,placed_at,sku,quantity,unit_price\n")
	day := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	for c := range customers {
		for o := range orders {
			placed := day.AddDate(0, 0, (c*37+o*53)%540)
			fmt.Fprintf(&csv, "%d-%d,c%d,Customer number %d,%s,s%d,%d,%d.5\n", c, o, c, c, placed.Format(time.DateOnly), (c+o)%7, 1+o%3, 1+c%29)
		}
	}
	return csv.String()
}
