package rule

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"bellwether/scoring"
)

// reasons gives every comparison that can decide a label its sentences, by verdict.
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
	texts, args := b.sentences(root)
	slug := strings.ReplaceAll(b.looked(root), ".", "_")
	var declared []scoring.Arg
	args = slices.Compact(slices.Sorted(slices.Values(args)))
	for _, p := range args {
		declared = append(declared, scoring.Arg{Name: blank(b.m.Params[p].Name), Kind: b.m.Params[p].Kind})
	}
	for verdict, text := range texts {
		if text == (scoring.Words{}) {
			continue
		}
		form := slug + "_" + []string{"holds", "fails", "unknown", "unmatched"}[verdict]
		name := form
		for k := 2; b.reasonNamed(name); k++ {
			name = fmt.Sprint(form, "_", k)
		}
		n.reason[verdict] = len(b.m.Reasons)
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

// sentences are the templates of a comparison by verdict, and the parameters that they name.
func (b *builder) sentences(id int) (texts [4]scoring.Words, args []int) {
	n := &b.nodes[id]
	switch n.op {
	case opHas:
		texts[holds] = words("%[1]s: {value} is known.", "%[2]s：已知，为 {value}。", n.title.En, n.title.Zh)
		texts[fails] = unknownOf(n.title)
		return texts, n.params
	case opFact, opRequired:
		texts[holds] = words("%[1]s: {value}.", "%[2]s：{value}。", n.title.En, n.title.Zh)
		texts[fails] = texts[holds]
		return texts, n.params
	}
	left := &b.nodes[n.args[0]]
	title := left.title
	if left.op == opNumber || left.op == opTrue || left.sort == logical && title.En == "" {
		title = words("The value", "该值")
	}
	args = slices.Clone(left.params)
	texts[unknown] = unknownOf(title)
	named := false
	var against scoring.Words
	if len(n.args) == 2 {
		right := &b.nodes[n.args[1]]
		if named = right.op != opNumber && right.op != opLiteral && right.title.En != ""; named {
			args = append(args, right.params...)
			against = b.against(n, left, right)
		}
		if named && right.op != opParam {
			texts[unmatched] = words("%[1]s: {value}, and what it is compared with is not known%[3]s.", "%[2]s：{value}，而比较对象未知%[4]s。", title.En, title.Zh, against.En, against.Zh)
		}
	}
	if same := n.op == opSame; !named && (same || n.op == opDifferent) {
		is := words("%[1]s is {value}.", "%[2]s为 {value}。", title.En, spaced(title.Zh))
		other := words("%[1]s is {value}, not {threshold}.", "%[2]s为 {value}，而非 {threshold}。", title.En, spaced(title.Zh))
		if texts[holds], texts[fails] = is, other; !same {
			texts[holds], texts[fails] = other, is
		}
		return texts, args
	}
	sign, signZh, not, notZh := signs(n.op, left.moment)
	texts[holds] = words("%[1]s: {value} %[3]s {threshold}%[5]s.", "%[2]s：{value} %[4]s {threshold}%[6]s。", title.En, title.Zh, sign, signZh, against.En, against.Zh)
	texts[fails] = words("%[1]s: {value} %[3]s {threshold}%[5]s.", "%[2]s：{value} %[4]s {threshold}%[6]s。", title.En, title.Zh, not, notZh, against.En, against.Zh)
	return texts, args
}

func unknownOf(title scoring.Words) scoring.Words {
	return words("%[1]s is not known.", "%[2]s：未知。", title.En, title.Zh)
}

// spaced is a title before a Chinese letter: with a space where it ends in a Latin one, which is how such texts are set.
func spaced(title string) string {
	if last, _ := utf8.DecodeLastRuneInString(title); last < utf8.RuneSelf {
		return title + " "
	}
	return title
}

// against says what is to the right of a comparison.
func (b *builder) against(n, left, right *node) scoring.Words {
	if _, ranked := b.ranked(n); ranked {
		return words(" (%[1]s; the customer is at {percentile})", "（%[2]s；该客户位于 {percentile}）", right.title.En, right.title.Zh)
	}
	if left.op == opFact && right.op == opFact && left.slug == right.slug {
		now, then := b.m.Facts[left.index].Window, b.m.Facts[right.index].Window
		if now.Ago == 0 && now.Days > 0 && now.Days == then.Ago {
			days := fmt.Sprint(then.Days)
			if then.Param != "" {
				days = "{" + blank(then.Param) + "}"
			}
			return words(" (in the %[1]s days before)", "（此前 %[1]s 天）", days)
		}
	}
	if strings.Contains(right.title.En, "(") {
		return words(", %[1]s", "，即%[2]s", lower(right.title.En), right.title.Zh)
	}
	return words(" (%[1]s)", "（%[2]s）", lower(right.title.En), right.title.Zh)
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

// signs words an operation that holds, and one that does not though both sides are known.
func signs(op op, instants bool) (en, zh, notEn, notZh string) {
	below, belowZh, above, aboveZh, least, leastZh, most, mostZh := "is below", "低于", "is above", "高于", "is at least", "不低于", "is at most", "不高于"
	if instants {
		below, belowZh, above, aboveZh, least, leastZh, most, mostZh = "is before", "早于", "is after", "晚于", "is not before", "不早于", "is not after", "不晚于"
	}
	switch op {
	case opLess:
		return "<", "<", least, leastZh
	case opLessEqual:
		return "≤", "≤", above, aboveZh
	case opGreater:
		return ">", ">", most, mostZh
	case opGreaterEqual:
		return "≥", "≥", below, belowZh
	case opNotEqual, opDifferent:
		return "≠", "≠", "=", "="
	case opBegins:
		return "begins with", "的开头为", "does not begin with", "的开头不是"
	case opEnds:
		return "ends with", "的结尾为", "does not end with", "的结尾不是"
	case opContains:
		return "contains", "包含", "does not contain", "不包含"
	case opAmongTexts, opAmongNumbers:
		return "is one of", "属于", "is none of", "不属于"
	}
	return "=", "=", "≠", "≠"
}
