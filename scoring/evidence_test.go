package scoring_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"bellwether/scoring"
)

func TestWordsIn(t *testing.T) {
	w := scoring.Words{En: "en", Zh: "zh"}
	for locale, want := range map[string]string{
		"zh": "zh", "zh-CN": "zh", "zh-Hans": "zh", "zh_TW": "zh", "ZH": "zh", "Zh-hans-CN": "zh",
		"en": "en", "": "en", "z": "en", "zha": "en", "zhu-CN": "en", "de": "en", "fr-CH": "en",
	} {
		if got := w.In(locale); got != want {
			t.Errorf("%q gives %s, want %s", locale, got, want)
		}
	}
}

func TestDecimal(t *testing.T) {
	tests := []struct {
		minor    int64
		exponent int
		want     string
	}{
		{123450, 2, "1234.50"},
		{5, 2, "0.05"},
		{-5, 2, "-0.05"},
		{0, 2, "0.00"},
		{-123, 0, "-123"},
		{7, 3, "0.007"},
		{math.MaxInt64, 2, "92233720368547758.07"},
		{math.MinInt64, 2, "-92233720368547758.08"},
		{math.MinInt64, 0, "-9223372036854775808"},
	}
	for _, tt := range tests {
		if got := scoring.Decimal(tt.minor, tt.exponent); got != tt.want {
			t.Errorf("%d with %d decimals is %s, want %s", tt.minor, tt.exponent, got, tt.want)
		}
	}
}

func formatter(t *testing.T, locale string) scoring.Formatter {
	return scoring.Formatter{Locale: locale, Currency: "CNY", Exponent: 2, Location: in(t, "Asia/Shanghai").Location}
}

func TestFormatter(t *testing.T) {
	tests := []struct {
		value  scoring.Value
		en, zh string
	}{
		{scoring.Value{}, "unknown", "未知"},
		{scoring.Float(.25), "0.25", "0.25"},
		{scoring.Float(1.0 / 3), "0.333", "0.333"},
		{scoring.Float(-2), "-2", "-2"},
		{scoring.Float(1e15), "1000000000000000", "1000000000000000"},
		{scoring.Int(-12), "-12", "-12"},
		{scoring.Minor(123450), "1234.50 CNY", "1234.50 CNY"},
		{scoring.Bool(true), "yes", "是"},
		{scoring.Bool(false), "no", "否"},
		{scoring.String("shop"), "shop", "shop"},
		{scoring.Name("HIGH"), "HIGH", "HIGH"},
		{scoring.Time(scoring.At(time.Date(2026, 1, 31, 16, 0, 0, 0, time.UTC))), "2026-02-01", "2026-02-01"},
	}
	for _, tt := range tests {
		if got := formatter(t, "en").Value(tt.value); got != tt.en {
			t.Errorf("%q, want %q", got, tt.en)
		}
		if got := formatter(t, "zh-CN").Value(tt.value); got != tt.zh {
			t.Errorf("%q, want %q", got, tt.zh)
		}
	}
}

// reasoned is a manifest of one reason.
func reasoned(en, zh string, args ...scoring.Arg) *scoring.Manifest {
	return &scoring.Manifest{Reasons: []scoring.Reason{{Name: "r", Fact: "f", Text: scoring.Words{En: en, Zh: zh}, Args: args}}}
}

func TestReason(t *testing.T) {
	m := reasoned("{value} of {n}; {threshold}; {percentile}", "{n} 中的 {value}；{threshold}；{percentile}", scoring.Arg{Name: "n", Kind: scoring.Integer})
	e := scoring.Evidence{Value: scoring.Int(3), Threshold: []scoring.Value{scoring.Int(1), scoring.Int(2)}, Percentile: .12345, Args: []scoring.Value{scoring.Int(9)}}
	if got, want := formatter(t, "en").Reason(m, e), "3 of 9; 1, 2; 12.3%"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := formatter(t, "zh").Reason(m, e), "9 中的 3；1、2；12.3%"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	e = scoring.Evidence{Percentile: math.NaN()}
	if got, want := formatter(t, "en").Reason(m, e), "unknown of {n}; none; unknown"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzReason: what a value says is never taken for a template, and every blank that is known is filled.
func FuzzReason(f *testing.F) {
	f.Add("{value} of {n}", "{n}", "{value}")
	f.Add("{{value}}", "}{", "")
	f.Fuzz(func(t *testing.T, template, value, arg string) {
		m := reasoned(template, template, scoring.Arg{Name: "n", Kind: scoring.Text})
		e := scoring.Evidence{Value: scoring.String(value), Args: []scoring.Value{scoring.String(arg)}, Percentile: math.NaN()}
		got := formatter(t, "en").Reason(m, e)
		want := strings.NewReplacer("{value}", value, "{n}", arg, "{threshold}", "none", "{percentile}", "unknown").Replace(template)
		if got != want {
			t.Errorf("%q became %q, want %q", template, got, want)
		}
	})
}
