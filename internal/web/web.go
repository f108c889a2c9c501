// Package web is the HTTP server around the API: routes, health, logs, and an end that loses no request. Start with
// [Handler] and [Run].
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"bellwether/internal/fault"
)

// Routes are what a server serves.
type Routes struct {
	API     http.Handler                    // /graphql
	Console http.Handler                    // everything else
	Ready   func(ctx context.Context) error // /readyz
}

// Handler serves the routes and logs every request but the health checks.
func Handler(r Routes, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", r.API)
	mux.Handle("/", r.Console)
	logged := logging(mux, log)
	top := http.NewServeMux()
	top.Handle("/", logged)
	top.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	top.HandleFunc("GET /readyz", func(w http.ResponseWriter, req *http.Request) {
		ctx, cancel := context.WithTimeout(req.Context(), 2*time.Second)
		defer cancel()
		if err := r.Ready(ctx); err != nil {
			log.WarnContext(ctx, "not ready", "error", err)
			answer(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		answer(w, http.StatusOK, "ready")
	})
	return top
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	io.WriteString(w, text+"\n") //nolint:errcheck // the client is gone
}

func logging(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		start := time.Now()
		next.ServeHTTP(seen, r)
		log.InfoContext(r.Context(), "request", "method", r.Method, "path", r.URL.Path, "status", seen.status, "bytes", seen.bytes, "duration", time.Since(start).Round(time.Microsecond))
	})
}

// statusWriter remembers what was answered.
type statusWriter struct {
	http.ResponseWriter
	status, bytes int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Listen opens the address that a server shall serve.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fault.New(fault.Unavailable, "address %s is in use (choose another with --addr, or :0 for any free port)", addr)
	case errors.Is(err, syscall.EACCES):
		return nil, fault.New(fault.Unavailable, "address %s needs rights that this process lacks (choose a port above 1023 with --addr)", addr)
	case err != nil:
		return nil, fault.New(fault.Invalid, "cannot listen on %q: %w (write --addr like 127.0.0.1:8080)", addr, err)
	}
	return l, nil
}

// grace is how long requests in flight may take once the end has been asked for.
const grace = 30 * time.Second

// Run serves a listener until the context ends; then no request is taken any more, those in flight finish, and end ends
// what would stay open for ever.
func Run(ctx context.Context, l net.Listener, h http.Handler, end func(context.Context) error, log *slog.Logger) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	log.Info("shutting down: requests in flight finish", "grace", grace)
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	streams := make(chan error, 1)
	go func() { streams <- end(finish) }()
	return errors.Join(server.Shutdown(finish), <-streams)
}
