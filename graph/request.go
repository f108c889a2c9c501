package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"bellwether/internal/fault"
	"bellwether/internal/record"
)

const want = `send {"query": "...", "variables": {...}} with Content-Type: application/json`

// readRequest reads a GraphQL request out of an HTTP one. The error has the status to answer with, and repeats nothing of
// what was sent.
func readRequest(w http.ResponseWriter, r *http.Request) (params *graphql.RawParams, status int, err error) {
	switch r.Method {
	case http.MethodGet:
		params, err = readURL(r.URL)
		status = http.StatusBadRequest
	case http.MethodPost:
		params, status, err = readBody(w, r)
	default:
		w.Header().Set("Allow", methods)
		return nil, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "the method %.20q is not served (POST a query as JSON)", r.Method)
	}
	switch {
	case err != nil:
	case !record.ValidJSON([]byte(params.Query)): // whose strings have the escapes of JSON
		status, err = http.StatusBadRequest, notUnicode()
	case params.Query == "":
		status, err = http.StatusBadRequest, fault.New(fault.Invalid, "there is no query (%s)", want)
	}
	if params != nil {
		params.Headers = r.Header
	}
	return params, status, err
}

func notUnicode() error {
	return fault.New(fault.Invalid, "the request has text that is not Unicode (send UTF-8, and escaped surrogates in pairs)")
}

// readURL reads the parameters of a GET.
func readURL(u *url.URL) (*graphql.RawParams, error) {
	given, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the URL's parameters cannot be read (URL-encode them)")
	}
	params := &graphql.RawParams{Query: given.Get("query"), OperationName: given.Get("operationName")}
	if !record.ValidJSON([]byte(given.Get("variables"))) {
		return nil, notUnicode()
	}
	for name, into := range map[string]*map[string]any{"variables": &params.Variables, "extensions": &params.Extensions} {
		if text := given.Get(name); text != "" && decodeJSON([]byte(text), into) != nil {
			return nil, fault.New(fault.Invalid, "%s are not a JSON object (URL-encode one, or leave them out)", name)
		}
	}
	return params, nil
}

// readBody reads the body of a POST that holds one request.
func readBody(w http.ResponseWriter, r *http.Request) (params *graphql.RawParams, status int, err error) {
	kind, options, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != mediaJSON {
		return nil, http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "the content type is not application/json (%s)", want)
	}
	if charset := options["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "the charset is not UTF-8 (%s)", want)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, http.StatusRequestEntityTooLarge, fault.New(fault.OutOfRange, "the body is larger than %d MB (send less at once)", maxBody>>20)
	case err != nil:
		return nil, http.StatusBadRequest, fault.New(fault.Invalid, "the body ended early (send it again)")
	case !record.ValidJSON(body):
		return nil, http.StatusBadRequest, notUnicode()
	}
	if err := decodeJSON(body, &params); err != nil || params == nil {
		return nil, http.StatusBadRequest, fault.New(fault.Invalid, "the body is not a GraphQL request in JSON%s (%s)", place(err), want)
	}
	return params, 0, nil
}

// decodeJSON reads one JSON value, numbers as they are written.
func decodeJSON(text []byte, into any) error {
	if !json.Valid(text) { // to its end, which a Decoder does not check
		var any json.RawMessage
		return json.Unmarshal(text, &any)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
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
