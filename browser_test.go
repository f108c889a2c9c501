package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"bellwether/internal/graphiql/browsertest"
)

// TestBrowser opens GraphiQL of the real server, runs the first example, and looks for a segment in the answer.
func TestBrowser(t *testing.T) {
	ctx := browsertest.New(t)
	server := httptest.NewServer(demoData(t).Handler)
	defer server.Close()
	record := console(ctx, t, server.URL)
	execute(ctx, t)
	var shown string
	for range 1200 {
		if shown = responded(ctx, t); strings.Contains(shown, `"segment": "`) && strings.Contains(shown, `"reason": "`) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if !strings.Contains(shown, `"segment": "`) || strings.Contains(shown, `"errors"`) {
		t.Errorf("the answer is %.500s (problems: %v)", shown, record.Problems())
	}
	for _, problem := range record.Problems() {
		t.Errorf("problem in the browser: %+v", problem)
	}
}

// console opens GraphiQL and waits until a query can be run.
func console(ctx context.Context, t *testing.T, url string) *browsertest.Record {
	t.Helper()
	record := browsertest.Watch(ctx, t)
	err := chromedp.Do(ctx, chromedp.Navigate(url+"/"), chromedp.WaitVisible(chromedp.CSS(".graphiql-query-editor .monaco-editor")),
		chromedp.WaitVisible(chromedp.CSS(".graphiql-execute-button")))
	if err != nil {
		t.Fatalf("%v (problems: %v)", err, record.Problems())
	}
	return record
}

// execute runs the query of the tab that is open.
func execute(ctx context.Context, t *testing.T) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(".graphiql-execute-button"))); err != nil {
		t.Fatal(err)
	}
}

// responded is the text that GraphiQL shows as the answer.
func responded(ctx context.Context, t *testing.T) string {
	t.Helper()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('.graphiql-response .view-lines')?.textContent ?? ''`))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(text, "\u00a0", " ")
}

// TestBrowserLive runs the subscription of GraphiQL's last tab: what is written meanwhile shows.
func TestBrowserLive(t *testing.T) {
	ctx := browsertest.New(t)
	s := shop(t, ordersCSV, "--currency", "EUR")
	refreshed(t, s)
	server := httptest.NewServer(s.Handler)
	defer server.Close()
	defer s.API.End(context.Background()) //nolint:errcheck // there is nobody to tell
	record := console(ctx, t, server.URL)
	const (
		open   = `[...document.querySelectorAll('.graphiql-tab-button')].at(-1)?.click()`
		opened = `document.querySelector('.graphiql-query-editor .view-lines')?.textContent.includes('LiveChanges') ?? false`
	)
	for there := false; !there; time.Sleep(100 * time.Millisecond) {
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[any](open)); err != nil {
			t.Fatal(err)
		}
		var err error
		if there, err = chromedp.Run(ctx, chromedp.Evaluate[bool](opened)); err != nil {
			t.Fatal(err)
		}
	}
	execute(ctx, t)
	var shown string
	for i := range 300 { // again and again, because nothing tells when the subscription has begun
		grow(t, s, fmt.Sprint("live-", i))
		if shown = responded(ctx, t); strings.Contains(shown, `"externalId": "live-`) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if !strings.Contains(shown, `"externalId": "live-`) || strings.Contains(shown, `"errors"`) {
		t.Errorf("the answer is %.500s (problems: %v)", shown, record.Problems())
	}
	for _, problem := range record.Problems() {
		t.Errorf("problem in the browser: %+v", problem)
	}
}
