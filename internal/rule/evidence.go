package rule

import (
	"math"

	"bellwether/scoring"
)

// How many comparisons are named at most, and how many of them for the labels before: more than that explain nothing.
const (
	maxEvidence = 12
	maxBefore   = 8
)

// explainer finds the comparisons that decided, of one customer.
type explainer struct {
	*scorer
	f     *frame
	model *model
	row   int // of the stride
	most  int // pieces
	found []scoring.Evidence
	told  map[int]bool
}

// explain is why a customer has a label: what held in its condition, which the last label has none of, and then what kept the
// labels before from being the answer.
func (x *explainer) explain(label int) []scoring.Evidence {
	x.found, x.told, x.most = nil, map[int]bool{}, maxEvidence
	x.collect(x.conditions[label])
	x.most = min(maxEvidence, len(x.found)+maxBefore)
	for _, condition := range x.conditions[:label] {
		x.collect(condition)
	}
	if len(x.found) == 0 {
		x.found = append(x.found, scoring.Evidence{Reason: x.otherwise, Value: scoring.Name(x.manifest.Outputs[0].Labels[label].Name), Percentile: math.NaN()})
	}
	return x.found
}

// collect goes down to the comparisons that mattered: of a && that holds both sides, of one that fails the first that does.
func (x *explainer) collect(id int) {
	n, is := &x.nodes[id], x.f.flags[id][x.row]
	switch n.op {
	case opTrue:
	case opNot:
		x.collect(n.args[0])
	case opAnd, opOr:
		deciding := n.op == opOr // a side that is so decides alone
		switch {
		case is != deciding:
			x.collect(n.args[0])
			x.collect(n.args[1])
		case x.f.flags[n.args[0]][x.row] == deciding:
			x.collect(n.args[0])
		default:
			x.collect(n.args[1])
		}
	case opChoose:
		x.collect(n.args[0])
		if x.f.flags[n.args[0]][x.row] {
			x.collect(n.args[1])
		} else {
			x.collect(n.args[2])
		}
	default:
		if !x.told[id] && len(x.found) < x.most {
			x.told[id] = true
			x.found = append(x.found, x.piece(n, id, is))
		}
	}
}

// piece is one comparison as evidence.
func (x *explainer) piece(n *node, id int, is bool) scoring.Evidence {
	verdict := holds
	if !is {
		verdict = fails
	}
	e := scoring.Evidence{Reason: n.reason[verdict], Percentile: math.NaN()}
	for _, p := range n.params {
		e.Args = append(e.Args, x.f.batch.Env.Params[p])
	}
	switch n.op {
	case opFact, opRequired:
		e.Value = x.value(id, n.kind)
		return e
	case opHas:
		e.Value = x.value(n.args[0], x.nodes[n.args[0]].kind)
		return e
	}
	left := &x.nodes[n.args[0]]
	kind := left.kind
	if len(n.args) == 2 && left.plain {
		kind = x.nodes[n.args[1]].kind
	}
	e.Value = x.value(n.args[0], kind)
	if !is && !e.Value.Ok() {
		e.Reason = n.reason[unknown]
	}
	for _, text := range n.texts {
		e.Threshold = append(e.Threshold, scoring.String(text))
	}
	for _, v := range n.xs {
		e.Threshold = append(e.Threshold, x.quantity(v, kind, true))
	}
	if len(n.args) < 2 {
		return e
	}
	if right := &x.nodes[n.args[1]]; !right.plain && right.sort == numeric {
		kind = right.kind
	}
	if v := x.value(n.args[1], kind); v.Ok() { // a border that nobody reaches is none
		e.Threshold = append(e.Threshold, v)
	} else if !is && e.Value.Ok() {
		e.Reason = n.reason[unmatched]
	}
	if q, ranked := x.ranked(n); ranked && e.Value.Ok() {
		e.Percentile = x.model.Rankings[x.model.Of[q]].Percentile(x.f.numbers[n.args[0]][x.row])
	}
	return e
}

// value is a node's value of the customer, as it is shown.
func (x *explainer) value(id int, kind scoring.Kind) scoring.Value {
	n := &x.nodes[id]
	switch {
	case n.sort == logical && (n.op == opFact || n.op == opRequired):
		return x.f.source(n).At(x.f.from + x.row)
	case n.sort == logical:
		return scoring.Bool(x.f.flags[id][x.row])
	case n.op == opLiteral:
		return scoring.String(n.text)
	case n.sort == textual:
		return x.f.source(n).At(x.f.from + x.row)
	}
	if n.op == opFact || n.op == opRequired {
		if v := x.f.source(n).At(x.f.from + x.row); v.Kind() == kind {
			return v
		}
	}
	return x.quantity(x.f.numbers[id][x.row], kind, n.op == opNumber)
}

// quantity is a number as a value of a kind where that says the same, else as a number. Money that was computed is rounded to
// minor units, as people know it; what the author wrote is not.
func (x *explainer) quantity(v float64, kind scoring.Kind, written bool) scoring.Value {
	const exact = 1 << 53
	scaled := v
	if kind == scoring.Money {
		scaled = v * x.f.scale
	}
	whole := math.Round(scaled)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return scoring.Value{}
	case math.Abs(whole) >= exact:
		return scoring.Float(v)
	case math.Abs(whole-scaled) > 1e-6 && (written || kind == scoring.Integer):
		return scoring.Float(v)
	}
	switch kind {
	case scoring.Integer:
		return scoring.Int(int64(whole))
	case scoring.Moment:
		return scoring.Time(scoring.Instant(whole))
	case scoring.Money:
		return scoring.Minor(int64(whole))
	}
	return scoring.Float(v)
}
