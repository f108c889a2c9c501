package engine_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"testing"
	"time"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// memory is a source of data in memory. It answers few facts, and counts what it is asked.
type memory struct {
	mu       sync.Mutex
	people   []person
	revision engine.Revision
	changed  int
	frames   []engine.Query
	scans    []engine.Query
	hold     chan struct{} // not nil: scans wait until it is closed
	fail     error         // of frames
}

type person struct {
	id     scoring.ID
	name   string
	orders []scoring.Order
}

// id is the id of customer n; ids sort by n.
func id(n int) scoring.ID {
	var i scoring.ID
	binary.BigEndian.PutUint32(i[12:], uint32(n))
	return i
}

func ids(ns ...int) []scoring.ID {
	out := make([]scoring.ID, len(ns))
	for i, n := range ns {
		out[i] = id(n)
	}
	return out
}

// day is noon of a day of 2024, from 1.
func day(n int) scoring.Instant { return scoring.At(time.Date(2024, 1, n, 12, 0, 0, 0, time.UTC)) }

// shop has n customers; customer i, from 0, ordered once on each of the days 1 to i, for 100 each.
func shop(n int) *memory {
	m := &memory{revision: engine.Revision{At: 1, Customers: n}}
	for i := range n {
		p := person{id: id(i), name: string(rune('a' + i%26))}
		for d := range i {
			p.orders = append(p.orders, scoring.Order{PlacedAt: day(d + 1), Net: 100})
		}
		m.people = append(m.people, p)
	}
	return m
}

func (m *memory) Business(context.Context) (engine.Business, error) {
	return engine.Business{Currency: "EUR", Exponent: 2, Location: time.UTC}, nil
}

func (m *memory) Revision(context.Context) (engine.Revision, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.revision, nil
}

func (m *memory) ChangedSince(_ context.Context, at scoring.Instant) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at >= m.revision.At {
		return 0, nil
	}
	return m.changed, nil
}

func (m *memory) Frame(_ context.Context, q engine.Query) (*engine.Frame, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.frames = append(m.frames, q)
	if m.fail != nil {
		return nil, m.fail
	}
	var chosen []person
	for _, p := range m.people {
		if slices.Contains(q.IDs, p.id) {
			chosen = append(chosen, p)
		}
	}
	return frame(q, chosen), nil
}

func (m *memory) Scan(ctx context.Context, q engine.Query, yield func(*engine.Frame) error) error {
	m.mu.Lock()
	m.scans = append(m.scans, q)
	hold, people := m.hold, m.people
	m.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for chunk := range slices.Chunk(people, 3) {
		if err := yield(frame(q, chunk)); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) add(p person) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.people = append(m.people, p)
	slices.SortFunc(m.people, func(a, b person) int { return bytes.Compare(a.id[:], b.id[:]) })
	m.revision.At++
	m.revision.Customers++
	m.changed++
}

func (m *memory) counts() (frames, scans int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.frames), len(m.scans)
}

// frame answers a query from the orders of some customers.
func frame(q engine.Query, people []person) *engine.Frame {
	f := &engine.Frame{Facts: make([]scoring.Column, len(q.Facts))}
	for i, fq := range q.Facts {
		fact, _ := scoring.FactNamed(fq.Name)
		f.Facts[i] = scoring.MakeColumn(fact.Kind, len(people))
	}
	for row, p := range people {
		f.IDs = append(f.IDs, p.id)
		for i, fq := range q.Facts {
			f.Facts[i].Set(row, p.fact(fq))
		}
		if q.Orders != nil {
			f.Orders = append(f.Orders, p.within(*q.Orders))
		}
	}
	return f
}

func (p person) within(s engine.Span) (found []scoring.Order) {
	for _, o := range p.orders {
		if o.PlacedAt > s.From && o.PlacedAt <= s.To {
			found = append(found, o)
		}
	}
	return found
}

func (p person) fact(q engine.FactQuery) scoring.Value {
	orders := p.within(q.Span)
	switch q.Name {
	case "external_id":
		return scoring.String(p.name)
	case "orders":
		return scoring.Int(int64(len(orders)))
	case "net_revenue":
		var sum int64
		for _, o := range orders {
			sum += o.Net
		}
		return scoring.Minor(sum)
	}
	return scoring.Value{}
}

// newEngine makes an engine at noon of the 10th day.
func newEngine(t testing.TB, source engine.Source, params engine.Params, scorers ...scoring.Scorer) *engine.Engine {
	t.Helper()
	e, err := engine.New(engine.Config{Scorers: scorers, Source: source, Params: params, Now: func() time.Time { return day(10).Time() }})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// score answers one customer with one scorer.
func score(t testing.TB, e *engine.Engine, name string, customer int, asOf *time.Time) engine.Score {
	t.Helper()
	answers, err := e.Score(t.Context(), ids(customer), []engine.Want{{Name: name}}, asOf)
	if err != nil {
		t.Fatal(err)
	}
	if err := answers[name].Err; err != nil {
		t.Fatal(err)
	}
	s, ok := answers[name].Of(id(customer))
	if !ok {
		t.Fatalf("no answer for customer %d", customer)
	}
	return s
}
