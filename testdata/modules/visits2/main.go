// Command visits2 is the scorer visits as a module.
package main

import (
	"bellwether/scoring/guest"
	"bellwether/testdata/modules/visitor"
)

var _ = guest.Serve(visitor.New("2.0.0", 3))

func main() {}
