package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"bellwether/scoring"
)

// Params are settings by scorer and parameter name, as a file or a command line gives them: numbers, booleans, strings
// or lists of numbers. Strings are read as the parameter's kind.
type Params map[string]map[string]any

// of are the values of a scorer's parameters, by the index of its manifest.
func (p Params) of(m *scoring.Manifest) ([]scoring.Value, error) {
	values := make([]scoring.Value, len(m.Params))
	for j := range m.Params {
		values[j] = m.Params[j].Default
	}
	for _, name := range slices.Sorted(maps.Keys(p[m.Name])) {
		j := m.Param(name)
		if j < 0 {
			return nil, errorf("INVALID", "scorer %s has no parameter %q (it has %s)", m.Name, name, paramNames(m))
		}
		v, err := ParseParam(&m.Params[j], p[m.Name][name])
		if err != nil {
			return nil, errorf("INVALID", "scorer %s: %v", m.Name, err)
		}
		values[j] = v
	}
	return values, nil
}

// unknown refuses parameters of scorers that are not known.
func (p Params) unknown(known []string) error {
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if !slices.Contains(known, name) {
			return errorf("UNKNOWN_SCORER", "parameters for unknown scorer %q (the scorers are %s)", name, strings.Join(known, ", "))
		}
	}
	return nil
}

func paramNames(m *scoring.Manifest) string {
	if len(m.Params) == 0 {
		return "none"
	}
	names := make([]string, len(m.Params))
	for i := range m.Params {
		names[i] = m.Params[i].Name
	}
	return strings.Join(names, ", ")
}

// ParseParam reads a value as the kind of a parameter and checks its bounds.
func ParseParam(p *scoring.Param, given any) (scoring.Value, error) {
	v, err := parseParam(p, given)
	if err != nil {
		return v, err
	}
	return v, p.Check(v)
}

func parseParam(p *scoring.Param, given any) (scoring.Value, error) {
	if given == nil {
		return scoring.Value{}, nil
	}
	if p.Size > 0 {
		return parseList(p, given)
	}
	switch p.Kind {
	case scoring.Flag:
		if b, ok := given.(bool); ok {
			return scoring.Bool(b), nil
		}
		if b, err := strconv.ParseBool(fmt.Sprint(given)); err == nil {
			return scoring.Bool(b), nil
		}
	case scoring.Number:
		if x, ok := asFloat(given); ok {
			return scoring.Float(x), nil
		}
	case scoring.Integer:
		if x, ok := asFloat(given); ok && x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			return scoring.Int(int64(x)), nil
		}
	case scoring.Text:
		if s, ok := given.(string); ok {
			return scoring.String(s), nil
		}
	}
	// Of the wrong kind: Check says what the parameter takes.
	return scoring.Name(fmt.Sprint(given)), nil
}

func parseList(p *scoring.Param, given any) (scoring.Value, error) {
	var items []any
	switch g := given.(type) {
	case []any:
		items = g
	case string:
		for _, s := range strings.Split(g, ",") {
			items = append(items, strings.TrimSpace(s))
		}
	default:
		items = []any{g}
	}
	xs := make([]float64, len(items))
	for i, it := range items {
		x, ok := asFloat(it)
		if !ok {
			return scoring.Value{}, fmt.Errorf("parameter %s has %v in its list (give %d ascending numbers)", p.Name, it, p.Size)
		}
		xs[i] = x
	}
	return scoring.Numbers(xs), nil
}

func asFloat(given any) (float64, bool) {
	switch g := given.(type) {
	case float64:
		return g, true
	case int:
		return float64(g), true
	case int64:
		return float64(g), true
	case uint64:
		return float64(g), true
	case json.Number:
		x, err := g.Float64()
		return x, err == nil
	case string:
		x, err := strconv.ParseFloat(g, 64)
		return x, err == nil
	}
	return 0, false
}

// version is a scorer's version, with a digest of the parameters where they are not the defaults, and of what the scorer
// was made from, if that is given.
func version(m *scoring.Manifest, params []scoring.Value, digest string) string {
	h, changed := sha256.New(), digest != ""
	for i := range m.Params {
		given, byDefault := fmt.Sprint(JSON(params[i], 0)), fmt.Sprint(JSON(m.Params[i].Default, 0))
		fmt.Fprintf(h, "%s=%s\n", m.Params[i].Name, given)
		changed = changed || given != byDefault
	}
	if !changed {
		return m.Version
	}
	h.Write([]byte(digest))
	return m.Version + "+" + hex.EncodeToString(h.Sum(nil)[:4])
}
