// Command rfm is the scorer rfm as a WebAssembly module: the same source that is compiled into the server.
package main

import (
	"bellwether/plugins/rfm"
	"bellwether/scoring/guest"
)

var _ = guest.Serve(rfm.New())

func main() {}
