// Command bellwether imports orders, scores customers and serves them over GraphQL. This file only wires packages
// together; internal/cli has the commands.
package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"bellwether/graph"
	"bellwether/internal/cli"
	"bellwether/internal/demo"
	"bellwether/internal/graphiql"
	"bellwether/internal/registry"
	"bellwether/internal/sandbox"
	"bellwether/internal/store"
	"bellwether/internal/web"
	"bellwether/plugins"
	"bellwether/scoring/engine"
)

func main() {
	sandbox.MainIfWorker()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], cli.App{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Scorers: plugins.All(), SDK: sdk, Schema: graph.SDL, Open: openAPI, Serve: serve, Now: time.Now,
	})
	stop()
	os.Exit(code)
}

// serve runs a server until the context ends.
func serve(ctx context.Context, o cli.ServeOptions) error {
	listener, err := web.Listen(ctx, o.Addr)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // Run has closed it
	s, err := NewServer(ctx, o)
	if err != nil {
		return err
	}
	web.TuneMemory()
	refit, stop := context.WithCancel(ctx)
	go web.ReleaseMemory(refit, 10*time.Second)
	done := make(chan struct{})
	go s.Rules.Run(refit)
	go func() {
		defer close(done)
		s.Live.Run(refit, o.RefitEvery, func(err error) { o.Log.Error("models could not be refitted", "error", err) })
	}()
	o.Log.Info("serving", "url", "http://"+listener.Addr().String()+"/", "database", o.DB, "demo", o.Demo)
	o.Started(listener.Addr())
	err = web.Run(ctx, listener, s.Handler, s.API.End, o.Log)
	stop()
	<-done
	return errors.Join(err, s.Close())
}

// openAPI gives commands the API of a database, without a network.
func openAPI(ctx context.Context, o cli.ServeOptions) (http.Handler, io.Closer, error) {
	s, err := NewServer(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	return s.Handler, s, nil
}

// Server is a database, an engine on it, and the handler that serves both.
type Server struct {
	Store   *store.Store
	Live    *engine.Live
	Rules   *registry.Registry
	API     *graph.Handler
	Handler http.Handler
}

// NewServer opens the database of the options and puts a server together. Close it when it is done.
func NewServer(ctx context.Context, o cli.ServeOptions) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{}
	var err error
	if s.Store, err = store.Open(ctx, o.DB, store.Options{Existing: o.Existing, ReadOnly: o.ReadOnly}); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) prepare(ctx context.Context, o cli.ServeOptions) (err error) {
	now := o.Now
	if now == nil {
		now = time.Now
	}
	if o.Demo {
		if err := demo.LoadUntil(ctx, now(), s.Store); err != nil {
			return err
		}
	}
	if err := s.Store.Configure(ctx, o.BaseCurrency, o.BusinessZone); err != nil {
		return err
	}
	e, err := engine.New(engine.Config{Scorers: plugins.All(), Source: s.Store.Facts(), Stored: s.Store.Stored(), Params: o.Params, Open: true, Now: now})
	if err != nil {
		return err
	}
	s.Live = engine.NewLive(e)
	s.Rules, err = registry.Open(ctx, s.Live, registry.Options{
		BuiltIn: plugins.All(), Store: s.Store, Dir: o.Plugins, Allowed: o.PluginsAllowed, Unsigned: o.PluginsUnsigned, Cache: o.PluginsCache, Log: o.Log,
	})
	if err != nil {
		return err
	}
	s.API = graph.NewHandler(&graph.Resolver{Ent: s.Store.Ent(), Live: s.Live, Rules: s.Rules, Scores: s.Store, Store: s.Store, Writer: s.Store}, o.Log, graph.Streams{})
	s.API.AroundResponses(graph.Within(o.Patience))
	s.Handler = web.Handler(web.Routes{
		API:     s.API,
		Console: graphiql.Handler("/graphql"),
		Ready:   s.Store.Ping,
	}, o.Log)
	return nil
}

// Close ends the modules and closes the database.
func (s *Server) Close() error {
	if s.Rules == nil {
		return s.Store.Close()
	}
	return errors.Join(s.Rules.Close(), s.Store.Close())
}
