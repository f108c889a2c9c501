package rule

import (
	"fmt"
	"slices"
	"strings"

	"bellwether/scoring"
)

// reasons gives every comparison that can decide a label its two sentences: one for where it holds, one for where not.
func (b *builder) reasons(root int) {
	n := &b.nodes[root]
	switch n.op {
	case opAnd, opOr, opNot:
		for _, a := range n.args {
			b.reasons(a)
		}
		return
	case opChoose:
		for _, a := range n.args {
			b.reasons(a)
		}
		return
	case opTrue:
		return
	}
	if n.reason[0] >= 0 {
		return
	}
	holds, fails, args := b.sentences(root)
	slug := strings.ReplaceAll(b.looked(root), ".", "_")
	var declared []scoring.Arg
	args = slices.Compact(slices.Sorted(slices.Values(args)))
	for _, p := range args {
		declared = append(declared, scoring.Arg{Name: blank(b.m.Params[p].Name), Kind: b.m.Params[p].Kind})
	}
	for i, text := range []scoring.Words{holds, fails} {
		name := slug + []string{"_holds", "_fails"}[i]
		for k := 2; b.reasonNamed(name); k++ {
			name = fmt.Sprint(slug, []string{"_holds", "_fails"}[i], "_", k)
		}
		n.reason[i] = len(b.m.Reasons)
		b.m.Reasons = append(b.m.Reasons, scoring.Reason{Name: name, Fact: b.looked(root), Text: text, Args: declared})
	}
	n.params = args
}

func (b *builder) reasonNamed(name string) bool {
	for i := range b.m.Reasons {
		if b.m.Reasons[i].Name == name {
			return true
		}
	}
	return false
}

// looked is the name of what a comparison looks at.
func (b *builder) looked(id int) string {
	if slug := b.nodes[id].slug; slug != "" && len(slug) <= maxName {
		return slug
	}
	return "number"
}

// sentences are the templates of a comparison, and the parameters that they name.
func (b *builder) sentences(id int) (holds, fails scoring.Words, args []int) {
	n := &b.nodes[id]
	switch n.op {
	case opHas:
		of := n.title
		return words("%[1]s: {value} is known.", "%[2]s：已知，为 {value}。", of.En, of.Zh), words("%[1]s is not known.", "%[2]s：未知。", of.En, of.Zh), n.params
	case opFact, opRequired:
		text := words("%[1]s: {value}.", "%[2]s：{value}。", n.title.En, n.title.Zh)
		return text, text, n.params
	}
	left := &b.nodes[n.args[0]]
	title := left.title
	if left.op == opNumber || left.op == opTrue || left.sort == logical && title.En == "" {
		title = words("The value", "该值")
	}
	sign, signZh, not, notZh := signs(n.op)
	against := scoring.Words{}
	args = slices.Clone(left.params)
	if len(n.args) == 2 {
		if right := &b.nodes[n.args[1]]; right.op != opNumber && right.op != opLiteral && right.title.En != "" {
			against = words(" (%[1]s)", "（%[2]s）", lower(right.title.En), right.title.Zh)
			args = append(args, right.params...)
			if _, ranked := b.ranked(n); ranked {
				against = words(" (%[1]s; the customer is at {percentile})", "（%[2]s；该客户位于 {percentile}）", right.title.En, right.title.Zh)
			}
		}
	}
	holds = words("%[1]s: {value} %[3]s {threshold}%[5]s.", "%[2]s：{value} %[4]s {threshold}%[6]s。", title.En, title.Zh, sign, signZh, against.En, against.Zh)
	fails = words("%[1]s: {value}%[3]s {threshold}%[5]s.", "%[2]s：{value}%[4]s {threshold}%[6]s。", title.En, title.Zh, not, notZh, against.En, against.Zh)
	return holds, fails, args
}

// ranked is the index of the quantile that a comparison is against, where that is a quantile of what is compared.
func (b *builder) ranked(n *node) (int, bool) {
	if len(n.args) != 2 {
		return 0, false
	}
	right := &b.nodes[n.args[1]]
	if right.op != opQuantile || b.quantiles[right.index].of.node != n.args[0] {
		return 0, false
	}
	return right.index, true
}

// signs words an operation that holds and one that does not.
func signs(op op) (en, zh, notEn, notZh string) {
	sign := ""
	switch op {
	case opLess:
		sign = "<"
	case opLessEqual:
		sign = "≤"
	case opGreater:
		sign = ">"
	case opGreaterEqual:
		sign = "≥"
	case opEqual, opSame:
		sign = "="
	case opNotEqual, opDifferent:
		sign = "≠"
	case opBegins:
		return "begins with", "的开头为", " does not begin with", " 的开头不是"
	case opEnds:
		return "ends with", "的结尾为", " does not end with", " 的结尾不是"
	case opContains:
		return "contains", "包含", " does not contain", " 不包含"
	case opAmongTexts, opAmongNumbers:
		return "is one of", "属于", " is none of", " 不属于"
	}
	return sign, sign, ", not " + sign, "，不满足 " + sign
}
