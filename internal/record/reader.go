package record

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The readers make values of what JSON and GraphQL give: strings, json.Number, int64, float64, bool, maps and lists.

const (
	maxKey  = 255   // letters of keys: they are indexed, two at a time
	maxName = 500   // letters of what customers are found by: an entry of PostgreSQL's indexes has up to 2,704 bytes
	maxText = 10000 // letters of other texts
)

// key reads a text that names something.
func key(o object, name string, v any) (string, bool) {
	s, ok := text(o, name, v)
	switch {
	case !ok:
		return "", false
	case s == "":
		o.problem(CodeRequired, name, "it is empty (give it)", "内容为空（请提供）")
		return "", false
	case utf8.RuneCountInString(s) > maxKey:
		o.problem(CodeOutOfRange, name, "it has more than %d letters (shorten it)", "超过 %d 个字符（请缩短）", maxKey)
		return "", false
	}
	return s, true
}

// short reads a text that is indexed.
func short(o object, name string, v any) (string, bool) { return textUpTo(maxName, o, name, v) }

func text(o object, name string, v any) (string, bool) { return textUpTo(maxText, o, name, v) }

func textUpTo(most int, o object, name string, v any) (string, bool) {
	s, ok := v.(string)
	switch {
	case !ok:
		o.problem(CodeInvalid, name, "%v is not a text (put it in quotes)", "%v 不是文本（请加引号）", v)
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		o.problem(CodeInvalid, name, "it has bytes that no text has (send UTF-8 without U+0000)", "包含非法字节（请使用不含 U+0000 的 UTF-8）")
		ok = false
	case utf8.RuneCountInString(s) > most:
		o.problem(CodeOutOfRange, name, "it has more than %d letters (shorten it)", "超过 %d 个字符（请缩短）", most)
		ok = false
	}
	return s, ok
}

// oneOf reads a name out of a list.
func oneOf(allowed []string) func(object, string, any) (string, bool) {
	return func(o object, name string, v any) (string, bool) {
		s, ok := text(o, name, v)
		if ok && !contains(allowed, s) {
			o.problem(CodeInvalid, name, "%q is unknown (give one of %s)", "%q 未知（可用值：%s）", s, strings.Join(allowed, ", "))
			return "", false
		}
		return s, ok
	}
}

func instant(o object, name string, v any) (time.Time, bool) {
	if t, ok := v.(time.Time); ok {
		return t.UTC().Truncate(time.Microsecond), true
	}
	s, ok := v.(string)
	t, err := time.Parse(time.RFC3339Nano, s)
	if !ok || err != nil || t.Year() < 1900 || t.Year() > 2200 {
		o.problem(CodeInvalid, name, "%v is not an instant from 1900 to 2200 (write it in RFC 3339, such as 2026-01-31T08:30:00Z)",
			"%v 不是 1900 至 2200 年间的时刻（请按 RFC 3339 书写，例如 2026-01-31T08:30:00Z）", v)
		return time.Time{}, false
	}
	return t.UTC().Truncate(time.Microsecond), true
}

func date(o object, name string, v any) (string, bool) {
	s, ok := v.(string)
	if t, err := time.Parse(time.DateOnly, s); !ok || err != nil || t.Year() < 1800 || t.Year() > 2200 {
		o.problem(CodeInvalid, name, "%v is not a date (write it like 1990-01-31)", "%v 不是日期（例如 1990-01-31）", v)
		return "", false
	}
	return s, true
}

func boolean(o object, name string, v any) (bool, bool) {
	b, ok := v.(bool)
	if !ok {
		o.problem(CodeInvalid, name, "%v is neither true nor false", "%v 既不是 true 也不是 false", v)
	}
	return b, ok
}

// whole reads a whole number within bounds.
func whole(least, most int) func(object, string, any) (int, bool) {
	return func(o object, name string, v any) (int, bool) {
		x, ok := number(v)
		if !ok || x != math.Trunc(x) {
			o.problem(CodeInvalid, name, "%v is not a whole number", "%v 不是整数", v)
			return 0, false
		}
		if x < float64(least) || x > float64(most) {
			o.problem(CodeOutOfRange, name, "%v is out of range (give %d to %d)", "%v 超出范围（应为 %d 至 %d）", v, least, most)
			return 0, false
		}
		return int(x), true
	}
}

// real reads a number within bounds.
func real(least, most float64) func(object, string, any) (float64, bool) {
	return func(o object, name string, v any) (float64, bool) {
		x, ok := number(v)
		if !ok {
			o.problem(CodeInvalid, name, "%v is not a number", "%v 不是数字", v)
			return 0, false
		}
		if !(x >= least && x <= most) {
			o.problem(CodeOutOfRange, name, "%v is out of range (give %v to %v)", "%v 超出范围（应为 %v 至 %v）", v, least, most)
			return 0, false
		}
		return x, true
	}
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case json.Number:
		x, err := n.Float64()
		return x, err == nil
	case int64:
		return float64(n), true
	case int:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// decimalText is a decimal as it was written: a string, or a number.
func decimalText(v any) string {
	switch n := v.(type) {
	case string:
		return n
	case json.Number:
		return n.String()
	case float64:
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// scaled reads an exact decimal as 10^-digits units, not below least.
func scaled(digits int, least int64) func(object, string, any) (int64, bool) {
	return func(o object, name string, v any) (int64, bool) {
		n, err := Scaled(decimalText(v), digits)
		if err != nil {
			o.problem(CodeInvalid, name, "%v", "不是有效的金额：%v", err)
			return 0, false
		}
		if n < least {
			o.problem(CodeOutOfRange, name, "%v is below %d (give an amount that is not)", "%v 低于 %d（请提供不低于该值的金额）", v, least)
			return 0, false
		}
		return n, true
	}
}

// anyAmount is the least of amounts that may be negative.
const anyAmount = -maxAmount

// raw reads any JSON.
func raw(o object, name string, v any) (json.RawMessage, bool) {
	b, err := json.Marshal(v)
	if err != nil || strings.Contains(string(b), `\u0000`) {
		o.problem(CodeInvalid, name, "it is not JSON that can be kept (leave out U+0000)", "不是可保存的 JSON（请去除 U+0000）")
		return nil, false
	}
	return b, true
}

// externalKey reads the key of another record; source is its source where it names none.
func externalKey(source string) func(object, string, any) (Key, bool) {
	return func(o object, name string, v any) (Key, bool) {
		fields, ok := v.(map[string]any)
		if !ok {
			o.problem(CodeInvalid, name, "%v is not a key (write {source, externalId})", "%v 不是键（请写成 {source, externalId}）", v)
			return Key{}, false
		}
		inner := object{fields, o.at(name), o.problems}
		inner.only("source", "externalId")
		k := Key{Source: source, ExternalID: required(inner, "externalId", key)}
		if s := field(inner, "source", key); s.State == Present {
			k.Source = s.Value
		}
		return k, k.ExternalID != ""
	}
}
