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

// connection is a page of what shown holds, as a connection's fields.
func connection[T, E any](shown []T, next, previous bool, edge func(T) (E, string), total func(context.Context) (int, error)) model.Page[E] {
	page := model.Page[E]{Edges: make([]E, len(shown)), Total: total}
	page.PageInfo.HasNextPage, page.PageInfo.HasPreviousPage = next, previous
	for i, row := range shown {
		e, at := edge(row)
		page.Edges[i] = e
		if i == 0 {
			page.PageInfo.StartCursor = &at
		}
		page.PageInfo.EndCursor = &at
	}
	return page
}
