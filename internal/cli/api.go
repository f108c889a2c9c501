package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// api is the API of a database, asked without a network: a command shows what every client can have.
type api struct {
	handler http.Handler
	io.Closer
}

// open opens the API of a database for reading.
func (app App) open(ctx context.Context, dsn string, plugins pluginFlags) (*api, error) {
	o := ServeOptions{DB: dsn, ReadOnly: true, Now: app.Now}
	plugins.plug(&o)
	return app.openWith(ctx, o)
}

func (app App) openWith(ctx context.Context, o ServeOptions) (*api, error) {
	handler, closer, err := app.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return &api{handler, closer}, nil
}

// ask runs a document and decodes its data. The errors of single fields, such as a failing scorer, are returned as
// notes; with no data at all they are the error.
func (a *api) ask(ctx context.Context, document string, variables map[string]any, into any) (notes []string, err error) {
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	answer := &answer{header: http.Header{}}
	a.handler.ServeHTTP(answer, request)
	var out struct {
		Data   json.RawMessage
		Errors []struct {
			Message string
			Path    []any
		}
	}
	if err := json.Unmarshal(answer.body.Bytes(), &out); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	for _, e := range out.Errors {
		if len(e.Path) > 0 && e.Path[0] == "variable" { // the message alone does not name the field
			e.Message = strings.Trim(strings.ReplaceAll(fmt.Sprint(e.Path[1:]), " ", "."), "[]") + ": " + e.Message
		}
		notes = append(notes, e.Message)
	}
	if len(out.Data) == 0 || string(out.Data) == "null" {
		return nil, errors.New(strings.Join(notes, "; "))
	}
	return notes, json.Unmarshal(out.Data, into)
}

// answer is an http.ResponseWriter that keeps what is written.
type answer struct {
	header http.Header
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(int)             {}
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }
