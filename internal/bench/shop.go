package main

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// shop is a made-up shop: the same size makes the same files, byte for byte. It is not internal/demo's, whose customers
// have stories to tell and cost ten times as much to make up. Customers come at a growing pace over five years, some buy
// often and most seldom, until they stop. Orders and touchpoints are numbered in order of time, as a shop writes them.
type shop struct {
	name      string
	customers int
	children  bool // with order lines and touchpoints
}

const (
	ordersEach      = 10
	touchpointsEach = 2 // an order
	products        = 5000
	source          = "bench"
)

// The five years of a shop.
func begin() time.Time { return time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC) }
func end() time.Time   { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// sizes are the shops that can be made.
func sizes() []shop {
	return []shop{{"XS", 300, true}, {"S", 10_000, true}, {"M", 100_000, true}, {"L", 1_000_000, false}}
}

func (s shop) orders() int { return s.customers * ordersEach }

// more is how many orders come later, to be ingested in bulk into the full database.
func (s shop) more() int { return min(250_000, s.orders()/4) }

// shares of the customers that are written before a refresh is measured, in percent.
func shares() []int { return []int{1, 10, 100} }

// externalID is fixed in width, so that NTILE breaks ties by it as by the number.
func externalID(customer int) string { return fmt.Sprintf("%09d", customer) }

// file is a file of CSV; the first error is kept.
type file struct {
	f   *os.File
	to  *bufio.Writer
	err error
}

func newFile(folder, name, header string) *file {
	f, err := os.Create(filepath.Join(folder, name+".csv"))
	if err != nil {
		return &file{err: err}
	}
	out := &file{f: f, to: bufio.NewWriterSize(f, 1<<20)}
	out.row("%s", header)
	return out
}

func (f *file) row(format string, args ...any) {
	if f.err == nil {
		_, f.err = fmt.Fprintf(f.to, format+"\n", args...)
	}
}

func (f *file) close() error {
	if f.f == nil {
		return f.err
	}
	return errors.Join(f.err, f.to.Flush(), f.f.Close())
}

// habits of a customer: registered and gone, in seconds since the beginning, and how much of all orders is its own.
type habits struct {
	from, until int64
	weight      float64
}

// write writes the shop into a folder: files for bellwether import, and plain_*.csv for the plain tables.
func (s shop) write(folder string) error {
	everybody, err := s.writeCustomers(folder)
	if err != nil {
		return err
	}
	return errors.Join(s.writeOrders(folder, everybody), s.writeTouchpoints(folder, everybody), s.writeLater(folder))
}

func (s shop) writeCustomers(folder string) ([]habits, error) {
	ours := newFile(folder, "customers", "external_id,name,email,registered_at,country,city,kind")
	plain := newFile(folder, "plain_customers", "id,external_id,name,email,registered_at,country,city")
	span := int64(end().Sub(begin()).Seconds())
	dice := rand.New(rand.NewPCG(1, uint64(s.customers)))
	first := []string{"Ada", "Bo", "Chen", "Dora", "Emil", "Fatima", "Goran", "Hana", "Ivo", "Juno", "李娜", "王伟"}
	last := []string{"Adler", "Berg", "Costa", "Dubois", "Evans", "Fischer", "García", "Horvat", "Ito", "Jensen", "Kim", "Lindt"}
	countries := []string{"AT", "CN", "DE", "ES", "FR", "GB", "IT", "JP", "NL", "US"}
	all := make([]habits, s.customers)
	for i := range all {
		h := &all[i]
		h.from = int64(math.Sqrt((float64(i)+dice.Float64())/float64(s.customers)) * float64(span-86400))
		h.until = min(span-1, h.from+3600+int64(dice.ExpFloat64()*600*86400))
		h.weight = dice.ExpFloat64() * dice.ExpFloat64() * (0.1 + float64(h.until-h.from)/float64(span))
		name := first[dice.IntN(len(first))] + " " + last[dice.IntN(len(last))]
		email, country := fmt.Sprintf("c%d@example.com", i+1), countries[dice.IntN(len(countries))]
		at, city := stamp(h.from), fmt.Sprintf("%s %d", country, dice.IntN(40))
		ours.row("%s,%s,%s,%s,%s,%s,PERSON", externalID(i+1), name, email, at, country, city)
		plain.row("%d,%s,%s,%s,%s,%s,%s", i+1, externalID(i+1), name, email, at, country, city)
	}
	return all, errors.Join(ours.close(), plain.close())
}

func stamp(second int64) string {
	return begin().Add(time.Duration(second) * time.Second).Format(time.RFC3339)
}

// events are n events in order of time, each a second and, in the lower half, a customer.
func events(n int, everybody []habits, dice *rand.Rand) []uint64 {
	sum := 0.0
	for _, h := range everybody {
		sum += h.weight
	}
	out, due := make([]uint64, 0, n), 0.0
	for i, h := range everybody {
		due += h.weight / sum * float64(n)
		upTo := min(int(due+0.5), n)
		if i == len(everybody)-1 {
			upTo = n
		}
		for len(out) < upTo {
			out = append(out, uint64(h.from+dice.Int64N(h.until-h.from))<<32|uint64(i))
		}
	}
	slices.Sort(out)
	return out
}

func channels() []string { return []string{"app", "marketplace", "phone", "store", "web"} }

func (s shop) writeOrders(folder string, everybody []habits) error {
	header := "order_id,customer_id,placed_at,total,channel"
	if s.children {
		header += ",sku,category,quantity,unit_price"
	}
	ours := newFile(folder, "orders", header)
	plain := newFile(folder, "plain_orders", "id,customer_id,placed_at,total_cents,channel")
	lines := newFile(folder, "plain_order_lines", "id,order_id,sku,category,quantity,unit_price_cents")
	dice := rand.New(rand.NewPCG(2, uint64(s.customers)))
	popular := rand.NewZipf(dice, 1.1, 8, products-1)
	line := 0
	for i, e := range events(s.orders(), everybody, dice) {
		customer, at, channel := int(uint32(e))+1, stamp(int64(e>>32)), channels()[dice.IntN(5)]
		head := fmt.Sprintf("%d,%s,%s", i+1, externalID(customer), at)
		var cents int64
		var bought []string
		for range 1 + dice.IntN(3) {
			sku, quantity := popular.Uint64()+1, int64(1+dice.IntN(3))
			price := int64(300 + sku*7919%9700)
			cents += quantity * price
			if s.children {
				line++
				bought = append(bought, fmt.Sprintf(",SKU-%d,category %d,%d,%s", sku, sku%24, quantity, units(price)))
				lines.row("%d,%d,SKU-%d,category %d,%d,%d", line, i+1, sku, sku%24, quantity, price)
			}
		}
		plain.row("%d,%d,%s,%d,%s", i+1, customer, at, cents, channel)
		if !s.children {
			bought = []string{""}
		}
		for _, b := range bought {
			ours.row("%s,%s,%s%s", head, units(cents), channel, b)
		}
	}
	return errors.Join(ours.close(), plain.close(), lines.close())
}

func units(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

func (s shop) writeTouchpoints(folder string, everybody []habits) error {
	ours := newFile(folder, "touchpoints", "external_id,customer_id,at,kind,channel,campaign")
	plain := newFile(folder, "plain_touchpoints", "id,customer_id,at,kind,channel,campaign")
	if s.children {
		dice := rand.New(rand.NewPCG(3, uint64(s.customers)))
		kinds := []string{"ad_impression", "call", "chat", "email_open", "product_view", "visit"}
		for i, e := range events(s.orders()*touchpointsEach, everybody, dice) {
			customer, at, campaign := int(uint32(e))+1, stamp(int64(e>>32)), ""
			if dice.IntN(3) > 0 {
				campaign = fmt.Sprintf("campaign %d", e>>32/2_592_000)
			}
			kind, channel := kinds[dice.IntN(len(kinds))], channels()[dice.IntN(5)]
			ours.row("%d,%s,%s,%s,%s,%s", i+1, externalID(customer), at, kind, channel, campaign)
			plain.row("%d,%d,%s,%s,%s,%s", i+1, customer, at, kind, channel, campaign)
		}
	}
	return errors.Join(ours.close(), plain.close())
}

// writeLater writes the orders that come once the shop is loaded: those that a refresh follows, and those in bulk.
func (s shop) writeLater(folder string) (err error) {
	dice, id := rand.New(rand.NewPCG(4, uint64(s.customers))), s.orders()
	span := int64(end().Sub(begin()).Seconds())
	order := func(ours, plain *file, customer int) {
		id++
		at, cents := stamp(span-1-dice.Int64N(30*86400)), 1000+dice.Int64N(20_000)
		ours.row("%d,%s,%s,%s,web", id, externalID(customer), at, units(cents))
		plain.row("%d,%d,%s,%d,web", id, customer, at, cents)
	}
	both := func(name string, each func(ours, plain *file)) {
		ours := newFile(folder, name, "order_id,customer_id,placed_at,total,channel")
		plain := newFile(folder, "plain_"+name, "id,customer_id,placed_at,total_cents,channel")
		each(ours, plain)
		err = errors.Join(err, ours.close(), plain.close())
	}
	for _, percent := range shares() {
		both(fmt.Sprintf("orders_%d", percent), func(ours, plain *file) {
			for customer := 1; customer <= s.customers; customer += 100 / percent {
				order(ours, plain, customer)
			}
		})
	}
	both("orders_more", func(ours, plain *file) {
		for range s.more() {
			order(ours, plain, 1+dice.IntN(s.customers))
		}
	})
	return err
}
