package graph

import (
	"context"

	"bellwether/graph/model"
)

// paging are the arguments of a connection, as clients send them.
type paging struct {
	first  *int
	after  *string
	last   *int
	before *string
}

// connection is a page of what shown holds, as a connection's fields. Cursors are made where they are selected.
func connection[T, E any](shown []T, next, previous bool, edge func(T) E, at func(T) string, total func(context.Context) (int, error)) model.Page[E] {
	page := model.Page[E]{Edges: make([]E, len(shown)), Total: total}
	page.PageInfo.HasNextPage, page.PageInfo.HasPreviousPage = next, previous
	for i, row := range shown {
		page.Edges[i] = edge(row)
	}
	if n := len(shown); n > 0 {
		page.PageInfo.Start = func() string { return at(shown[0]) }
		page.PageInfo.End = func() string { return at(shown[n-1]) }
	}
	return page
}
