package rule

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"bellwether/scoring"
)

// plain is a text without braces, which templates of evidence take for blanks.
func plain(text string) string { return strings.NewReplacer("{", "(", "}", ")").Replace(text) }

// lower is a title within a sentence; what is written in capitals stays so.
func lower(title string) string {
	first, size := utf8.DecodeRuneInString(title)
	if second, _ := utf8.DecodeRuneInString(title[size:]); unicode.IsUpper(second) {
		return title
	}
	return string(unicode.ToLower(first)) + title[size:]
}

// humanised is a name as a title: HIGH_VALUE is "High value".
func humanised(name string) string {
	text := strings.ToLower(strings.ReplaceAll(name, "_", " "))
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// within is a fact's title in a window; a parameter is a blank of the evidence.
func (b *builder) within(title scoring.Words, w scoring.Window) (scoring.Words, []int) {
	if w == (scoring.Window{}) {
		return title, nil
	}
	days, args := words("%[1]d", "%[1]d", w.Days), []int(nil)
	if w.Param != "" {
		days, args = words("{%[1]s}", "{%[1]s}", blank(w.Param)), []int{b.m.Param(w.Param)}
	}
	if w.Ago == 0 {
		return words("%[1]s (last %[3]s days)", "%[2]s（最近 %[4]s 天）", title.En, title.Zh, days.En, days.Zh), args
	}
	return words("%[1]s (the %[3]s days before the last %[5]d)", "%[2]s（最近 %[5]d 天之前的 %[4]s 天）", title.En, title.Zh, days.En, days.Zh, w.Ago), args
}

// blank is the name of the argument that a parameter is in templates of evidence.
func blank(param string) string { return "params_" + param }

// maxWording is how long the title of a computed number may be before it is only called so.
const maxWording = 160

// compute builds arithmetic. Money stays money where that makes sense.
func (b *builder) compute(op op, ids []int) int {
	first := b.nodes[ids[0]]
	if op == opNegate {
		title := scoring.Words{En: "-" + b.operand(ids[0], product).En, Zh: "-" + b.operand(ids[0], product).Zh}
		return b.put(node{op: op, sort: numeric, args: ids, kind: first.kind, plain: first.plain, title: title, slug: join("minus", first.slug), params: first.params})
	}
	second := b.nodes[ids[1]]
	n := node{op: op, sort: numeric, args: ids, kind: scoring.Number, plain: first.plain && second.plain, slug: join(first.slug, second.slug), cover: sum}
	n.params = append(append(n.params, first.params...), second.params...)
	var sign string
	right := sum
	switch op {
	case opAdd:
		sign = " + "
	case opSubtract:
		sign, right = " - ", product
	case opMultiply:
		sign, n.cover, right = " × ", product, product
	default:
		sign, n.cover, right = " ÷ ", product, atom
	}
	a, z := b.operand(ids[0], n.cover), b.operand(ids[1], right)
	n.title = scoring.Words{En: a.En + sign + z.En, Zh: a.Zh + sign + z.Zh}
	if utf8.RuneCountInString(n.title.En)+utf8.RuneCountInString(n.title.Zh) > 2*maxWording {
		n.title, n.params = words("the computed number", "计算所得数值"), nil
	}
	switch sums := op == opAdd || op == opSubtract; {
	case sums && (first.kind == second.kind || second.plain):
		n.kind = first.kind
	case sums && first.plain:
		n.kind = second.kind
	case op == opMultiply && first.kind == scoring.Money && second.kind != scoring.Money, op == opDivide && first.kind == scoring.Money && second.kind != scoring.Money:
		n.kind = scoring.Money
	case op == opMultiply && second.kind == scoring.Money && first.kind != scoring.Money:
		n.kind = scoring.Money
	}
	return b.put(n)
}

// operand is a node's title within another, in parentheses where it would be torn apart.
func (b *builder) operand(id int, within brackets) scoring.Words {
	n := &b.nodes[id]
	title := n.title
	if n.op == opNumber {
		number := (scoring.Formatter{}).Value(scoring.Float(n.x))
		title = scoring.Words{En: number, Zh: number}
	}
	if n.cover > within {
		title = scoring.Words{En: "(" + title.En + ")", Zh: "(" + title.Zh + ")"}
	}
	return title
}

func join(slugs ...string) string {
	var out []string
	for _, s := range slugs {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "_")
}
