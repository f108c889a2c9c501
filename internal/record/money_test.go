package record_test

import (
	"strings"
	"testing"
	"time"

	"bellwether/internal/record"
)

func TestExponent(t *testing.T) {
	for code, want := range map[string]int{"USD": 2, "EUR": 2, "CNY": 2, "JPY": 0, "KWD": 3} {
		if got, err := record.Exponent(code); got != want || err != nil {
			t.Errorf("%s has %d decimals (%v), want %d", code, got, err, want)
		}
	}
	for _, code := range []string{"", "usd", "US", "EURO", "BTC", "€"} {
		if _, err := record.Exponent(code); err == nil {
			t.Errorf("%q is a currency", code)
		}
	}
}

func TestScaled(t *testing.T) {
	for _, test := range []struct {
		text   string
		digits int
		want   int64
		err    string // a part of it
	}{
		{"0", 2, 0, ""},
		{"12.5", 2, 1250, ""},
		{"-12.50", 2, -1250, ""},
		{"12.500000", 2, 1250, ""},
		{"+3", 0, 3, ""},
		{".5", 1, 5, ""},
		{"5.", 1, 50, ""},
		{"1.5e2", 2, 15000, ""},
		{"0.001", 6, 1000, ""},
		{"9007199254740992", 0, 1 << 53, ""},
		{"90071992547409.92", 2, 1 << 53, ""},
		{"-9007199254740992", 0, -1 << 53, ""},
		{"9007199254740993", 0, 0, "too large"},
		{"999999999999999", 6, 0, "too large"},
		{strings.Repeat("9", 60), 2, 0, "too large"},
		{"12.505", 2, 0, "more than 2 decimals"},
		{"1.5", 0, 0, "more than 0 decimals"},
		{"", 2, 0, "not a decimal"},
		{"-", 2, 0, "not a decimal"},
		{".", 2, 0, "not a decimal"},
		{"1,000", 2, 0, "not a decimal"},
		{"1 000", 2, 0, "not a decimal"},
		{"0x10", 2, 0, "not a decimal"},
		{"1_000", 2, 0, "not a decimal"},
		{"NaN", 2, 0, "not a decimal"},
		{"１", 2, 0, "not a decimal"},
	} {
		got, err := record.Scaled(test.text, test.digits)
		if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) || got != test.want {
			t.Errorf("Scaled(%q, %d) = %d, %v; want %d, %q", test.text, test.digits, got, err, test.want, test.err)
		}
	}
}

// TestScaledIsQuick: no number that a file can hold takes long.
func TestScaledIsQuick(t *testing.T) {
	for _, text := range []string{"1e50000", "1e-50000", "1e999999999", "1e-999999999", strings.Repeat("9", 10_000), "0." + strings.Repeat("9", 10_000)} {
		start := time.Now()
		if _, err := record.Scaled(text, 2); err == nil {
			t.Errorf("%.20s is an amount", text)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%.20s took %v", text, took)
		}
	}
}

func TestLinesTotal(t *testing.T) {
	discount := int64(500_000)
	for _, test := range []struct {
		name     string
		lines    []record.Line
		exponent int
		want     int64 // -1: too large
	}{
		{"none", nil, 2, 0},
		{"a tie goes to the even cent, down", []record.Line{{Quantity: 3, UnitPrice: 335_000}}, 2, 100},
		{"a tie goes to the even cent, up", []record.Line{{Quantity: 1, UnitPrice: 15_000}}, 2, 2},
		{"rounded once, not line by line", []record.Line{{Quantity: 1, UnitPrice: 4_000}, {Quantity: 1, UnitPrice: 4_000}}, 2, 1},
		{"returns", []record.Line{{Quantity: -2, UnitPrice: 1_500_000}}, 2, -300},
		{"a discount is off the whole line", []record.Line{{Quantity: 4, UnitPrice: 1_000_000, Discount: &discount}}, 2, 350},
		{"without minor units", []record.Line{{Quantity: 1, UnitPrice: 1500_500_000}}, 0, 1500},
		{"a product beyond 64 bits", []record.Line{{Quantity: 1 << 40, UnitPrice: 1 << 40}}, 2, -1},
		{"a sum beyond 61 bits", []record.Line{{Quantity: 1, UnitPrice: 1 << 60}, {Quantity: 1, UnitPrice: 1 << 60}, {Quantity: 1, UnitPrice: 1 << 60}}, 2, -1},
	} {
		got, err := record.LinesTotal(test.lines, test.exponent)
		if test.want == -1 {
			if err == nil {
				t.Errorf("%s: %d", test.name, got)
			}
			continue
		}
		if err != nil || got != test.want {
			t.Errorf("%s: %d, %v; want %d", test.name, got, err, test.want)
		}
	}
}

func TestField(t *testing.T) {
	if p := record.Set(5).Ptr(); p == nil || *p != 5 {
		t.Errorf("a field that is set: %v", p)
	}
	for _, f := range []record.Field[int]{{}, record.Clear[int](), {Value: 5}} {
		if p := f.Ptr(); p != nil {
			t.Errorf("%+v has the value %d", f, *p)
		}
	}
}
