package main

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"bellwether/scoring/engine"
)

// TestTimeAlone: a stored score whose answer no longer holds is refreshed when that moment comes, without a write and
// without a new model: filters see it, and the history has the move.
func TestTimeAlone(t *testing.T) {
	var now atomic.Pointer[time.Time]
	set := func(at time.Time) { now.Store(&at) }
	set(time.Date(2024, 6, 25, 20, 0, 0, 0, time.UTC)) // ann's last order is five days old, until midnight
	o := optionsOf(importCSV(t, ordersCSV, "--currency", "EUR"))
	o.Params = engine.Params{"rfm": {"binning": "FIXED", "recency_borders": []any{2, 5, 60, 90}}}
	o.Now = func() time.Time { return *now.Load() }
	s, err := NewServer(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Live.Run(ctx, time.Second, func(err error) { t.Log("refresh:", err) })
	}()
	t.Cleanup(func() {
		stop()
		<-done
		if err := s.Close(); err != nil {
			t.Log(err)
		}
	})
	recent := func(score string) string {
		return text(at(ask(t, s, `query($min: Float) { customers(where: {scores: [{scorer: "rfm", output: "r", min: $min, max: $min}]}) { edges { node { externalId } } } }`, vars{"min": score}),
			"customers.edges.*.node.externalId"))
	}
	wait := func(score, want string) {
		t.Helper()
		for end := time.Now().Add(patiently); recent(score) != want; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("R %s have %s, want %s", score, recent(score), want)
			}
		}
	}
	wait("4", `["ann"]`)
	changes := func() string {
		return text(at(ask(t, s, `{ customer(by: {external: {source: "import", externalId: "ann"}}) { scoreHistory(scorer: "rfm") { edges { node { from to } } } } }`, nil), "customer.scoreHistory.edges.*.node"))
	}
	models := func() string {
		return text(at(ask(t, s, `{ customers { edges { node { rfm { modelAsOf } } } } }`, nil), "customers.edges.0.node.rfm.modelAsOf"))
	}
	before, model := changes(), models()
	set(time.Date(2024, 6, 25, 23, 59, 59, 0, time.UTC))
	if got := recent("4"); got != `["ann"]` {
		t.Errorf("a second before midnight R 4 have %s", got)
	}
	set(time.Date(2024, 6, 26, 0, 0, 1, 0, time.UTC))
	wait("3", `["bob","ann"]`)
	if got := recent("4"); got != "[]" {
		t.Errorf("after midnight R 4 have %s", got)
	}
	if got := models(); got != model || got == "null" {
		t.Errorf("the model is of %s, was of %s: nothing shows that time alone did it", got, model)
	}
	if got := changes(); got == before {
		t.Errorf("the history is still %s", got)
	}
}
