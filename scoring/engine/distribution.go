package engine

import (
	"context"
	"sync"
	"time"

	"bellwether/scoring"
)

// Distribution is how a scorer's labels spread over the population.
type Distribution struct {
	Manifest  *scoring.Manifest
	AsOf      scoring.Instant
	Business  Business
	Customers int
	Buckets   []Bucket // one a label, in the manifest's order, empty ones too
}

// Bucket is one label of a distribution.
type Bucket struct {
	Label     *scoring.LabelDoc
	Customers int
	Revenue   int64 // net revenue of its customers over all history, minor units of the base currency
}

// Distribution counts the labels of a scorer. asOf nil is now.
func (e *Engine) Distribution(ctx context.Context, name string, asOf *time.Time) (*Distribution, error) {
	d, err := e.empty(ctx, name, asOf)
	if err != nil {
		return nil, err
	}
	if asOf == nil {
		if done, err := e.count(ctx, d); done || err != nil {
			return d, err
		}
	}
	err = e.Walk(ctx, Want{Name: name}, asOf, []string{"net_revenue"}, func(s *Scores, facts []scoring.Column) error {
		return d.add(s, facts[0])
	})
	return d, err
}

// empty is a distribution of nobody.
func (e *Engine) empty(ctx context.Context, name string, asOf *time.Time) (*Distribution, error) {
	m, err := e.Manifest(name)
	if err != nil {
		return nil, err
	}
	output, ok := m.MainLabel()
	if !ok {
		return nil, errorf("INVALID", "scorer %s has no labels to count (ask for its outputs instead)", name)
	}
	at, _, err := e.moment(asOf)
	if err != nil {
		return nil, err
	}
	d := &Distribution{Manifest: m, AsOf: at, Buckets: make([]Bucket, len(output.Labels))}
	for i := range output.Labels {
		d.Buckets[i].Label = &output.Labels[i]
	}
	d.Business, err = e.source.Business(ctx)
	return d, err
}

// add counts the answers of a chunk, given everybody's revenue.
func (d *Distribution) add(s *Scores, revenue scoring.Column) error {
	d.AsOf, d.Customers = s.AsOf, d.Customers+len(s.IDs)
	labels := make(map[string]int, len(d.Buckets))
	for i := range d.Buckets {
		labels[d.Buckets[i].Label.Name] = i
	}
	for i := range s.IDs {
		label, ok := s.At(i).Label()
		if !ok {
			continue
		}
		b := &d.Buckets[labels[label]]
		b.Customers++
		if b.Revenue, ok = add(b.Revenue, revenue.At(i).Int()); !ok {
			return errorf("OUT_OF_RANGE", "the revenue of label %s is too large to be added up (look for orders with impossible totals)", label)
		}
	}
	return nil
}

// count takes the counts from what is stored; false: this version's scores are not, or not yet of everybody.
func (e *Engine) count(ctx context.Context, d *Distribution) (bool, error) {
	s, ok, err := e.state(ctx, e.byName[d.Manifest.Name])
	if err != nil || !ok || s.Checked != s.Model {
		return false, err
	}
	counts, err := e.counts.get(s, func() (map[string]LabelCount, error) { return e.stored.Labels(ctx, s.Scorer) })
	if err != nil {
		return false, err
	}
	for i := range d.Buckets {
		n := counts[d.Buckets[i].Label.Name]
		d.Buckets[i].Customers, d.Buckets[i].Revenue = n.Customers, n.Revenue
		d.Customers += n.Customers
	}
	return true, nil
}

// labelCounts keeps the counts of each scorer as long as its scores stay the same.
type labelCounts struct {
	mu  sync.Mutex
	all map[string]labelCount
}

type labelCount struct {
	version  string
	revision int64 // begins anew where a scorer was forgotten
	counts   map[string]LabelCount
}

func (l *labelCounts) get(s ScorerState, read func() (map[string]LabelCount, error)) (map[string]LabelCount, error) {
	l.mu.Lock()
	defer l.mu.Unlock() // those who ask meanwhile wait for the same count
	if known, ok := l.all[s.Scorer]; ok && known.version == s.Version && known.revision == s.Revision {
		return known.counts, nil
	}
	counts, err := read()
	if err != nil {
		return nil, err
	}
	if l.all == nil {
		l.all = map[string]labelCount{}
	}
	l.all[s.Scorer] = labelCount{s.Version, s.Revision, counts}
	return counts, nil
}

// add tells whether a sum fits.
func add(a, b int64) (sum int64, ok bool) {
	sum = a + b
	return sum, (sum > a) == (b > 0) || b == 0
}
