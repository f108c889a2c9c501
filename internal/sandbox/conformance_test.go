package sandbox_test

import (
	"testing"

	"bellwether/scoring/scoretest"
)

// A module keeps the rules that every scorer keeps.
func TestConformance(t *testing.T) {
	names := []string{"basket", "pioneer", "rfm_fixed"}
	if !testing.Short() {
		names = append(names, "rfm") // whose parameters are fitted a hundred times
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) { scoretest.Run(t, load(t, name)) })
	}
}
