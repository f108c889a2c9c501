package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"bellwether/internal/record"
	"bellwether/internal/store"
)

// TestInterleavings writes the same records - customers, products, touchpoints, orders and what they hint at - in random
// orders, in calls of random sizes, some of them twice: the state is always the same, to the last column.
func TestInterleavings(t *testing.T) {
	runs := 12
	if testing.Short() {
		runs = 4
	}
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 3))
		steps := recordSteps(random, true)
		var want []string
		for run := range runs {
			s := open(t)
			if err := s.Configure(t.Context(), "EUR", ""); err != nil {
				t.Fatal(err)
			}
			random.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
			for _, step := range steps {
				for range 1 + random.IntN(2) {
					step(t, s)
				}
			}
			got := state(t, s)
			if run == 0 {
				want = got
			}
			if compare(t, got, want); t.Failed() {
				t.Fatalf("seed %d, run %d", seed, run)
			}
		}
	}
}

// TestMergeInterleavings merges customers in the midst of their orders and touchpoints: what shows is always the same.
func TestMergeInterleavings(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 3))
	customers, steps := make([]record.Customer, 0, 16), recordSteps(random, false)
	for i := range 16 {
		c := randomCustomer(random)
		c.Key = key(fmt.Sprintf("c%d", i))
		for _, f := range []*record.Field[string]{&c.Name, &c.Country} { // what is null is filled by hints when customers merge
			if f.State == record.Null {
				f.State = record.Omitted
			}
		}
		customers = append(customers, c)
	}
	for _, pair := range [][2]string{{"c0", "c1"}, {"c2", "c3"}, {"c3", "c4"}, {"c8", "c6"}, {"c7", "c5"}} {
		steps = append(steps, func(t *testing.T, s *store.Store) { merge(t, s, pair[0], pair[1]) })
	}
	var want []string
	for run := range 20 {
		s := open(t)
		if err := s.Configure(t.Context(), "EUR", ""); err != nil {
			t.Fatal(err)
		}
		writeCustomers(t, s, customers...)
		random.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		for _, step := range steps {
			for range 1 + random.IntN(2) {
				step(t, s)
			}
		}
		got := visible(t, s)
		if run == 0 {
			want = got
		}
		if compare(t, got, want); t.Failed() {
			t.Fatalf("run %d", run)
		}
	}
}

// recordSteps are calls that write records, each record in one of them.
func recordSteps(random *rand.Rand, customers bool) (steps []func(*testing.T, *store.Store)) {
	for first := 0; first < 60; first += 1 + random.IntN(6) {
		var orders []record.Order
		for range 1 + random.IntN(5) {
			orders = append(orders, randomOrder(random, len(steps)*6+len(orders)))
		}
		steps = append(steps, func(t *testing.T, s *store.Store) { writeBatch(t, s, orderBatch(orders)) })
		p := randomTouchpoint(random)
		p.Key = key(fmt.Sprint("t", first))
		steps = append(steps, func(t *testing.T, s *store.Store) { writeTouchpoints(t, s, p) })
	}
	for i := range 22 {
		p := record.Product{SKU: fmt.Sprintf("p%d", i), Category: maybe(random, "X", "Y"), Technology: maybe(random, true)}
		steps = append(steps, func(t *testing.T, s *store.Store) { writeProducts(t, s, p) })
	}
	for i := range 12 {
		if !customers {
			break
		}
		c := randomCustomer(random)
		c.Key = key(fmt.Sprintf("c%d", i))
		steps = append(steps, func(t *testing.T, s *store.Store) { writeCustomers(t, s, c) })
	}
	return steps
}
