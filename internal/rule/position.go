package rule

import (
	"strings"
	"unicode"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// position is where a term begins, in letters from 1. CEL keeps the place of an operator, of a dot and of a parenthesis.
func position(info *ast.SourceInfo, e ast.Expr) (line, column int) {
	for first := true; first; {
		switch e.Kind() {
		case ast.SelectKind:
			e = e.AsSelect().Operand()
		case ast.CallKind:
			call := e.AsCall()
			if call.IsMemberFunction() {
				e = call.Target()
				continue
			}
			if _, binary := operators.FindReverseBinaryOperator(call.FunctionName()); binary && len(call.Args()) == 2 {
				e = call.Args()[0]
				continue
			}
			first = false
		default:
			first = false
		}
	}
	at := info.GetStartLocation(e.ID())
	line, column = max(at.Line(), 1), max(at.Column(), 0)+1
	if e.Kind() == ast.CallKind {
		if name := e.AsCall().FunctionName(); unicode.IsLetter(rune(name[0])) { // not an operator, such as !_
			column = max(1, column-len(name))
		}
	}
	return line, column
}

// behind is the place of the name that a selection takes: CEL keeps that of its dot.
func behind(info *ast.SourceInfo, e ast.Expr) (line, column int) {
	at := info.GetStartLocation(e.ID())
	return max(at.Line(), 1), max(at.Column(), 0) + 2
}

// before is the place of a word that stands before another place, whose line counts from 1 and whose column from 0.
func (e *expression) before(line, column int, word string) (int, int) {
	lines := strings.Split(e.text, "\n")
	if line < 1 || line > len(lines) {
		return 1, 1
	}
	letters := []rune(lines[line-1])
	ahead := strings.TrimRight(string(letters[:min(max(column, 0), len(letters))]), " \t")
	return line, max(1, len([]rune(ahead))-len([]rune(word))+1)
}
