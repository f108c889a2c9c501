package graph

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bellwether/internal/fault"
)

const (
	mediaJSON     = "application/json"
	mediaResponse = "application/graphql-response+json"
	methods       = "GET, OPTIONS, POST"
)

// overHTTP is the transport of https://graphql.github.io/graphql-over-http/draft/. It is not gqlgen's own because that
// repeats malformed bodies, gives refused requests a data entry, takes no q-values, and has its own mind of statuses.
type overHTTP struct{}

// Supports implements graphql.Transport: there is no other.
func (overHTTP) Supports(*http.Request) bool { return true }

// Do implements graphql.Transport.
func (overHTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if r.Method == http.MethodOptions {
		w.Header().Set("Allow", methods)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	media := accepted(r.Header.Values("Accept"))
	ctx, start := r.Context(), graphql.Now()
	params, status, err := readRequest(w, r)
	if err != nil {
		refuse(w, media, status, exec.DispatchError(ctx, gqlerror.List{gqlerror.WrapPath(nil, err)}))
		return
	}
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	operation, wrong := exec.CreateOperationContext(ctx, params)
	if len(wrong) > 0 {
		status = http.StatusOK // of a well-formed request, for clients of application/json
		if media == mediaResponse {
			status = http.StatusBadRequest
		}
		refuse(w, media, status, exec.DispatchError(graphql.WithOperationContext(ctx, operation), wrong))
		return
	}
	if r.Method == http.MethodGet && operation.Operation.Operation != ast.Query {
		w.Header().Set("Allow", "OPTIONS, POST")
		err := fault.New(fault.Invalid, "a GET only asks, it writes nothing (POST a mutation)")
		refuse(w, media, http.StatusMethodNotAllowed, exec.DispatchError(graphql.WithOperationContext(ctx, operation), gqlerror.List{gqlerror.WrapPath(nil, err)}))
		return
	}
	respond, ctx := exec.DispatchOperation(ctx, operation)
	answer(w, media, http.StatusOK, respond(ctx))
}

// refuse answers a request that was not executed: with errors, and no data entry.
func refuse(w http.ResponseWriter, media string, status int, response *graphql.Response) {
	answer(w, media, status, struct {
		Errors     gqlerror.List  `json:"errors"`
		Extensions map[string]any `json:"extensions,omitempty"`
	}{response.Errors, response.Extensions})
}

func answer(w http.ResponseWriter, media string, status int, response any) {
	body, err := json.Marshal(response)
	if err != nil { // an extension that is not JSON: there are none
		status, body = http.StatusInternalServerError, []byte(`{"errors":[{"message":"the answer cannot be written","extensions":{"code":"INTERNAL"}}]}`)
	}
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	w.Header().Set("Vary", "Accept")
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // the client is gone
}

// accepted is the media type to answer with, by the Accept headers: the one of the higher quality, of equal ones the one
// named first. Who names neither, or nothing, gets application/json, which every client reads.
func accepted(headers []string) string {
	best, quality := mediaJSON, 0.0
	for _, header := range headers {
		for part := range strings.SplitSeq(header, ",") {
			media, parameters, _ := strings.Cut(part, ";")
			media = strings.ToLower(strings.TrimSpace(media))
			if media != mediaResponse && media != mediaJSON {
				continue
			}
			if q := qualityOf(parameters); q > quality {
				best, quality = media, q
			}
		}
	}
	return best
}

func qualityOf(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				return 1
			}
			return q
		}
	}
	return 1
}
