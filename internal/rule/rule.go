// Package rule makes scorers of rules: labels, each with a condition in CEL over the facts of the catalogue and the outputs of
// other scorers.
//
// Start with [Parse], which reads a *.rule.yaml, or fill a [Definition] in, and give it to [Compile] together with the
// [Vocabulary] it may use. Both report everything that is wrong as a list of [Problem], in both languages and with the place.
// The language is described in docs/plugins/rules.md.
//
// A rule is compiled, not interpreted: CEL parses and checks the expressions, and what comes out is a list of operations on
// whole columns, without loops over anything but customers. Its cost is known before it runs.
package rule

import (
	"regexp"

	"bellwether/scoring"
)

// Definition is a rule as its author writes it: the fields of the API's SaveRuleInput, and its version.
type Definition struct {
	Name       string      `json:"name"`
	Version    string      `json:"version,omitempty"` // semantic; "": 1.0.0
	TitleEn    string      `json:"titleEn"`
	TitleZh    string      `json:"titleZh,omitempty"` // "": the English one
	DocEn      string      `json:"docEn"`
	DocZh      string      `json:"docZh,omitempty"` // "": the English one
	Labels     []Label     `json:"labels"`          // tried in their order; the last one's When is true
	Numbers    []Number    `json:"numbers,omitempty"`
	Quantiles  []Quantile  `json:"quantiles,omitempty"`
	Parameters []Parameter `json:"parameters,omitempty"`

	places places // where it stands in a file, by path
}

// Manifest is what a rule promises by itself, before its expressions are compiled: name, version, outputs and labels.
func (d Definition) Manifest() *scoring.Manifest { return manifest(&d) }

// Label is one answer of a rule. What is left out is made of the name or of the other language.
type Label struct {
	Name     string `json:"name"` // UPPER_SNAKE
	TitleEn  string `json:"titleEn,omitempty"`
	TitleZh  string `json:"titleZh,omitempty"`
	AdviceEn string `json:"adviceEn,omitempty"`
	AdviceZh string `json:"adviceZh,omitempty"`
	When     string `json:"when"` // a condition
}

// Number is a further output, and a name for use in expressions after it.
type Number struct {
	Name  string `json:"name"`
	Value string `json:"value"` // a number
}

// Quantile is learned from the population: the least value of Of whose percentile by average rank is at least Q, among those
// for whom Among holds and Of is known.
type Quantile struct {
	Name  string  `json:"name"`
	Of    string  `json:"of"` // a number
	Q     float64 `json:"q"`
	Among string  `json:"among,omitempty"` // a condition; "": everybody
}

// Parameter is a number that those who run the server may set.
type Parameter struct {
	Name    string   `json:"name"`
	Default float64  `json:"default"`
	Min     *float64 `json:"min,omitempty"`
	Max     *float64 `json:"max,omitempty"`
}

// Vocabulary is what a rule may refer to.
type Vocabulary struct {
	Facts   []scoring.Fact
	Scorers []*scoring.Manifest
}

// Problem is something wrong with a rule.
type Problem struct {
	Path         []string      // of the field, such as labels, 0, when
	Line, Column int           // from 1, in letters: within the expression, or within the file a rule was parsed from; 0: not known
	Code         string        // one of the API's UserErrorCode
	Message      scoring.Words // what, and the cure in parentheses
	Suggestion   string        // the nearest name that is known; "": none is near
}

// Codes of problems.
const (
	codeDuplicate  = "DUPLICATE"
	codeExpression = "EXPRESSION"
	codeInvalid    = "INVALID"
	codeRange      = "OUT_OF_RANGE"
	codeRequired   = "REQUIRED"
	codeTooMany    = "TOO_MANY"
)

// Limits: generous for people, and a bound for what a rule can cost.
const (
	maxFile       = 64 << 10 // bytes
	maxName       = 50       // letters, like those below
	maxTitle      = 200
	maxDoc        = 4000
	maxExpression = 2000
	maxNesting    = 50
	maxTerms      = 500 // of one expression
	maxAllTerms   = 1000
	maxItems      = 100 // of a list
	maxLabels     = 32
	maxNumbers    = scoring.MaxOutputs - 1
	maxQuantiles  = 16
	maxParameters = 32
	maxProblems   = 50
	maxMagnitude  = 1e12  // of a parameter without bounds
	maxDays       = 36500 // of a window
)

var (
	snake      = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	upperSnake = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	semantic   = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
)

// labelOutput is the name of the first output.
const labelOutput = "label"
