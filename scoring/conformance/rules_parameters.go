package conformance

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"bellwether/scoring"
)

// parameters scores with every parameter at each of its ends, while every choice among words is made once.
func (k *kit) parameters() error {
	bases := []map[string]scoring.Value{k.data.Params}
	for i := range k.m.Params {
		if p := &k.m.Params[i]; p.Kind == scoring.Text || p.Kind == scoring.Flag {
			for _, v := range ends(p) {
				bases = append(bases, with(k.data.Params, p.Name, v))
			}
		}
	}
	for _, base := range bases {
		for i := range k.m.Params {
			p := &k.m.Params[i]
			for _, v := range ends(p) {
				if err := p.Check(v); err != nil {
					return fmt.Errorf("an end of its own bounds: %w (widen the bounds, or narrow them)", err)
				}
				d := *k.data
				d.Params = with(base, p.Name, v)
				f, b, err := k.fitted(&d)
				if err == nil {
					b.Explain = true
					_, err = k.scored(f, b)
				}
				if err != nil {
					return fmt.Errorf("with %s: %w", worded(d.Params), err)
				}
			}
		}
	}
	return nil
}

func worded(params map[string]scoring.Value) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(params)) {
		v := params[name]
		text := (&Data{}).text(v)
		if v.Floats() != nil {
			text = fmt.Sprint(v.Floats())
		}
		words = append(words, name+" "+text)
	}
	return strings.Join(words, ", ")
}

func with(base map[string]scoring.Value, name string, v scoring.Value) map[string]scoring.Value {
	out := maps.Clone(base)
	if out == nil {
		out = map[string]scoring.Value{}
	}
	out[name] = v
	return out
}

// ends are the extreme values of a parameter.
func ends(p *scoring.Param) []scoring.Value {
	switch {
	case p.Size > 0:
		spread := func(from, to float64) scoring.Value {
			xs := make([]float64, p.Size)
			for i := range xs {
				xs[i] = from + (to-from)*float64(i)/float64(max(1, p.Size-1))
			}
			return scoring.Numbers(xs)
		}
		width := (p.Max - p.Min) / 1e6
		return []scoring.Value{spread(p.Min, p.Max), spread(p.Min, p.Min+width), spread(p.Max-width, p.Max)}
	case p.Kind == scoring.Number:
		return []scoring.Value{scoring.Float(p.Min), scoring.Float(p.Max)}
	case p.Kind == scoring.Integer:
		return []scoring.Value{scoring.Int(int64(math.Ceil(p.Min))), scoring.Int(int64(math.Floor(p.Max)))}
	case p.Kind == scoring.Flag:
		return []scoring.Value{scoring.Bool(false), scoring.Bool(true)}
	}
	var out []scoring.Value
	for _, word := range p.Allowed {
		out = append(out, scoring.String(word))
	}
	return out
}
