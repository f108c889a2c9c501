package rule

import (
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"bellwether/scoring"
)

// expression is one expression of a rule, parsed and checked.
type expression struct {
	path []string
	text string
	tree *ast.AST
	bad  bool // it has problems, which are reported
}

// checker checks the expressions of one rule.
type checker struct {
	*problems
	names *vocabulary
	env   *cel.Env
	terms int
	full  bool // that there are too many terms is reported
}

// check parses an expression, finds out its names, and lets CEL check its types.
func (c *checker) check(path []string, text string, want *types.Type) *expression {
	e := &expression{path: path, text: text, bad: true}
	before := len(c.list)
	if strings.TrimSpace(text) == "" {
		c.field(path, codeRequired, words("the expression is empty (write one, such as facts.orders > 3)", "表达式为空（请填写，例如 facts.orders > 3）"))
		return e
	}
	if len([]rune(text)) > maxExpression {
		c.field(path, codeTooMany, words("the expression has more than %d letters (name parts of it as numbers)", "表达式超过 %d 个字符（请将部分内容定义为 numbers）", maxExpression))
		return e
	}
	parsed, issues := c.env.Parse(text)
	if issues.Err() != nil {
		if !c.habits(e) {
			c.issues(e, nil, issues)
		}
		return e
	}
	tree := parsed.NativeRep()
	c.terms += ast.NodeCount(tree)
	if c.terms > maxAllTerms {
		if c.full {
			return e
		}
		c.full = true
		c.field(path, codeTooMany, words("the rule has more than %d terms (make two rules of it)", "规则超过 %d 个项（请拆分为两条规则）", maxAllTerms))
		return e
	}
	(&resolver{checker: c, e: e, info: tree.SourceInfo()}).walk(tree.Expr())
	if len(c.list) > before {
		return e
	}
	checked, issues := c.env.Check(parsed)
	if issues.Err() != nil {
		c.issues(e, tree, issues)
		return e
	}
	if got := checked.OutputType(); !got.IsExactType(want) {
		c.expression(e, 1, 1, unwanted(got.String(), want.String()), "")
		return e
	}
	e.tree, e.bad = checked.NativeRep(), false
	return e
}

// expression reports a problem in an expression.
func (c *checker) expression(e *expression, line, column int, message scoring.Words, suggestion string) {
	c.add(Problem{Path: e.path, Code: codeExpression, Message: message, Suggestion: suggestion}, line, column)
}

// unwanted words that something has another type than its place asks for.
func unwanted(got, want string) scoring.Words {
	cure, cureZh := "write a number, such as facts.orders / 2", "请写数值，例如 facts.orders / 2"
	if want == "bool" {
		cure, cureZh = "compare it, as in facts.orders > 3", "请加以比较，例如 facts.orders > 3"
	}
	return words("this is %[1]s where %[2]s is wanted (%[3]s)", "此处得到%[4]s，但需要%[5]s（%[6]s）", typeEn(got), typeEn(want), cure, typeZh(got), typeZh(want), cureZh)
}

var overloads = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '\(?([^']*?)\)?'$`)

var (
	typed = regexp.MustCompile(`^expected type '([^']*)' but found '([^']*)'$`)
	// What the parser meets where it should not.
	unexpected = regexp.MustCompile(`^(?:mismatched input|extraneous input|no viable alternative at input|token recognition error at:|missing .* at) '(.*?)'(?: expecting .*)?$`)
)

// issues words what CEL found. Names are known by then, so that what its checker finds are types that do not fit.
func (c *checker) issues(e *expression, tree *ast.AST, issues *cel.Issues) {
	for _, issue := range issues.Errors() {
		line, column := max(issue.Location.Line(), 1), max(issue.Location.Column(), 0)+1
		if found := overloads.FindStringSubmatch(issue.Message); found != nil {
			c.expression(e, line, column, mismatch(found[1], found[2]), "")
			continue
		}
		if found := typed.FindStringSubmatch(issue.Message); found != nil {
			if at := termOf(tree, issue.ExprID); at != nil {
				line, column = position(tree.SourceInfo(), at)
			}
			c.expression(e, line, column, unwanted(found[2], found[1]), "")
			continue
		}
		message := strings.TrimPrefix(issue.Message, "Syntax error: ")
		switch {
		case strings.Contains(message, "recursion") || strings.Contains(message, "limit"):
			c.expression(e, line, column, words("the expression is nested too deep or too long (name parts of it as numbers)", "表达式嵌套过深或过长（请将部分内容定义为 numbers）"), "")
		case strings.Contains(message, "has() macro"):
			c.expression(e, line, column, hasWants(), "")
		default:
			c.expression(e, line, column, syntax(oneLine(message)), "")
		}
		if tree == nil {
			return // what follows is mostly of the parser's making
		}
	}
}

// syntax words what the parser stumbled over.
func syntax(message string) scoring.Words {
	found := unexpected.FindStringSubmatch(message)
	switch {
	case found == nil:
		return words("syntax: %[1]s (write it like facts.orders > 3; docs/plugins/rules.md shows all there is)", "语法错误：%[1]s（写作 facts.orders > 3；完整语法参见 docs/plugins/rules.md）", message)
	case found[1] == "<EOF>":
		return words("the expression ends too early (complete it, as facts.orders > 3)", "表达式不完整（请补全，例如 facts.orders > 3）")
	}
	return words("%[1]s does not fit here (put an operator before it, such as && or ==, or remove it)", "此处不应出现 %[1]s（请在其前写运算符，例如 && 或 ==，或将其删除）", strings.TrimSpace(found[1]))
}

// termOf is the term of an id; nil where there is none.
func termOf(tree *ast.AST, id int64) (found ast.Expr) {
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.ID() == id {
			found = e
		}
	}))
	return found
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func hasWants() scoring.Words {
	return words("has() tells whether a fact or an output is known (write has(facts.NAME) or has(scores.SCORER.OUTPUT))",
		"has() 用于判断事实或输出是否已知（写作 has(facts.NAME) 或 has(scores.SCORER.OUTPUT)）")
}

// mismatch words that an operator does not take what it is given.
func mismatch(function, arguments string) scoring.Words {
	var en, zh []string
	for _, name := range strings.Split(strings.Replace(arguments, ").", ", ", 1), ", ") {
		en, zh = append(en, typeEn(name)), append(zh, typeZh(name))
	}
	name := function
	if symbol, is := operators.FindReverse(function); is && symbol != "" {
		name = symbol
	}
	if function == operators.Conditional {
		name = "?:"
	}
	cureEn, cureZh := "compare like with like", "请比较同类的值"
	order := slices.Contains([]string{operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals}, function)
	switch {
	case order && strings.HasPrefix(arguments, "bool, "):
		return words("%[1]s follows another comparison (write 10 < facts.orders && facts.orders < 30)", "%[1]s 位于另一比较之后（写作 10 < facts.orders && facts.orders < 30）", name)
	case slices.Contains([]string{operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Conditional}, function):
		cureEn, cureZh = "give it conditions, such as facts.orders > 3", "请给出条件，例如 facts.orders > 3"
	case function == callDaysSince:
		cureEn, cureZh = "write days_since(facts.last_order_at)", "写作 days_since(facts.last_order_at)"
	case function == callTimestamp:
		cureEn, cureZh = "write timestamp(\"2026-01-31T00:00:00Z\")", "写作 timestamp(\"2026-01-31T00:00:00Z\")"
	case strings.Contains(arguments, "timestamp"):
		cureEn, cureZh = "use days_since(...), or compare with timestamp(\"2026-01-31T00:00:00Z\")", "请使用 days_since(...)，或与 timestamp(\"2026-01-31T00:00:00Z\") 比较"
	case function == callWindow:
		cureEn, cureZh = "write window(facts.NAME, 90)", "写作 window(facts.NAME, 90)"
	}
	return scoring.Words{
		En: name + " does not take " + strings.Join(en, " and ") + " (" + cureEn + ")",
		Zh: name + " 不适用于" + strings.Join(zh, "与") + "（" + cureZh + "）",
	}
}

func typeEn(name string) string {
	switch name {
	case "bool":
		return "a condition"
	case "double":
		return "a number"
	case "list(double)":
		return "a list of numbers"
	case "list(string)":
		return "a list of texts"
	case "string":
		return "a text"
	case "timestamp", "google.protobuf.Timestamp":
		return "an instant"
	}
	return name
}

func typeZh(name string) string {
	switch name {
	case "bool":
		return "条件"
	case "double":
		return "数值"
	case "list(double)":
		return "数值列表"
	case "list(string)":
		return "文本列表"
	case "string":
		return "文本"
	case "timestamp", "google.protobuf.Timestamp":
		return "时刻"
	}
	return name
}
