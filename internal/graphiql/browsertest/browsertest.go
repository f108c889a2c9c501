// Package browsertest starts Chromium for tests that look at a page as its reader does. Begin with [New]; [Watch]
// then records what the page asks for and what goes wrong in it.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// timeout of a test's use of the browser; starting it takes seconds on a busy machine.
const timeout = 2 * time.Minute

const hint = "chromium not found (install it: apt-get update && apt-get install -y chromium)"

// New starts headless Chromium with an empty profile and gives a chromedp context with one tab; the end of the test
// stops it. The browser reaches 127.0.0.1 and no other host. Without Chromium the test is skipped, and fails where
// the environment variable CI is set.
func New(t testing.TB) context.Context {
	t.Helper()
	path := find()
	if path == "" && os.Getenv("CI") != "" {
		t.Fatal(hint)
	}
	if path == "" {
		t.Skip(hint)
	}

	// Chromedp makes an empty profile, removes it afterwards, and adds --no-sandbox for root.
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Flag("lang", "en"),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("window-size", "1440,900"),
	)
	ctx, cancelTimeout := context.WithTimeout(t.Context(), timeout)
	ctx, cancelBrowser := chromedp.NewExecAllocator(ctx, options...)
	ctx, cancelTab := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		cancelTab()
		cancelBrowser()
		cancelTimeout()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", path, err)
	}
	return ctx
}

func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Record is what Watch has seen so far.
type Record struct {
	mu       sync.Mutex
	problems []Problem
	requests []string
}

// Problem is an error in the browser's console, or an exception that nothing caught.
type Problem struct {
	Text string
	URL  string // of the resource that it is about, empty if unknown
}

// Watch records from now on; call it before the page is opened.
func Watch(ctx context.Context, t testing.TB) *Record {
	t.Helper()
	r := &Record{}
	if err := chromedp.Listen(ctx, r.add); err != nil {
		t.Fatalf("listening to the browser: %v", err)
	}
	return r
}

// Problems that occurred, in their order.
func (r *Record) Problems() []Problem {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.problems)
}

// Requests are the URLs that the page asked for, in their order. What its workers asked for is not among them.
func (r *Record) Requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

func (r *Record) add(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch event := event.(type) {
	case *log.EventEntryAdded:
		if event.Entry.Level == log.EntryLevelError {
			r.problems = append(r.problems, Problem{Text: event.Entry.Text, URL: event.Entry.URL})
		}
	case *network.EventRequestWillBeSent:
		r.requests = append(r.requests, event.Request.URL)
	case *runtime.EventConsoleAPICalled:
		if event.Type == runtime.ConsoleAPICalledTypeError {
			r.problems = append(r.problems, Problem{Text: "console.error: " + text(event.Args)})
		}
	case *runtime.EventExceptionThrown:
		details := event.ExceptionDetails
		r.problems = append(r.problems, Problem{Text: details.Text + ": " + text([]*runtime.RemoteObject{details.Exception}), URL: details.URL})
	}
}

// text of the arguments of a console call.
func text(arguments []*runtime.RemoteObject) string {
	var all string
	for _, argument := range arguments {
		switch {
		case argument == nil:
		case argument.Description != "":
			all += argument.Description + " "
		default:
			all += string(argument.Value) + " "
		}
	}
	return all
}
