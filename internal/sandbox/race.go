//go:build race

package sandbox

// patience is by how much the standard limits are longer: the race detector makes compiling ten times slower.
const patience = 10
