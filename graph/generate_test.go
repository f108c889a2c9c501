package graph_test

// The directive stands in an external test because go generate reads those last: the generator removes the resolvers of
// removed plugins, and go generate fails when a file that it has yet to read is gone.

//go:generate go run ./gen
//go:generate go test -count=1 -run TestSDL . -update
