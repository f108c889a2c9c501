package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"bellwether/internal/record"
	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// process is one of several on a database: a store and an engine that refreshes scores.
type process struct {
	*store.Store
	*engine.Engine
	stop func()
}

// begin opens a database as a process does, with its own connections.
func begin(t *testing.T, dsn string, params engine.Params, scorers ...scoring.Scorer) *process {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(engine.Config{Scorers: scorers, Source: s.Facts(), Stored: s.Stored(), Params: params})
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Store: s, Engine: e, stop: func() {}}
	t.Cleanup(func() {
		p.stop()
		if err := s.Close(); err != nil {
			t.Log(err) // a connection whose query was cut off cannot say good-bye
		}
	})
	return p
}

// run refreshes in the background until stop.
func (p *process) run(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Run(ctx, time.Second, func(err error) { t.Log("refresh:", err) })
	}()
	p.stop = func() {
		cancel()
		<-done
	}
}

// settled waits until the stored scores have seen all data and nothing is under way.
func (p *process) settled(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(2 * patiently); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		r, err := p.Revision(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		states, err := p.Stored().States(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		open, err := p.Stored().Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		done := len(open) == 0 && len(states) == len(p.Manifests())
		for _, s := range states {
			n, err := p.ChangedSince(t.Context(), s.Data.At)
			if err != nil {
				t.Fatal(err)
			}
			refit := n > 0 && n*100 >= s.Data.Customers
			done = done && s.Seen.At >= r.At && s.Checked == s.Model && s.Model > 0 && !refit && s.Version == p.Version(s.Scorer)
		}
		if done {
			if err := p.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("the stored scores did not catch up in time")
}

// sell writes orders of random customers; the same numbers are sent again, changed, now and then.
func sell(t *testing.T, r *rand.Rand, s *store.Store, customers, orders int) {
	t.Helper()
	var b record.Batch
	for range orders {
		customer := record.Key{Source: "api", ExternalID: fmt.Sprintf("c-%d", r.IntN(customers))}
		price, quantity := int64(1+r.IntN(500))*1_000_000, 1+r.IntN(3)
		b.Orders = append(b.Orders, record.Order{
			Key: record.Key{Source: "api", ExternalID: strconv.Itoa(r.IntN(4 * customers))}, Customer: customer, Currency: "EUR",
			PlacedAt: time.Now().Add(-time.Duration(1+r.IntN(700*24)) * time.Hour),
			Lines:    record.Set([]record.Line{{SKU: fmt.Sprintf("sku-%d", r.IntN(20)), Quantity: quantity, UnitPrice: price}}),
		})
	}
	if _, err := s.WriteOrders(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// everyone are the ids of all customers.
func everyone(t *testing.T, s *store.Store) []scoring.ID {
	t.Helper()
	all, err := s.Stored().Everybody(t.Context(), scoring.ID{}, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]scoring.ID, len(all))
	for i, c := range all {
		ids[i] = c.ID
	}
	return ids
}

// same compares what is stored of everybody with what is computed from the facts with the same models.
func same(t *testing.T, p *process) {
	t.Helper()
	ids := everyone(t, p.Store)
	var stored, computed []engine.Want
	for _, m := range p.Manifests() {
		stored, computed = append(stored, engine.Want{Name: m.Name}), append(computed, engine.Want{Name: m.Name, Explain: true})
	}
	got, err := p.Score(t.Context(), ids, stored, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := p.Score(t.Context(), ids, computed, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range p.Manifests() {
		if err := errors.Join(got[m.Name].Err, want[m.Name].Err); err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			g, ok := got[m.Name].Of(id)
			w, known := want[m.Name].Of(id)
			if !ok || !known {
				t.Fatalf("%s of %v: stored %t, computed %t", m.Name, id, ok, known)
			}
			if g.AsOf >= w.AsOf {
				t.Errorf("%s of %v was not stored: as of %v", m.Name, id, g.AsOf.Time())
			}
			for o := range m.Outputs {
				if g.Output(o) != w.Output(o) && (g.Output(o).Ok() || w.Output(o).Ok()) {
					t.Errorf("%s.%s of %v is stored as %v, computed %v", m.Name, m.Outputs[o].Name, id, g.Output(o), w.Output(o))
				}
			}
			if g.ModelAsOf != w.ModelAsOf {
				t.Errorf("%s of %v: model of %v, computed with that of %v", m.Name, id, g.ModelAsOf.Time(), w.ModelAsOf.Time())
			}
		}
	}
}

// gapless checks that the changes are numbered without gaps, and lead to the stored labels.
func gapless(t *testing.T, p *process) {
	t.Helper()
	labels := map[string]string{}
	next := int64(1)
	for {
		page, err := p.Changes(t.Context(), engine.ChangeFilter{}, next-1, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			key := c.Scorer + c.Customer.String()
			if c.Seq != next || c.From != labels[key] || c.From == c.To {
				t.Fatalf("change %d, want %d: %s moves from %q to %q, its label was %q", c.Seq, next, c.Scorer, c.From, c.To, labels[key])
			}
			labels[key], next = c.To, next+1
		}
	}
	rows, err := p.Stored().Scores(t.Context(), everyone(t, p.Store), []string{"rfm"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows.Rows {
		if was := labels[r.Scorer+rows.IDs[r.Customer].String()]; was != r.Label {
			t.Fatalf("the feed leads to %q, stored is %q", was, r.Label)
		}
	}
}
