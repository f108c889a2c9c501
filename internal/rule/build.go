package rule

import (
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"bellwether/scoring"
)

// builder makes the nodes of checked expressions.
type builder struct {
	*problems
	graph
	d         *Definition
	names     *vocabulary
	m         *scoring.Manifest
	numbers   map[string]*named
	quantiles []quantile
	e         *expression // at work
}

// named is a number or a part of a quantile, built where it is first needed.
type named struct {
	e           *expression
	node        int
	done, begun bool
}

// quantile is a border that is learned.
type quantile struct {
	of, among *named // among may be nil
	q         float64
}

// report reports a problem that only shows when an expression is built.
func (b *builder) report(at ast.Expr, suggestion, en, zh string, args ...any) {
	line, column := position(b.e.tree.SourceInfo(), at)
	b.add(Problem{Path: b.e.path, Code: codeExpression, Message: words(en, zh, args...), Suggestion: suggestion}, line, column)
}

// expression builds an expression.
func (b *builder) expression(e *expression) int {
	around := b.e
	b.e = e
	defer func() { b.e = around }()
	return b.term(e.tree.Expr())
}

// once builds what has a name. It is missing where it depends on itself, which is reported.
func (b *builder) once(n *named, at ast.Expr, name string) int {
	if n.begun && !n.done {
		b.report(at, "", "%[1]s depends on itself (define it without)", "%[1]s 依赖于自身（请改为不依赖自身的定义）", name)
		return b.number(0)
	}
	if !n.done {
		n.begun = true
		n.node, n.done = b.expression(n.e), true
		if of := &b.nodes[n.node]; n.e.path[0] == rootNumbers && of.computed() {
			of.slug = b.names.numbers[b.at(n.e)]
		}
	}
	return n.node
}

func (b *builder) number(x float64) int {
	return b.put(node{op: opNumber, sort: numeric, x: x, plain: true, kind: scoring.Number})
}

func (b *builder) term(e ast.Expr) int {
	switch e.Kind() {
	case ast.LiteralKind:
		switch v := e.AsLiteral().(type) {
		case types.Bool:
			id := b.put(node{op: opTrue, sort: logical, kind: scoring.Flag})
			if !v {
				id = b.not(id)
			}
			return id
		case types.String:
			return b.put(node{op: opLiteral, sort: textual, text: string(v), kind: scoring.Text})
		case types.Double:
			return b.number(float64(v))
		}
	case ast.SelectKind:
		return b.name(e)
	case ast.CallKind:
		return b.call(e)
	}
	b.report(e, "", "this is not part of rules (write it like facts.orders > 3)", "规则不支持此写法（写作 facts.orders > 3）")
	return b.number(0)
}

func (b *builder) not(id int) int {
	return b.put(node{op: opNot, sort: logical, args: []int{id}, kind: scoring.Flag})
}

// name builds facts.NAME and its like, or has of it.
func (b *builder) name(e ast.Expr) int {
	parts, _ := path(e)
	var id int
	switch parts[0] {
	case rootFacts:
		id = b.fact(parts[1], scoring.Window{})
	case rootScores:
		id = b.output(parts[1], parts[2])
	case rootParams:
		id = b.param(parts[1])
	case rootQuantiles:
		id = b.quantile(e, parts[1])
	case rootNumbers:
		i := slices.Index(b.names.numbers, parts[1])
		if b.e.path[0] == rootNumbers && i >= b.at(b.e) {
			b.report(e, "", "numbers.%[1]s comes later (move it up)", "numbers.%[1]s 定义在后（请将其前移）", parts[1])
			return b.number(0)
		}
		id = b.once(b.numbers[parts[1]], e, "numbers."+parts[1])
	}
	if e.AsSelect().IsTestOnly() {
		of := b.nodes[id]
		return b.put(node{op: opHas, sort: logical, args: []int{id}, kind: scoring.Flag, title: of.title, slug: of.slug, params: of.params})
	}
	return id
}

// at is the index of an expression's item in its list.
func (b *builder) at(e *expression) (i int) {
	for _, digit := range e.path[1] {
		i = i*10 + int(digit-'0')
	}
	return i
}

// sortOf is how values of a kind are kept.
func sortOf(k scoring.Kind) sort {
	switch k {
	case scoring.Flag:
		return logical
	case scoring.Label, scoring.Text:
		return textual
	}
	return numeric
}

func (b *builder) fact(name string, w scoring.Window) int {
	use := scoring.FactUse{Name: name, Window: w}
	i := slices.Index(b.m.Facts, use)
	if i < 0 {
		i = len(b.m.Facts)
		b.m.Facts = append(b.m.Facts, use)
	}
	f := b.names.facts[name]
	n := node{op: opFact, sort: sortOf(f.Kind), index: i, kind: f.Kind, moment: f.Kind == scoring.Moment, title: f.Title, slug: name, windowed: w != scoring.Window{}}
	n.title, n.params = b.within(f.Title, w)
	return b.put(n)
}

func (b *builder) output(scorer, name string) int {
	m := b.names.scorers[scorer]
	o := &m.Outputs[output(m, name)]
	use := scoring.OutputUse{Scorer: scorer, Output: o.Name}
	i := slices.Index(b.m.Requires, use)
	if i < 0 {
		i = len(b.m.Requires)
		b.m.Requires = append(b.m.Requires, use)
	}
	n := node{op: opRequired, sort: sortOf(o.Kind), index: i, kind: o.Kind, moment: o.Kind == scoring.Moment, ages: o.DaysSince != "", slug: scorer + "." + o.Name}
	n.title = scoring.Words{En: plain(m.Title.En), Zh: plain(m.Title.Zh)}
	if o.Kind == scoring.Label {
		n.labels = &labelled{scorer: scorer, output: o}
	}
	if main, has := m.MainLabel(); !has || main != o {
		n.title.En, n.title.Zh = n.title.En+", "+o.Name, n.title.Zh+" "+o.Name
	}
	return b.put(n)
}

func (b *builder) param(name string) int {
	return b.put(node{op: opParam, sort: numeric, index: b.m.Param(name), kind: scoring.Number, plain: true, title: words("parameter %[1]s", "参数 %[1]s", name), slug: name})
}

// quantile is a border; what it is of is built first, because it is shown like that.
func (b *builder) quantile(e ast.Expr, name string) int {
	i := slices.Index(b.names.quantiles, name)
	q := &b.quantiles[i]
	of := b.once(q.of, e, "quantiles."+name)
	n := &b.nodes[of]
	return b.put(node{op: opQuantile, sort: numeric, index: i, kind: n.kind, plain: n.plain, moment: n.moment, learned: true, title: words("quantile %[1]s", "分位数 %[1]s", name), slug: name})
}
