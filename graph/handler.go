package graph

import (
	"context"
	"fmt"
	"log/slog"

	"entgo.io/ent/dialect/sql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
)

// Store is what the API needs of a database beyond ent; internal/store is one.
type Store interface {
	// Fold brings a text into the form in which customers are searched.
	Fold(text string) string
	// FirstOfEach restricts a query of a table with customer_id to the first n rows of each customer, among those that
	// restrict keeps and in the order that sort gives.
	FirstOfEach(table string, customers []uuid.UUID, restrict, sort func(*sql.Selector), n int) func(*sql.Selector)
}

// Limits of a request.
const (
	maxBody   = 4 << 20 // bytes
	maxTokens = 10_000  // of a document
)

// Handler serves the API.
type Handler struct {
	*handler.Server
	streams *streams
}

// NewHandler serves the API with bounds of what stays open.
func NewHandler(r *Resolver, log *slog.Logger, limits Streams) *Handler {
	s := &Handler{handler.New(NewExecutableSchema(Config{Resolvers: r, Schema: Schema()})), newStreams(limits)}
	s.AddTransport(overSocket{s.streams})
	s.AddTransport(overHTTP{s.streams})
	s.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	s.SetParserTokenLimit(maxTokens)
	s.Use(extension.Introspection{})
	s.SetErrorPresenter(present(log))
	s.SetRecoverFunc(func(_ context.Context, p any) error { return fmt.Errorf("panic: %v", p) })
	return s
}

// End ends what stays open, so that clients connect again elsewhere, and waits until it has. New connections are refused.
func (h *Handler) End(ctx context.Context) error { return h.streams.end(ctx) }
