package engine_test

import (
	"context"
	"fmt"
	"math"
	"slices"

	"bellwether/scoring"
)

func words(s string) scoring.Words { return scoring.Words{En: s, Zh: s} }

// described is a manifest of a name with one whole number as its output.
func described(name string) scoring.Manifest {
	return scoring.Manifest{
		Name: name, Version: "1.0.0", Title: words(name), Doc: words("What is it?"),
		Outputs: []scoring.Output{{Name: "n", Kind: scoring.Integer, Doc: words("A number.")}},
		Reasons: []scoring.Reason{{Name: "why", Fact: "orders", Text: words("It is {value}.")}},
	}
}

// counting answers the number of orders within some days before asOf (0: all history), days of which may be ago.
func counting(name string, days, ago int) scoring.Scorer {
	m := described(name)
	m.Facts = []scoring.FactUse{{Name: "orders", Window: scoring.Window{Days: days, Ago: ago}}, {Name: "external_id"}, {Name: "not_in_the_catalogue", Optional: true}}
	return scoring.Define(m, nil, func(c *scoring.Customer, _ struct{}) {
		if c.Fact(2).Ok() {
			panic("an unknown fact has a value")
		}
		c.Set(0, c.Fact(0))
		c.Because(0, c.Fact(0), math.NaN(), nil)
	})
}

// ranking learns the total number of orders and answers the customer's rank by orders, which fit derives.
func ranking(name string) scoring.Scorer {
	m := described(name)
	m.Facts = []scoring.FactUse{{Name: "orders"}}
	m.Derived = []scoring.Derived{{Name: "rank", Kind: scoring.Integer}}
	m.Outputs = append(m.Outputs, scoring.Output{Name: "total", Kind: scoring.Integer, Doc: words("All orders.")})
	return scoring.Define(m, func(p *scoring.Population) (int64, error) {
		var all []int64
		var total int64
		for c := range p.Customers() {
			all = append(all, c.Fact(0).Int())
			total += c.Fact(0).Int()
		}
		slices.Sort(all)
		for c := range p.Customers() { // a second pass, as often as fit likes
			at, _ := slices.BinarySearch(all, c.Fact(0).Int())
			c.Derive(0, scoring.Int(int64(len(all)-at)))
		}
		return total, nil
	}, func(c *scoring.Customer, total int64) {
		c.Set(0, c.Derived(0))
		c.Set(1, scoring.Int(total))
	})
}

// plus adds a number to an output of another scorer, in Fit (as the sum over everybody) and in Score.
func plus(name, required string, number int64) scoring.Scorer {
	m := described(name)
	m.Requires = []scoring.OutputUse{{Scorer: required, Output: "n"}}
	m.Outputs = append(m.Outputs, scoring.Output{Name: "sum", Kind: scoring.Integer, Doc: words("Of all.")})
	return scoring.Define(m, func(p *scoring.Population) (int64, error) {
		var sum int64
		for c := range p.Customers() {
			sum += c.Required(0).Int()
		}
		return sum, nil
	}, func(c *scoring.Customer, sum int64) {
		c.Set(0, scoring.Int(c.Required(0).Int()+number))
		c.Set(1, scoring.Int(sum))
	})
}

// orderly answers how many orders it was shown.
func orderly(name string, w scoring.Window, lines bool) scoring.Scorer {
	m := described(name)
	m.Orders = &scoring.OrderUse{Window: w, Lines: lines}
	return scoring.Define(m, nil, func(c *scoring.Customer, _ struct{}) { c.Set(0, scoring.Int(int64(len(c.Orders())))) })
}

// learnt derives, at the end of its fit, how many orders everybody has, and answers that less what it is shown then.
func learnt(name string) scoring.Scorer {
	m := described(name)
	m.Orders = &scoring.OrderUse{Lines: true, FitOnly: true}
	m.Derived = []scoring.Derived{{Name: "orders", Kind: scoring.Integer}}
	return scoring.Define(m, func(p *scoring.Population) (struct{}, error) {
		orders := map[scoring.ID]int{}
		for c := range p.Customers() {
			orders[c.ID()] = len(c.Orders())
		}
		for id, n := range orders {
			p.Derive(id, 0, scoring.Int(int64(n)))
		}
		return struct{}{}, nil
	}, func(c *scoring.Customer, _ struct{}) {
		c.Set(0, scoring.Int(c.Derived(0).Int()-int64(len(c.Orders()))))
	})
}

// raw is a scorer that is not made by Define: it may answer anything.
type raw struct {
	manifest scoring.Manifest
	fit      func(context.Context, *scoring.Population) (scoring.Model, error)
	score    func(*scoring.Batch) (*scoring.Results, error)
}

func (r *raw) Manifest() *scoring.Manifest { return &r.manifest }

func (r *raw) Fit(ctx context.Context, p *scoring.Population) (scoring.Model, error) {
	if r.fit == nil {
		return nil, nil
	}
	return r.fit(ctx, p)
}

func (r *raw) Score(_ context.Context, _ scoring.Model, b *scoring.Batch) (*scoring.Results, error) {
	return r.score(b)
}

// broken scorers, by how.
func broken() map[string]scoring.Scorer {
	failing := func(name string, score func(*scoring.Batch) (*scoring.Results, error)) scoring.Scorer {
		return &raw{manifest: described(name), score: score}
	}
	answer := func(c scoring.Column) func(*scoring.Batch) (*scoring.Results, error) {
		return func(b *scoring.Batch) (*scoring.Results, error) {
			return &scoring.Results{Outputs: []scoring.Column{c}, Evidence: make([][]scoring.Evidence, b.Len())}, nil
		}
	}
	number := func(x float64) scoring.Scorer {
		m := described("broken")
		m.Outputs[0].Kind = scoring.Number
		return &raw{manifest: m, score: answer(scoring.Column{Kind: scoring.Number, Floats: []float64{x}})}
	}
	label := described("broken")
	label.Outputs[0].Kind = scoring.Label
	label.Outputs[0].Labels = []scoring.LabelDoc{{Name: "A", Title: words("A"), Doc: words("a"), Advice: words("a")}}
	return map[string]scoring.Scorer{
		"panic: out of thin air": failing("broken", func(*scoring.Batch) (*scoring.Results, error) { panic("out of thin air") }),
		"cannot go on":           failing("broken", func(*scoring.Batch) (*scoring.Results, error) { return nil, fmt.Errorf("cannot go on") }),
		"answered 0 outputs of 1 (answer all of the manifest)":                                     failing("broken", func(*scoring.Batch) (*scoring.Results, error) { return nil, nil }),
		"output n has 2 values of kind INTEGER for 1 customers (answer each with INTEGER or null)": failing("broken", answer(scoring.MakeColumn(scoring.Integer, 2))),
		"output n has 1 values of kind FLAG for 1 customers (answer each with INTEGER or null)":    failing("broken", answer(scoring.MakeColumn(scoring.Flag, 1))),
		"output n has 0 values of kind INTEGER for 1 customers (answer each with INTEGER or null)": failing("broken", answer(scoring.Column{Kind: scoring.Integer, Floats: []float64{1}})),
		"output n is NaN (answer null where there is no number)":                                   number(math.NaN()),
		"output n is -Inf (answer null where there is no number)":                                  number(math.Inf(-1)),
		`output n is "B", which is not one of its labels (declare it in the manifest)`:             &raw{manifest: label, score: answer(scoring.Column{Kind: scoring.Label, Texts: []string{"B"}})},
		"panic: no luck in fit":                                &raw{manifest: described("broken"), fit: func(context.Context, *scoring.Population) (scoring.Model, error) { panic("no luck in fit") }},
		"broken: output n is INTEGER, given FLAG (convert it)": scoring.Define(described("broken"), nil, func(c *scoring.Customer, _ struct{}) { c.Set(0, scoring.Bool(true)) }),
		"gave reason 7 of 1 (use one of the manifest)": failing("broken", func(*scoring.Batch) (*scoring.Results, error) {
			return &scoring.Results{Outputs: []scoring.Column{scoring.MakeColumn(scoring.Integer, 1)}, Evidence: [][]scoring.Evidence{{{Reason: 7}}}}, nil
		}),
		"explained 0 of 1 customers (explain all when asked)": failing("broken", func(*scoring.Batch) (*scoring.Results, error) {
			return &scoring.Results{Outputs: []scoring.Column{scoring.MakeColumn(scoring.Integer, 1)}}, nil
		}),
	}
}
