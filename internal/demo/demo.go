// Package demo makes up a shop to try Bellwether on: customers with habits, two years of their orders and contacts, and
// the truth about them. Nothing in it is real, and every record says so.
//
// Start with [New]; [Load] writes a shop into a store, [WriteFiles] into files. The README of this folder tells what is
// planted and how. The package knows no scorer and shares no code with any.
package demo

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/record"
)

// The shop.
const (
	Source       = "demo" // of all keys
	Name         = "Bellwether demo shop (synthetic)"
	BaseCurrency = "EUR"
	Customers    = 2000 // unless told otherwise
	Seed         = 34   // unless told otherwise: the first customers of a list differ in segment and orientation
)

// maxCustomers keeps what is counted within 32 bits.
const maxCustomers = 100_000_000

// Options say which shop. The same options make the same shop, byte for byte.
type Options struct {
	Customers     int
	Seed          uint64
	End           time.Time // when the two years end; everything happens before
	NoLinks       bool      // nobody refers anybody, and there are no accounts
	NoPreferences bool      // everybody has the same habits
}

// Shop is a shop that is made up as it is read.
type Shop struct {
	options  Options
	start    time.Time
	products []product // in order of launch
	services []product
	turns    []int // products, in the order in which innovators wait for them
	places   []opening
	sectors  []opening
	openers  int // how many openers are planted
}

// New prepares a shop.
func New(o Options) (*Shop, error) {
	if o.Customers < 1 || o.Customers > maxCustomers {
		return nil, fault.New(fault.Invalid, "a shop of %d customers cannot be made (give 1 to %d)", o.Customers, maxCustomers)
	}
	if o.End.Year() < 1903 || o.End.Year() > 2195 {
		return nil, fault.New(fault.Invalid, "a shop cannot end on %s (give an instant from 1903 to 2195)", o.End.Format(time.DateOnly))
	}
	end := o.End.UTC().Truncate(time.Second)
	s := &Shop{options: o, start: end.Add(-shopDays * 24 * time.Hour)}
	d := dice{rand.New(rand.NewPCG(o.Seed, 0))}
	s.stock(d)
	s.takeTurns(d)
	s.open()
	return s, nil
}

// Products are the products and services that the shop sells, oldest first.
func (s *Shop) Products() []record.Product {
	out := make([]record.Product, 0, len(s.products)+len(s.services))
	for _, of := range [][]product{s.services, s.products} {
		for i := range of {
			out = append(out, s.productRecord(&of[i]))
		}
	}
	return out
}

// Neighbourhood is a part of the shop: some hundred customers with all that is theirs. Links stay within it.
type Neighbourhood struct {
	Customers   []record.Customer
	Orders      []record.Order
	Touchpoints []record.Touchpoint
	Truths      []Truth // of the customers, in their order
}

// Neighbourhoods makes up the customers, one neighbourhood after the other.
func (s *Shop) Neighbourhoods() iter.Seq[*Neighbourhood] {
	return func(yield func(*Neighbourhood) bool) {
		for first := 0; first < s.options.Customers; first += blockSize {
			if !yield(s.neighbourhood(first/blockSize, min(blockSize, s.options.Customers-first))) {
				return
			}
		}
	}
}

// Truth is what was planted in a customer: what scorers ought to find.
type Truth struct {
	ExternalID  string   `json:"externalId"`
	Segment     string   `json:"segment"`     // the RFM segment whose habits the customer has
	Orientation string   `json:"orientation"` // COST, VALUE, TECHNOLOGY; INSUFFICIENT_DATA with fewer than three lines in the last year; "" without preferences
	Benchmark   bool     `json:"benchmark"`
	Pioneer     bool     `json:"pioneer"`
	Because     string   `json:"because"`             // the part that the customer plays
	Followers   []string `json:"followers,omitempty"` // of a benchmark
}

// shopDays is how long the shop has existed at its end.
const shopDays = 730

// moment is a time of the shop, in seconds since its start.
type moment int64

const (
	minute moment = 60
	hour          = 60 * minute
	day           = 24 * hour
	theEnd        = shopDays * day
)

func (s *Shop) at(m moment) time.Time { return s.start.Add(time.Duration(m) * time.Second) }

// dice are the shop's chances. They give whole numbers, which are the same on all machines.
type dice struct{ *rand.Rand }

// chance is true in so many of a hundred cases.
func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

// between is a whole number from low to high, both included.
func (d dice) between(low, high int) int { return low + d.IntN(high-low+1) }

func (d dice) moment(low, high moment) moment { return low + moment(d.Int64N(int64(max(1, high-low)))) }

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// key is that of a record of the shop.
func key(format string, args ...any) record.Key {
	return record.Key{Source: Source, ExternalID: fmt.Sprintf(format, args...)}
}
