package rule

import (
	"strings"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"bellwether/scoring"
)

// call builds an operator or a function.
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
		return b.put(node{op: opAnd, sort: logical, args: ids, kind: scoring.Flag})
	case operators.LogicalOr:
		return b.put(node{op: opOr, sort: logical, args: ids, kind: scoring.Flag})
	case operators.Conditional:
		a, c := b.nodes[ids[1]], b.nodes[ids[2]]
		n := node{op: opChoose, sort: a.sort, args: ids, kind: a.kind, plain: a.plain && c.plain, title: words("the value chosen", "所选数值"), slug: "value"}
		if n.plain || a.kind != c.kind {
			n.kind = scoring.Number
		}
		if a.plain && !c.plain {
			n.kind = c.kind
		}
		return b.put(n)
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
			return b.put(node{op: opNumber, sort: numeric, x: float64(scoring.At(t)), kind: scoring.Moment, moment: true})
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
	return b.put(node{
		op: opDays, sort: numeric, args: []int{id}, kind: scoring.Integer, ages: true, slug: join("days_since", of.slug), params: of.params,
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
	return b.put(n)
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
	return b.put(node{op: op, sort: logical, args: ids, kind: scoring.Flag, slug: b.nodes[ids[0]].slug})
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
