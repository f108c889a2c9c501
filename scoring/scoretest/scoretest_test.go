package scoretest_test

import (
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"

	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

// counted tells how many orders a customer has, plus what is passed.
func counted(extra int64) scoring.Scorer {
	words := scoring.Words{En: "Orders", Zh: "订单"}
	return scoring.Define(scoring.Manifest{
		Name: "counted", Version: "1.0.0", Title: words, Doc: words,
		Facts:   []scoring.FactUse{{Name: "orders"}},
		Outputs: []scoring.Output{{Name: "orders", Kind: scoring.Integer, Doc: words}},
		Reasons: []scoring.Reason{{Name: "orders", Fact: "orders", Text: scoring.Words{En: "{value}", Zh: "{value}"}}},
	}, nil, func(c *scoring.Customer, _ struct{}) {
		c.Set(0, scoring.Int(c.Fact(0).Int()+extra))
		if extra == 0 {
			c.Because(0, c.Fact(0), math.NaN(), nil)
		}
	})
}

const readme = "# counted\n\n```csv orders as_of=2026-01-31\ncustomer,placed_at,net\na,2026-01-01,1\n```\n\n```csv expected\ncustomer,orders\na,1\n```\n"

// bad makes the test below run a scorer that breaks a rule and whose example is wrong.
const bad = "SCORETEST_BAD"

func TestScorer(t *testing.T) {
	s := counted(0)
	if os.Getenv(bad) != "" {
		s = counted(1)
	}
	path := t.TempDir() + "/README.md"
	if err := os.WriteFile(path, []byte(readme), 0o600); err != nil {
		t.Fatal(err)
	}
	scoretest.Run(t, s, scoretest.Seed(3), scoretest.Size(30), scoretest.On(scoretest.Random(7, 10)))
	scoretest.README(t, s, path)
}

// TestBadScorerFails runs TestScorer with the bad scorer, in a process of its own.
func TestBadScorerFails(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestScorer$")
	cmd.Env = append(os.Environ(), bad+"=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Error("a bad scorer passes")
	}
	for _, want := range []string{"--- FAIL: TestScorer/evidence", "on conformance.Random(3, 30)", "cure: give at least one declared reason", `orders is "2", expected "1"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
}
