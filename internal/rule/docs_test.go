package rule_test

import (
	"os"
	"strings"
	"testing"

	"bellwether/internal/rule"
)

// TestReference compiles what the reference shows: whole rules, and conditions a line each.
func TestReference(t *testing.T) {
	text, err := os.ReadFile("../../docs/plugins/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]int{}
	for _, part := range strings.Split(string(text), "\n```")[1:] {
		language, block, _ := strings.Cut(part, "\n")
		shown[language]++
		switch language {
		case "yaml":
			compiled(t, block)
		case "cel":
			for line := range strings.Lines(block) {
				if _, problems := rule.Compile(with(strings.TrimSpace(line)), vocabulary()); len(problems) > 0 {
					t.Errorf("%s: %v", line, problems)
				}
			}
		}
	}
	if shown["yaml"] == 0 || shown["cel"] == 0 {
		t.Errorf("the reference shows %v (show a rule and conditions)", shown)
	}
}
