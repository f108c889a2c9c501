package demo

import "github.com/shopspring/decimal"

// opening is a region or an industry to which the shop sells since a moment.
type opening struct {
	name  string // "": not known
	since moment // 0: from the beginning
	place place  // of a region
}

// place is where customers live.
type place struct {
	country, region, city string
	currency              string
	names                 naming
	tax                   int // percent
}

// home are the places in which the shop began. In the beginning it asked nobody for a region or an industry.
func home() []place {
	return []place{
		{"CN", "", "上海", "CNY", chinese, 13},
		{"CN", "", "杭州", "CNY", chinese, 13},
		{"DE", "", "Frankfurt", "EUR", german, 19},
		{"DE", "", "Leipzig", "EUR", german, 19},
		{"GB", "", "Bristol", "GBP", english, 20},
		{"US", "", "Portland", "USD", english, 0},
	}
}

// regions are where the shop opened later, one after the other.
func regions() []place {
	return []place{
		{"CN", "Guangdong", "深圳", "CNY", chinese, 13},
		{"FR", "Brittany", "Rennes", "EUR", french, 20},
		{"CN", "Sichuan", "成都", "CNY", chinese, 13},
		{"US", "California", "Oakland", "USD", english, 9},
		{"JP", "Kansai", "大阪", "JPY", japanese, 10},
		{"ES", "Galicia", "Vigo", "EUR", spanish, 21},
		{"CA", "Ontario", "Ottawa", "CAD", english, 13},
		{"SG", "Singapore", "Singapore", "SGD", chinese, 9},
	}
}

// industries are what the businesses are in to which the shop opened later, one after the other.
func industries() []string {
	return []string{"Education", "Healthcare", "Hospitality", "Logistics", "Manufacturing", "Retail"}
}

// open decides when the shop opens which region and industry; a small shop opens fewer.
func (s *Shop) open() {
	for _, p := range home() {
		s.places = append(s.places, opening{place: p})
	}
	later := regions()
	for i, p := range later[:min(len(later), s.options.Customers/150)] {
		s.places = append(s.places, opening{name: p.region, since: moment(115+45*i) * day, place: p})
	}
	s.sectors = append(s.sectors, opening{})
	trades := industries()
	for i, name := range trades[:min(len(trades), s.options.Customers/300)] {
		s.sectors = append(s.sectors, opening{name: name, since: moment(100+55*i) * day})
	}
	s.openers = openersEach * len(s.openings())
}

// openings are the regions and industries that were opened later: each has openers.
func (s *Shop) openings() []opening {
	var out []opening
	for _, of := range [][]opening{s.places, s.sectors} {
		for _, o := range of {
			if o.since > 0 {
				out = append(out, o)
			}
		}
	}
	return out
}

// The openers of a region or industry buy within days of its opening, the others only later.
const (
	openersEach = 3
	openingTime = 6 * day
	othersAfter = 10 * day
)

// money is a currency: what a unit of it costs, in millionths of a unit of the base currency.
type money struct {
	code     string
	exponent int
	rate     int64
}

func currencies() map[string]money {
	return map[string]money{
		"CAD": {"CAD", 2, 671_000},
		"CNY": {"CNY", 2, 128_400},
		"EUR": {"EUR", 2, 1_000_000},
		"GBP": {"GBP", 2, 1_164_000},
		"JPY": {"JPY", 0, 6_130},
		"SGD": {"SGD", 2, 689_000},
		"USD": {"USD", 2, 924_000},
	}
}

// on is the currency with its rate of a moment: it moves by the month.
func (m money) on(at moment) money {
	if m.code != BaseCurrency {
		wave := []int64{0, 3, 5, 8, 6, 2, -1, -4, -6, -3, 1, 2}
		m.rate += m.rate * wave[int(at/(30*day))%len(wave)] / 1000
	}
	return m
}

func (m money) decimal() decimal.Decimal { return decimal.New(m.rate, -6) }

// micro is an amount of cents of the base currency in micro-units of the currency, rounded to its minor units.
func (m money) micro(cents int64) int64 {
	unit := m.unit()
	return (cents*10_000*1_000_000/m.rate + unit/2) / unit * unit
}

// unit is a minor unit in micro-units.
func (m money) unit() int64 {
	if m.exponent == 0 {
		return 1_000_000
	}
	return 10_000
}
