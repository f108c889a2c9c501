package plugin

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"bellwether/internal/fault"
	"bellwether/internal/rule"
	"bellwether/scoring"
	"bellwether/scoring/conformance"
)

// ruleSuffix is how the names of files with rules end.
const ruleSuffix = ".rule.yaml"

// openRule compiles a file's rule over the catalogue and the scorers of the options but for one of its own name.
func openRule(path string, o Options) (scoring.Scorer, []conformance.Finding, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fault.New(fault.NotFound, "the rule cannot be read: %w (give a file that is there)", err)
	}
	d, problems := rule.Parse(text)
	if len(problems) > 0 {
		return nil, found(problems, o.Locale), nil
	}
	v := rule.Vocabulary{Facts: scoring.Facts()}
	for _, s := range without(o.Scorers, d.Name) {
		v.Scorers = append(v.Scorers, s.Manifest())
	}
	s, problems := rule.Compile(d, v)
	return s, found(problems, o.Locale), nil
}

// found are the findings of a rule's problems, whose messages end in a cure.
func found(problems []rule.Problem, locale string) []conformance.Finding {
	var out []conformance.Finding
	for _, p := range problems {
		f := conformance.Finding{
			Rule: "rule", Doc: demand(p.Code),
			On: strings.TrimSpace(fmt.Sprintf("%d:%d %s", p.Line, p.Column, strings.Join(p.Path, "."))),
		}
		_, f.Cure.En = cut(p.Message.En)
		_, f.Cure.Zh = cut(p.Message.Zh)
		f.Problem, _ = cut(p.Message.In(locale))
		out = append(out, f)
	}
	return out
}

// demand is what a rule must fulfil that a problem's code stands for.
func demand(code string) scoring.Words {
	switch code {
	case "DUPLICATE":
		return scoring.Words{En: "a name stands once", Zh: "名称不得重复"}
	case "EXPRESSION":
		return scoring.Words{En: "an expression keeps to the language of rules", Zh: "表达式须符合规则语言"}
	case "OUT_OF_RANGE":
		return scoring.Words{En: "a number is within its bounds", Zh: "数值须在范围内"}
	case "REQUIRED":
		return scoring.Words{En: "a rule has what it needs", Zh: "规则须包含必需的内容"}
	case "TOO_MANY":
		return scoring.Words{En: "a rule is within the limits", Zh: "规则须在限制之内"}
	}
	return scoring.Words{En: "a file has the form of rules", Zh: "文件须符合规则的格式"}
}

// cut parts a message from the cure in the parentheses at its end.
func cut(message string) (problem, cure string) {
	depth, end := 0, len(message)
	for i, letter := range slices.Backward([]rune(message)) {
		switch letter {
		case ')', '）':
			depth++
		case '(', '（':
			depth--
		}
		if depth == 0 {
			end = i
			break
		}
	}
	letters := []rune(message)
	if end >= len(letters)-1 {
		return message, ""
	}
	return strings.TrimSpace(string(letters[:end])), string(letters[end+1 : len(letters)-1])
}
