// Package graph serves the API over GraphQL. Start with [NewHandler]. The schema is in *.graphqls here and in the
// plugins' folders; resolvers have one statement; errors.go is the only place where errors become GraphQL.
package graph

import (
	"bellwether/ent"
	"bellwether/scoring/engine"
)

// Resolver answers the fields that need more than their object.
type Resolver struct {
	Ent    *ent.Client
	Engine *engine.Engine
	Scores StoredScores
	Store  Store
	Writer Writer

	feed *feed // NewHandler makes it
}
