package demo

import "bellwether/internal/record"

// taste is what a customer buys for.
type taste int

const (
	noTaste taste = iota
	costMinded
	valueMinded
	technologyMinded
)

// customer is somebody of the shop while it is made up.
type customer struct {
	number     int
	key        record.Key
	recency    int // 5: bought in the last days; 0: never bought
	level      int // 5: buys most often, and most; 0: never bought
	taste      taste
	innovator  bool
	opens      *opening
	leader     *customer // whose purchases it repeats
	followers  []*customer
	part       int // of the leader's purchases, that it repeats: one in parts
	parts      int
	referrer   *customer
	account    string
	because    string
	kind, name string
	place      *place
	currency   money
	sector     string
	newsletter bool

	registered  moment
	dates       []moment         // of valid orders
	first       map[int32]moment // by product: the first purchase
	bought      []int32          // products, in order of first purchase
	recentLines int              // bought in the last year
	orders      int              // made up so far
	contacts    int              // made up so far
}

// crosstab is how many of a hundred buyers have which recency (rows, 5 first) and which level (columns, 1 first). All rows
// and columns have twenty, so that a fifth of the buyers is what ranks as a fifth.
func crosstab() [5][5]int {
	return [5][5]int{
		{3, 3, 3, 4, 7},
		{3, 4, 4, 4, 5},
		{3, 4, 5, 5, 3},
		{4, 5, 5, 4, 2},
		{7, 4, 3, 3, 3},
	}
}

// prospects never bought: so many to a hundred buyers.
const (
	prospects = 5
	blockSize = 100 + prospects
)

// segmentOf names the segment of a recency and a level.
func segmentOf(recency, level int) string {
	if level == 0 {
		return "NONE"
	}
	return [5][5]string{
		{"LOST", "HIBERNATING", "AT_RISK", "AT_RISK", "CANT_LOSE_THEM"},
		{"HIBERNATING", "HIBERNATING", "AT_RISK", "AT_RISK", "CANT_LOSE_THEM"},
		{"ABOUT_TO_SLEEP", "ABOUT_TO_SLEEP", "NEED_ATTENTION", "LOYAL", "LOYAL"},
		{"PROMISING", "POTENTIAL_LOYALIST", "POTENTIAL_LOYALIST", "LOYAL", "LOYAL"},
		{"NEW_CUSTOMERS", "POTENTIAL_LOYALIST", "POTENTIAL_LOYALIST", "CHAMPIONS", "CHAMPIONS"},
	}[recency-1][level-1]
}

// maker makes up one neighbourhood.
type maker struct {
	shop  *Shop
	dice  dice
	block int
	free  []*customer // without a part
	cast  []*customer // with one; leaders before their followers
}

// take gives a customer of a recency and a level a part.
func (g *maker) take(recency, level int, because string) *customer {
	for i, c := range g.free {
		if c.recency == recency && c.level == level {
			g.free = append(g.free[:i], g.free[i+1:]...)
			c.because = because
			g.cast = append(g.cast, c)
			return c
		}
	}
	panic("demo: the crosstab has too few for all parts")
}

// people casts the parts of a neighbourhood of n. The leading ones come first; the shop's last few have none.
func (g *maker) people(n int) []*customer {
	for r, row := range crosstab() {
		for l, n := range row {
			for range n {
				g.free = append(g.free, &customer{recency: 5 - r, level: l + 1})
			}
		}
	}
	if n == blockSize || g.block == 0 {
		g.parts()
	}
	g.dice.Shuffle(len(g.free), func(i, j int) { g.free[i], g.free[j] = g.free[j], g.free[i] })
	all := append(g.cast, g.free...)
	for range prospects {
		all = append(all, &customer{because: "prospect: never bought"})
	}
	for _, c := range all {
		if c.taste == noTaste && !g.shop.options.NoPreferences {
			c.taste = costMinded + taste(g.dice.IntN(3))
		}
	}
	return all
}

func (g *maker) parts() {
	if !g.shop.options.NoLinks {
		g.star()
	}
	if !g.shop.options.NoPreferences && g.block%3 < 2 {
		c := g.take(5, 5, "innovator: buys what is new on its first day")
		c.innovator, c.taste = true, technologyMinded
	}
	g.openers()
	if !g.shop.options.NoLinks {
		g.ordinaryLinks()
	}
}

// star plants a benchmark and those who follow it: customers whom it referred, or the members of its account.
func (g *maker) star() {
	leader := g.take(5, 5, "benchmark: linked customers buy what it bought")
	if !g.shop.options.NoPreferences {
		leader.taste = costMinded + taste(g.block%3)
	}
	account := g.block%2 == 1
	if account {
		leader.account = chinese.company(g.dice, g.block)
	}
	for _, cell := range [][2]int{{5, 5}, {4, 5}, {4, 4}, {5, 4}, {3, 4}, {4, 3}} {
		c := g.take(cell[0], cell[1], "follower of a benchmark")
		c.leader, leader.followers = leader, append(leader.followers, c)
		if account {
			c.account = leader.account
		} else {
			c.referrer, c.taste = leader, leader.taste
		}
	}
	for i, c := range leader.followers { // in an account two repeat what the others do not, so that they hardly follow each other
		if c.part, c.parts = 0, 1; account {
			c.part, c.parts = i%3, 3
		}
	}
}

// openers plants those of the shop's openers that are this neighbourhood's.
func (g *maker) openers() {
	s := g.shop
	blocks := max(1, s.options.Customers/blockSize)
	openings := s.openings()
	cells := [][2]int{{4, 3}, {3, 3}, {5, 3}, {4, 4}}
	for k, j := 0, 0; j < s.openers && k < len(cells); j++ {
		if j*blocks/s.openers != g.block {
			continue
		}
		o := openings[j/openersEach]
		c := g.take(cells[k][0], cells[k][1], "opener: among the first in "+o.name)
		c.opens, k = &o, k+1
	}
}

// ordinaryLinks makes links along which nobody follows anybody.
func (g *maker) ordinaryLinks() {
	hub := g.take(4, 5, "refers many, who do not follow")
	for _, cell := range [][2]int{{3, 3}, {2, 3}, {5, 2}, {4, 4}} {
		g.take(cell[0], cell[1], "referred").referrer = hub
	}
	pair := g.take(3, 5, "refers one")
	g.take(4, 1, "referred").referrer = pair
	accounts := [][][2]int{{{2, 4}, {3, 2}, {5, 3}}, {{1, 4}, {4, 2}}}
	if g.block%2 == 0 {
		accounts = append(accounts, [][2]int{{2, 5}, {3, 4}, {5, 4}, {4, 3}})
	}
	for i, cells := range accounts {
		name := pick(g.dice, []naming{english, german, french}).company(g.dice, g.block*10+i)
		for _, cell := range cells {
			g.take(cell[0], cell[1], "member of an account").account = name
		}
	}
}
