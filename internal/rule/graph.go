package rule

import (
	"fmt"

	"bellwether/scoring"
)

// sort is the type of a column while a rule runs.
type sort uint8

const (
	numeric sort = iota // float64; NaN is missing; instants are microseconds, money is in base units
	logical             // bool, never missing
	textual             // string, perhaps missing
)

// op is an operation on columns.
type op uint8

const (
	opNumber   op = iota // a literal
	opLiteral            // a text
	opTrue               // true
	opFact               // facts.NAME by index
	opRequired           // scores.SCORER.OUTPUT by index
	opParam              // params.NAME by index
	opQuantile           // quantiles.NAME by index
	opDays               // days_since
	opHas                // of a fact or output
	opAdd
	opSubtract
	opMultiply
	opDivide
	opNegate
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opEqual
	opNotEqual
	opSame // of texts
	opDifferent
	opBegins
	opEnds
	opContains
	opAmongTexts
	opAmongNumbers
	opAnd
	opOr
	opNot
	opChoose // c ? a : b
)

// node is an operation and what it is called. Equal terms are one node.
type node struct {
	op    op
	sort  sort
	args  []int
	index int // of a fact, output, parameter or quantile
	x     float64
	text  string
	texts []string
	xs    []float64

	ages     bool // changes with the calendar day alone
	windowed bool // changes as a window moves on, nobody knows when
	learned  bool // depends on a quantile

	kind   scoring.Kind // as which it is shown
	plain  bool         // a number without a unit, which takes that of what it is held against
	moment bool         // an instant
	title  scoring.Words
	cover  brackets  // how tightly the title holds together
	slug   string    // what is looked at, in names
	params []int     // parameters that the title names
	labels *labelled // what texts an output has
	reason [4]int    // of evidence, by verdict; -1: none
}

// What is said of a comparison, as indexes of reasons.
const (
	holds     = iota
	fails     // for what is known
	unknown   // fails, because what is compared is missing
	unmatched // fails, because what it is compared with is missing
)

// labelled is the scheme of a label output.
type labelled struct {
	scorer string
	output *scoring.Output
}

type brackets uint8

const (
	atom brackets = iota
	product
	sum
)

// graph is all terms of a rule, arguments before what uses them.
type graph struct {
	nodes []node
	known map[string]int
}

// put is the node of an operation, which is there already where an equal one is.
func (g *graph) put(n node) int {
	key := fmt.Sprintf("%d %d %t %v %d %v %q %q %v", n.op, n.sort, n.moment, n.args, n.index, n.x, n.text, n.texts, n.xs)
	if at, known := g.known[key]; known {
		return at
	}
	for _, a := range n.args {
		n.ages = n.ages || g.nodes[a].ages
		n.windowed = n.windowed || g.nodes[a].windowed
		n.learned = n.learned || g.nodes[a].learned
	}
	n.reason = [4]int{-1, -1, -1, -1}
	if g.known == nil {
		g.known = map[string]int{}
	}
	g.known[key] = len(g.nodes)
	g.nodes = append(g.nodes, n)
	return len(g.nodes) - 1
}

// schedule is what has to run for some nodes, in order.
func (g *graph) schedule(roots ...int) (order []int) {
	done := make([]bool, len(g.nodes))
	var visit func(id int)
	visit = func(id int) {
		if done[id] {
			return
		}
		done[id] = true
		for _, a := range g.nodes[id].args {
			visit(a)
		}
		order = append(order, id)
	}
	for _, r := range roots {
		visit(r)
	}
	return order
}

// computed tells of a number that is neither given nor read.
func (n *node) computed() bool {
	switch n.op {
	case opAdd, opSubtract, opMultiply, opDivide, opNegate:
		return true
	case opChoose:
		return n.sort == numeric
	}
	return false
}

// constant tells whether a node is the same for all customers of a call.
func (n *node) constant() bool {
	switch n.op {
	case opNumber, opLiteral, opParam, opQuantile, opTrue:
		return true
	}
	return false
}
