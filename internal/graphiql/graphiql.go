// Package graphiql serves GraphiQL, the GraphQL explorer, from the binary: no asset comes from anywhere else, so it
// works offline. Begin with [Handler]; [Examples] are the queries that it opens as tabs on a browser's first visit.
//
// The folder dist is generated from the folder web and committed, so that building Bellwether takes Go alone.
// After a change in web, or of a version in its package.json, rebuild it with Node 20 or newer:
//
//	cd internal/graphiql/web && npm ci && npm run build
//
// An example is a file in examples; it needs no rebuild.
package graphiql

import (
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
)

//go:embed dist
var dist embed.FS

var page = template.Must(template.ParseFS(dist, "dist/index.html"))

// prefix is where the assets are. Relative to the page, so that it works behind a path prefix too.
const prefix = "graphiql/"

// policy lets the page load from its own origin only. Monaco, the editor, makes style elements, style attributes and
// images in data: URLs; it needs no inline script, no eval and no blob.
var policy = strings.Join([]string{
	"default-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
	"img-src 'self' data:",
	"object-src 'none'",
	"style-src 'self' 'unsafe-inline'",
}, "; ")

// Handler serves the page at "/" and its assets below "/graphiql/"; any other path is not found. The page sends its
// queries to endpoint, a path or URL of the same origin (the policy blocks others), and its subscriptions to the same
// address over a WebSocket (protocol graphql-transport-ws).
func Handler(endpoint string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", servePage(endpoint))
	mux.HandleFunc("GET /"+prefix+"examples.json", serveExamples)
	mux.Handle("GET /"+prefix+"{name}", &assets{})
	return secured(mux)
}

// secured sets the headers that every answer has, those of workers included: a worker obeys its own answer's policy.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

func servePage(endpoint string) http.HandlerFunc {
	data := struct{ Endpoint, Examples string }{endpoint, prefix + "examples.json"}
	return func(w http.ResponseWriter, _ *http.Request) {
		var html strings.Builder
		if err := page.Execute(&html, data); err != nil {
			http.Error(w, "page not rendered: "+err.Error(), http.StatusInternalServerError)
			return
		}
		fresh(w, "text/html; charset=utf-8")
		_, _ = w.Write([]byte(html.String())) // the client has gone
	}
}

func serveExamples(w http.ResponseWriter, _ *http.Request) {
	examples, err := json.Marshal(Examples())
	if err != nil {
		http.Error(w, "examples not encoded: "+err.Error(), http.StatusInternalServerError)
		return
	}
	fresh(w, "application/json")
	_, _ = w.Write(examples) // the client has gone
}

// fresh is for what keeps its name when it changes: the browser asks again every time.
func fresh(w http.ResponseWriter, contentType string) {
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Type", contentType)
}
