// Command visits is the scorer visits as a module.
package main

import (
	"bellwether/scoring/guest"
	"bellwether/testdata/modules/visitor"
)

var _ = guest.Serve(visitor.New("1.0.0", 2))

func main() {}
