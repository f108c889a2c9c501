package rule

import (
	"math"

	"bellwether/scoring"
)

// untilRule says until when an answer holds without new data.
type untilRule struct {
	never bool    // time changes nothing, or a window moves on: when is not known
	daily bool    // an age is part of a computation: a new day may change it
	ages  []aging // else: an answer holds until one of these turns
}

// aging is a comparison of an age in days with what stays the same. It turns when the age comes up to it, when it has
// passed it, or both.
type aging struct {
	age, border  int
	upTo, beyond bool
}

// turning is how a comparison of an age with a border turns, where the age stands first.
func turning(op op, ageFirst bool) (upTo, beyond bool) {
	switch op {
	case opLess, opGreaterEqual:
		return ageFirst, !ageFirst
	case opLessEqual, opGreater:
		return !ageFirst, ageFirst
	}
	return true, true
}

// timing looks at all that runs.
func (g *graph) timing(order, numbers []int) untilRule {
	rule := untilRule{never: true}
	for _, id := range numbers {
		rule.daily = rule.daily || g.nodes[id].ages
	}
	for _, id := range order {
		n := &g.nodes[id]
		if n.windowed {
			return untilRule{never: true}
		}
		if !n.ages {
			continue
		}
		rule.never = false
		switch {
		case n.op == opDays || n.op == opRequired: // an age by itself
		case n.sort == numeric || n.op == opAmongNumbers:
			rule.daily = true
		case n.op >= opLess && n.op <= opNotEqual && g.nodes[n.args[0]].sort == numeric:
			a, b := n.args[0], n.args[1]
			ageFirst := g.nodes[a].ages
			if !ageFirst {
				a, b = b, a
			}
			rule.daily = rule.daily || g.nodes[b].ages
			upTo, beyond := turning(n.op, ageFirst)
			rule.ages = append(rule.ages, aging{a, b, upTo, beyond})
		}
	}
	return rule
}

// fill says until when the answers of a stride hold.
func (u *untilRule) fill(out []scoring.Instant, f *frame) {
	switch {
	case u.never:
		fill(out, scoring.Never)
		return
	case u.daily:
		fill(out, f.dates.start(1))
		return
	}
	for i := range out {
		turns := math.Inf(1)
		for _, a := range u.ages {
			age, border := f.numbers[a.age][i], f.numbers[a.border][i]
			next := math.Ceil(border)
			if !a.upTo || a.beyond && next <= age {
				next = math.Floor(border) + 1
			}
			if next > age && next-age < turns { // neither where something is missing
				turns = next - age
			}
		}
		out[i] = scoring.Never
		if turns <= maxDays {
			out[i] = f.dates.start(int64(turns))
		}
	}
}
