package rule_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bellwether/internal/rule"
	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

// hostile are expressions that are meant to be slow to parse, to check or to run.
func hostile() []string {
	repeat := strings.Repeat
	return []string{
		repeat("(", 1000) + repeat(")", 1000), repeat("[", 900) + repeat("]", 900), repeat("has(", 490), repeat("true?", 390) + "true", repeat("true?true:", 190) + "true",
		repeat("!", 1990) + "true", repeat("-", 1990) + "1 > 1", "true" + repeat("==true", 240), "1" + repeat("<1", 900), "1" + repeat("+1", 940) + " > 1", "1" + repeat("-(1", 40) + repeat(")", 40) + " > 1",
		"1>0" + repeat("||1>0", 390), repeat("(facts.orders>1&&", 40) + "true" + repeat(")", 40), "facts" + repeat(".a", 990), "facts" + repeat("[0]", 600),
		"facts.orders in [" + repeat("1,", 95) + "1]", `facts.country in ["` + repeat("a", 1900) + `"]`, `"` + repeat("\\", 1990), "facts.orders > 1e308 * 1e308", "facts.orders / 0 == 0 / 0", "9223372036854775807 + 1 > 99999999999999999999", "[[[1]]].map(x, x.map(y, y))",
	}
}

// FuzzCompile compiles conditions and numbers of any text: it never panics, says something about each that it refuses, and what
// it accepts keeps to a manifest, answers and explains.
func FuzzCompile(f *testing.F) {
	for i, when := range accepted {
		f.Add(when, accepted[len(accepted)-1-i])
	}
	for _, when := range refused {
		f.Add(when, "facts.orders / 2")
	}
	for _, when := range hostile() {
		f.Add(when, when)
	}
	v := vocabulary()
	d := scoretest.Random(1, 5)
	d.Others = []scoring.Scorer{rfm.New()}
	f.Fuzz(func(t *testing.T, when, number string) {
		definition := with(when)
		definition.Numbers[0].Value = number
		began := time.Now()
		s, problems := rule.Compile(definition, v)
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("compiling took %v", took)
		}
		if (s == nil) != (len(problems) > 0) {
			t.Fatalf("scorer %v, problems %v", s, problems)
		}
		for _, p := range problems {
			if p.Message.En == "" || p.Message.Zh == "" || p.Line < 0 || p.Column < 0 || p.Code == "" || len(p.Path) == 0 {
				t.Fatalf("a problem says too little: %+v", p)
			}
		}
		if s == nil {
			return
		}
		if err := s.Manifest().Validate(); err != nil {
			t.Fatal(err)
		}
		answers, err := scoretest.Score(s, d)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range d.Customers {
			if len(answers.Reasons(c.ID, "en")) == 0 || answers.Value(c.ID, "label").Text() == "" {
				t.Fatalf("%s has no label, or no reason", c.ID)
			}
		}
	})
}

// FuzzParse reads files of any bytes: it never panics, and what has no problems compiles or says why not, within the file.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{ageing, computing, tiers, requiring} {
		f.Add([]byte(text))
	}
	v := vocabulary()
	f.Fuzz(func(t *testing.T, text []byte) {
		began := time.Now()
		d, problems := rule.Parse(text)
		_, more := rule.Compile(d, v)
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("reading took %v", took)
		}
		for _, p := range append(problems, more...) {
			if p.Line < 1 || p.Column < 1 || p.Message.En == "" || p.Message.Zh == "" {
				t.Fatalf("a problem says too little: %+v", p)
			}
		}
	})
}
