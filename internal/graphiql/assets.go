package graphiql

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// contentTypes of the assets. Not the mime package: it asks the machine, and machines differ.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".ttf":  "font/ttf",
	".txt":  "text/plain; charset=utf-8",
	".woff": "font/woff",
}

const licences = "LICENSES.txt"

// assets serves the files of dist/assets, whose names change with their content and which may be kept for ever, and the
// licences.
type assets struct {
	// zipped keeps what compressed made: file name -> []byte. All assets together take a fraction of a second, once;
	// compressed files in the repository would change with the version of the compressor.
	zipped sync.Map
}

func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	file, cache := "dist/assets/"+name, "public, max-age=31536000, immutable"
	if name == licences {
		file, cache = "dist/"+name, "no-cache"
	}
	content, err := dist.ReadFile(file)
	if err != nil {
		http.NotFound(w, r)
		return
	}

	h := w.Header()
	h.Set("Cache-Control", cache)
	h.Set("Content-Type", contentTypes[path.Ext(name)])
	if path.Ext(name) != ".woff" { // compressed already
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			content = a.compressed(file, content)
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content) // the client has gone
}

// acceptsGzip reads an Accept-Encoding header: gzip or *, unless with the weight 0.
func acceptsGzip(header string) bool {
	weights := map[string]float64{}
	for coding := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(coding, ";")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameters)), "q="); ok {
			weight, _ = strconv.ParseFloat(q, 64) // a weight that is none counts as 0
		}
		weights[strings.ToLower(strings.TrimSpace(name))] = weight
	}
	if weight, ok := weights["gzip"]; ok {
		return weight > 0
	}
	return weights["*"] > 0
}

func (a *assets) compressed(file string, content []byte) []byte {
	if kept, ok := a.zipped.Load(file); ok {
		return kept.([]byte)
	}
	var buffer bytes.Buffer
	zip := gzip.NewWriter(&buffer)
	_, _ = zip.Write(content) // a bytes.Buffer takes everything
	_ = zip.Close()
	kept, _ := a.zipped.LoadOrStore(file, buffer.Bytes())
	return kept.([]byte)
}
