// Command pioneer is the scorer pioneer as a WebAssembly module: the same source that is compiled into the server.
package main

import (
	"bellwether/plugins/pioneer"
	"bellwether/scoring/guest"
)

var _ = guest.Serve(pioneer.New())

func main() {}
