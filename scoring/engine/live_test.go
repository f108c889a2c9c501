package engine_test

import (
	"strings"
	"testing"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// named is a scorer of a name that requires others and answers with their number.
func named(name string, requires ...string) scoring.Scorer {
	m := scoring.Manifest{
		Name: name, Version: "1.0.0", Title: scoring.Words{En: name, Zh: name}, Doc: scoring.Words{En: name, Zh: name},
		Outputs: []scoring.Output{{Name: "n", Kind: scoring.Integer, Doc: scoring.Words{En: "n", Zh: "n"}}},
		Params:  []scoring.Param{{Name: "p", Kind: scoring.Integer, Doc: scoring.Words{En: "p", Zh: "p"}, Default: scoring.Int(1), Min: 0, Max: 9}},
	}
	for _, r := range requires {
		m.Requires = append(m.Requires, scoring.OutputUse{Scorer: r, Output: "n"})
	}
	return scoring.Define(m, nil, func(c *scoring.Customer, _ struct{}) { c.Set(0, scoring.Int(int64(len(requires)))) })
}

func atRunTime(s scoring.Scorer) engine.Entry {
	return engine.Entry{Scorer: s, Host: engine.Rule, Digest: "d1"}
}

// TestWith: what is not fit for use is switched off with its reason, and so is who requires it; the rest answers.
func TestWith(t *testing.T) {
	builtIn := engine.Entry{Scorer: named("base"), Host: engine.BuiltIn}
	off := atRunTime(named("off"))
	off.Off = "somebody did it"
	with := func(extra ...engine.Entry) []engine.Entry { return append([]engine.Entry{builtIn}, extra...) }
	e, err := engine.New(engine.Config{Scorers: []scoring.Scorer{builtIn.Scorer}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		entries []engine.Entry
		want    map[string]string // part of the reason; "": it answers
	}{
		"one more":                 {with(atRunTime(named("a", "base"))), map[string]string{"base": "", "a": ""}},
		"requires what is off":     {with(off, atRunTime(named("a", "off")), atRunTime(named("b", "a"))), map[string]string{"base": "", "a": "requires off, which is switched off", "b": "requires a, which is switched off"}},
		"requires what is missing": {with(atRunTime(named("a", "nobody"))), map[string]string{"a": "requires nobody, which is not there"}},
		"a cycle":                  {with(atRunTime(named("a", "b")), atRunTime(named("b", "a")), atRunTime(named("c"))), map[string]string{"a": "a -> b -> a", "b": "b -> a -> b", "c": ""}},
		"a cycle of one":           {with(atRunTime(named("a", "a"))), map[string]string{"a": "a -> a"}},
		"a bad manifest":           {with(atRunTime(named("Bad"))), map[string]string{"Bad": "snake_case"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := e.With(c.entries)
			if err != nil {
				t.Fatal(err)
			}
			for scorer, want := range c.want {
				entry, ok := got.Entry(scorer)
				if !ok {
					t.Fatalf("%s is gone", scorer)
				}
				if !strings.Contains(entry.Off, want) || want == "" && entry.Off != "" {
					t.Errorf("%s is off for %q, want %q", scorer, entry.Off, want)
				}
			}
		})
	}
	if _, err := e.With(with(atRunTime(named("base")))); err == nil || !strings.Contains(err.Error(), "used twice") {
		t.Errorf("a name used twice: %v", err)
	}
}

// TestVersionOfRunTime: a version tells what a scorer was made from, and its parameters.
func TestVersionOfRunTime(t *testing.T) {
	a, b := atRunTime(named("a")), atRunTime(named("a"))
	b.Digest = "d2"
	versions := map[string]bool{}
	for _, entry := range []engine.Entry{{Scorer: named("a"), Host: engine.BuiltIn}, a, b} {
		for _, params := range []engine.Params{nil, {"a": {"p": 2}}} {
			e, err := engine.New(engine.Config{Params: params, Open: true})
			if err == nil {
				e, err = e.With([]engine.Entry{entry})
			}
			if err != nil {
				t.Fatal(err)
			}
			versions[e.Version("a")] = true
		}
	}
	if len(versions) != 6 || !versions["1.0.0"] {
		t.Errorf("versions %v", versions)
	}
}
