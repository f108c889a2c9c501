package rule

import (
	"cmp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"bellwether/scoring"
)

// Compile makes a scorer of a rule, or says everything that is wrong with it. The scorer learns the rule's quantiles, and
// nothing where it has none (scoring.Learner); its models can be stored (scoring.Codec). Its outputs are the label and the
// rule's numbers, a null where a number is missing.
func Compile(d Definition, v Vocabulary) (scoring.Scorer, []Problem) {
	p := &problems{places: d.places}
	s := p.compile(&d, v)
	if len(p.list) == 0 {
		return s, nil
	}
	if d.places != nil { // who reads the file meets them in its order
		slices.SortStableFunc(p.list, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
	}
	return nil, p.list
}

// compile makes a scorer, which is nothing where there are problems.
func (p *problems) compile(d *Definition, v Vocabulary) *scorer {
	p.definition(d)
	names := newVocabulary(d, v)
	env, err := names.environment()
	if err != nil {
		p.field(nil, codeInvalid, words("the vocabulary cannot be used: %[1]v (rename what is called so)", "词汇表不可用：%[1]v（请重命名）", err))
		return nil
	}
	b := &builder{problems: p, d: d, names: names, m: manifest(d), numbers: map[string]*named{}}
	conditions := b.check(env)
	if len(p.list) > 0 {
		return nil
	}
	s := b.scorer(conditions)
	if len(p.list) > 0 {
		return nil
	}
	if err := s.manifest.Validate(); err != nil { // all of it was looked at: this is the last defence
		p.field(nil, codeInvalid, words("%[1]v", "%[1]v", err))
		return nil
	}
	return s
}

// check parses and checks all expressions; what comes back are the labels' conditions.
func (b *builder) check(env *cel.Env) []*expression {
	c := &checker{problems: b.problems, names: b.names, env: env}
	for i := range b.d.Numbers {
		n := &b.d.Numbers[i]
		b.numbers[n.Name] = &named{e: c.check(item(rootNumbers, i, "value"), n.Value, types.DoubleType)}
	}
	for i := range b.d.Quantiles {
		q := &b.d.Quantiles[i]
		of := quantile{of: &named{e: c.check(item(rootQuantiles, i, "of"), q.Of, types.DoubleType)}, q: q.Q}
		if strings.TrimSpace(q.Among) != "" {
			of.among = &named{e: c.check(item(rootQuantiles, i, "among"), q.Among, types.BoolType)}
		}
		b.quantiles = append(b.quantiles, of)
	}
	var conditions []*expression
	for i := range b.d.Labels {
		when := b.d.Labels[i].When
		path := item("labels", i, "when")
		if i == len(b.d.Labels)-1 && strings.TrimSpace(when) == "" {
			c.field(path, codeRequired, words("the last label has no condition (write when: \"true\": it is for all others)", "最后一个标签没有条件（请写 when: \"true\"：用于其余所有客户）"))
			break
		}
		conditions = append(conditions, c.check(path, when, types.BoolType))
	}
	if last := len(b.d.Labels) - 1; last >= 0 && last < len(conditions) && strings.TrimSpace(b.d.Labels[last].When) != "true" && !conditions[last].bad {
		c.expression(conditions[last], 1, 1, words("the last label is for all others (write when: \"true\", or add a label with when: \"true\" at the end)",
			"最后一个标签用于其余所有客户（请写 when: \"true\"，或在末尾添加 when: \"true\" 的标签）"), "true")
	}
	return conditions
}

// scorer builds all expressions.
func (b *builder) scorer(conditions []*expression) *scorer {
	s := &scorer{}
	var roots, learning []int
	for i := range b.quantiles {
		q := &b.quantiles[i]
		part := border{of: b.learned(q.of, i), among: -1, q: q.q, ranking: i}
		learning = append(learning, part.of)
		if q.among != nil {
			part.among = b.learned(q.among, i)
			learning = append(learning, part.among)
		}
		s.quantiles = append(s.quantiles, part)
	}
	b.share(s.quantiles)
	for i := range b.d.Numbers {
		name := b.d.Numbers[i].Name
		s.numbers = append(s.numbers, b.once(b.numbers[name], nil, rootNumbers+"."+name))
	}
	for _, e := range conditions {
		s.conditions = append(s.conditions, b.expression(e))
	}
	roots = append(append(roots, s.numbers...), s.conditions...)
	if len(b.list) > 0 {
		return s
	}
	for _, id := range s.conditions {
		b.reasons(id)
	}
	s.otherwise = len(b.m.Reasons)
	b.m.Reasons = append(b.m.Reasons, scoring.Reason{
		Name: b.unused("otherwise"), Fact: labelOutput,
		Text: scoring.Words{En: "Nothing is compared for {value}.", Zh: "{value} 无需比较。"},
	})
	s.graph = b.graph
	s.scoring, s.fitting = s.schedule(roots...), s.schedule(learning...)
	for _, id := range s.fitting {
		if n := &s.nodes[id]; n.op == opParam {
			b.m.Params[n.index].Fit = true
		}
	}
	s.until = s.timing(s.scoring, s.numbers)
	s.manifest = *b.m
	for i := range b.d.Labels {
		s.names = append(s.names, b.d.Labels[i].Name)
	}
	return s
}

// learned builds a part of a quantile, which cannot wait for a quantile.
func (b *builder) learned(n *named, i int) int {
	b.once(n, nil, rootQuantiles+"."+b.d.Quantiles[i].Name)
	if b.nodes[n.node].learned && len(b.list) == 0 {
		b.field(n.e.path, codeExpression, words("quantiles.%[1]s depends on a quantile, which is not known while it is learned (use facts, scores and parameters)",
			"quantiles.%[1]s 依赖于另一分位数，学习时尚不可知（请使用事实、评分与参数）", b.d.Quantiles[i].Name))
	}
	return n.node
}

// share lets quantiles of the same values use one ranking.
func (b *builder) share(quantiles []border) {
	next := 0
	for i := range quantiles {
		q := &quantiles[i]
		at := slices.IndexFunc(quantiles[:i], func(o border) bool { return o.of == q.of && o.among == q.among })
		if at >= 0 {
			q.ranking = quantiles[at].ranking
			continue
		}
		q.ranking = next
		next++
	}
}

// unused is a reason's name that no other has.
func (b *builder) unused(name string) string {
	for b.reasonNamed(name) {
		name += "_2"
	}
	return name
}
