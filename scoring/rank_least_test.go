package scoring_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"bellwether/scoring"
)

// TestLeast: what is at or above the least value of a percentile has that percentile or a higher one, and nothing else.
func TestLeast(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		values := make([]float64, 1+random.IntN(40))
		for i := range values {
			values[i] = float64(random.IntN(12))
		}
		r, p := scoring.Rank(values), float64(random.IntN(21))/20
		least := r.Least(p)
		for _, v := range values {
			if (v >= least) != (r.Percentile(v) >= p) {
				t.Fatalf("%v of %v: %v, but the percentile of %v is %v", p, values, least, v, r.Percentile(v))
			}
		}
	}
	if least := (scoring.Ranking{}).Least(.5); !math.IsNaN(least) {
		t.Errorf("of nothing it is %v", least)
	}
}
