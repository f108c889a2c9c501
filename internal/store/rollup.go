package store

import (
	"slices"
	"strings"
)

// rollup is what new orders and touchpoints of a customer come to as of the stamp of their transaction, and the span of
// time in which they come to the same: facts change only when an order is placed, begins or ceases to count or is
// refunded, and at touchpoints.
type rollup struct {
	stamp, holdsFrom, holdsUntil int64
	orders, net, refunded        int64
	firstOrder, lastOrder        instant
	touchpoints, technology      int64
	lastTouchpoint               instant
}

// endless is after everything that can be recorded.
const endless = told

// exact is how far sums go that are added to. Beyond, where sums may come to a bound, all rows are summed up again.
const exact = 1_000_000_000_000_000_000

func newRollup(stamp instant) *rollup {
	return &rollup{stamp: stamp.V, holdsFrom: earliest, holdsUntil: endless}
}

// passes takes in a moment at which facts may change, and tells whether it has come.
func (r *rollup) passes(moment instant) bool {
	if moment.V > r.stamp {
		r.holdsUntil = min(r.holdsUntil, moment.V)
		return false
	}
	r.holdsFrom = max(r.holdsFrom, moment.V)
	return true
}

// addOrder adds a new order. An order that never counts changes nothing.
func (r *rollup) addOrder(o *orderRow, refunds []refund) {
	if !o.validFrom.Valid {
		return
	}
	placed, begun := r.passes(o.placedAt), r.passes(o.validFrom)
	over := o.validUntil.Valid && r.passes(o.validUntil)
	counts := placed && begun && !over
	for _, f := range refunds {
		if r.passes(f.at) && counts {
			r.refunded += f.net
		}
	}
	if !counts {
		return
	}
	r.net += o.net
	if o.total > 0 {
		r.orders++
		r.firstOrder, r.lastOrder = r.firstOrder.earlier(o.placedAt), r.lastOrder.later(o.placedAt)
	}
}

// addTouchpoint adds a new touchpoint.
func (r *rollup) addTouchpoint(t *touchpointRow) {
	if !r.passes(t.at) {
		return
	}
	r.touchpoints++
	r.lastTouchpoint = r.lastTouchpoint.later(t.at)
	if slices.Contains(technologyKinds(), t.kind) {
		r.technology++
	}
}

// exceeds tells whether sums may be too large to be added to others.
func (r *rollup) exceeds() bool {
	return max(r.net, -r.net, r.refunded, -r.refunded) > exact
}

// technologyKinds are the kinds of touchpoints that show an interest in technology, in alphabetical order.
func technologyKinds() []string {
	return []string{"demo", "feature_question", "spec_view", "tech_event"}
}

// technological is the condition for them.
func technological() string {
	return "p.kind IN ('" + strings.Join(technologyKinds(), "', '") + "')"
}
