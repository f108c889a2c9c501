package rule

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Parse reads a rule from the text of a *.rule.yaml, which [Schema] describes. Problems say where in the file they are, those
// that Compile finds in the definition, too. What could be read is in the definition even where there are problems.
func Parse(text []byte) (Definition, []Problem) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // as some editors write
	y := &reader{problems: &problems{places: places{}}, lines: strings.Split(string(text), "\n")}
	d := Definition{places: y.places}
	if len(text) > maxFile {
		y.field(nil, codeTooMany, words("the file is larger than %[1]d KiB (make several rules of it)", "文件超过 %[1]d KiB（请拆分为多条规则）", maxFile>>10))
		return d, y.list
	}
	if !utf8.Valid(text) {
		y.encoding(text)
		return d, y.list
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		y.syntax(err)
		return d, y.list
	}
	var documents []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil {
			documents = append(documents, doc.Body)
		}
	}
	if len(documents) != 1 {
		y.field(nil, codeInvalid, words("the file holds %[1]d documents (a file is one rule)", "文件包含 %[1]d 个文档（一个文件对应一条规则）", len(documents)))
		return d, y.list
	}
	y.definition(documents[0], &d)
	return d, y.list
}

// reader reads a definition from a syntax tree, strictly.
type reader struct {
	*problems
	lines []string
}

// encoding reports the first letter that is not UTF-8.
func (y *reader) encoding(text []byte) {
	before := text
	for rest := text; len(rest) > 0; {
		letter, size := utf8.DecodeRune(rest)
		if letter == utf8.RuneError && size == 1 {
			before = text[:len(text)-len(rest)]
			break
		}
		rest = rest[size:]
	}
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	y.places[""] = place{line: bytes.Count(before, []byte("\n")) + 1, column: utf8.RuneCount(line) + 1}
	y.field(nil, codeInvalid, words("the file is not UTF-8 (save it as UTF-8)", "文件不是 UTF-8 编码（请另存为 UTF-8）"))
}

// syntax reports what the YAML library found.
func (y *reader) syntax(err error) {
	line, column, message := 1, 1, err.Error()
	var at yaml.Error
	if errors.As(err, &at) {
		message = at.GetMessage()
		if t := at.GetToken(); t != nil && t.Position != nil {
			line, column = t.Position.Line, t.Position.Column
		}
	}
	y.places[""] = place{line: line, column: column}
	if key, _, twice := strings.Cut(strings.TrimPrefix(message, "mapping key "), " already defined"); twice {
		y.field(nil, codeDuplicate, words("the key %[1]s is there already (remove one)", "键 %[1]s 已存在（请删除其一）", strings.Trim(key, `"`)))
		return
	}
	y.field(nil, codeInvalid, words("this is no YAML: %[1]s (indent with spaces, and put a text with : or # in quotes; an example is in docs/plugins/rules.md)",
		"不是有效的 YAML：%[1]s（请用空格缩进，含 : 或 # 的文本请加引号；示例参见 docs/plugins/rules.md）", oneLine(message)))
}

// take reads one value of a mapping.
type take func(n ast.Node, path []string)

// definition reads the whole file.
func (y *reader) definition(n ast.Node, d *Definition) {
	y.mapping(n, nil, map[string]take{
		"name": y.text(&d.Name), "version": y.text(&d.Version),
		"titleEn": y.text(&d.TitleEn), "titleZh": y.text(&d.TitleZh), "docEn": y.text(&d.DocEn), "docZh": y.text(&d.DocZh),
		"labels": list(y, &d.Labels, func(l *Label) map[string]take {
			return map[string]take{
				"name": y.text(&l.Name), "titleEn": y.text(&l.TitleEn), "titleZh": y.text(&l.TitleZh),
				"adviceEn": y.text(&l.AdviceEn), "adviceZh": y.text(&l.AdviceZh), "when": y.text(&l.When),
			}
		}),
		"numbers": list(y, &d.Numbers, func(m *Number) map[string]take {
			return map[string]take{"name": y.text(&m.Name), "value": y.text(&m.Value)}
		}),
		"quantiles": list(y, &d.Quantiles, func(q *Quantile) map[string]take {
			return map[string]take{"name": y.text(&q.Name), "of": y.text(&q.Of), "q": y.number(&q.Q), "among": y.text(&q.Among)}
		}),
		"parameters": list(y, &d.Parameters, func(p *Parameter) map[string]take {
			return map[string]take{"name": y.text(&p.Name), "default": y.number(&p.Default), "min": y.optional(&p.Min), "max": y.optional(&p.Max)}
		}),
	})
}

// mapping reads a mapping whose keys are known.
func (y *reader) mapping(n ast.Node, path []string, keys map[string]take) {
	var pairs []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	default:
		y.place(n, path, "")
		y.field(path, codeInvalid, words("these are no keys with values (write name: value_tier)", "此处应为键值对（写作 name: value_tier）"))
		return
	}
	known := slices.Sorted(maps.Keys(keys))
	seen := map[string]bool{}
	for _, pair := range pairs {
		token := pair.Key.GetToken()
		name := token.Value
		at := append(slices.Clone(path), name)
		take := keys[name]
		if take == nil || seen[name] {
			y.places[key(at)] = place{line: token.Position.Line, column: token.Position.Column}
			if seen[name] {
				y.field(at, codeDuplicate, words("the key %[1]s is there already (remove one)", "键 %[1]s 已存在（请删除其一）", name))
				continue
			}
			suggestion := nearest(name, known)
			en, zh := didYouMean(suggestion, known)
			y.add(Problem{Path: at, Code: codeInvalid, Message: words("unknown key %[1]s (%[2]s)", "未知键 %[1]s（%[3]s）", name, en, zh), Suggestion: suggestion}, 0, 0)
			continue
		}
		seen[name] = true
		take(pair.Value, at)
	}
}

// list reads a list of mappings.
func list[T any](y *reader, into *[]T, keys func(*T) map[string]take) take {
	return func(n ast.Node, path []string) {
		y.place(n, path, "")
		items, isList := n.(*ast.SequenceNode)
		if !isList {
			y.field(path, codeInvalid, words("this is no list (write its items below each other, each with a dash)", "此处应为列表（每项一行，以短横线开头）"))
			return
		}
		*into = make([]T, len(items.Values))
		for i, item := range items.Values {
			at := append(slices.Clone(path), strconv.Itoa(i))
			y.place(item, at, "")
			y.mapping(item, at, keys(&(*into)[i]))
		}
	}
}

// text reads a text; numbers, true and false are texts, too, where one is wanted.
func (y *reader) text(into *string) take {
	return func(n ast.Node, path []string) {
		switch t := n.(type) {
		case *ast.StringNode:
			*into = t.Value
		case *ast.LiteralNode:
			*into = strings.TrimRight(t.Value.Value, "\n")
		case *ast.BoolNode, *ast.FloatNode, *ast.IntegerNode:
			*into = n.GetToken().Value
		case *ast.NullNode:
		default:
			y.place(n, path, "")
			y.field(path, codeInvalid, words("this is no text (put it in quotes)", "此处应为文本（请加引号）"))
			return
		}
		y.place(n, path, *into)
	}
}

func (y *reader) number(into *float64) take {
	return func(n ast.Node, path []string) {
		y.place(n, path, "")
		switch t := n.(type) {
		case *ast.FloatNode:
			*into = t.Value
			return
		case *ast.IntegerNode:
			switch v := t.Value.(type) {
			case int64:
				*into = float64(v)
				return
			case uint64:
				*into = float64(v)
				return
			}
		}
		y.field(path, codeInvalid, words("this is no number (write it like 0.8)", "此处应为数值（写作 0.8）"))
	}
}

func (y *reader) optional(into **float64) take {
	return func(n ast.Node, path []string) {
		if _, null := n.(*ast.NullNode); null {
			return
		}
		*into = new(float64)
		y.number(*into)(n, path)
	}
}

// place remembers where a value stands, and whether an expression in it stands there letter by letter.
func (y *reader) place(n ast.Node, path []string, text string) {
	token := n.GetToken()
	if token == nil || token.Position == nil {
		return
	}
	at := place{line: token.Position.Line, column: token.Position.Column}
	if literal, is := n.(*ast.LiteralNode); is && text != "" {
		if block, found := y.block(literal.Start.Position.Line, text); found {
			y.places[key(path)] = block
			return
		}
	}
	if text != "" && at.line <= len(y.lines) {
		line := []rune(y.lines[at.line-1])
		for _, quote := range []int{0, 1} { // with and without a quote before it
			if from := at.column - 1 + quote; from >= 0 && from <= len(line) && strings.HasPrefix(string(line[from:]), text) {
				at.column, at.inside = from+1, true
				break
			}
		}
	}
	y.places[key(path)] = at
}

// block is where the lines of a block stand that begins after a line.
func (y *reader) block(after int, text string) (place, bool) {
	lines := strings.Split(text, "\n")
	if after >= len(y.lines) {
		return place{}, false
	}
	indent := len(y.lines[after]) - len(strings.TrimLeft(y.lines[after], " "))
	for i, line := range lines {
		if after+i >= len(y.lines) {
			return place{}, false
		}
		if there := strings.TrimRight(y.lines[after+i], "\r"); line != "" && (len(there) < indent || there[indent:] != line) {
			return place{}, false
		}
	}
	return place{line: after + 1, column: indent + 1, inside: true, block: true}, true
}
