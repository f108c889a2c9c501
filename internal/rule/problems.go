package rule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bellwether/scoring"
)

// problems collects what is wrong, up to maxProblems: who has so many reads no more.
type problems struct {
	places places
	list   []Problem
}

// words are a sentence in both languages with the same arguments.
func words(en, zh string, args ...any) scoring.Words {
	return scoring.Words{En: fmt.Sprintf(en, args...), Zh: fmt.Sprintf(zh, args...)}
}

// field reports a problem of a field that is no expression.
func (p *problems) field(path []string, code string, message scoring.Words) {
	p.add(Problem{Path: path, Code: code, Message: message}, 0, 0)
}

// add reports a problem at a place within the field.
func (p *problems) add(problem Problem, line, column int) {
	if len(p.list) == maxProblems {
		return
	}
	problem.Path = slices.Clone(problem.Path)
	problem.Line, problem.Column = p.places.in(problem.Path, line, column)
	p.list = append(p.list, problem)
}

// didYouMean is the cure where a name is near, and else what there is.
func didYouMean(suggestion string, known []string) (en, zh string) {
	switch {
	case suggestion != "":
		return "did you mean " + suggestion + "?", "是否为 " + suggestion + "？"
	case len(known) == 0:
		return "there are none", "目前没有可用的名称"
	}
	const most = 12
	more, moreZh := "", ""
	if len(known) > most {
		known, more, moreZh = known[:most], ", ...", " 等"
	}
	return "there are " + strings.Join(known, ", ") + more, "可用：" + strings.Join(known, "、") + moreZh
}

// places says where fields stand in a file.
type places map[string]place

type place struct {
	line, column int  // of the value's first letter
	inside       bool // an expression in it is at the same letters in the file
	block        bool // a block (|): its lines begin at column
}

func key(path []string) string { return strings.Join(path, ".") }

// in is the place in the file of a place in a field; the nearest field around it is taken where it stands in none itself.
// Without a file, it is the place in the field.
func (p places) in(path []string, line, column int) (int, int) {
	if p == nil {
		return line, column
	}
	for n := len(path); n >= 0; n-- {
		at, known := p[key(path[:n])]
		switch {
		case !known:
			continue
		case n < len(path) || line == 0 || !at.inside:
			return at.line, at.column
		case at.block:
			return at.line + line - 1, at.column + column - 1
		case line > 1:
			return at.line, at.column
		}
		return at.line, at.column + column - 1
	}
	return 1, 1
}

// item is the path of an item's field.
func item(list string, i int, field ...string) []string {
	return append([]string{list, strconv.Itoa(i)}, field...)
}
