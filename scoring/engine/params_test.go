package engine_test

import (
	"reflect"
	"strings"
	"testing"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// settable answers its parameters.
func settable() scoring.Scorer {
	m := described("settable")
	m.Params = []scoring.Param{
		{Name: "borders", Kind: scoring.Number, Size: 3, Default: scoring.Numbers([]float64{1, 2, 3}), Min: 0, Max: 10, Doc: words("Borders.")},
		{Name: "days", Kind: scoring.Integer, Default: scoring.Int(7), Min: 1, Max: 30, Fit: true, Doc: words("Days.")},
		{Name: "mode", Kind: scoring.Text, Default: scoring.String("FAST"), Allowed: []string{"FAST", "SLOW"}, Doc: words("Mode.")},
		{Name: "share", Kind: scoring.Number, Default: scoring.Float(.5), Min: 0, Max: 1, Doc: words("Share.")},
		{Name: "strict", Kind: scoring.Flag, Default: scoring.Bool(false), Doc: words("Strict?")},
	}
	m.Facts = []scoring.FactUse{{Name: "orders", Window: scoring.Window{Param: "days"}}}
	return scoring.Define(m, nil, func(c *scoring.Customer, _ struct{}) { c.Set(0, c.Fact(0)) })
}

func TestParams(t *testing.T) {
	for _, test := range []struct {
		given map[string]any
		param int
		want  any
	}{
		{nil, 0, []float64{1, 2, 3}},
		{map[string]any{"borders": []any{1, uint64(2), 3.5}}, 0, []float64{1, 2, 3.5}},
		{map[string]any{"borders": "0, 2.5 ,10"}, 0, []float64{0, 2.5, 10}},
		{map[string]any{"days": uint64(30)}, 1, int64(30)},
		{map[string]any{"days": "3"}, 1, int64(3)},
		{map[string]any{"days": 3.0}, 1, int64(3)},
		{map[string]any{"mode": "SLOW"}, 2, "SLOW"},
		{map[string]any{"share": 1}, 3, 1.0},
		{map[string]any{"share": "0.25"}, 3, .25},
		{map[string]any{"strict": true}, 4, true},
		{map[string]any{"strict": "true"}, 4, true},
	} {
		e := newEngine(t, shop(1), engine.Params{"settable": test.given}, settable())
		if got := engine.JSON(e.Params("settable")[test.param], 2); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%v: got %v, want %v", test.given, got, test.want)
		}
	}
}

func TestParamsRefused(t *testing.T) {
	const borders, days = "(give 3 ascending numbers from 0 to 10)", "(give a whole number from 1 to 30)"
	for want, given := range map[string]map[string]any{
		`scorer settable has no parameter "day" (it has borders, days, mode, share, strict)`: {"day": 1},
		"scorer settable: parameter borders is out of range " + borders:                      {"borders": []any{1, 1, 2}},
		"scorer settable: parameter borders has x in its list (give 3 ascending numbers)":    {"borders": "1,x,3"},
		"scorer settable: parameter days is out of range " + days:                            {"days": 0},
		"scorer settable: parameter days is not INTEGER " + days:                             {"days": 1.5},
		"scorer settable: parameter days is null " + days:                                    {"days": nil},
		"scorer settable: parameter mode is out of range (give one of FAST, SLOW)":           {"mode": "fast"},
		"scorer settable: parameter mode is not TEXT (give one of FAST, SLOW)":               {"mode": 1},
		"scorer settable: parameter share is out of range (give a number from 0 to 1)":       {"share": "NaN"},
		"scorer settable: parameter share is not NUMBER (give a number from 0 to 1)":         {"share": []any{.1, .2, .3}},
		"scorer settable: parameter strict is not FLAG (give true or false)":                 {"strict": "perhaps"},
	} {
		_, err := engine.New(engine.Config{Scorers: []scoring.Scorer{settable()}, Params: engine.Params{"settable": given}})
		wantError(t, err, "INVALID", want)
	}
	_, err := engine.New(engine.Config{Scorers: []scoring.Scorer{settable()}, Params: engine.Params{"settable": {"borders": "1,2"}}})
	wantError(t, err, "INVALID", "scorer settable: parameter borders is out of range "+borders)
	_, err = engine.New(engine.Config{Scorers: []scoring.Scorer{settable()}, Params: engine.Params{"sttable": nil}})
	wantError(t, err, "UNKNOWN_SCORER", `parameters for unknown scorer "sttable" (the scorers are settable)`)
}

// TestVersion: parameters that are not the defaults are part of the version, however they were written.
func TestVersion(t *testing.T) {
	version := func(given map[string]any) string {
		return newEngine(t, shop(1), engine.Params{"settable": given}, settable()).Version("settable")
	}
	if v := version(map[string]any{"days": 7, "borders": "1,2,3"}); v != "1.0.0" {
		t.Errorf("with the defaults given: %s", v)
	}
	three := version(map[string]any{"days": 3})
	if !strings.HasPrefix(three, "1.0.0+") || len(three) != len("1.0.0+a1b2c3d4") || three != version(map[string]any{"days": "3"}) {
		t.Errorf("three days: %s and %s", three, version(map[string]any{"days": "3"}))
	}
	if four := version(map[string]any{"days": 4}); four == three {
		t.Errorf("three and four days are both %s", four)
	}
}

// TestWindowParameter: a parameter decides how far back a fact looks.
func TestWindowParameter(t *testing.T) {
	e := newEngine(t, shop(12), engine.Params{"settable": {"days": 3}}, settable())
	if s := score(t, e, "settable", 11, nil); s.Output(0).Int() != 3 {
		t.Errorf("%d orders in three days, want 3", s.Output(0).Int())
	}
}
