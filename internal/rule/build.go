package rule

import (
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
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
	name      string
}

// report reports a problem that only shows when an expression is built.
func (b *builder) report(at ast.Expr, suggestion, en, zh string, args ...any) {
	line, column := position(b.e.tree.SourceInfo(), at)
	b.add(Problem{Path: b.e.path, Code: codeExpression, Message: words(en, zh, args...), Suggestion: suggestion}, line, column)
}

// add is there twice: this one adds a problem, graph's a node.
func (b *builder) add(p Problem, line, column int) { b.problems.add(p, line, column) }

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
	return b.graph.add(node{op: opNumber, sort: numeric, x: x, plain: true, kind: scoring.Number})
}

func (b *builder) term(e ast.Expr) int {
	switch e.Kind() {
	case ast.LiteralKind:
		switch v := e.AsLiteral().(type) {
		case types.Bool:
			id := b.graph.add(node{op: opTrue, sort: logical, kind: scoring.Flag})
			if !v {
				id = b.not(id)
			}
			return id
		case types.String:
			return b.graph.add(node{op: opLiteral, sort: textual, text: string(v), kind: scoring.Text})
		case types.Double:
			return b.number(float64(v))
		}
	case ast.SelectKind:
		return b.name(e)
	case ast.CallKind:
		return b.call(e)
	}
	b.report(e, "", "this is not part of rules (see docs/plugins/rules.md)", "规则不支持此写法（参见 docs/plugins/rules.md）")
	return b.number(0)
}

func (b *builder) not(id int) int {
	return b.graph.add(node{op: opNot, sort: logical, args: []int{id}, kind: scoring.Flag})
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
		return b.graph.add(node{op: opHas, sort: logical, args: []int{id}, kind: scoring.Flag, title: of.title, slug: of.slug, args2: of.args2})
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
	n.title, n.args2 = b.within(f.Title, w)
	return b.graph.add(n)
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
	return b.graph.add(n)
}

func (b *builder) param(name string) int {
	return b.graph.add(node{op: opParam, sort: numeric, index: b.m.Param(name), kind: scoring.Number, plain: true, title: words("parameter %[1]s", "参数 %[1]s", name), slug: name})
}

// quantile is a border; what it is of is built first, because it is shown like that.
func (b *builder) quantile(e ast.Expr, name string) int {
	i := slices.Index(b.names.quantiles, name)
	q := &b.quantiles[i]
	of := b.once(q.of, e, "quantiles."+name)
	n := &b.nodes[of]
	return b.graph.add(node{op: opQuantile, sort: numeric, index: i, kind: n.kind, plain: n.plain, moment: n.moment, learned: true, title: words("quantile %[1]s", "分位数 %[1]s", name), slug: name})
}

func (b *builder) call(e ast.Expr) int {
	call := e.AsCall()
	name, args := call.FunctionName(), call.Args()
	switch name {
	case callWindow:
		return b.window(args)
	case callTimestamp:
		return b.timestamp(args[0])
	case operators.In:
		return b.among(args[0], args[1])
	}
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	ids := make([]int, len(args))
	for i, a := range args {
		ids[i] = b.term(a)
	}
	switch name {
	case callDaysSince:
		return b.days(args[0], ids[0])
	case operators.LogicalNot:
		return b.not(ids[0])
	case operators.LogicalAnd:
		return b.graph.add(node{op: opAnd, sort: logical, args: ids, kind: scoring.Flag})
	case operators.LogicalOr:
		return b.graph.add(node{op: opOr, sort: logical, args: ids, kind: scoring.Flag})
	case operators.Conditional:
		a, c := b.nodes[ids[1]], b.nodes[ids[2]]
		n := node{op: opChoose, sort: a.sort, args: ids, kind: a.kind, plain: a.plain && c.plain, title: words("the value chosen", "所选数值"), slug: "value"}
		if n.plain || a.kind != c.kind {
			n.kind = scoring.Number
		}
		if a.plain && !c.plain {
			n.kind = c.kind
		}
		return b.graph.add(n)
	}
	if op, is := arithmetic(name); is {
		return b.compute(op, ids)
	}
	return b.comparison(e, name, args, ids)
}

// window builds window(facts.NAME, DAYS[, AGO]), whose arguments the resolver looked at.
func (b *builder) window(args []ast.Expr) int {
	parts, _ := path(args[0])
	var w scoring.Window
	if days, isName := path(args[1]); isName {
		w.Param = days[1]
		b.windowed(days[1])
	} else {
		w.Days = int(float64(args[1].AsLiteral().(types.Double)))
	}
	if len(args) == 3 {
		w.Ago = int(float64(args[2].AsLiteral().(types.Double)))
	}
	return b.fact(parts[1], w)
}

// windowed makes a parameter one that counts days.
func (b *builder) windowed(name string) {
	p := &b.m.Params[b.m.Param(name)]
	if p.Kind == scoring.Integer {
		return
	}
	p.Kind, p.Fit = scoring.Integer, true
	i := b.m.Param(name)
	given := &b.d.Parameters[i]
	if given.Min == nil {
		p.Min = 1
	}
	if given.Max == nil {
		p.Max = maxDays
	}
	p.Default = scoring.Int(int64(given.Default))
	if whole := float64(int64(given.Default)) == given.Default; !whole || p.Min < 0 || p.Max > maxDays || given.Default < p.Min || given.Default > p.Max {
		b.field(item("parameters", i, "default"), codeRange, words("parameter %[1]s is the days of a window (give a whole number from %[2]v to %[3]v)",
			"参数 %[1]s 用作窗口天数（请给出 %[2]v 到 %[3]v 的整数）", name, max(p.Min, 0), min(p.Max, maxDays)))
	}
}

func (b *builder) timestamp(e ast.Expr) int {
	if e.Kind() == ast.LiteralKind {
		if t, err := time.Parse(time.RFC3339Nano, string(e.AsLiteral().(types.String))); err == nil {
			return b.graph.add(node{op: opNumber, sort: numeric, x: float64(scoring.At(t)), kind: scoring.Moment, moment: true})
		}
	}
	b.report(e, "", "timestamp takes an instant as a text (write timestamp(\"2026-01-31T00:00:00Z\"))", "timestamp 需要文本形式的时刻（写作 timestamp(\"2026-01-31T00:00:00Z\")）")
	return b.number(0)
}

func (b *builder) days(e ast.Expr, id int) int {
	of := b.nodes[id]
	if of.op == opNumber {
		b.report(e, "", "days_since takes a fact or an output (write days_since(facts.last_order_at))", "days_since 需要事实或输出（写作 days_since(facts.last_order_at)）")
	}
	return b.graph.add(node{
		op: opDays, sort: numeric, args: []int{id}, kind: scoring.Integer, ages: true, slug: join("days_since", of.slug), args2: of.args2,
		title: scoring.Words{En: "Days since " + lower(of.title.En), Zh: "距“" + of.title.Zh + "”的天数"},
	})
}

// among builds x in [...].
func (b *builder) among(of, list ast.Expr) int {
	id := b.term(of)
	n := node{op: opAmongNumbers, sort: logical, args: []int{id}, kind: scoring.Flag, slug: b.nodes[id].slug}
	for _, item := range list.AsList().Elements() {
		switch v := item.AsLiteral().(type) {
		case types.String:
			n.op, n.texts = opAmongTexts, append(n.texts, string(v))
			b.label(item, id, string(v))
		case types.Double:
			n.xs = append(n.xs, float64(v))
		}
	}
	if n.op == opAmongTexts && b.nodes[id].op == opLiteral {
		b.report(of, "", "both sides are given (compare a fact or an output)", "两侧均为固定值（请比较事实或输出）")
	}
	return b.graph.add(n)
}

// label reports a text that an output which is a label never is.
func (b *builder) label(at ast.Expr, id int, text string) {
	of := b.nodes[id].labels
	if of == nil {
		return
	}
	if _, known := of.output.Label(text); known {
		return
	}
	var names []string
	for i := range of.output.Labels {
		names = append(names, of.output.Labels[i].Name)
	}
	suggestion := nearest(strings.ToUpper(text), names)
	en, zh := didYouMean(suggestion, names)
	b.report(at, suggestion, "%[1]s has no label %[2]q (%[3]s)", "%[1]s 没有标签 %[2]q（%[4]s）", of.scorer, text, en, zh)
}

// comparison builds a comparison or a test of texts.
func (b *builder) comparison(e ast.Expr, name string, args []ast.Expr, ids []int) int {
	left, right := &b.nodes[ids[0]], &b.nodes[ids[1]]
	op, mirrored := compared(name)
	if left.sort == textual {
		op = comparedTexts(name)
		mirrored = op
		for i := range 2 {
			if b.nodes[ids[1-i]].op == opLiteral && (op == opSame || op == opDifferent) {
				b.label(args[1-i], ids[i], b.nodes[ids[1-i]].text)
			}
		}
	}
	if left.constant() && right.constant() && left.sort == textual {
		b.report(e, "", "both sides are given (compare a fact or an output)", "两侧均为固定值（请比较事实或输出）")
	}
	if left.constant() && !right.constant() && op != opBegins && op != opEnds && op != opContains {
		op, ids = mirrored, []int{ids[1], ids[0]} // what is compared stands first
	}
	if left.op == opLiteral && (op == opBegins || op == opEnds || op == opContains) {
		b.report(e, "", "the text before the dot is given (write facts.country.startsWith(\"G\"))", "点号前为固定文本（写作 facts.country.startsWith(\"G\")）")
	}
	return b.graph.add(node{op: op, sort: logical, args: ids, kind: scoring.Flag, slug: b.nodes[ids[0]].slug})
}

// compared is a comparison of numbers, instants or flags, and the same with the sides exchanged.
func compared(name string) (op, mirrored op) {
	switch name {
	case operators.Less:
		return opLess, opGreater
	case operators.LessEquals:
		return opLessEqual, opGreaterEqual
	case operators.Greater:
		return opGreater, opLess
	case operators.GreaterEquals:
		return opGreaterEqual, opLessEqual
	case operators.NotEquals:
		return opNotEqual, opNotEqual
	}
	return opEqual, opEqual
}

func comparedTexts(name string) op {
	switch name {
	case operators.NotEquals:
		return opDifferent
	case callContains:
		return opContains
	case callEndsWith:
		return opEnds
	case callStartsWith:
		return opBegins
	}
	return opSame
}

func arithmetic(name string) (op, bool) {
	switch name {
	case operators.Add:
		return opAdd, true
	case operators.Subtract:
		return opSubtract, true
	case operators.Multiply:
		return opMultiply, true
	case operators.Divide:
		return opDivide, true
	case operators.Negate:
		return opNegate, true
	}
	return 0, false
}
