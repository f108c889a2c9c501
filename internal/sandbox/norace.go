//go:build !race

package sandbox

const patience = 1
