package demo_test

import (
	"context"
	"testing"
	"time"

	"bellwether/internal/demo"
	"bellwether/internal/pgtest"
	"bellwether/internal/store"
	"bellwether/plugins"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// end is when the shops of these tests end; the server's clock is some hours later.
func end() time.Time { return time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC) }

// labels are the main label of each scorer, by scorer and external id.
type labels map[string]map[string]string

// scored loads a shop into a new database and scores everybody with every scorer.
func scored(t *testing.T, o demo.Options) (labels, []demo.Truth) {
	t.Helper()
	shop, err := demo.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	s, err := store.Open(ctx, pgtest.DSN(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // a temporary database
	start := time.Now()
	if err := shop.Load(ctx, s); err != nil {
		t.Fatal(err)
	}
	t.Logf("loaded in %v", time.Since(start))
	var truths []demo.Truth
	for n := range shop.Neighbourhoods() {
		truths = append(truths, n.Truths...)
	}
	return answers(ctx, t, s), truths
}

func answers(ctx context.Context, t *testing.T, s *store.Store) labels {
	t.Helper()
	e, err := engine.New(engine.Config{Scorers: plugins.All(), Source: s.Facts(), Now: func() time.Time { return end().Add(9 * time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	out := labels{}
	for _, m := range e.Manifests() {
		out[m.Name] = map[string]string{}
		err := e.Walk(ctx, engine.Want{Name: m.Name}, nil, []string{"external_id"}, func(scores *engine.Scores, facts []scoring.Column) error {
			for i := range scores.IDs {
				out[m.Name][facts[0].At(i).Text()], _ = scores.At(i).Label()
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// check is one label of one scorer, and in whom it was planted.
type check struct {
	scorer, label string
	planted       func(demo.Truth) bool
}

func checks() []check {
	out := []check{
		{"benchmark", "YES", func(t demo.Truth) bool { return t.Benchmark }},
		{"pioneer", "YES", func(t demo.Truth) bool { return t.Pioneer }},
	}
	for _, label := range []string{"COST", "VALUE", "TECHNOLOGY", "INSUFFICIENT_DATA"} {
		out = append(out, check{"orientation", label, func(t demo.Truth) bool { return t.Orientation == label }})
	}
	for _, label := range []string{
		"CHAMPIONS", "LOYAL", "POTENTIAL_LOYALIST", "NEW_CUSTOMERS", "PROMISING", "NEED_ATTENTION", "ABOUT_TO_SLEEP",
		"CANT_LOSE_THEM", "AT_RISK", "HIBERNATING", "LOST", "NONE",
	} {
		out = append(out, check{"rfm", label, func(t demo.Truth) bool { return t.Segment == label }})
	}
	return out
}

// TestPlanted: every scorer finds at least 95 % of those in whom its label was planted (recall), and gives the label to at
// most 5 % of all others (false alarms), for each of its labels by itself.
func TestPlanted(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole shop: runs without the race detector, in make test")
	}
	for _, seed := range []uint64{demo.Seed, 2, 3} {
		got, truths := scored(t, demo.Options{Customers: demo.Customers, Seed: seed, End: end()})
		for _, c := range checks() {
			planted, found, others, alarms := 0, 0, 0, 0
			for _, truth := range truths {
				yes := got[c.scorer][truth.ExternalID] == c.label
				if c.planted(truth) {
					if planted++; yes {
						found++
					} else {
						t.Logf("  missed %s %s: %s (%s)", c.scorer, c.label, got[c.scorer][truth.ExternalID], truth.Because)
					}
				} else if others++; yes {
					alarms++
					t.Logf("  false alarm %s %s: %s (%s)", c.scorer, c.label, truth.ExternalID, truth.Because)
				}
			}
			recall, falsely := 100*float64(found)/float64(planted), 100*float64(alarms)/float64(others)
			t.Logf("seed %d, %-11s %-18s recall %6.2f %% of %4d, false alarms %5.2f %% of %4d", seed, c.scorer, c.label, recall, planted, falsely, others)
			if planted == 0 || recall < 95 || falsely > 5 {
				t.Errorf("seed %d: %s %s is found in %d of %d (want 95 %%), and in %d of %d others (want 5 %% at most)", seed, c.scorer, c.label, found, planted, alarms, others)
			}
		}
	}
}

// TestNothingPlanted: a shop without links has no benchmarks, and one in which all have the same habits no orientation
// that more than half would have.
func TestNothingPlanted(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole shop: runs without the race detector, in make test")
	}
	got, truths := scored(t, demo.Options{Customers: demo.Customers, Seed: demo.Seed, End: end(), NoLinks: true, NoPreferences: true})
	counts := map[string]int{}
	for scorer, of := range got {
		for _, label := range of {
			counts[scorer+" "+label]++
		}
	}
	t.Log(counts)
	if n := counts["benchmark YES"]; 100*n >= 2*len(truths) {
		t.Errorf("%d of %d are benchmarks without links, want less than 2 %%", n, len(truths))
	}
	for _, label := range []string{"COST", "VALUE", "TECHNOLOGY", "MIXED", "INSUFFICIENT_DATA"} {
		if n := counts["orientation "+label]; 2*n > len(truths) {
			t.Errorf("%d of %d are %s without preferences, want half at most", n, len(truths), label)
		}
	}
}
