package main

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"bellwether/internal/pgtest"
	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// moves are all changes of a feed, which histories, transitions and refreshes of the past are checked against.
type moves []engine.Change

// of are the moves of a customer, latest first.
func (m moves) of(id scoring.ID) (own []engine.Change) {
	for _, c := range m {
		if c.Customer == id {
			own = append(own, c)
		}
	}
	slices.SortFunc(own, func(a, b engine.Change) int { return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.Seq, a.Seq)) })
	return own
}

// label is a customer's at an instant.
func (m moves) label(id scoring.ID, at scoring.Instant) string {
	for _, c := range m.of(id) {
		if c.At <= at {
			return c.To
		}
	}
	return ""
}

// transitions are those between two instants.
func (m moves) transitions(ids []scoring.ID, from, to scoring.Instant) map[engine.Transition]int {
	counts := map[engine.Transition]int{}
	for _, id := range ids {
		if after := m.label(id, to); after != "" {
			counts[engine.Transition{From: m.label(id, from), To: after}]++
		}
	}
	return counts
}

// TestHistoryIsTheFeed writes, refreshes and refreshes as of the past; histories and transitions are what the feed comes to, and
// the past has the labels that are computed as of then.
func TestHistoryIsTheFeed(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 7))
	p := begin(t, pgtest.DSN(t), nil, rfm.New())
	start := time.Now()
	for range 3 {
		sell(t, r, p.Store, 40, 60)
		if _, err := p.RefreshScores(t.Context(), nil, nil, true); err != nil {
			t.Fatal(err)
		}
	}
	ids := everyone(t, p.Store)
	past := start.AddDate(0, -6, 0)
	if _, err := p.RefreshScores(t.Context(), nil, &past, true); err != nil {
		t.Fatal(err)
	}
	all, err := p.Changes(t.Context(), engine.ChangeFilter{}, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	feed := moves(all)
	scores, err := p.Score(t.Context(), ids, []engine.Want{{Name: "rfm"}}, &past)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		got, err := p.History(t.Context(), []scoring.ID{id}, "rfm", nil, 1000)
		if err != nil || !slices.Equal(got, feed.of(id)) {
			t.Errorf("the history of %v is %v, %v; the feed has %v", id, got, err, feed.of(id))
		}
		score, _ := scores["rfm"].Of(id)
		if want := score.Output(0).Text(); feed.label(id, scoring.At(past)) != want {
			t.Errorf("%v was %q, computed %q", id, feed.label(id, scoring.At(past)), want)
		}
	}
	now := scoring.At(time.Now())
	for _, span := range [][2]scoring.Instant{{scoring.At(past), now}, {scoring.At(past) - 1, now}, {scoring.At(start), now}, {feed[len(feed)/3].At, now}} {
		got, err := p.Transitions(t.Context(), "rfm", span[0], span[1])
		if err != nil {
			t.Fatal(err)
		}
		counts := map[engine.Transition]int{}
		for _, one := range got {
			counts[engine.Transition{From: one.From, To: one.To}] = one.Customers
		}
		if want := feed.transitions(ids, span[0], span[1]); !maps.Equal(counts, want) {
			t.Errorf("from %v to %v: %v, want %v", span[0].Time(), span[1].Time(), counts, want)
		}
	}
}
