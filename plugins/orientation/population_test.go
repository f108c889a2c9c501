package orientation_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"bellwether/plugins/orientation"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

// market makes up customers by habits; it shares no code with the scorer.
type market struct {
	r    *rand.Rand
	asOf time.Time
}

// habits are the chances that steer what a customer does.
type habits struct {
	price                      float64 // shift of the logarithm of prices
	discount, used, late       float64
	service, returns           float64
	jitter                     float64 // of the gaps, 0 is a clockwork
	fresh, technology, touches float64
}

// average are the habits of somebody without any preference.
func average() habits {
	return habits{discount: .3, used: .2, late: .25, service: .3, returns: .1, jitter: 1, fresh: .3, technology: .3, touches: .3}
}

func newMarket(seed uint64) *market {
	return &market{r: rand.New(rand.NewPCG(seed, 7)), asOf: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
}

func (m *market) chance(p float64) bool { return m.r.Float64() < p }

func (m *market) customer(id string, h habits) scoretest.Customer {
	c := scoretest.Customer{ID: id}
	at, orders := m.asOf.Add(-360*24*time.Hour), 4+m.r.IntN(9)
	gap := 360 / float64(orders+1)
	for range orders {
		days := gap * ((1 - h.jitter) + h.jitter*m.r.Float64()*1.9)
		at = at.Add(time.Duration(max(.1, days) * 24 * float64(time.Hour)))
		if at.After(m.asOf) {
			break
		}
		c.Orders = append(c.Orders, m.order(at, h))
	}
	for range 3 + m.r.IntN(15) {
		kind := "visit"
		if m.chance(h.touches) {
			kind = []string{"spec_view", "feature_question", "demo", "tech_event"}[m.r.IntN(4)]
		}
		when := m.asOf.Add(-time.Duration(m.r.Float64() * 360 * 24 * float64(time.Hour)))
		c.Touchpoints = append(c.Touchpoints, scoretest.Touchpoint{At: scoring.At(when), Kind: kind})
	}
	return c
}

func (m *market) order(at time.Time, h habits) scoring.Order {
	o := scoring.Order{PlacedAt: scoring.At(at), DueAt: scoring.At(at.AddDate(0, 0, 14)), PaidAt: scoring.At(at.AddDate(0, 0, 7))}
	if m.chance(h.late) {
		o.PaidAt = scoring.At(at.AddDate(0, 0, 30))
	}
	for range 1 + m.r.IntN(4) {
		category := m.r.IntN(6)
		price := math.Round(100*math.Exp(float64(category)+h.price+.6*m.r.NormFloat64())) / 100
		l := scoring.Line{
			SKU: fmt.Sprint(category), Category: fmt.Sprint("category ", category), Kind: "GOODS", Quantity: 1 + int64(m.r.IntN(2)), Price: price,
			ListPrice: price, Discount: 0, Cost: math.NaN(), Condition: "NEW", Technology: m.chance(h.technology), LaunchedAt: scoring.At(at.AddDate(-2, 0, 0)),
		}
		if m.chance(h.discount) {
			l.ListPrice = price * 1.2
		}
		if m.chance(h.used) {
			l.Condition = "USED"
		}
		if m.chance(h.fresh) {
			l.LaunchedAt = scoring.At(at.AddDate(0, -1, 0))
		}
		o.Net += int64(math.Round(float64(l.Quantity) * price * 100))
		o.Lines = append(o.Lines, l)
		if m.chance(h.returns) {
			l.Quantity = -1
			o.Lines = append(o.Lines, l)
		}
	}
	if m.chance(h.service) {
		o.Lines[0].Kind = "WARRANTY"
	}
	return o
}

// TestNoPreference scores customers who all have the same habits: whatever differs is chance, and no label may come out
// much more often than another.
func TestNoPreference(t *testing.T) {
	seldom := habits{discount: .05, used: .03, late: .03, service: .05, returns: .02, jitter: 1, fresh: .05, technology: .05, touches: .05}
	for name, h := range map[string]habits{"average": average(), "seldom": seldom} {
		for seed := range uint64(3) {
			m := newMarket(seed)
			d := &scoretest.Data{AsOf: scoring.At(m.asOf)}
			for i := range 2000 {
				d.Customers = append(d.Customers, m.customer(fmt.Sprint(i), h))
			}
			answers, err := scoretest.Score(orientation.New(), d)
			if err != nil {
				t.Fatal(err)
			}
			got := answers.Counts("orientation")
			t.Logf("%s habits, seed %d: %v", name, seed, got)
			three := []int{got["COST"], got["VALUE"], got["TECHNOLOGY"]}
			if least, most := slices.Min(three), slices.Max(three); float64(most) > float64(least)*4/3 {
				t.Errorf("%s habits, seed %d: cost, value and technology come out %v times (the most frequent at most a third above the least)", name, seed, three)
			}
		}
	}
}

// TestPlantedPreferences scores customers of whom each prefers something: nearly all must be found.
func TestPlantedPreferences(t *testing.T) {
	m := newMarket(1)
	d := &scoretest.Data{AsOf: scoring.At(m.asOf)}
	planted := map[string]string{}
	for i := range 3000 {
		h, id := average(), fmt.Sprint(i)
		switch i % 3 {
		case 0:
			planted[id], h.price, h.discount, h.used, h.late = "COST", -.6, .6, .4, .5
		case 1:
			planted[id], h.price, h.service, h.returns, h.jitter = "VALUE", .6, .6, .04, .4
		case 2:
			planted[id], h.fresh, h.technology, h.touches = "TECHNOLOGY", .7, .7, .7
		}
		d.Customers = append(d.Customers, m.customer(id, h))
	}
	answers, err := scoretest.Score(orientation.New(), d)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for id, want := range planted {
		if answers.Value(id, "orientation").Text() == want {
			found[want]++
		}
	}
	t.Logf("found %v of 1000 each", found)
	for _, n := range []string{"COST", "TECHNOLOGY", "VALUE"} {
		if found[n] < 950 {
			t.Errorf("%s: %d of 1000 found, want 950", n, found[n])
		}
	}
}
