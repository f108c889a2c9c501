// Package scoretest is the conformance kit for scorers: it holds any scorer against the rules that all of them keep, and
// makes a scorer's own tests short.
//
// Start with [Run]: four lines hold a scorer against all rules, on populations that the kit makes up.
//
//	func TestConformance(t *testing.T) {
//		scoretest.Run(t, myscorer.New())
//	}
//
// For a scorer's own tests, build a [Data] from literals or CSV tables, and ask [Score] for the [Answers]. [README] runs
// the worked examples of a README.
//
// The package needs nothing but the standard library and package scoring, and is meant for authors outside this
// repository as well.
package scoretest

import (
	"fmt"
	"testing"

	"bellwether/scoring"
)

// Option adds to what Run does.
type Option func(*options)

type options struct {
	data   []*Data
	others []scoring.Scorer
	seed   uint64
	size   int
}

// On holds the scorer against the rules on further data, such as a real population, too.
func On(d *Data) Option { return func(o *options) { o.data = append(o.data, d) } }

// Requiring gives the scorers that the scorer requires, and those that they require.
func Requiring(others ...scoring.Scorer) Option {
	return func(o *options) { o.others = append(o.others, others...) }
}

// Seed makes up other populations; the default is 1.
func Seed(seed uint64) Option { return func(o *options) { o.seed = seed } }

// Size is how many customers a population that is made up has; the default is 120.
func Size(customers int) Option { return func(o *options) { o.size = customers } }

// Run holds a scorer against every rule, each in a subtest.
func Run(t *testing.T, s scoring.Scorer, opts ...Option) {
	t.Helper()
	for _, r := range Rules() {
		t.Run(r.Name, func(t *testing.T) {
			if err := Check(s, r, opts...); err != nil {
				t.Errorf("%s: %v", r.Doc, err)
			}
		})
	}
}

// Rule is one thing that every scorer keeps.
type Rule struct {
	Name  string
	Doc   string
	check func(k *kit) error
}

// Rules are all rules, in alphabetical order.
func Rules() []Rule {
	return []Rule{
		{"ages", "what is called the days since a fact is so", (*kit).ages},
		{"answers", "a scorer answers every customer with what its manifest declares", (*kit).answers},
		{"batches", "an answer does not depend on who else is in the batch", (*kit).batches},
		{"cancellation", "a scorer stops when its context is cancelled", (*kit).cancellation},
		{"chunks", "a model does not depend on how the population was cut into batches", (*kit).chunks},
		{"concurrency", "a model may be used by several batches at once", (*kit).concurrency},
		{"determinism", "the same input gives the same answer", (*kit).determinism},
		{"empty", "an empty batch has an empty answer", (*kit).empty},
		{"evidence", "an answer has its reasons when asked, in both languages, and is the same without", (*kit).evidence},
		{"inputs", "what a scorer is given is to be read only", (*kit).inputs},
		{"manifest", "a manifest is valid and does not change", (*kit).manifest},
		{"missing", "facts may be missing", (*kit).missing},
		{"newcomers", "a model may be older than the customers and the facts", (*kit).newcomers},
		{"order", "an answer does not depend on the order of the customers", (*kit).order},
		{"parameters", "every value that a parameter allows works", (*kit).parameters},
		{"small", "a population may have one customer, or none", (*kit).small},
		{"stored", "a model that was stored gives the same answers", (*kit).stored},
		{"until", "an answer holds until the instant it names", (*kit).until},
	}
}

// Check holds a scorer against one rule.
func Check(s scoring.Scorer, rule Rule, opts ...Option) error {
	o := options{seed: 1, size: 120}
	for _, opt := range opts {
		opt(&o)
	}
	for i, d := range append([]*Data{Random(o.seed, o.size)}, o.data...) {
		with := *d
		with.Others = append(with.Others, o.others...)
		k := &kit{s: s, m: s.Manifest(), data: &with}
		if err := rule.check(k); err != nil {
			if i == 0 {
				return fmt.Errorf("%w (population scoretest.Random(%d, %d))", err, o.seed, o.size)
			}
			return fmt.Errorf("%w (population %d of those given)", err, i)
		}
	}
	return nil
}
