package rule

import (
	"math"
	"regexp"
	"strings"
	"unicode"

	"bellwether/scoring"
)

// definition checks everything but the expressions.
func (p *problems) definition(d *Definition) {
	p.name([]string{"name"}, d.Name, snake, "value_tier")
	if d.Version != "" && !semantic.MatchString(d.Version) {
		p.field([]string{"version"}, codeInvalid, words("the version is not semantic (write it like 1.0.0)", "版本号不符合语义化版本（写作 1.0.0）"))
	}
	p.text([]string{"titleEn"}, d.TitleEn, maxTitle, true)
	p.text([]string{"titleZh"}, d.TitleZh, maxTitle, false)
	p.text([]string{"docEn"}, d.DocEn, maxDoc, true)
	p.text([]string{"docZh"}, d.DocZh, maxDoc, false)
	if len(d.Labels) == 0 {
		p.field([]string{"labels"}, codeRequired, words("the rule has no labels (give at least one, with when: \"true\")", "规则没有标签（请至少给出一个，when 为 \"true\"）"))
	}
	p.count("labels", len(d.Labels), maxLabels)
	p.count("numbers", len(d.Numbers), maxNumbers)
	p.count("quantiles", len(d.Quantiles), maxQuantiles)
	p.count("parameters", len(d.Parameters), maxParameters)
	seen := map[string]bool{}
	for i := range d.Labels {
		l := &d.Labels[i]
		p.unique(item("labels", i, "name"), l.Name, upperSnake, "HIGH_VALUE", seen)
		p.text(item("labels", i, "titleEn"), l.TitleEn, maxTitle, false)
		p.text(item("labels", i, "titleZh"), l.TitleZh, maxTitle, false)
		p.text(item("labels", i, "adviceEn"), l.AdviceEn, maxDoc, false)
		p.text(item("labels", i, "adviceZh"), l.AdviceZh, maxDoc, false)
	}
	seen = map[string]bool{labelOutput: true}
	for i := range d.Numbers {
		p.unique(item("numbers", i, "name"), d.Numbers[i].Name, snake, "order_value", seen)
	}
	seen = map[string]bool{}
	for i := range d.Quantiles {
		q := &d.Quantiles[i]
		p.unique(item("quantiles", i, "name"), q.Name, snake, "top_fifth", seen)
		if !(q.Q >= 0 && q.Q <= 1) {
			p.field(item("quantiles", i, "q"), codeRange, words("q is a share (give a number from 0 to 1)", "q 为比例（请给出 0 到 1 的数值）"))
		}
	}
	seen = map[string]bool{}
	for i := range d.Parameters {
		p.unique(item("parameters", i, "name"), d.Parameters[i].Name, snake, "min_orders", seen)
		p.bounds(i, &d.Parameters[i])
	}
}

func (p *problems) count(list string, n, most int) {
	if n > most {
		p.field([]string{list}, codeTooMany, words("%[1]s has %[2]d items (at most %[3]d)", "%[1]s 有 %[2]d 项（最多 %[3]d 项）", list, n, most))
	}
}

func (p *problems) name(path []string, name string, form *regexp.Regexp, like string) {
	switch {
	case name == "":
		p.field(path, codeRequired, words("the name is empty (write it like %[1]s)", "名称为空（写作 %[1]s）", like))
	case len(name) > maxName:
		p.field(path, codeInvalid, words("the name is longer than %[1]d letters (shorten it)", "名称超过 %[1]d 个字符（请缩短）", maxName))
	case !form.MatchString(name):
		p.field(path, codeInvalid, words("%[1]q is no name here (write it like %[2]s)", "%[1]q 不是有效名称（写作 %[2]s）", name, like))
	}
}

func (p *problems) unique(path []string, name string, form *regexp.Regexp, like string, seen map[string]bool) {
	p.name(path, name, form, like)
	if seen[name] && name != "" {
		p.field(path, codeDuplicate, words("%[1]s is there already (rename one)", "%[1]s 已存在（请重命名其一）", name))
	}
	seen[name] = true
}

func (p *problems) text(path []string, text string, most int, required bool) {
	switch {
	case required && strings.TrimSpace(text) == "":
		p.field(path, codeRequired, words("the text is empty (say it in English; the Chinese one may follow)", "文本为空（请填写英文；中文可另行提供）"))
	case len([]rune(text)) > most:
		p.field(path, codeTooMany, words("the text is longer than %[1]d letters (shorten it)", "文本超过 %[1]d 个字符（请缩短）", most))
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		p.field(path, codeInvalid, words("the text has control characters (remove them)", "文本含有控制字符（请删除）"))
	}
}

// bounds checks a parameter; ranges without a bound end at maxMagnitude.
func (p *problems) bounds(i int, given *Parameter) {
	low, high := limits(given)
	for _, x := range []float64{low, high, given.Default} {
		if math.IsNaN(x) || math.Abs(x) > maxMagnitude {
			p.field(item("parameters", i), codeRange, words("parameter %[1]s is out of all bounds (use numbers from %[2]g to %[3]g)", "参数 %[1]s 超出范围（请使用 %[2]g 到 %[3]g 的数值）",
				given.Name, -maxMagnitude, maxMagnitude))
			return
		}
	}
	switch {
	case low > high:
		p.field(item("parameters", i, "min"), codeRange, words("min is above max (exchange them)", "min 大于 max（请对调）"))
	case given.Default < low || given.Default > high:
		p.field(item("parameters", i, "default"), codeRange, words("the default is out of bounds (give a number from %[1]g to %[2]g)", "默认值超出范围（请给出 %[1]g 到 %[2]g 的数值）", low, high))
	}
}

func limits(given *Parameter) (low, high float64) {
	low, high = -maxMagnitude, maxMagnitude
	if given.Min != nil {
		low = *given.Min
	}
	if given.Max != nil {
		high = *given.Max
	}
	return low, high
}

// manifest is what a definition says by itself.
func manifest(d *Definition) *scoring.Manifest {
	m := &scoring.Manifest{
		Name: d.Name, Version: first(d.Version, "1.0.0"),
		Title: scoring.Words{En: d.TitleEn, Zh: first(d.TitleZh, d.TitleEn)},
		Doc:   scoring.Words{En: d.DocEn, Zh: first(d.DocZh, d.DocEn)},
	}
	label := scoring.Output{Name: labelOutput, Kind: scoring.Label, Doc: scoring.Words{En: "The first label whose condition holds.", Zh: "第一个条件成立的标签。"}}
	for i := range d.Labels {
		l := &d.Labels[i]
		title := first(l.TitleEn, humanised(l.Name))
		doc := scoring.Words{En: "Where " + oneLine(l.When), Zh: "条件：" + oneLine(l.When)}
		if strings.TrimSpace(l.When) == "true" {
			doc = scoring.Words{En: "All others.", Zh: "其余所有客户。"}
		}
		label.Labels = append(label.Labels, scoring.LabelDoc{
			Name: l.Name, Title: scoring.Words{En: title, Zh: first(l.TitleZh, title)}, Doc: doc,
			Advice: scoring.Words{En: first(l.AdviceEn, "The rule gives no advice."), Zh: first(l.AdviceZh, l.AdviceEn, "该规则未给出建议。")},
		})
	}
	m.Outputs = append(m.Outputs, label)
	for _, n := range d.Numbers {
		m.Outputs = append(m.Outputs, scoring.Output{Name: n.Name, Kind: scoring.Number, Doc: scoring.Words{En: oneLine(n.Value), Zh: oneLine(n.Value)}})
	}
	for i := range d.Parameters {
		p := &d.Parameters[i]
		low, high := limits(p)
		m.Params = append(m.Params, scoring.Param{
			Name: p.Name, Kind: scoring.Number, Default: scoring.Float(p.Default), Min: low, Max: high,
			Doc: words("Parameter %[1]s of the rule.", "规则参数 %[1]s。", p.Name),
		})
	}
	return m
}

// first is the first text that is not blank.
func first(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}
