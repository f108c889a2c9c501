package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/99designs/gqlgen/graphql"

	"bellwether/internal/fault"
)

// readable refuses requests that gqlgen would answer without a code, or by sending back what it was sent: another
// method, another type of content, a body that is too large or is not one GraphQL request.
func readable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodOptions:
		case http.MethodGet:
			for _, name := range []string{"variables", "extensions"} {
				var object map[string]any
				if text := r.FormValue(name); text != "" && json.Unmarshal([]byte(text), &object) != nil {
					refuse(w, http.StatusBadRequest, fault.New(fault.Invalid, "%s are not a JSON object (URL-encode one, or leave them out)", name))
					return
				}
			}
		case http.MethodPost:
			body, status, err := readBody(w, r)
			if err != nil {
				refuse(w, status, err)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		default:
			w.Header().Set("Allow", "GET, OPTIONS, POST")
			refuse(w, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "the method %.20q is not served (POST a query as JSON)", r.Method))
			return
		}
		next.ServeHTTP(w, r)
	})
}

const want = `send {"query": "...", "variables": {...}} with Content-Type: application/json`

// readBody reads the body of a POST that holds one request.
func readBody(w http.ResponseWriter, r *http.Request) (body []byte, status int, err error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "the content type is not application/json (%s)", want)
	}
	body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, http.StatusRequestEntityTooLarge, fault.New(fault.OutOfRange, "the body is larger than %d MB (send less at once)", maxBody>>20)
	case err != nil:
		return nil, http.StatusBadRequest, fault.New(fault.Invalid, "the body ended early (send it again)")
	}
	var request *graphql.RawParams
	if err := json.Unmarshal(body, &request); err != nil || request == nil {
		return nil, http.StatusBadRequest, fault.New(fault.Invalid, "the body is not a GraphQL request in JSON%s (%s)", place(err), want)
	}
	return body, 0, nil
}

// place says where JSON went wrong, without repeating any of it.
func place(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf(": syntax error at byte %d", syntax.Offset)
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Sprintf(": %.20q is a JSON %s", kind.Field, kind.Value)
	case errors.As(err, &kind):
		return ": it is a JSON " + kind.Value
	}
	return ""
}

// refuse answers with an error alone, in the form of GraphQL.
func refuse(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{ //nolint:errcheck,errchkjson // the client is gone
		"errors": []any{map[string]any{"message": err.Error(), "extensions": map[string]any{"code": fault.Code(err)}}},
		"data":   nil,
	})
}
