package rule

import (
	"math"

	"bellwether/scoring"
)

// stride is how many customers go through all operations at a time: so few that their columns stay in the processor's nearest
// memory, and so many that choosing an operation costs nothing.
const stride = 1024

// frame is the columns of one call: one for each node that is scheduled, a stride long.
type frame struct {
	*graph
	batch   *scoring.Batch
	order   []int
	numbers [][]float64
	flags   [][]bool
	dates   calendar
	scale   float64 // minor units in a base unit
	from, n int     // the stride: rows from .. from+n of the batch
}

// newFrame makes the columns for a schedule, and fills those that are the same for everybody.
func newFrame(g *graph, order []int, b *scoring.Batch, borders []float64) *frame {
	f := &frame{graph: g, batch: b, numbers: make([][]float64, len(g.nodes)), flags: make([][]bool, len(g.nodes)), scale: math.Pow10(b.Env.Exponent)}
	f.dates = calendar{env: b.Env, today: b.Env.Today()}
	long := min(stride, b.Len())
	var numbers, flags int
	for _, id := range order {
		switch g.nodes[id].sort {
		case numeric:
			numbers++
		case logical:
			flags++
		}
	}
	slab, marks := make([]float64, numbers*long), make([]bool, flags*long)
	for _, id := range order {
		n := &g.nodes[id]
		switch n.sort {
		case numeric:
			f.numbers[id], slab = slab[:long:long], slab[long:]
		case logical:
			f.flags[id], marks = marks[:long:long], marks[long:]
		}
		switch n.op {
		case opNumber:
			fill(f.numbers[id], n.x)
		case opParam:
			fill(f.numbers[id], b.Env.Params[n.index].Float())
		case opQuantile:
			fill(f.numbers[id], borders[n.index])
		case opTrue:
			fill(f.flags[id], true)
		case opLiteral:
		default:
			f.order = append(f.order, id)
		}
	}
	return f
}

func fill[T any](column []T, x T) {
	for i := range column {
		column[i] = x
	}
}

// run works out all columns for a stride of the batch.
func (f *frame) run(from, n int) {
	f.from, f.n = from, n
	for _, id := range f.order {
		switch f.nodes[id].sort {
		case numeric:
			f.number(id)
		case logical:
			f.flag(id)
		}
	}
}

// source is the column of the batch that a fact or an output is.
func (f *frame) source(n *node) *scoring.Column {
	if n.op == opFact {
		return &f.batch.Facts[n.index]
	}
	return &f.batch.Requires[n.index]
}

func (f *frame) number(id int) {
	n, out := &f.nodes[id], f.numbers[id][:f.n]
	arg := func(i int) []float64 { return f.numbers[n.args[i]][:f.n] }
	switch n.op {
	case opFact, opRequired:
		f.load(out, f.source(n))
	case opDays:
		f.dates.since(out, arg(0))
	case opAdd:
		add(out, arg(0), arg(1))
	case opSubtract:
		subtract(out, arg(0), arg(1))
	case opMultiply:
		multiply(out, arg(0), arg(1))
	case opDivide:
		divide(out, arg(0), arg(1))
	case opNegate:
		negate(out, arg(0))
	case opChoose:
		choose(out, f.flags[n.args[0]][:f.n], arg(1), arg(2))
	}
}

func (f *frame) flag(id int) {
	n, out := &f.nodes[id], f.flags[id][:f.n]
	arg := func(i int) []float64 { return f.numbers[n.args[i]][:f.n] }
	flag := func(i int) []bool { return f.flags[n.args[i]][:f.n] }
	switch n.op {
	case opFact, opRequired:
		f.loadFlags(out, f.source(n))
	case opHas:
		f.present(out, f.source(&f.nodes[n.args[0]]))
	case opLess:
		less(out, arg(0), arg(1))
	case opLessEqual:
		lessEqual(out, arg(0), arg(1))
	case opGreater:
		less(out, arg(1), arg(0))
	case opGreaterEqual:
		lessEqual(out, arg(1), arg(0))
	case opEqual:
		if f.nodes[n.args[0]].sort == logical {
			same(out, flag(0), flag(1))
			break
		}
		equal(out, arg(0), arg(1))
	case opNotEqual:
		if f.nodes[n.args[0]].sort == logical {
			different(out, flag(0), flag(1))
			break
		}
		notEqual(out, arg(0), arg(1))
	case opAnd:
		and(out, flag(0), flag(1))
	case opOr:
		or(out, flag(0), flag(1))
	case opNot:
		not(out, flag(0))
	case opChoose:
		choose(out, flag(0), flag(1), flag(2))
	case opAmongNumbers:
		among(out, arg(0), n.xs)
	default:
		f.texts(out, n)
	}
}

// load reads a column of numbers or instants.
func (f *frame) load(out []float64, c *scoring.Column) {
	if c.Kind == scoring.Number {
		copy(out, c.Floats[f.from:])
	} else {
		ints := c.Ints[f.from:][:len(out)]
		scale := 1.0
		if c.Kind == scoring.Money {
			scale = f.scale
		}
		for i, v := range ints {
			bits := math.Float64bits(float64(v) / scale)
			if v == int64(scoring.Never) {
				bits = missing
			}
			out[i] = math.Float64frombits(bits)
		}
	}
	if c.Null == nil {
		return
	}
	for i, null := range c.Null[f.from:][:len(out)] {
		bits := math.Float64bits(out[i])
		if null { // without a branch that nobody can predict
			bits = missing
		}
		out[i] = math.Float64frombits(bits)
	}
}

func (f *frame) loadFlags(out []bool, c *scoring.Column) {
	for i, v := range c.Ints[f.from:][:len(out)] {
		out[i] = v == 1 && (c.Null == nil || !c.Null[f.from+i])
	}
}

// present tells where a column is known.
func (f *frame) present(out []bool, c *scoring.Column) {
	for i := range out {
		out[i] = c.At(f.from + i).Ok()
	}
}

// texts compares texts, of which at least one is a column.
func (f *frame) texts(out []bool, n *node) {
	a, nulls := f.text(n.args[0])
	if n.op == opAmongTexts {
		for i := range out {
			out[i] = false
			for _, item := range n.texts {
				out[i] = out[i] || a[i] == item
			}
		}
	} else {
		f.compare(out, n, a)
		if _, others := f.text(n.args[1]); others != nil {
			for i := range out {
				out[i] = out[i] && !others[i]
			}
		}
	}
	if nulls == nil {
		return
	}
	for i := range out {
		out[i] = out[i] && !nulls[i]
	}
}

// compare compares a column of texts with another or with a literal, whatever is missing.
func (f *frame) compare(out []bool, n *node, a []string) {
	b, _ := f.text(n.args[1])
	literal := f.nodes[n.args[1]].text
	second := func(i int) string {
		if b == nil {
			return literal
		}
		return b[i]
	}
	for i := range out {
		out[i] = compareTexts(n.op, a[i], second(i))
	}
}

// text is a column of texts and where they are missing; nothing for a literal.
func (f *frame) text(id int) ([]string, []bool) {
	n := &f.nodes[id]
	if n.op == opLiteral {
		return nil, nil
	}
	c := f.source(n)
	if c.Null == nil {
		return c.Texts[f.from:][:f.n], nil
	}
	return c.Texts[f.from:][:f.n], c.Null[f.from:][:f.n]
}
