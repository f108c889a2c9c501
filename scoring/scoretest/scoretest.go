// Package scoretest makes a scorer's tests short: it holds any scorer against the rules that all of them keep, which package
// scoring/conformance has as data.
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
	"context"
	"os"
	"testing"

	"bellwether/scoring"
	"bellwether/scoring/conformance"
)

// Answers are a scorer's answers for the customers of data. This and the following are package conformance's, so that tests
// need one import.
type Answers = conformance.Answers

// Customer is one customer of Data.
type Customer = conformance.Customer

// Data is a population in memory.
type Data = conformance.Data

// Fitted is a scorer with the model that it fitted.
type Fitted = conformance.Fitted

// Option adds to what Run does.
type Option = conformance.Option

// Touchpoint is one touchpoint of a Customer.
type Touchpoint = conformance.Touchpoint

// Fit fits a scorer on data.
func Fit(s scoring.Scorer, d *Data) (*Fitted, error) {
	return conformance.Fit(context.Background(), s, d)
}

// IDOf is the id in the store that a customer gets.
func IDOf(external string) scoring.ID { return conformance.IDOf(external) }

// On holds the scorer against the rules on further data, such as a real population, too.
func On(d *Data) Option { return conformance.On(d) }

// Random is a made-up population of n customers that has what trips scorers up.
func Random(seed uint64, n int) *Data { return conformance.Random(seed, n) }

// Requiring gives the scorers that the scorer requires, and those that they require.
func Requiring(others ...scoring.Scorer) Option { return conformance.Requiring(others...) }

// Score fits a scorer on data and answers for all its customers, with evidence.
func Score(s scoring.Scorer, d *Data) (*Answers, error) {
	return conformance.Score(context.Background(), s, d)
}

// Seed makes up other populations; the default is 1.
func Seed(seed uint64) Option { return conformance.Seed(seed) }

// Size is how many customers a population that is made up has; the default is 120.
func Size(customers int) Option { return conformance.Size(customers) }

// Run holds a scorer against every rule, each in a subtest.
func Run(t *testing.T, s scoring.Scorer, opts ...Option) {
	t.Helper()
	for _, r := range conformance.Rules() {
		t.Run(r.Name, func(t *testing.T) {
			report(t, conformance.Check(t.Context(), s, append(opts[:len(opts):len(opts)], conformance.Only(r.Name))...))
		})
	}
}

// README runs the worked examples of a README, as [conformance.Examples] has them.
func README(t *testing.T, s scoring.Scorer, path string, opts ...Option) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	report(t, conformance.Examples(t.Context(), s, string(text), opts...))
}

func report(t *testing.T, found []conformance.Finding) {
	t.Helper()
	for _, f := range found {
		t.Errorf("%s: %s\n\ton %s\n\tcure: %s", f.Doc.En, f.Problem, f.On, f.Cure.En)
	}
}
