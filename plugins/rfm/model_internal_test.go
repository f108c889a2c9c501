package rfm

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestNth(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		texts := make([]string, 1+dice.IntN(30))
		for i := range texts {
			texts[i] = fmt.Sprint("c", dice.IntN(20))
		}
		sorted := slices.Sorted(slices.Values(texts))
		place := dice.IntN(len(texts))
		if got := nth(slices.Clone(texts), place); got != sorted[place] {
			t.Fatalf("place %d of %q: %q, want %q", place, texts, got, sorted[place])
		}
	}
}
