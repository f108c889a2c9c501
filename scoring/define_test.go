package scoring_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"bellwether/scoring"
)

// counting is a manifest with an output of every kind.
func counting() scoring.Manifest {
	m := scoring.Manifest{
		Name: "counting", Version: "1.0.0", Title: same("Counting"), Doc: same("Counts"),
		Facts:   []scoring.FactUse{{Name: "orders"}},
		Derived: []scoring.Derived{{Name: "seen", Kind: scoring.Integer}},
		Outputs: []scoring.Output{{Name: "label", Kind: scoring.Label, Doc: same("Label"), Labels: []scoring.LabelDoc{{Name: "A"}, {Name: "B"}}}},
	}
	for _, k := range []scoring.Kind{scoring.Number, scoring.Integer, scoring.Money, scoring.Flag, scoring.Moment, scoring.Text} {
		m.Outputs = append(m.Outputs, scoring.Output{Name: strings.ToLower(k.String()), Kind: k, Doc: same(k.String())})
	}
	return m
}

// batch is customers with so many orders each.
func batch(orders ...int64) *scoring.Batch {
	return &scoring.Batch{
		Env: &scoring.Env{}, IDs: make([]scoring.ID, len(orders)), Facts: []scoring.Column{{Kind: scoring.Integer, Ints: orders}},
		Derived: []scoring.Column{scoring.MakeColumn(scoring.Integer, len(orders))},
	}
}

func TestDefine(t *testing.T) {
	m := counting()
	s := scoring.Define(m, func(p *scoring.Population) (int64, error) {
		var n int64
		for range 2 { // as often as fit likes
			for c := range p.Customers() {
				n += c.Fact(0).Int()
				c.Derive(0, c.Fact(0))
			}
		}
		return n, nil
	}, func(c *scoring.Customer, total int64) {
		n := c.Fact(0)
		if n.Int() == 0 {
			return
		}
		c.SetLabel(0, 1)
		c.Set(1, scoring.Float(n.Float()/float64(total)))
		c.Set(2, n)
		c.Set(3, scoring.Minor(total))
		c.Set(4, scoring.Bool(true))
		c.Set(5, scoring.Time(7))
		c.Set(6, scoring.String("x"))
		c.Until(9)
		c.Because(0, n, math.NaN(), nil)
	})
	if scoring.Fitless(s) {
		t.Error("a scorer with a fit is taken for one without")
	}
	b, derived := batch(3, 0, 1), map[string]int{}
	p := scoring.NewPopulation(s.Manifest(), b.Env, func(yield func(*scoring.Batch) error) error {
		return errors.Join(yield(b.Slice(0, 2)), yield(b.Slice(2, 3)))
	}, func(_ scoring.ID, column int, v scoring.Value) { derived[fmt.Sprint(column, v.Int())]++ })
	model, err := s.Fit(t.Context(), p)
	if err != nil || model != int64(8) {
		t.Fatalf("model %v, %v", model, err)
	}
	if len(derived) != 3 || derived["0 3"] != 2 {
		t.Errorf("derived %v", derived)
	}
	r, err := s.Score(t.Context(), model, b)
	if err != nil {
		t.Fatal(err)
	}
	want := []scoring.Value{
		scoring.Name("B"), scoring.Float(.375), scoring.Int(3), scoring.Minor(8), scoring.Bool(true), scoring.Time(7), scoring.String("x"),
	}
	for i := range r.Outputs {
		if got := r.Outputs[i].At(0); got != want[i] {
			t.Errorf("%s is %v, want %v", m.Outputs[i].Name, got, want[i])
		}
		if r.Outputs[i].At(1).Ok() {
			t.Errorf("%s is not null where nothing was set", m.Outputs[i].Name)
		}
	}
	if r.Until[0] != 9 || r.Until[1] != scoring.Never || r.Evidence != nil {
		t.Errorf("until %v, evidence %v", r.Until, r.Evidence)
	}
	b.Explain = true
	if r, err = s.Score(t.Context(), model, b); err != nil || len(r.Evidence[0]) != 1 || len(r.Evidence[1]) != 0 {
		t.Errorf("evidence %v, %v", r, err)
	}
}

func TestScoreRefuses(t *testing.T) {
	tests := []struct {
		name, want string
		score      func(c *scoring.Customer, _ struct{})
	}{
		{"NaN", "leave it unset", func(c *scoring.Customer, _ struct{}) { c.Set(1, scoring.Float(math.NaN())) }},
		{"infinity", "leave it unset", func(c *scoring.Customer, _ struct{}) { c.Set(1, scoring.Float(math.Inf(1))) }},
		{"kind", "output integer is INTEGER, given MONEY (convert it)", func(c *scoring.Customer, _ struct{}) { c.Set(2, scoring.Minor(1)) }},
		{"list", "convert it", func(c *scoring.Customer, _ struct{}) { c.Set(1, scoring.Numbers([]float64{1})) }},
		{"label", "declare it in the manifest", func(c *scoring.Customer, _ struct{}) { c.Set(0, scoring.Name("C")) }},
		{"derive", "derive within Fit", func(c *scoring.Customer, _ struct{}) { c.Derive(0, scoring.Int(1)) }},
	}
	for _, tt := range tests {
		s := scoring.Define(counting(), nil, tt.score)
		if _, err := s.Score(t.Context(), struct{}{}, batch(1)); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "counting: ") {
			t.Errorf("%s: got %v, want something with %q", tt.name, err, tt.want)
		}
	}
	s := scoring.Define(counting(), nil, func(*scoring.Customer, struct{}) {})
	if _, err := s.Score(t.Context(), 7, batch(1)); err == nil || !strings.Contains(err.Error(), "fit it with the same scorer") {
		t.Errorf("a foreign model: %v", err)
	}
	if !scoring.Fitless(s) {
		t.Error("a scorer without a fit is taken for one with")
	}
}

func TestFitStops(t *testing.T) {
	broken := errors.New("the source broke")
	fit := func(p *scoring.Population) (int, error) {
		n := 0
		for range p.Customers() {
			n++
		}
		return n, nil // looks away
	}
	s := scoring.Define(counting(), fit, func(*scoring.Customer, int) {})
	failing := func(yield func(*scoring.Batch) error) error { return errors.Join(yield(batch(1)), broken) }
	if _, err := s.Fit(t.Context(), scoring.NewPopulation(s.Manifest(), &scoring.Env{}, failing, nil)); !errors.Is(err, broken) {
		t.Errorf("a failing source: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	midway := func(yield func(*scoring.Batch) error) error {
		if err := yield(batch(1)); err != nil {
			return err
		}
		cancel()
		return yield(batch(1))
	}
	if _, err := s.Fit(ctx, scoring.NewPopulation(s.Manifest(), &scoring.Env{}, midway, nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled fit: %v", err)
	}
	if _, err := s.Score(ctx, 1, batch(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled score: %v", err)
	}
	first := scoring.Define(counting(), func(p *scoring.Population) (int64, error) {
		for c := range p.Customers() {
			return c.Fact(0).Int(), nil
		}
		return 0, nil
	}, func(*scoring.Customer, int64) {})
	if m, err := first.Fit(t.Context(), scoring.NewPopulation(first.Manifest(), &scoring.Env{}, func(yield func(*scoring.Batch) error) error { return yield(batch(5, 6)) }, nil)); err != nil || m != int64(5) {
		t.Errorf("a fit that has seen enough: %v, %v", m, err)
	}
}

// constant is a scorer that Define did not make.
type constant struct{ scoring.Scorer }

func (constant) Learns() bool { return false }

func TestFitless(t *testing.T) {
	m := scoring.Manifest{Name: "x"}
	fitless := scoring.Define[struct{}](m, nil, func(*scoring.Customer, struct{}) {})
	learns := scoring.Define(m, func(*scoring.Population) (int, error) { return 1, nil }, func(*scoring.Customer, int) {})
	for name, c := range map[string]struct {
		scorer scoring.Scorer
		want   bool
	}{
		"without a fit": {fitless, true}, "with a fit": {learns, false}, "of another make": {constant{learns}, true}, "that does not say": {struct{ scoring.Scorer }{fitless}, false},
	} {
		if got := scoring.Fitless(c.scorer); got != c.want {
			t.Errorf("Fitless of a scorer %s: %t", name, got)
		}
	}
}
