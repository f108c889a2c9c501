package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bellwether/graph"
	"bellwether/plugins/orientation"
	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// failing is the scorer rfm with a Score of its own.
type failing struct {
	scoring.Scorer
	score func(*scoring.Batch) error
}

func (f failing) Score(ctx context.Context, m scoring.Model, b *scoring.Batch) (*scoring.Results, error) {
	if err := f.score(b); err != nil {
		return nil, err
	}
	return f.Scorer.Score(ctx, m, b)
}

// handler serves a server's data with other scorers.
func handler(t *testing.T, s *Server, log *slog.Logger, scorers ...scoring.Scorer) http.Handler {
	t.Helper()
	e, err := engine.New(engine.Config{Scorers: scorers, Source: s.Store.Facts(), Now: func() time.Time { return time.Date(2011, 12, 10, 0, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	return graph.NewHandler(&graph.Resolver{Ent: s.Store.Ent(), Live: engine.NewLive(e), Scores: s.Store, Store: s.Store}, log, graph.Streams{})
}

// TestFailingScorer: it answers null with an error that names it; the others answer.
func TestFailingScorer(t *testing.T) {
	for name, score := range map[string]func(*scoring.Batch) error{
		"an error": func(*scoring.Batch) error { return errors.New("cannot go on") },
		"a panic":  func(*scoring.Batch) error { panic("cannot go on") },
	} {
		h := handler(t, demoData(t), slog.New(slog.DiscardHandler), orientation.New(), failing{rfm.New(), score})
		a := try(t, h, `{ customers(first: 2) { edges { node { externalId rfm { segment } orientation { orientation } scores { scorer } rfm: score(name: "orientation") { label } } } } }`, nil)
		if a.Data != nil || len(a.Errors) == 0 {
			t.Fatalf("two fields of one name are merged: %v", a)
		}
		a = try(t, h, `{ customers(first: 2) { edges { node { externalId rfm { segment } orientation { orientation } scores { scorer label } } } } }`, nil)
		expect(t, a.Data, map[string]any{"customers.edges.*.node.rfm": []any{nil, nil}, "customers.edges.*.node.scores.1": []any{nil, nil}})
		for i := range 2 {
			node := at(a.Data, "customers.edges").([]any)[i]
			if at(node, "node.orientation.orientation") == nil || at(node, "node.orientation.orientation") != at(node, "node.scores.0.label") {
				t.Errorf("%s: the other one does not answer: %s", name, text(node))
			}
		}
		paths := map[string]bool{}
		for _, e := range a.Errors {
			if e.Extensions.Code != "SCORER_FAILED" || !strings.HasPrefix(e.Message, "scorer rfm failed: ") || !strings.HasSuffix(e.Message, "cannot go on") {
				t.Errorf("%s: %+v", name, e)
			}
			var path []string
			for _, p := range e.Path {
				path = append(path, text(p))
			}
			paths[strings.Join(path, ".")] = true
		}
		for _, path := range []string{"customers.edges.0.node.rfm", "customers.edges.1.node.rfm", "customers.edges.0.node.scores.1", "customers.edges.1.node.scores.1"} {
			if !paths[path] {
				t.Errorf("%s: no error at %s: %v", name, path, paths)
			}
		}
	}
}

// TestEvidenceWhenSelected: scorers are asked to explain only where the selection has evidence, however it is written.
func TestEvidenceWhenSelected(t *testing.T) {
	var explained, batches atomic.Int64
	h := handler(t, demoData(t), slog.New(slog.DiscardHandler), failing{rfm.New(), func(b *scoring.Batch) error {
		if batches.Add(1); b.Explain {
			explained.Add(1)
		}
		return nil
	}})
	for query, want := range map[string][2]int64{
		`{ customers { edges { node { rfm { segment } } } } }`:                                                                           {1, 0},
		`{ customers { edges { node { rfm { segment } score(name: "rfm") { label } scores(names: ["rfm"]) { label } } } } }`:             {1, 0},
		`{ customers { edges { node { rfm { evidence { fact } } } } } }`:                                                                 {1, 1},
		`{ customers { edges { node { ...f } } } } fragment f on Customer { x: rfm { ...e } } fragment e on Score { evidence { fact } }`: {1, 1},
		`{ customers { edges { node { rfm { segment } scores { ... on RfmScore { evidence { fact } } } } } } }`:                          {1, 1},
		`{ customers { edges { node { rfm { segment } then: rfm(asOf: "2011-06-01T00:00:00Z") { evidence { fact } } } } } }`:             {2, 1},
	} {
		batches.Store(0)
		explained.Store(0)
		if len(try(t, h, query, nil).Errors) > 0 || batches.Load() != want[0] || explained.Load() != want[1] {
			t.Errorf("%s: %d batches, %d explained; want %v", query, batches.Load(), explained.Load(), want)
		}
	}
}

// TestInternalIsLogged: what clients do not see is in the log.
func TestInternalIsLogged(t *testing.T) {
	var log bytes.Buffer
	s, err := NewServer(t.Context(), optionsOf(importCSV(t, ordersCSV, "--currency", "EUR")))
	if err != nil {
		t.Fatal(err)
	}
	h := handler(t, s, slog.New(slog.NewTextHandler(&log, nil)), rfm.New())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if a := try(t, h, `{ customers { totalCount } }`, nil); len(a.Errors) != 1 || strings.Contains(text(a.Errors[0].Message), "closed") || !strings.Contains(log.String(), "database is closed") {
		t.Errorf("%+v\n%s", a, log.String())
	}
}
