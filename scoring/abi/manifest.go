package abi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"bellwether/scoring"
)

// A manifest travels as JSON, once, so that it can be written by hand. Its fields are those of [scoring.Manifest] in
// snake_case; what is not there is empty, and what is not known is an error.
type manifestJSON struct {
	Name     string        `json:"name"`
	Version  string        `json:"version"`
	Title    wordsJSON     `json:"title"`
	Doc      wordsJSON     `json:"doc"`
	Learns   bool          `json:"learns,omitempty"`
	Facts    []factJSON    `json:"facts,omitempty"`
	Orders   *ordersJSON   `json:"orders,omitempty"`
	Requires []requireJSON `json:"requires,omitempty"`
	Derived  []columnJSON  `json:"derived,omitempty"`
	Params   []paramJSON   `json:"params,omitempty"`
	Outputs  []outputJSON  `json:"outputs"`
	Reasons  []reasonJSON  `json:"reasons,omitempty"`
	Grid     *gridJSON     `json:"grid,omitempty"`
}

type wordsJSON struct {
	En string `json:"en"`
	Zh string `json:"zh"`
}

type windowJSON struct {
	Days  int    `json:"days,omitempty"`
	Ago   int    `json:"ago,omitempty"`
	Param string `json:"param,omitempty"`
}

type factJSON struct {
	Name     string     `json:"name"`
	Window   windowJSON `json:"window,omitzero"`
	Optional bool       `json:"optional,omitempty"`
}

type ordersJSON struct {
	Window  windowJSON `json:"window,omitzero"`
	Lines   bool       `json:"lines,omitempty"`
	FitOnly bool       `json:"fit_only,omitempty"`
}

type requireJSON struct {
	Scorer string `json:"scorer"`
	Output string `json:"output"`
}

type columnJSON struct {
	Name string   `json:"name"`
	Kind kindJSON `json:"kind"`
}

type paramJSON struct {
	Name    string          `json:"name"`
	Kind    kindJSON        `json:"kind"`
	Doc     wordsJSON       `json:"doc"`
	Default json.RawMessage `json:"default"`
	Min     float64         `json:"min,omitempty"`
	Max     float64         `json:"max,omitempty"`
	Allowed []string        `json:"allowed,omitempty"`
	Size    int             `json:"size,omitempty"`
	Fit     bool            `json:"fit,omitempty"`
}

type outputJSON struct {
	Name      string      `json:"name"`
	Kind      kindJSON    `json:"kind"`
	Doc       wordsJSON   `json:"doc"`
	Labels    []labelJSON `json:"labels,omitempty"`
	DaysSince string      `json:"days_since,omitempty"`
}

type labelJSON struct {
	Name   string    `json:"name"`
	Title  wordsJSON `json:"title"`
	Doc    wordsJSON `json:"doc"`
	Advice wordsJSON `json:"advice"`
}

type reasonJSON struct {
	Name string       `json:"name"`
	Fact string       `json:"fact"`
	Text wordsJSON    `json:"text"`
	Args []columnJSON `json:"args,omitempty"`
}

type gridJSON struct {
	Rows    int     `json:"rows"`
	Columns int     `json:"columns"`
	Labels  [][]int `json:"labels"`
}

// kindJSON is a kind by its name in the API.
type kindJSON scoring.Kind

func (k kindJSON) MarshalText() ([]byte, error) { return []byte(scoring.Kind(k).String()), nil }

func (k *kindJSON) UnmarshalText(name []byte) error {
	for kind := scoring.Label; kind <= maxKind; kind++ {
		if kind.String() == string(name) {
			*k = kindJSON(kind)
			return nil
		}
	}
	return fmt.Errorf("unknown kind %q (use LABEL, NUMBER, INTEGER, MONEY, FLAG, INSTANT or TEXT)", name)
}

// EncodeManifest writes a manifest, and whether the scorer learns.
func EncodeManifest(m *scoring.Manifest, learns bool) ([]byte, error) {
	j := manifestJSON{Name: m.Name, Version: m.Version, Title: wordsJSON(m.Title), Doc: wordsJSON(m.Doc), Learns: learns, Outputs: []outputJSON{}}
	for _, f := range m.Facts {
		j.Facts = append(j.Facts, factJSON{f.Name, windowJSON(f.Window), f.Optional})
	}
	if o := m.Orders; o != nil {
		j.Orders = &ordersJSON{windowJSON(o.Window), o.Lines, o.FitOnly}
	}
	for _, r := range m.Requires {
		j.Requires = append(j.Requires, requireJSON(r))
	}
	for _, d := range m.Derived {
		j.Derived = append(j.Derived, columnJSON{d.Name, kindJSON(d.Kind)})
	}
	for i := range m.Params {
		p := &m.Params[i]
		value, err := encodeDefault(p.Default)
		if err != nil {
			return nil, fmt.Errorf("scorer %s: default of parameter %s: %w", m.Name, p.Name, err)
		}
		j.Params = append(j.Params, paramJSON{p.Name, kindJSON(p.Kind), wordsJSON(p.Doc), value, p.Min, p.Max, p.Allowed, p.Size, p.Fit})
	}
	for _, o := range m.Outputs {
		out := outputJSON{Name: o.Name, Kind: kindJSON(o.Kind), Doc: wordsJSON(o.Doc), DaysSince: o.DaysSince}
		for _, l := range o.Labels {
			out.Labels = append(out.Labels, labelJSON{l.Name, wordsJSON(l.Title), wordsJSON(l.Doc), wordsJSON(l.Advice)})
		}
		j.Outputs = append(j.Outputs, out)
	}
	for _, r := range m.Reasons {
		out := reasonJSON{Name: r.Name, Fact: r.Fact, Text: wordsJSON(r.Text)}
		for _, a := range r.Args {
			out.Args = append(out.Args, columnJSON{a.Name, kindJSON(a.Kind)})
		}
		j.Reasons = append(j.Reasons, out)
	}
	if g := m.Grid; g != nil {
		j.Grid = &gridJSON{g.Rows, g.Columns, g.Labels}
	}
	return json.Marshal(j)
}

func encodeDefault(v scoring.Value) (json.RawMessage, error) {
	if !v.Ok() {
		return json.RawMessage("null"), nil
	}
	if xs := v.Floats(); xs != nil {
		return json.Marshal(xs)
	}
	switch v.Kind() {
	case scoring.Number:
		return json.Marshal(v.Float())
	case scoring.Flag:
		return json.Marshal(v.Bool())
	case scoring.Text, scoring.Label:
		return json.Marshal(v.Text())
	}
	return json.Marshal(v.Int())
}

// DecodeManifest reads a manifest, and whether the scorer learns. It does not validate it: [scoring.Manifest.Validate] does.
func DecodeManifest(b []byte) (m *scoring.Manifest, learns bool, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var j manifestJSON
	if err := d.Decode(&j); err != nil {
		return nil, false, fmt.Errorf("manifest: %w (write it as docs/wasm-abi.md says)", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, false, errors.New("manifest: something follows the JSON object (end it there)")
	}
	m = &scoring.Manifest{Name: j.Name, Version: j.Version, Title: scoring.Words(j.Title), Doc: scoring.Words(j.Doc)}
	for _, f := range j.Facts {
		m.Facts = append(m.Facts, scoring.FactUse{Name: f.Name, Window: scoring.Window(f.Window), Optional: f.Optional})
	}
	if o := j.Orders; o != nil {
		m.Orders = &scoring.OrderUse{Window: scoring.Window(o.Window), Lines: o.Lines, FitOnly: o.FitOnly}
	}
	for _, r := range j.Requires {
		m.Requires = append(m.Requires, scoring.OutputUse(r))
	}
	for _, c := range j.Derived {
		m.Derived = append(m.Derived, scoring.Derived{Name: c.Name, Kind: scoring.Kind(c.Kind)})
	}
	for _, p := range j.Params {
		value, err := decodeDefault(p)
		if err != nil {
			return nil, false, fmt.Errorf("manifest: default of parameter %s: %w (give a value of its kind)", p.Name, err)
		}
		m.Params = append(m.Params, scoring.Param{
			Name: p.Name, Kind: scoring.Kind(p.Kind), Doc: scoring.Words(p.Doc), Default: value, Min: p.Min, Max: p.Max, Allowed: p.Allowed, Size: p.Size, Fit: p.Fit,
		})
	}
	j.decodeAnswers(m)
	return m, j.Learns, nil
}

// decodeAnswers are the outputs and how they are explained.
func (j *manifestJSON) decodeAnswers(m *scoring.Manifest) {
	for _, o := range j.Outputs {
		out := scoring.Output{Name: o.Name, Kind: scoring.Kind(o.Kind), Doc: scoring.Words(o.Doc), DaysSince: o.DaysSince}
		for _, l := range o.Labels {
			out.Labels = append(out.Labels, scoring.LabelDoc{Name: l.Name, Title: scoring.Words(l.Title), Doc: scoring.Words(l.Doc), Advice: scoring.Words(l.Advice)})
		}
		m.Outputs = append(m.Outputs, out)
	}
	for _, r := range j.Reasons {
		out := scoring.Reason{Name: r.Name, Fact: r.Fact, Text: scoring.Words(r.Text)}
		for _, a := range r.Args {
			out.Args = append(out.Args, scoring.Arg{Name: a.Name, Kind: scoring.Kind(a.Kind)})
		}
		m.Reasons = append(m.Reasons, out)
	}
	if g := j.Grid; g != nil {
		m.Grid = &scoring.Grid{Rows: g.Rows, Columns: g.Columns, Labels: g.Labels}
	}
}

func decodeDefault(p paramJSON) (scoring.Value, error) {
	if len(p.Default) == 0 || string(p.Default) == "null" {
		return scoring.Value{}, nil
	}
	switch scoring.Kind(p.Kind) {
	case scoring.Number:
		if p.Size > 0 {
			xs, err := as[[]float64](p.Default)
			return scoring.Numbers(xs), err
		}
		x, err := as[float64](p.Default)
		return scoring.Float(x), err
	case scoring.Flag:
		on, err := as[bool](p.Default)
		return scoring.Bool(on), err
	case scoring.Text, scoring.Label:
		text, err := as[string](p.Default)
		return scoring.String(text), err
	}
	n, err := as[int64](p.Default)
	return scoring.Int(n), err
}

func as[T any](raw json.RawMessage) (v T, err error) {
	err = json.Unmarshal(raw, &v)
	return v, err
}
