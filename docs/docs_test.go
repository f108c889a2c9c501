//go:build unix

// Package docs_test holds the documentation to what it says: every command it shows is run, what it shows of their
// output is compared, and lists that follow from the code are the code's. Start with TestCommands.
package docs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bellwether/internal/pgtest"
)

// shown is the address that the documentation shows; the test takes a free port instead.
const shown = "127.0.0.1:8080"

// reader is a person at a shell in one folder, following a document.
type reader struct {
	t    *testing.T
	doc  *document
	dir  string
	env  []string
	addr string
	say  func(command string) string // what the shell is given for a command
	stop func()                      // the server that runs, if any
	out  string                      // of the last block that was run
	code int
}

func newReader(t *testing.T, doc *document, dir string) *reader {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{t: t, doc: doc, dir: dir, addr: listener.Addr().String(), stop: func() {}}
	if err := listener.Close(); err != nil { // only its port was wanted
		t.Fatal(err)
	}
	r.say = func(command string) string { return command }
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "BELLWETHER_") {
			r.env = append(r.env, v)
		}
	}
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	r.env = append(r.env, "GOCACHE="+strings.TrimSpace(string(goCache)), "XDG_CACHE_HOME="+t.TempDir(), "BELLWETHER_ADDR="+r.addr, "GOPROXY=off", "LC_ALL=C.UTF-8", "TZ=UTC")
	t.Cleanup(func() { r.stop() })
	return r
}

// TestCommands runs what the documentation shows, each document in a folder of its own that has testdata.
func TestCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "bellwether"), ".")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	testdata, err := filepath.Abs(filepath.Join(root, "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("flags", func(t *testing.T) { everyFlagIsListed(t, filepath.Join(bin, "bellwether")) })
	for _, name := range names(t) {
		if name == "CONTRIBUTING.md" { // TestFirstPlugin
			continue
		}
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Symlink(testdata, filepath.Join(dir, "testdata")); err != nil {
				t.Fatal(err)
			}
			r := newReader(t, read(t, name), dir)
			r.env = append(r.env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
			r.say = func(command string) string {
				return offline(t, regexp.MustCompile(`\bgo run \.`).ReplaceAllString(command, "bellwether"))
			}
			r.follow(0)
		})
	}
	t.Run("plugins on PostgreSQL", func(t *testing.T) {
		r := newReader(t, read(t, "docs/plugins/README.md"), t.TempDir())
		r.env = append(r.env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		dsn := pgtest.Database(t)
		r.say = func(command string) string {
			return offline(t, strings.ReplaceAll(command, "sqlite:shop.db", "'"+dsn+"'"))
		}
		r.follow(0)
	})
}

// offline is a command without a network: what npm would install is what make setup has installed for the same lock file.
func offline(t *testing.T, command string) string {
	t.Helper()
	installed, err := filepath.Abs(filepath.Join(root, "examples", "wasm", "basket", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(command, "npm ci", "ln -s '"+installed+"' node_modules")
}

// everyFlagIsListed holds the READMEs' tables of flags to the commands' help.
func everyFlagIsListed(t *testing.T, bellwether string) {
	for _, command := range []string{"customer", "demo", "facts", "import customers", "import orders", "import products", "import touchpoints", "list", "score", "scorers", "serve"} {
		help, err := exec.Command(bellwether, append(strings.Fields(command), "--help")...).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, flag := range helpFlag.FindAllStringSubmatch(string(help), -1) {
			for _, name := range []string{"README.md", "README.zh-CN.md"} {
				if row := "\n| `" + flag[1] + "` |"; flag[1] != "--help" && !strings.Contains(read(t, name).text, row) {
					t.Errorf("%s has no row for %s of %s", name, flag[1], command)
				}
			}
		}
	}
}

// follow does what the blocks from one on say.
func (r *reader) follow(from int) {
	for i := from; i < len(r.doc.blocks); i++ {
		switch b := r.doc.blocks[i]; {
		case b.is("output"):
			r.compare(b)
		case strings.Contains(b.info, "illustrative"):
		case b.language() == "sh" && b.is("server"):
			r.serve(b)
		case b.language() == "sh":
			r.run(b)
		case b.info == "graphql":
			answered := i+1 < len(r.doc.blocks) && r.doc.blocks[i+1].is("output")
			r.query(b, !answered)
		default:
			if path, ok := b.setting("file"); ok {
				r.save(b, path)
			}
		}
	}
	r.stop()
}

func (r *reader) errorf(b block, format string, args ...any) {
	r.t.Helper()
	r.t.Errorf("%s:%d: %s", r.doc.name, b.line, fmt.Sprintf(format, args...))
}

func (r *reader) command(ctx context.Context, text string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "sh", "-c", strings.ReplaceAll(r.say(text), shown, r.addr))
	cmd.Dir, cmd.Env = r.dir, r.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that go run's child is reached too
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	return cmd
}

// run runs commands and compares their exit code.
func (r *reader) run(b block) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 3*time.Minute)
	defer cancel()
	out, err := r.command(ctx, b.text).CombinedOutput()
	r.out, r.code = r.plain(out), 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		r.code = exit.ExitCode()
	case err != nil:
		r.errorf(b, "%v", err)
	}
	want := 0
	if code, ok := b.setting("exit"); ok {
		want, _ = strconv.Atoi(code)
	}
	if r.code != want {
		r.errorf(b, "exit code %d, want %d\n%s\n%s", r.code, want, b.text, r.out)
	}
}

// plain is an output as the documentation would show it.
func (r *reader) plain(out []byte) string { return strings.ReplaceAll(string(out), r.addr, shown) }

// serve starts a server and waits until it is ready.
func (r *reader) serve(b block) {
	r.t.Helper()
	r.stop()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := r.command(ctx, b.text)
	var out, log safeBuffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Start(); err != nil {
		cancel()
		r.t.Fatal(err)
	}
	var waited error
	ended := make(chan struct{})
	go func() {
		waited = cmd.Wait()
		close(ended)
	}()
	r.stop = func() {
		cancel()
		<-ended
		r.stop = func() {}
	}
	for range 900 {
		select {
		case <-ended:
			r.t.Fatalf("%s:%d: the server ended: %v\n%s%s", r.doc.name, b.line, waited, out.String(), log.String())
		case <-time.After(100 * time.Millisecond):
		}
		if answer, err := http.Get("http://" + r.addr + "/readyz"); err == nil {
			_ = answer.Body.Close() // its status was wanted
			r.out = r.plain([]byte(out.String()))
			return
		}
	}
	r.t.Fatalf("%s:%d: no server after 90 s\n%s%s", r.doc.name, b.line, out.String(), log.String())
}

// query sends a document to the server.
func (r *reader) query(b block, clean bool) {
	r.t.Helper()
	body, err := json.Marshal(map[string]string{"query": b.text})
	if err != nil {
		r.t.Fatal(err)
	}
	answer, err := http.Post("http://"+r.addr+"/graphql", "application/json", bytes.NewReader(body))
	if err != nil {
		r.errorf(b, "no answer: %v", err)
		return
	}
	text, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		r.t.Fatal(err)
	}
	r.out = string(text)
	if clean && strings.Contains(strings.ReplaceAll(r.out, `"errors":[]`, ""), `"errors":`) {
		r.errorf(b, "the answer has errors:\n%s", r.out)
	}
}

// safeBuffer is a buffer that a process writes into while the test reads it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
