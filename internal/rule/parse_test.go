package rule_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwether/internal/rule"
)

// TestParse: the problems of files, where they stand, in both languages. A file is a rule, or a fault in one.
func TestParse(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files, %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d, problems := rule.Parse(text)
			if len(problems) == 0 {
				_, problems = rule.Compile(d, vocabulary())
			}
			var out strings.Builder
			for _, p := range problems {
				fmt.Fprintf(&out, "%d:%d %s %s\n  %s\n  %s\n", p.Line, p.Column, strings.Join(p.Path, "."), p.Code, p.Message.En, p.Message.Zh)
				if p.Suggestion != "" {
					fmt.Fprintf(&out, "  -> %s\n", p.Suggestion)
				}
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".golden", []byte(out.String()))
		})
	}
}

// TestSchema: what editors check is what the program has, and every key that is read is in it.
func TestSchema(t *testing.T) {
	golden(t, "../../docs/plugins/rule.schema.json", rule.Schema())
	var schema struct {
		Properties map[string]struct {
			Items struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(rule.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	var given map[string]any
	if err := json.Unmarshal(encoded, &given); err != nil {
		t.Fatal(err)
	}
	if len(given) != len(schema.Properties) {
		t.Errorf("%d fields, but %d properties", len(given), len(schema.Properties))
	}
	for name, value := range given {
		if _, known := schema.Properties[name]; !known {
			t.Errorf("%s is not in the schema", name)
		}
		items, isList := value.([]any)
		if !isList {
			continue
		}
		fields := items[0].(map[string]any)
		if len(fields) != len(schema.Properties[name].Items.Properties) {
			t.Errorf("%s: %d fields, but %d properties", name, len(fields), len(schema.Properties[name].Items.Properties))
		}
		for field := range fields {
			if _, known := schema.Properties[name].Items.Properties[field]; !known {
				t.Errorf("%s.%s is not in the schema", name, field)
			}
		}
	}
}

// full is a definition of which everything is set.
func full() rule.Definition {
	x := 1.0
	return rule.Definition{
		Name: "full", Version: "1.2.3", TitleEn: "Full", TitleZh: "完整", DocEn: "All.", DocZh: "全部。",
		Labels:     []rule.Label{{Name: "A", TitleEn: "A", TitleZh: "甲", AdviceEn: "Do.", AdviceZh: "做。", When: "true"}},
		Numbers:    []rule.Number{{Name: "n", Value: "1"}},
		Quantiles:  []rule.Quantile{{Name: "q", Of: "facts.orders", Q: .5, Among: "facts.orders > 0"}},
		Parameters: []rule.Parameter{{Name: "p", Default: 1, Min: &x, Max: &x}},
	}
}

// TestParseIsJSON: a definition reads the same from a file as from the API's names.
func TestParseIsJSON(t *testing.T) {
	encoded, err := json.Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	d, problems := rule.Parse(encoded)
	again, err := json.Marshal(d)
	if err != nil || len(problems) > 0 || string(again) != string(encoded) {
		t.Errorf("%s became %s, %v %v", encoded, again, problems, err)
	}
}

// TestParseOfOtherEditors: a byte order mark and lines that end as on Windows change neither the rule nor the places.
func TestParseOfOtherEditors(t *testing.T) {
	text, err := os.ReadFile("testdata/places.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := places(text)
	if !strings.Contains(want, "12:22") {
		t.Fatalf("the problems are at %s", want)
	}
	for name, other := range map[string]string{"mark": "\ufeff" + string(text), "ends": strings.ReplaceAll(string(text), "\n", "\r\n")} {
		if got := places([]byte(other)); got != want {
			t.Errorf("%s: the problems are at %s, want %s", name, got, want)
		}
	}
}

// places are those of all problems of a file.
func places(text []byte) (out string) {
	d, problems := rule.Parse(text)
	_, more := rule.Compile(d, vocabulary())
	for _, p := range append(problems, more...) {
		out += fmt.Sprintf(" %d:%d", p.Line, p.Column)
	}
	return out
}
