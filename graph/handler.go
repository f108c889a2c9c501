package graph

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"log/slog"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
)

// Store is what the API needs of a database beyond ent; internal/store is one.
type Store interface {
	// Explain makes an error for people of what the database said, where a person can do something about it.
	Explain(err error) error
	// FirstOfEach is a query of columns of the first rows of each customer, in the order and up to the limit that restrict
	// gives.
	FirstOfEach(d *sql.DialectBuilder, table string, columns []string, customers []uuid.UUID, restrict func(*sql.Selector)) *sql.Selector
	// ChildrenOf is such a query for the customer of a row around it, whose id is an expression.
	ChildrenOf(d *sql.DialectBuilder, customer, table string, columns []string, restrict func(*sql.Selector)) *sql.Selector
	// Packed makes one value of the rows of a query, which may refer to the row around it; false where that spares nothing.
	// Unpack reads them: row is called for each, and scans its columns into places.
	Packed(rows *sql.Selector) (sql.Querier, bool)
	Unpack(packed []byte, row func(scan func(places []any) error) error) error
	// Columns are columns of a table, under an alias, as a query selects them; Target is what to scan one into, for where
	// its value is to be.
	Columns(table, alias string, names []string) []sql.Querier
	Target(to any) any
	// In is the condition that a column has one of some ids.
	In(column string, ids []uuid.UUID) *sql.Predicate
	// Search is a condition on customers: every word of a text is a part of their search text, but for case and width.
	Search(ctx context.Context, text string) (func(*sql.Selector), error)
	// Select runs a query.
	Select(ctx context.Context, build func(*sql.DialectBuilder) *sql.Selector) (*stdsql.Rows, error)
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
	r.feed = newFeed(r.Scores, log)
	s := &Handler{handler.New(NewExecutableSchema(Config{Resolvers: r, Schema: Schema()})), newStreams(limits)}
	s.AddTransport(overSocket{s.streams})
	s.AddTransport(overHTTP{s.streams})
	s.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	s.SetParserTokenLimit(maxTokens)
	s.Use(extension.Introspection{})
	s.AroundResponses(r.withEngine)
	s.SetErrorPresenter(present(log, r.Store.Explain))
	s.SetRecoverFunc(func(_ context.Context, p any) error { return fmt.Errorf("panic: %v", p) })
	return s
}

// End ends what stays open, so that clients connect again elsewhere, and waits until it has. New connections are refused.
func (h *Handler) End(ctx context.Context) error { return h.streams.end(ctx) }

// Within gives queries and mutations a time to end in; 0 is no bound. A subscription's events come when they come.
func Within(patience time.Duration) graphql.ResponseMiddleware {
	return func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		if patience > 0 && graphql.HasOperationContext(ctx) && !subscribes(graphql.GetOperationContext(ctx)) {
			limited, cancel := context.WithTimeout(context.WithValue(ctx, unhurried{}, ctx), patience)
			defer cancel()
			ctx = limited
		}
		return next(ctx)
	}
}

// unhurried is the key of a request's context as it was before it got a time to end in.
type unhurried struct{}

// atLeisure is the context of what a client asked to wait for, however long it takes.
func atLeisure(ctx context.Context) context.Context {
	if before, ok := ctx.Value(unhurried{}).(context.Context); ok {
		return before
	}
	return ctx
}

// subscribes tells what an operation is; of a document that is refused it is none.
func subscribes(c *graphql.OperationContext) bool {
	return c.Operation != nil && c.Operation.Operation == ast.Subscription
}
