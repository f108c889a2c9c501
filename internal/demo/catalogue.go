package demo

import (
	"fmt"
	"sort"

	"bellwether/internal/record"
)

// tier is how dear a product is within its category.
type tier int

const (
	basic tier = iota
	standard
	premium
	tiers
)

// product is what the shop sells.
type product struct {
	number     int
	sku, name  string
	category   string
	kind       string
	launch     moment // before 0: older than the shop
	technology bool
	tier       tier
	price      int64 // list price, cents of the base currency
	cost       int64
	popularity int // of a hundred who would take it, how many do
}

// category is a shelf of the shop.
type category struct {
	name       string
	technology bool
	price      int64 // of its standard tier, cents of the base currency
	nouns      []string
}

func categories() []category {
	return []category{
		{"Audio", true, 1800, []string{"Headphones", "Speaker", "Turntable needle", "降噪耳机"}},
		{"Books", false, 700, []string{"Atlas", "Cookbook", "Novel", "摄影集"}},
		{"Cameras", true, 2000, []string{"Action camera", "Lens", "Tripod", "云台"}},
		{"Garden", false, 1100, []string{"Pruner", "Planter", "Watering can", "园艺手套"}},
		{"Kitchen", false, 1300, []string{"Teapot", "Knife", "Steamer", "紫砂壶"}},
		{"Smart home", true, 1600, []string{"Light bulb", "Thermostat", "Door sensor", "智能插座"}},
		{"Stationery", false, 600, []string{"Fountain pen", "Notebook", "Ink", "毛笔"}},
		{"Tea", false, 750, []string{"Longjing", "Earl Grey", "Oolong", "普洱茶"}},
		{"Toys", false, 900, []string{"Puzzle", "Kite", "Marble run", "积木"}},
		{"Wearables", true, 1900, []string{"Watch", "Fitness band", "Ring", "智能手环"}},
	}
}

// The life of the range: what the shop began with, and what it launched later. Between the two lies a quarter in which
// everything that there is finds its first buyers.
const (
	oldProducts   = 40
	earlyProducts = 10 // launched in the first weeks
	newProducts   = 70
	firstLaunch   = 97 * day
	lastLaunch    = 722 * day
)

// stock makes up the range.
func (s *Shop) stock(d dice) {
	shelves := categories()
	launches := make([]moment, 0, oldProducts+earlyProducts+newProducts)
	for range oldProducts {
		launches = append(launches, -d.moment(20*day, 900*day))
	}
	for i := range earlyProducts {
		launches = append(launches, moment(i)*5*day+9*hour)
	}
	for i := range newProducts {
		launches = append(launches, firstLaunch+(lastLaunch-firstLaunch)/day*moment(i)/newProducts*day+9*hour)
	}
	sort.Slice(launches, func(i, j int) bool { return launches[i] < launches[j] })
	for i, launch := range launches {
		shelf, t := shelves[i%len(shelves)], tier(i/len(shelves)+i)%tiers
		p := product{
			number: i, sku: fmt.Sprintf("DEMO-%03d", i+1), category: shelf.name, kind: "GOODS", launch: launch, technology: shelf.technology, tier: t,
			price: priced(d, shelf.price, t), popularity: d.between(50, 100),
		}
		p.name = fmt.Sprintf("%s %s %d", pick(d, brands()), pick(d, shelf.nouns), 100+i)
		p.cost = p.price * int64(d.between(52, 68)) / 100
		s.products = append(s.products, p)
	}
	for i, name := range []string{"Gift wrapping", "Engraving", "Extended warranty", "延长保修", "Repair service", "Home installation"} {
		t := tier(i / 2)
		p := product{
			number: len(s.products) + i, sku: fmt.Sprintf("DEMO-S%d", i+1), name: name, category: "Services", kind: "SERVICE", launch: -1000 * day,
			tier: t, price: priced(d, 600, t), popularity: 100,
		}
		if i == 2 || i == 3 {
			p.kind = "WARRANTY"
		}
		p.cost = p.price / 2
		s.services = append(s.services, p)
	}
}

// takeTurns decides in which order innovators wait for launches, so that each launch has about as many of them. The latest
// are left out, and what few will want: to be the first of few is not to be early.
func (s *Shop) takeTurns(d dice) {
	for _, p := range s.launched(firstLaunch, 560*day) {
		if p.popularity >= 60 {
			s.turns = append(s.turns, p.number)
		}
	}
	d.Shuffle(len(s.turns), func(i, j int) { s.turns[i], s.turns[j] = s.turns[j], s.turns[i] })
}

// priced is a list price about that of a category's standard.
func priced(d dice, of int64, t tier) int64 {
	percent := [tiers]int{basic: 52, standard: 100, premium: 185}[t] * d.between(85, 115) / 100
	return of * int64(percent) / 100
}

// brands are made up.
func brands() []string {
	return []string{"Alder", "Brook", "Corvo", "Dalia", "Fenn", "Grus", "Halde", "Ibis", "Jorvik", "Kestrel", "Lumo", "青禾", "云雀", "远山"}
}

func (s *Shop) productRecord(p *product) record.Product {
	return record.Product{
		SKU: p.sku, Name: record.Set(p.name), Category: record.Set(p.category), Kind: record.Set(p.kind),
		LaunchedAt: record.Set(s.at(p.launch)), Technology: record.Set(p.technology),
	}
}

// launched are the products launched from one moment up to before another.
func (s *Shop) launched(from, to moment) []product {
	first := sort.Search(len(s.products), func(i int) bool { return s.products[i].launch >= from })
	end := sort.Search(len(s.products), func(i int) bool { return s.products[i].launch >= to })
	return s.products[first:max(first, end)]
}
