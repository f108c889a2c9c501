package rule

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"math"

	"bellwether/scoring"
)

// scorer is a compiled rule. It implements scoring.Scorer, scoring.Learner and scoring.Codec.
type scorer struct {
	graph
	manifest   scoring.Manifest
	conditions []int // nodes, by label
	numbers    []int // nodes, by output after the label
	quantiles  []border
	names      []string // of the labels
	scoring    []int    // the schedule of Score
	fitting    []int    // that of Fit
	otherwise  int      // the reason where nothing was compared
	until      untilRule
}

// border is a quantile as it is learned.
type border struct {
	of, among int // nodes; among is -1 for everybody
	q         float64
	ranking   int // that it is taken from: equal ones are learned once
}

// model is what a rule learned.
type model struct {
	Borders  []float64         // by quantile; +Inf where no value is so high, NaN where there is none at all
	Rankings []scoring.Ranking // of what the quantiles are of
	Of       []int             // by quantile: its ranking
}

// ranked is the quantile that a comparison is against, where that is a quantile of what is compared.
func (s *scorer) ranked(n *node) (int, bool) {
	if len(n.args) != 2 || s.nodes[n.args[1]].op != opQuantile {
		return 0, false
	}
	i := s.nodes[n.args[1]].index
	return i, s.quantiles[i].of == n.args[0]
}

// Manifest implements scoring.Scorer.
func (s *scorer) Manifest() *scoring.Manifest { return &s.manifest }

// Learns implements scoring.Learner: a rule learns its quantiles.
func (s *scorer) Learns() bool { return len(s.quantiles) > 0 }

// Fit implements scoring.Scorer.
func (s *scorer) Fit(ctx context.Context, p *scoring.Population) (scoring.Model, error) {
	m := &model{}
	if !s.Learns() {
		return m, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	values := make([][]float64, 1+s.quantiles[len(s.quantiles)-1].ranking)
	err := p.Source(func(b *scoring.Batch) error {
		f := newFrame(&s.graph, s.fitting, b, nil)
		for from := 0; from < b.Len(); from += stride {
			if err := ctx.Err(); err != nil {
				return err
			}
			f.run(from, min(stride, b.Len()-from))
			done := -1
			for i := range s.quantiles {
				if q := &s.quantiles[i]; q.ranking > done {
					values[q.ranking] = f.collect(values[q.ranking], q)
					done = q.ranking
				}
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	for _, v := range values {
		m.Rankings = append(m.Rankings, scoring.Rank(v))
	}
	for _, q := range s.quantiles {
		m.Of = append(m.Of, q.ranking)
		m.Borders = append(m.Borders, m.Rankings[q.ranking].Least(q.q))
	}
	return m, nil
}

// collect adds the values of those whom a quantile counts.
func (f *frame) collect(values []float64, q *border) []float64 {
	for i, v := range f.numbers[q.of][:f.n] {
		if v == v && (q.among < 0 || f.flags[q.among][i]) {
			values = append(values, v)
		}
	}
	return values
}

// Score implements scoring.Scorer.
func (s *scorer) Score(ctx context.Context, learned scoring.Model, b *scoring.Batch) (*scoring.Results, error) {
	m, ok := learned.(*model)
	if !ok || len(m.Borders) != len(s.quantiles) || len(m.Of) != len(s.quantiles) {
		return nil, fmt.Errorf("model of %s is a %T (fit it with the same scorer)", s.manifest.Name, learned)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := s.results(b)
	f := newFrame(&s.graph, s.scoring, b, m.Borders)
	chosen := make([]int32, min(stride, b.Len()))
	x := &explainer{scorer: s, f: f, model: m}
	for from := 0; from < b.Len(); from += stride {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := min(stride, b.Len()-from)
		f.run(from, n)
		s.label(out.Outputs[0].Texts[from:from+n], chosen[:n], f)
		for i, id := range s.numbers {
			known(out.Outputs[1+i].Floats[from:from+n], out.Outputs[1+i].Null[from:from+n], f.numbers[id])
		}
		s.until.fill(out.Until[from:from+n], f)
		for i := range n {
			if b.Explain {
				x.row = i
				out.Evidence[from+i] = x.explain(int(chosen[i]))
			}
		}
	}
	return out, nil
}

// results are the columns of the answers.
func (s *scorer) results(b *scoring.Batch) *scoring.Results {
	n := b.Len()
	out := &scoring.Results{Outputs: make([]scoring.Column, 1+len(s.numbers)), Until: make([]scoring.Instant, n)}
	out.Outputs[0] = scoring.Column{Kind: scoring.Label, Texts: make([]string, n)}
	for i := range s.numbers {
		out.Outputs[1+i] = scoring.Column{Kind: scoring.Number, Floats: make([]float64, n), Null: make([]bool, n)}
	}
	if b.Explain {
		out.Evidence = make([][]scoring.Evidence, n)
	}
	return out
}

// label finds the first label whose condition holds: from the last one up, which needs no branch.
func (s *scorer) label(out []string, chosen []int32, f *frame) {
	last := len(s.conditions) - 1
	fill(chosen, int32(last))
	for label := last - 1; label >= 0; label-- {
		holds, this := f.flags[s.conditions[label]][:len(chosen)], int32(label)
		for i, was := range chosen {
			if holds[i] {
				was = this
			}
			chosen[i] = was
		}
	}
	for i, label := range chosen {
		out[i] = s.names[label]
	}
}

// known copies numbers and says which are missing.
func known(out []float64, null []bool, numbers []float64) {
	for i := range out {
		x := numbers[i]
		null[i] = x-x != 0
		if x-x != 0 {
			x = math.Float64frombits(missing)
		}
		out[i] = x
	}
}

// EncodeModel implements scoring.Codec.
func (s *scorer) EncodeModel(learned scoring.Model) ([]byte, error) {
	m, ok := learned.(*model)
	if !ok {
		return nil, fmt.Errorf("model of %s is a %T (fit it with the same scorer)", s.manifest.Name, learned)
	}
	if !s.Learns() {
		return nil, nil
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(m); err != nil {
		return nil, fmt.Errorf("encode the model of %s: %w", s.manifest.Name, err)
	}
	return b.Bytes(), nil
}

// DecodeModel implements scoring.Codec.
func (s *scorer) DecodeModel(data []byte) (scoring.Model, error) {
	m := &model{}
	if !s.Learns() {
		return m, nil
	}
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(m); err != nil {
		return nil, fmt.Errorf("decode a model of %s: %w (refit it)", s.manifest.Name, err)
	}
	for _, of := range m.Of {
		if of < 0 || of >= len(m.Rankings) {
			return nil, fmt.Errorf("decode a model of %s: it has no ranking %d (refit it)", s.manifest.Name, of)
		}
	}
	return m, nil
}
