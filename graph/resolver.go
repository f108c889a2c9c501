// Package graph serves the API over GraphQL. Start with [NewHandler]. The schema is in *.graphqls here and in the
// plugins' folders; resolvers have one statement; errors.go is the only place where errors become GraphQL.
package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"bellwether/ent"
	"bellwether/scoring/engine"
)

// Resolver answers the fields that need more than their object.
type Resolver struct {
	Ent    *ent.Client
	Live   *engine.Live
	Rules  Rules
	Scores StoredScores
	Store  Store
	Writer Writer

	feed *feed // NewHandler makes it
}

// engineKey is the key of the engine that a request began with.
type engineKey struct{}

// engine is the engine of the request: one set of scorers from its beginning to its end.
func (r *Resolver) engine(ctx context.Context) *engine.Engine {
	if e, ok := ctx.Value(engineKey{}).(*engine.Engine); ok {
		return e
	}
	return r.Live.Engine()
}

// withEngine keeps a request to the engine that it began with.
func (r *Resolver) withEngine(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	return next(context.WithValue(ctx, engineKey{}, r.Live.Engine()))
}
