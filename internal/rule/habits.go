package rule

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bellwether/scoring"
)

// habit is what people write who think in another language, or type on another keyboard.
type habit struct {
	found  *regexp.Regexp // its first group is what is wrong
	right  func(wrong string) string
	en, zh string // of what is wrong and what is right
}

// The sentences of habits. A cure holds as many closing parentheses as opening ones, because it stands in some.
const (
	foreignEn, foreignZh = "%[1]s is not part of rules (write %[2]s)", "规则不支持 %[1]s（请写 %[2]s）"
	figureEn, figureZh   = "%[1]s is no number here (write %[2]s)", "%[1]s 在此不是数值（请写 %[2]s）"
	keyboardEn           = "%[1]s is a sign of another keyboard (an English one has %[2]s)"
	keyboardZh           = "%[1]s 为全角或特殊符号（请切换为英文输入法，写作 %[2]s）"
	spaceEn, spaceZh     = "%[1]q only looks like a space (write one with the space bar)", "%[1]q 只是看似空格（请用空格键输入）"
)

// habits are what is looked for in an expression that CEL cannot parse, in this order: what is found hides what it holds.
func habits() []habit {
	compile := regexp.MustCompile
	return []habit{
		{compile(`(!==|===|=>|=<|<>)`), operator, foreignEn, foreignZh},
		{compile(`(?:^|[^=!<>])(=)(?:[^=]|$)`), operator, foreignEn, foreignZh},
		{compile(`(?:^|[^&])(&)(?:[^&]|$)`), operator, foreignEn, foreignZh},
		{compile(`(?:^|[^|])(\|)(?:[^|]|$)`), operator, foreignEn, foreignZh},
		{compile(`(?i)\b(between\s+\S+\s+and)\b`), word, foreignEn, foreignZh},
		{compile(`(?i)(?:^|[^.\w])(not\s+in|is\s+not\s+null|is\s+null|and|else|if|is|like|not|or|then)\b`), word, foreignEn, foreignZh},
		{compile(`(并且|而且|且|和|与|或者|或|非|不是|不)`), word, foreignEn, foreignZh},
		{compile(`([£€$¥￥]\s*\d+(?:\.\d+)?)`), amount, figureEn, figureZh},
		{compile(`(?:^|[^\w.])(\d+(?:\.\d+)?\s*%)\s*(?:$|[^\s\w.("'])`), percentage, figureEn, figureZh},
		{compile(`(?:^|[^\w.])(\d+(?:[_,]\d+)+)`), grouped, figureEn, figureZh},
		{compile(`([\x{a0}\x{2000}-\x{200b}\x{202f}\x{3000}\x{feff}]+)`), space, spaceEn, spaceZh},
		{compile(`([０-９．％Ａ-Ｚａ-ｚ＿]+|[＆｜！＜＝＞]+|[^\s!-~\p{Han}])`), narrow, keyboardEn, keyboardZh},
	}
}

// habits reports what stands in an expression out of habit, each once, and else brackets and quotes without an end; false:
// there is nothing of that.
func (c *checker) habits(e *expression) bool {
	text, quote := code(e.text)
	brackets := matched(text)
	said, found := map[string]bool{}, map[int]scoring.Words{}
	for _, h := range habits() {
		for _, at := range h.found.FindAllStringSubmatchIndex(text, -1) {
			from, to := at[2], at[3]
			wrong := e.text[from:to]
			text = text[:from] + strings.Repeat(" ", to-from) + text[to:]
			if strings.Contains(wrong, ",") && brackets.lists(from) {
				continue
			}
			if right := h.right(wrong); right != "" && !said[right] {
				said[right] = true
				found[from] = words(h.en, h.zh, wrong, right)
			}
		}
	}
	for _, at := range slices.Sorted(maps.Keys(found)) {
		c.at(e, at, found[at])
	}
	switch {
	case len(found) > 0:
	case quote >= 0:
		c.at(e, quote, words("the text that begins here has no end (close it with %[1]s)", "此处开始的文本没有结尾（请以 %[1]s 结束）", e.text[quote:quote+1]))
	case brackets.wrong >= 0:
		en, zh := "the bracket %[1]s is never closed (close it where it ends)", "括号 %[1]s 未闭合（请在其结束处闭合）"
		if strings.ContainsAny(e.text[brackets.wrong:brackets.wrong+1], ")]}") {
			en, zh = "the bracket %[1]s closes none (remove it, or open one of its kind before)", "括号 %[1]s 没有对应的左括号（请删除，或在其前补上）"
		}
		c.at(e, brackets.wrong, words(en, zh, e.text[brackets.wrong:brackets.wrong+1]))
	}
	return len(found) > 0 || quote >= 0 || brackets.wrong >= 0
}

// at reports a problem at a byte of an expression.
func (c *checker) at(e *expression, at int, message scoring.Words) {
	before := e.text[:at]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	c.expression(e, strings.Count(before, "\n")+1, utf8.RuneCountInString(line)+1, message, "")
}

// literals are comments and texts, of an English keyboard and others; a text that does not end is none.
var literals = regexp.MustCompile(`//[^\n]*|"""(?s:.*?)"""|'''(?s:.*?)'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|“[^”\n]*”|‘[^’\n]*’`)

// code is an expression of which comments and what stands in quotes is blank, byte by byte, and where a text begins that has no
// end; -1: none.
func code(text string) (string, int) {
	text = literals.ReplaceAllStringFunc(text, func(found string) string {
		_, first := utf8.DecodeRuneInString(found)
		_, last := utf8.DecodeLastRuneInString(found)
		if found[0] == '/' {
			return strings.Repeat(" ", len(found))
		}
		blank := strings.Repeat("x", len(found)-first-last)
		if found[0] < utf8.RuneSelf {
			return strings.Repeat("x", first) + blank + strings.Repeat("x", last)
		}
		return found[:first] + blank + found[len(found)-last:]
	})
	return text, strings.IndexAny(text, `"'`)
}

// pairs are the brackets of an expression.
type pairs struct {
	wrong int    // one that has no other; -1: all have
	open  []int  // where each byte's innermost bracket opens; -1: in none
	text  string // that they are of
}

func matched(text string) pairs {
	p := pairs{wrong: -1, text: text}
	var stack []int
	for i := range len(text) {
		if at := strings.IndexByte(")]}", text[i]); at >= 0 {
			if len(stack) == 0 || text[stack[len(stack)-1]] != "([{"[at] {
				p.wrong = i
				stack = nil
				break
			}
			stack = stack[:len(stack)-1]
		}
		inner := -1
		if len(stack) > 0 {
			inner = stack[len(stack)-1]
		}
		p.open = append(p.open, inner)
		if strings.IndexByte("([{", text[i]) >= 0 {
			stack = append(stack, i)
		}
	}
	if len(stack) > 0 {
		p.wrong = stack[len(stack)-1]
	}
	return p
}

var called = regexp.MustCompile(`\w\s*$`)

// lists tells whether a comma at a byte parts the items of a list or of a call.
func (p *pairs) lists(at int) bool {
	if at >= len(p.open) || p.open[at] < 0 {
		return false
	}
	open := p.open[at]
	return p.text[open] != '(' || called.MatchString(p.text[:open])
}

// operator is the sign of rules for one of other languages.
func operator(wrong string) string {
	switch wrong {
	case "!==", "<>":
		return "!="
	case "=<":
		return "<="
	case "=>":
		return ">="
	case "&":
		return "&&"
	case "|":
		return "||"
	}
	return "=="
}

// word is how rules say what other languages say in words.
func word(wrong string) string {
	switch fields := strings.Fields(strings.ToLower(wrong)); strings.Join(fields, " ") {
	case "and", "并且", "而且", "且", "和", "与":
		return "&&"
	case "or", "或者", "或":
		return "||"
	case "not", "非", "不是", "不":
		return "!"
	case "else", "if", "then":
		return "c ? a : b"
	case "is":
		return "=="
	case "is not null":
		return "has(facts.NAME)"
	case "is null":
		return "!has(facts.NAME)"
	case "like":
		return `facts.country.startsWith("G")`
	case "not in":
		return `!(facts.country in ["GB"])`
	}
	return "facts.orders >= 1 && facts.orders <= 3"
}

// amount is an amount without its currency.
func amount(wrong string) string { return strings.TrimLeft(wrong, "£€$¥￥ ") }

// percentage is a share as a number.
func percentage(wrong string) string {
	share, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(wrong, "%")), 64)
	if err != nil {
		return ""
	}
	return strconv.FormatFloat(share/100, 'g', 12, 64)
}

// grouped is a number with a point, or without separators.
func grouped(wrong string) string {
	if whole, rest, one := strings.Cut(wrong, ","); one && len(rest) != 3 && !strings.ContainsAny(rest, "_,") {
		return whole + "." + rest
	}
	return strings.NewReplacer("_", "", ",", "").Replace(wrong)
}

func space(string) string { return " " }

// narrow is what is meant by signs that another keyboard has; "": nobody knows.
func narrow(wrong string) string {
	switch wrong {
	case "“", "”", "„", "«", "»", "「", "」", "『", "』", "＂":
		return `"`
	case "‘", "’", "＇":
		return "'"
	case "（", "）":
		return "( )"
	case "【", "】", "［", "］", "〔", "〕":
		return "[ ]"
	case "≥", "≧":
		return ">="
	case "≤", "≦":
		return "<="
	case "≠":
		return "!="
	case "×", "·", "＊":
		return "*"
	case "÷", "／":
		return "/"
	case "−", "–", "—", "－":
		return "-"
	case "＋":
		return "+"
	case "，", "、":
		return ","
	case "。":
		return "."
	case "？":
		return "?"
	case "：":
		return ":"
	case "＝", "＆", "｜":
		return operator(string([]rune(wrong)[0] - 0xfee0))
	}
	ascii := strings.Map(func(r rune) rune {
		if r < '！' || r > '～' {
			return -1
		}
		return r - 0xfee0 // full-width forms stand in the order of ASCII
	}, wrong)
	if strings.HasSuffix(ascii, "%") {
		return percentage(ascii)
	}
	return ascii
}
