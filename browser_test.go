package main

import (
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
	record := browsertest.Watch(ctx, t)
	run := chromedp.CSS(".graphiql-execute-button")
	if err := chromedp.Do(ctx, chromedp.Navigate(server.URL+"/"), chromedp.WaitVisible(chromedp.CSS(".graphiql-query-editor .monaco-editor")), chromedp.WaitVisible(run), chromedp.Click(run)); err != nil {
		t.Fatalf("%v (problems: %v)", err, record.Problems())
	}
	const response = `document.querySelector('.graphiql-response .view-lines')?.textContent ?? ''`
	var shown string
	for range 1200 {
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string](response))
		if err != nil {
			t.Fatal(err)
		}
		if shown = strings.ReplaceAll(text, "\u00a0", " "); strings.Contains(shown, `"segment": "`) && strings.Contains(shown, `"reason": "`) {
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
