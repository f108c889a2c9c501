package scoring_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"bellwether/scoring"
)

func TestPercentile(t *testing.T) {
	r := scoring.Rank([]float64{3, 1, 2, 2})
	for x, want := range map[float64]float64{0: 0, 1: .125, 1.5: .25, 2: .5, 2.5: .75, 3: .875, 9: 1} {
		if got := r.Percentile(x); got != want {
			t.Errorf("percentile of %v is %v, want %v", x, got, want)
		}
	}
	if got := scoring.Rank(nil).Percentile(1); !math.IsNaN(got) {
		t.Errorf("percentile among nobody is %v, want NaN", got)
	}
	if got := scoring.Rank(nil).Quantile(.5); !math.IsNaN(got) {
		t.Errorf("quantile of nothing is %v, want NaN", got)
	}
}

// The values are R's quantile(x, probs, type = 7).
func TestQuantile(t *testing.T) {
	r := scoring.Rank([]float64{29, 3, 5, 7, 11, 13, 17, 19, 23, 2})
	for p, want := range map[float64]float64{0: 2, .1: 2.9, .2: 4.6, .4: 9.4, .6: 14.6, .8: 19.8, .95: 26.3, 1: 29} {
		if got := r.Quantile(p); math.Abs(got-want) > 1e-9 {
			t.Errorf("quantile %v is %v, want %v", p, got, want)
		}
	}
	mpg := []float64{
		21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3,
		19.2, 27.3, 26, 30.4, 15.8, 19.7, 15, 21.4,
	}
	// The lower bounds that R's package rfm publishes for these, which are the quantiles + 1.
	for k, want := range []float64{16.2, 18.92, 22, 25.08} {
		if got := scoring.Rank(mpg).Quantile(float64(k+1)/5) + 1; math.Abs(got-want) > 1e-9 {
			t.Errorf("bound %d is %v, want %v", k, got, want)
		}
	}
}

// TestQuantileHitsValues takes n such that (n-1)p is a whole number, which rounding must not miss.
func TestQuantileHitsValues(t *testing.T) {
	for n := 1; n < 3000; n++ {
		xs := make([]float64, n)
		for i := range xs {
			xs[i] = float64(i)
		}
		r := scoring.Rank(xs)
		for k := range 6 {
			if (n-1)*k%5 == 0 {
				if got, want := r.Quantile(float64(k)/5), float64((n-1)*k/5); got != want {
					t.Fatalf("n %d: quantile %d/5 is %v, want %v", n, k, got, want)
				}
			}
		}
	}
}

// values are n random ones of which many are equal.
func values(r *rand.Rand, n, distinct int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = float64(r.IntN(distinct)) - 3
	}
	return xs
}

// TestRankingProperties compares with the definitions, counted one by one.
func TestRankingProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		n := 1 + r.IntN(60)
		xs := values(r, n, 1+r.IntN(30))
		ranking, borders := scoring.Rank(slices.Clone(xs)), scoring.Rank(slices.Clone(xs)).Borders(5)
		if ranking.Len() != n {
			t.Fatalf("%d ranked, want %d", ranking.Len(), n)
		}
		if !slices.IsSorted(borders) {
			t.Fatalf("borders %v of %v are not ascending", borders, xs)
		}
		sum := 0.0
		for _, x := range xs {
			below, equal := 0, 0
			for _, y := range xs {
				switch {
				case y < x:
					below++
				case y == x:
					equal++
				}
			}
			p := ranking.Percentile(x)
			if want := (float64(below) + float64(equal)/2) / float64(n); math.Abs(p-want) > 1e-12 || p <= 0 || p >= 1 {
				t.Fatalf("percentile of %v among %v is %v, want %v", x, xs, p, want)
			}
			sum += p
			score := 1
			for _, b := range borders {
				if x >= b {
					score++
				}
			}
			if want := min(5, 1+5*(2*below+equal)/(2*n)); score != want {
				t.Fatalf("by its borders %v scores %d among %v, want %d", x, score, xs, want)
			}
		}
		if mean := sum / float64(n); math.Abs(mean-.5) > 1e-9 {
			t.Fatalf("the mean percentile of %v is %v, want .5", xs, mean)
		}
	}
}

func TestBordersThatNobodyReaches(t *testing.T) {
	inf := math.Inf(1)
	if got := scoring.Rank([]float64{7, 7, 7}).Borders(5); !slices.Equal(got, []float64{7, 7, inf, inf}) {
		t.Errorf("borders of three alike are %v", got)
	}
	if got := scoring.Rank(nil).Borders(3); !slices.Equal(got, []float64{inf, inf}) {
		t.Errorf("borders of nothing are %v", got)
	}
}

func FuzzQuantile(f *testing.F) {
	f.Add(uint64(1), 10, .3)
	f.Fuzz(func(t *testing.T, seed uint64, n int, p float64) {
		if n < 1 || n > 2000 || math.IsNaN(p) || p < 0 || p > 1 {
			return
		}
		xs := values(rand.New(rand.NewPCG(seed, 1)), n, 40)
		got := scoring.Rank(xs).Quantile(p) // sorts xs
		below := 0
		for _, x := range xs {
			if x < got {
				below++
			}
		}
		if got < xs[0] || got > xs[n-1] || float64(below) > p*float64(n-1)+1.000001 {
			t.Errorf("quantile %v of %v is %v", p, xs, got)
		}
	})
}
