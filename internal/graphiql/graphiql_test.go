package graphiql_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bellwether/internal/graphiql"
)

// get asks the handler for a path; headers are pairs of name and value.
func get(t *testing.T, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	graphiql.Handler("/graphql").ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, response *http.Response) string {
	t.Helper()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".ttf":  "font/ttf",
	".woff": "font/woff",
}

func TestPage(t *testing.T) {
	t.Parallel()
	response := get(t, "/")
	if got := response.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("content type %q", got)
	}
	if got := response.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("cache control %q", got)
	}
	html := body(t, response)
	for _, want := range []string{"<title>Bellwether</title>", `data-endpoint="/graphql"`} {
		if !strings.Contains(html, want) {
			t.Errorf("page without %s:\n%s", want, html)
		}
	}
	if inline := regexp.MustCompile(`<script[^>]*>[^<]|<style| on\w+=`).FindString(html); inline != "" {
		t.Errorf("inline code, which the policy blocks: %s", inline)
	}
}

// Every asset that the page, the style sheet and the scripts name is there, and nothing else is in dist.
func TestAssets(t *testing.T) {
	t.Parallel()
	hashed := regexp.MustCompile(`[\w.-]+-[0-9A-Z]{8}\.(?:css|js|svg|ttf|woff)\b`)
	var seen []string
	queue := hashed.FindAllString(body(t, get(t, "/")), -1)
	if len(queue) < 3 {
		t.Fatalf("the page names %q, want an icon, a style sheet and a script", queue)
	}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		response := get(t, "/graphiql/"+name)
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", name, response.StatusCode)
			continue
		}
		if got, want := response.Header.Get("Content-Type"), contentTypes[path.Ext(name)]; got != want {
			t.Errorf("%s: content type %q, want %q", name, got, want)
		}
		if got := response.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: cache control %q", name, got)
		}
		queue = append(queue, hashed.FindAllString(body(t, response), -1)...)
	}

	entries, err := os.ReadDir("dist/assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !slices.Contains(seen, entry.Name()) {
			t.Errorf("%s is never asked for", entry.Name())
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/graphiql/LICENSES.txt", "/graphiql/examples.json", "/unknown"} {
		header := get(t, path).Header
		policy := header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'self'; ") {
			t.Errorf("%s: policy %q", path, policy)
		}
		for _, hole := range []string{"unsafe-eval", "script-src", "http", "*", "blob:"} {
			if strings.Contains(policy, hole) {
				t.Errorf("%s: policy with %s: %q", path, hole, policy)
			}
		}
		if got := header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options %q", path, got)
		}
		if got := header.Get("Referrer-Policy"); got != "no-referrer" {
			t.Errorf("%s: Referrer-Policy %q", path, got)
		}
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/index.html", "/graphiql", "/graphiql/", "/graphiql/x.js", "/graphiql/..%2findex.html", "/graphiql/%2e%2e", "/graphql"} {
		if response := get(t, path); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, response.StatusCode)
		}
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	const path = "/graphiql/LICENSES.txt"
	plain := body(t, get(t, path))
	for header, want := range map[string]bool{
		"":                   false,
		"*":                  true,
		"*;q=0":              false,
		"br, gzip;q=0.5":     true,
		"deflate":            false,
		"gzip":               true,
		"gzip;q=0":           false,
		"gzip; q=0.000, *":   false,
		"identity, GZIP;Q=1": true,
	} {
		response := get(t, path, "Accept-Encoding", header)
		if got := response.Header.Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("%q: Vary %q", header, got)
		}
		if got := response.Header.Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("%q: compressed: %t, want %t", header, got, want)
			continue
		}
		if !want {
			continue
		}
		zip, err := gzip.NewReader(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(zip)
		if err != nil {
			t.Fatal(err)
		}
		if string(content) != plain {
			t.Errorf("%q: other content when compressed", header)
		}
	}
}

// The bundle was built from what is in web: its build writes down the digests of its sources.
func TestBundleIsUpToDate(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("dist/sources.sha256")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("web")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, entry := range entries {
		if entry.IsDir() || entry.Name() == ".npmrc" {
			continue
		}
		content, err := os.ReadFile("web/" + entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%x  %s\n", sha256.Sum256(content), entry.Name())
	}
	if got.String() != string(want) {
		t.Errorf("dist is not of what is in web (cd web && npm ci && npm run build):\n%s", got.String())
	}
}

// No registry's address is in the lock file, so that any mirror will do.
func TestLockFileNamesNoRegistry(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("web/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(lock), `"resolved"`) {
		t.Error("web/package-lock.json has resolved addresses (run npm in web, where .npmrc leaves them out)")
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	examples := graphiql.Examples()
	if len(examples) < 6 {
		t.Fatalf("%d examples", len(examples))
	}
	chinese := regexp.MustCompile(`(?m)^#.*\p{Han}`)
	for _, example := range examples {
		if !strings.HasPrefix(example.Query, "# ") || !chinese.MatchString(example.Query) {
			t.Errorf("%s begins without a comment in English and Chinese", example.Name)
		}
		if operation(example) == "" {
			t.Errorf("%s has no operation name, which the tab shows", example.Name)
		}
		if takes := strings.Contains(example.Query, "$"); takes != (example.Variables != "") {
			t.Errorf("%s: takes variables: %t, has variables: %q", example.Name, takes, example.Variables)
		}
		if example.Variables != "" && json.Unmarshal([]byte(example.Variables), &map[string]any{}) != nil {
			t.Errorf("%s: variables are no JSON object: %s", example.Name, example.Variables)
		}
	}
}

func TestExamplesServed(t *testing.T) {
	t.Parallel()
	var got []graphiql.Example
	if err := json.Unmarshal([]byte(body(t, get(t, "/graphiql/examples.json"))), &got); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, graphiql.Examples()) {
		t.Errorf("served %v", got)
	}
}

// operation is the name of an example's operation.
func operation(example graphiql.Example) string {
	match := regexp.MustCompile(`(?m)^(?:query|subscription) (\w+)`).FindStringSubmatch(example.Query)
	if match == nil {
		return ""
	}
	return match[1]
}
