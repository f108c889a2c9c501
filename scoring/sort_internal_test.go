package scoring

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSortNumbers(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	odd := []float64{0, math.Copysign(0, -1), 1, -1, math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 1 << 53}
	for _, of := range []func() float64{
		func() float64 { return float64(dice.IntN(300)) },
		func() float64 { return float64(dice.Int64N(1 << 40)) },
		func() float64 { return dice.NormFloat64() * 1e9 },
		func() float64 { return odd[dice.IntN(len(odd))] },
		func() float64 { return 7 },
		func() float64 { return math.Log(float64(dice.IntN(1000)) - 1) }, // NaN among them
	} {
		for _, n := range []int{0, 1, 100, 5000} {
			got := make([]float64, n)
			for i := range got {
				got[i] = of()
			}
			want := slices.Clone(got)
			slices.Sort(want)
			sortNumbers(got)
			for i := range got {
				if got[i] != want[i] && !(math.IsNaN(got[i]) && math.IsNaN(want[i])) {
					t.Fatalf("%d numbers: %v at %d, want %v", n, got[i], i, want[i])
				}
			}
		}
	}
}
