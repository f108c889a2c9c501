package rule

import (
	"fmt"
	"maps"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"bellwether/scoring"
)

// The roots of names.
const (
	rootFacts     = "facts"
	rootNumbers   = "numbers"
	rootParams    = "params"
	rootQuantiles = "quantiles"
	rootScores    = "scores"
)

func roots() []string {
	return []string{rootFacts, rootNumbers, rootParams, rootQuantiles, rootScores}
}

// Functions that are called by name.
const (
	callContains   = "contains"
	callDaysSince  = "days_since"
	callEndsWith   = "endsWith"
	callHas        = "has"
	callStartsWith = "startsWith"
	callTimestamp  = "timestamp"
	callWindow     = "window"
)

func functions() []string {
	return []string{callContains, callDaysSince, callEndsWith, callHas, callStartsWith, callTimestamp, callWindow}
}

// vocabulary is what the expressions of one rule may name.
type vocabulary struct {
	self      string // the rule
	facts     map[string]scoring.Fact
	scorers   map[string]*scoring.Manifest
	numbers   []string
	params    []string
	quantiles []string
}

func newVocabulary(d *Definition, v Vocabulary) *vocabulary {
	out := &vocabulary{self: d.Name, facts: map[string]scoring.Fact{}, scorers: map[string]*scoring.Manifest{}}
	for _, f := range v.Facts {
		out.facts[f.Name] = f
	}
	for _, m := range v.Scorers {
		if m.Name != d.Name { // a rule cannot refer to itself
			out.scorers[m.Name] = m
		}
	}
	for _, n := range d.Numbers {
		out.numbers = append(out.numbers, n.Name)
	}
	for _, p := range d.Parameters {
		out.params = append(out.params, p.Name)
	}
	for _, q := range d.Quantiles {
		out.quantiles = append(out.quantiles, q.Name)
	}
	return out
}

// under are the names that may follow a root, in alphabetical order.
func (v *vocabulary) under(root string) []string {
	var names []string
	switch root {
	case rootFacts:
		names = slices.Collect(maps.Keys(v.facts))
	case rootNumbers:
		names = slices.Clone(v.numbers)
	case rootParams:
		names = slices.Clone(v.params)
	case rootQuantiles:
		names = slices.Clone(v.quantiles)
	case rootScores:
		names = slices.Collect(maps.Keys(v.scorers))
	}
	slices.Sort(names)
	return names
}

// output is an output of a scorer by its name, or "label" for its label whatever that is called; -1: there is none.
func output(m *scoring.Manifest, name string) int {
	if i := m.Output(name); i >= 0 {
		return i
	}
	if _, has := m.MainLabel(); has && name == labelOutput {
		return 0
	}
	return -1
}

// outputs are the names that may follow a scorer.
func outputs(m *scoring.Manifest) []string {
	var names []string
	if _, has := m.MainLabel(); has {
		names = append(names, labelOutput)
	}
	for i := range m.Outputs {
		if !slices.Contains(names, m.Outputs[i].Name) {
			names = append(names, m.Outputs[i].Name)
		}
	}
	slices.Sort(names)
	return names
}

// celType is the type of values of a kind in expressions. All numbers are doubles, so that facts.orders > 3 and
// facts.net_revenue >= 100.50 are alike.
func celType(k scoring.Kind) *types.Type {
	switch k {
	case scoring.Flag:
		return types.BoolType
	case scoring.Label, scoring.Text:
		return types.StringType
	case scoring.Moment:
		return types.TimestampType
	}
	return types.DoubleType
}

// declared answers CEL's checker which fields there are, so that it checks facts.NAME and has(facts.NAME) itself.
type declared struct {
	*types.Registry
	fields map[string]map[string]*types.Type // by type
}

// FindStructType implements types.Provider.
func (d *declared) FindStructType(name string) (*types.Type, bool) {
	if _, known := d.fields[name]; known {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return nil, false
}

// FindStructFieldNames implements types.Provider.
func (d *declared) FindStructFieldNames(name string) ([]string, bool) {
	fields, known := d.fields[name]
	return slices.Sorted(maps.Keys(fields)), known
}

// FindStructFieldType implements types.Provider.
func (d *declared) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	t, known := d.fields[name][field]
	return &types.FieldType{Type: t}, known
}

// typeOf is the name of the type of a root or scorer.
func typeOf(name string) string { return "rule." + name }

// environment is CEL without its standard library and macros but has: what is not declared here does not exist.
func (v *vocabulary) environment() (*cel.Env, error) {
	d := &declared{Registry: types.NewEmptyRegistry(), fields: map[string]map[string]*types.Type{}}
	for _, root := range roots() {
		fields := map[string]*types.Type{}
		for _, name := range v.under(root) {
			fields[name] = types.DoubleType
		}
		d.fields[typeOf(root)] = fields
	}
	for name, f := range v.facts {
		d.fields[typeOf(rootFacts)][name] = celType(f.Kind)
	}
	for name, m := range v.scorers {
		scorer := typeOf(rootScores + "." + name)
		d.fields[typeOf(rootScores)][name] = types.NewObjectType(scorer)
		d.fields[scorer] = map[string]*types.Type{}
		for _, o := range outputs(m) {
			d.fields[scorer][o] = celType(m.Outputs[output(m, o)].Kind)
		}
	}
	options := []cel.EnvOption{
		cel.ClearMacros(), cel.Macros(cel.HasMacro), cel.CustomTypeProvider(d),
		cel.ParserExpressionSizeLimit(maxExpression), cel.ParserRecursionLimit(maxNesting), cel.ParserErrorRecoveryLimit(4),
		cel.ExpressionNodeLimit(maxTerms),
	}
	for _, root := range roots() {
		options = append(options, cel.Variable(root, types.NewObjectType(typeOf(root))))
	}
	return cel.NewCustomEnv(append(options, signatures()...)...)
}

// signatures are the operators and functions of the language.
func signatures() []cel.EnvOption {
	number, text, flag, instant := types.DoubleType, types.StringType, types.BoolType, types.TimestampType
	id := 0
	overload := func(result *types.Type, args ...*types.Type) cel.FunctionOpt {
		id++
		return cel.Overload(fmt.Sprint("overload_", id), args, result)
	}
	member := func(result *types.Type, args ...*types.Type) cel.FunctionOpt {
		id++
		return cel.MemberOverload(fmt.Sprint("overload_", id), args, result)
	}
	var out []cel.EnvOption
	for _, op := range []string{operators.Add, operators.Subtract, operators.Multiply, operators.Divide} {
		out = append(out, cel.Function(op, overload(number, number, number)))
	}
	for _, op := range []string{operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals} {
		out = append(out, cel.Function(op, overload(flag, number, number), overload(flag, instant, instant)))
	}
	for _, op := range []string{operators.Equals, operators.NotEquals} {
		out = append(out, cel.Function(op,
			overload(flag, number, number), overload(flag, text, text), overload(flag, flag, flag), overload(flag, instant, instant)))
	}
	for _, op := range []string{operators.LogicalAnd, operators.LogicalOr} {
		out = append(out, cel.Function(op, overload(flag, flag, flag)))
	}
	for _, name := range []string{callContains, callEndsWith, callStartsWith} {
		out = append(out, cel.Function(name, member(flag, text, text)))
	}
	return append(out,
		cel.Function(operators.Negate, overload(number, number)),
		cel.Function(operators.LogicalNot, overload(flag, flag)),
		cel.Function(operators.Conditional, overload(number, flag, number, number), overload(flag, flag, flag, flag)),
		cel.Function(operators.In, overload(flag, text, types.NewListType(text)), overload(flag, number, types.NewListType(number))),
		cel.Function(callDaysSince, overload(number, instant)),
		cel.Function(callTimestamp, overload(instant, text)),
		cel.Function(callWindow, overload(number, number, number), overload(number, number, number, number),
			overload(instant, instant, number), overload(instant, instant, number, number)),
	)
}
