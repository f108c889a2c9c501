package graph

import (
	"context"
	"errors"
	"log/slog"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bellwether/internal/fault"
)

// present is the only place where errors become GraphQL. Errors with a code are for people and keep their message;
// gqlgen's own are about the document; everything else is logged, and the client learns only that it happened. What the
// database says is explained first.
func present(log *slog.Logger, explain func(error) error) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		shown := graphql.DefaultErrorPresenter(ctx, err)
		code := fault.Code(err)
		if explained := explain(err); code == "" && fault.Code(explained) != "" {
			code, shown.Message = fault.Code(explained), explained.Error()
		}
		var document *gqlerror.Error
		switch {
		case code != "":
		case errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded):
			code, shown.Message = "TIMEOUT", "the request took too long (ask for less, or try again in a moment)"
		case errors.Is(err, context.Canceled):
			code, shown.Message = "CANCELLED", "the request was given up"
		case errors.As(err, &document) && document.Err == nil, errors.As(err, &document) && shown.Extensions["code"] != nil:
			if code, _ = shown.Extensions["code"].(string); code == "" {
				code = errcode.ValidationFailed
			}
		default:
			log.ErrorContext(ctx, "request failed", "path", shown.Path.String(), "error", err)
			code, shown.Message = "INTERNAL", "something went wrong on the server (its log says what)"
		}
		if shown.Extensions == nil {
			shown.Extensions = map[string]any{}
		}
		shown.Extensions["code"] = code
		return shown
	}
}
