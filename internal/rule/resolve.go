package rule

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"bellwether/scoring"
)

// resolver finds out the names of an expression before CEL checks its types, because it knows which is near. On the way it
// makes every number a double.
type resolver struct {
	*checker
	e    *expression
	info *ast.SourceInfo
}

// report reports a problem at a term.
func (r *resolver) report(at ast.Expr, suggestion, en, zh string, args ...any) {
	line, column := position(r.info, at)
	r.expression(r.e, line, column, words(en, zh, args...), suggestion)
}

func (r *resolver) walk(e ast.Expr) {
	switch e.Kind() {
	case ast.LiteralKind:
		r.literal(e)
	case ast.IdentKind:
		r.ident(e, e.AsIdent())
	case ast.SelectKind:
		r.name(e)
	case ast.CallKind:
		r.call(e)
	case ast.ListKind:
		r.report(e, "", "a list stands only behind in (write facts.country in [\"GB\", \"IE\"])", "列表只能位于 in 之后（写作 facts.country in [\"GB\", \"IE\"]）")
	default:
		r.report(e, "", "maps and objects are not part of rules (write facts.NAME or a value)", "规则中不支持映射与对象（请写 facts.NAME 或值）")
	}
}

func (r *resolver) literal(e ast.Expr) {
	var x types.Double
	switch v := e.AsLiteral().(type) {
	case types.Bool, types.Double, types.String:
		return
	case types.Int:
		x = types.Double(v)
	case types.Uint:
		x = types.Double(v)
	default:
		r.report(e, "", "this literal is not part of rules (write a number, a text, true or false; has(facts.NAME) tells whether a fact is known)",
			"规则不支持此字面量（请写数值、文本、true 或 false；判断事实是否已知请用 has(facts.NAME)）")
		return
	}
	e.SetKindCase(ast.NewExprFactory().NewLiteral(e.ID(), x))
}

// ident reports a name without a root, or a root without a name.
func (r *resolver) ident(e ast.Expr, name string) {
	if slices.Contains(roots(), name) {
		cureEn, cureZh := didYouMean("", r.names.under(name))
		r.report(e, "", "%[1]s is no value by itself (write %[1]s.NAME; %[2]s)", "%[1]s 本身不是值（写作 %[1]s.NAME；%[3]s）", name, cureEn, cureZh)
		return
	}
	var all []string
	short := map[string]string{}
	for _, root := range roots() {
		for _, n := range r.names.under(root) {
			if all = append(all, n); short[n] == "" {
				short[n] = root + "." + n
			}
		}
	}
	all = append(all, roots()...)
	suggestion := nearest(name, all)
	if full := short[suggestion]; full != "" {
		suggestion = full
	}
	if lower := strings.ToLower(name); lower == "true" || lower == "false" {
		suggestion = lower
	}
	cureEn, cureZh := didYouMean(suggestion, nil)
	if suggestion == "" {
		const forms = "facts.NAME, numbers.NAME, params.NAME, quantiles.NAME, scores.SCORER.OUTPUT"
		cureEn, cureZh = "write \""+name+"\" for a text, and else one of "+forms, "文本请写作 \""+name+"\"，否则写作 "+strings.ReplaceAll(forms, ", ", "、")
	}
	r.report(e, suggestion, "unknown name %[1]s (%[2]s)", "未知名称 %[1]s（%[3]s）", name, cureEn, cureZh)
}

// name finds out facts.NAME and its like, or scores.SCORER.OUTPUT.
func (r *resolver) name(e ast.Expr) {
	parts, isName := path(e)
	switch {
	case !isName:
		r.report(e, "", "only names have parts (write facts.NAME or scores.SCORER.OUTPUT)", "只有名称可以带有后缀（写作 facts.NAME 或 scores.SCORER.OUTPUT）")
		return
	case !slices.Contains(roots(), parts[0]):
		suggestion := nearest(parts[0], roots())
		if suggestion != "" {
			suggestion = strings.Join(append([]string{suggestion}, parts[1:]...), ".")
		}
		cureEn, cureZh := didYouMean(suggestion, roots())
		r.report(e, suggestion, "unknown name %[1]s (%[2]s)", "未知名称 %[1]s（%[3]s）", parts[0], cureEn, cureZh)
		return
	case e.AsSelect().IsTestOnly() && parts[0] != rootFacts && parts[0] != rootScores:
		line, column := position(r.info, e)
		r.expression(r.e, line, column, hasWants(), "")
		return
	}
	second := e
	for range parts[2:] {
		second = second.AsSelect().Operand()
	}
	if !r.known(second, parts[0], parts[1], r.names.under(parts[0])) {
		return
	}
	switch {
	case parts[0] == rootScores && len(parts) == 2:
		cureEn, cureZh := didYouMean("", outputs(r.names.scorers[parts[1]]))
		r.report(e, "", "%[1]s names no output (write scores.%[2]s.OUTPUT; %[3]s)", "%[1]s 未指明输出（写作 scores.%[2]s.OUTPUT；%[4]s）", strings.Join(parts, "."), parts[1], cureEn, cureZh)
	case parts[0] == rootScores && len(parts) == 3:
		r.known(e, strings.Join(parts[:2], "."), parts[2], outputs(r.names.scorers[parts[1]]))
	case len(parts) > 2:
		r.report(e, "", "%[1]s has no parts (end after %[2]s)", "%[1]s 没有下级（请止于 %[2]s）", strings.Join(parts, "."), strings.Join(parts[:2], "."))
	}
}

// known tells whether a name is one of those there are, and reports it otherwise.
func (r *resolver) known(e ast.Expr, root, name string, names []string) bool {
	if slices.Contains(names, name) {
		return true
	}
	what := scoring.Words{En: "output", Zh: "输出"}
	switch root {
	case rootFacts:
		what = scoring.Words{En: "fact", Zh: "事实"}
	case rootNumbers:
		what = scoring.Words{En: "number", Zh: "数值"}
	case rootParams:
		what = scoring.Words{En: "parameter", Zh: "参数"}
	case rootQuantiles:
		what = scoring.Words{En: "quantile", Zh: "分位数"}
	case rootScores:
		what = scoring.Words{En: "scorer", Zh: "评分器"}
	}
	if root == rootScores && name == r.names.self {
		r.report(e, "", "a rule cannot wait for itself (name parts of it as numbers)", "规则不能依赖自身（请将其中的部分定义为 numbers）")
		return false
	}
	suggestion := nearest(name, names)
	if suggestion != "" {
		suggestion = root + "." + suggestion
	}
	en, zh := didYouMean(suggestion, names)
	line, column := behind(r.info, e)
	r.expression(r.e, line, column, words("unknown %[1]s %[2]s (%[3]s)", "未知%[4]s %[2]s（%[5]s）", what.En, name, en, what.Zh, zh), suggestion)
	return false
}

// path is a chain of selections down to a name.
func path(e ast.Expr) (parts []string, ok bool) {
	switch e.Kind() {
	case ast.IdentKind:
		return []string{e.AsIdent()}, true
	case ast.SelectKind:
		parts, ok = path(e.AsSelect().Operand())
		return append(parts, e.AsSelect().FieldName()), ok
	}
	return nil, false
}

func (r *resolver) call(e ast.Expr) {
	call := e.AsCall()
	name, args := call.FunctionName(), call.Args()
	if call.IsMemberFunction() {
		r.walk(call.Target())
	}
	switch {
	case name == operators.In && len(args) == 2:
		r.walk(args[0])
		r.items(args[1])
		return
	case name == callWindow:
		r.window(e, args)
	case r.env.HasFunction(name):
	case strings.HasPrefix(name, "_") || strings.HasPrefix(name, "@"):
		symbol, _ := operators.FindReverse(name)
		if symbol == "" {
			symbol = strings.ReplaceAll(name, "_", "")
		}
		cureEn, cureZh := "write facts.NAME", "写作 facts.NAME"
		if name == operators.Modulo {
			cureEn, cureZh = "write a share as a number, 0.3 for 30 %; there are no remainders", "请将比例写作数值，30 % 即 0.3；不支持取余"
		}
		at := r.info.GetStartLocation(e.ID())
		r.expression(r.e, max(at.Line(), 1), max(at.Column(), 0)+1,
			words("operator %[1]s is not part of rules (%[2]s)", "规则不支持运算符 %[1]s（%[3]s）", symbol, cureEn, cureZh), "")
		return
	default:
		suggestion := nearest(name, functions())
		en, zh := didYouMean(suggestion, functions())
		line, column := position(r.info, e)
		if strings.EqualFold(name, "not") { // a word before a bracket, and mostly a space between
			suggestion, en, zh = "!", "write !", "请写 !"
			at := r.info.GetStartLocation(e.ID())
			line, column = r.e.before(at.Line(), at.Column(), name)
		}
		if call.IsMemberFunction() {
			at := r.info.GetStartLocation(e.ID())
			line, column = max(at.Line(), 1), max(at.Column()+1-len([]rune(name)), 1)
		}
		r.expression(r.e, line, column, words("unknown function %[1]s (%[2]s)", "未知函数 %[1]s（%[3]s）", name, en, zh), suggestion)
		return
	}
	for _, a := range args {
		r.walk(a)
	}
}

// items finds out the list behind in: literals of one kind.
func (r *resolver) items(e ast.Expr) {
	if e.Kind() != ast.ListKind || e.AsList().Size() == 0 {
		r.report(e, "", "in wants a list (write facts.country in [\"GB\", \"IE\"])", "in 之后需要列表（写作 facts.country in [\"GB\", \"IE\"]）")
		return
	}
	if e.AsList().Size() > maxItems {
		r.report(e, "", "the list has more than %d items (shorten it)", "列表超过 %d 项（请缩短）", maxItems)
		return
	}
	var first any
	for _, item := range e.AsList().Elements() {
		if item.Kind() == ast.LiteralKind {
			r.literal(item)
		}
		_, isText := item.AsLiteral().(types.String)
		_, isNumber := item.AsLiteral().(types.Double)
		if !isText && !isNumber || first != nil && first != isText {
			r.report(item, "", "the items of a list are all texts, or all numbers (write them out)", "列表的各项须全为文本或全为数值（请直接写出）")
			return
		}
		first = isText
	}
}

// window finds out window(facts.NAME, DAYS[, AGO]).
func (r *resolver) window(e ast.Expr, args []ast.Expr) {
	if len(args) < 2 || len(args) > 3 {
		r.report(e, "", "window takes a fact, days, and how many days ago they end (write window(facts.NAME, 90) or window(facts.NAME, 90, 90))",
			"window 需要事实、天数以及结束于多少天之前（写作 window(facts.NAME, 90) 或 window(facts.NAME, 90, 90)）")
		return
	}
	if parts, isName := path(args[0]); !isName || len(parts) != 2 || parts[0] != rootFacts {
		r.report(args[0], "", "window narrows a fact (write window(facts.NAME, 90))", "window 用于限定事实（写作 window(facts.NAME, 90)）")
	} else if f, known := r.names.facts[parts[1]]; known && !f.Windowed {
		r.report(args[0], "", "fact %[1]s knows no window (write facts.%[1]s)", "事实 %[1]s 不支持时间窗口（写作 facts.%[1]s）", f.Name)
	}
	if parts, isName := path(args[1]); (!isName || len(parts) != 2 || parts[0] != rootParams) && !wholeDays(args[1], 1) {
		r.report(args[1], "", "the days of a window are a whole number from 1 to %d, or a parameter (write 90 or params.NAME)",
			"窗口天数须为 1 到 %d 的整数，或参数（写作 90 或 params.NAME）", maxDays)
	}
	if len(args) == 3 && !wholeDays(args[2], 0) {
		r.report(args[2], "", "how many days ago a window ends is a whole number from 0 to %d (write 90)", "窗口结束于多少天之前须为 0 到 %d 的整数（写作 90）", maxDays)
	}
}

// wholeDays tells whether a term is a literal number of days.
func wholeDays(e ast.Expr, least int64) bool {
	if e.Kind() != ast.LiteralKind {
		return false
	}
	n, isInt := e.AsLiteral().(types.Int)
	return isInt && int64(n) >= least && n <= maxDays
}
