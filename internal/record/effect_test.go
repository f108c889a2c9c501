package record_test

import (
	"math/big"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"bellwether/internal/record"

	"github.com/shopspring/decimal"
)

func day(n int) time.Time   { return time.Date(2024, 1, n, 12, 0, 0, 0, time.UTC) }
func dayp(n int) *time.Time { t := day(n); return &t }

// TestEffect: from when to when an order counts. Placed on day 10, total 100.00, unless said otherwise.
func TestEffect(t *testing.T) {
	for _, test := range []struct {
		name        string
		sale        record.Sale
		from, until int // days; 0: none
		net         int64
		refunds     []int64
	}{
		{"paid", record.Sale{Status: "PAID"}, 10, 0, 10000, nil},
		{"fulfilled", record.Sale{Status: "FULFILLED"}, 10, 0, 10000, nil},
		{"pending", record.Sale{Status: "PENDING"}, 0, 0, 10000, nil},
		{"paid later", record.Sale{Status: "PAID", PaidAt: dayp(12)}, 12, 0, 10000, nil},
		{"paid before it was placed", record.Sale{Status: "PAID", PaidAt: dayp(8)}, 10, 0, 10000, nil},
		{"delivered before it was paid", record.Sale{Status: "FULFILLED", PaidAt: dayp(20), DeliveredAt: dayp(11)}, 11, 0, 10000, nil},
		{"cancelled, unknown when", record.Sale{Status: "CANCELLED"}, 0, 0, 10000, nil},
		{"cancelled", record.Sale{Status: "CANCELLED", CancelledAt: dayp(15)}, 10, 15, 10000, nil},
		{"cancelled before it was paid", record.Sale{Status: "CANCELLED", PaidAt: dayp(20), CancelledAt: dayp(15)}, 0, 0, 10000, nil},
		{"refunded, unknown when", record.Sale{Status: "REFUNDED"}, 0, 0, 10000, nil},
		{"refunded in part", record.Sale{Status: "PARTIALLY_REFUNDED", Refunds: refunds(12, 2500)}, 10, 0, 10000, []int64{2500}},
		{"refunded in two steps", record.Sale{Status: "REFUNDED", Refunds: refunds(14, 7500, 12, 2500)}, 10, 14, 10000, []int64{7500, 2500}},
		{"refunded twice", record.Sale{Status: "PAID", Refunds: refunds(12, 10000, 13, 10000)}, 10, 12, 10000, []int64{10000, 0}},
		{"refunded before it was placed", record.Sale{Status: "PAID", Refunds: refunds(5, 10000)}, 0, 0, 10000, []int64{10000}},
		{"without tax", record.Sale{Status: "PAID", Tax: 2000, Refunds: refunds(12, 5000)}, 10, 0, 8000, []int64{4000}},
		{"credit note", record.Sale{Status: "PAID", Total: -500, Refunds: refunds(12, 100)}, 10, 0, -500, []int64{0}},
		{"nothing", record.Sale{Status: "PAID", Total: -1}, 10, 0, -1, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := test.sale
			s.PlacedAt, s.Rate, s.Exponent, s.BaseExponent = day(10), decimal.NewFromInt(1), 2, 2
			if s.Total == 0 {
				s.Total = 10000
			}
			want := record.Effect{Net: test.net, RefundNets: append([]int64{}, test.refunds...)}
			if test.from > 0 {
				want.ValidFrom = dayp(test.from)
			}
			if test.until > 0 {
				want.ValidUntil = dayp(test.until)
			}
			if got := s.Effect(); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v from %v until %v, want %+v", got, got.ValidFrom, got.ValidUntil, want)
			}
		})
	}
}

// refunds are pairs of a day and an amount.
func refunds(pairs ...int64) []record.Refund {
	var out []record.Refund
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, record.Refund{At: day(int(pairs[i])), Amount: pairs[i+1]})
	}
	return out
}

// TestNet holds net revenue against exact fractions: (total - refunds) * (total - tax) / total at the rate, rounded
// half-even; what refunds take away and what is left always add up.
func TestNet(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		s := record.Sale{
			PlacedAt: day(1), Status: "PAID", Total: random.Int64N(2000) - 500, Rate: decimal.New(random.Int64N(3000)+1, -3),
			Exponent: random.IntN(4), BaseExponent: random.IntN(4),
		}
		if s.Total > 0 {
			s.Tax = random.Int64N(s.Total + 1)
		}
		for i := range random.IntN(4) {
			s.Refunds = append(s.Refunds, record.Refund{At: day(i + 2), Amount: random.Int64N(800) + 1})
		}
		e := s.Effect()
		if want := exact(s, 0); e.Net != want {
			t.Fatalf("%+v: net %d, want %d", s, e.Net, want)
		}
		left, refunded := e.Net, int64(0)
		for i, refund := range s.Refunds {
			refunded += refund.Amount
			left -= e.RefundNets[i]
			if want := exact(s, min(refunded, max(s.Total, 0))); left != want {
				t.Fatalf("%+v: %d left after %d refunds, want %d", s, left, i+1, want)
			}
		}
	}
}

func exact(s record.Sale, refunded int64) int64 {
	if s.Total == 0 {
		return 0
	}
	x := big.NewRat((s.Total-refunded)*(s.Total-s.Tax), s.Total)
	x.Mul(x, s.Rate.Rat())
	x.Mul(x, decimal.New(1, int32(s.BaseExponent-s.Exponent)).Rat())
	half := big.NewRat(1, 2)
	up := new(big.Rat).Add(x, half)
	floor := new(big.Int).Div(up.Num(), up.Denom()) // Euclidean, which is the floor for a denominator above 0
	if up.IsInt() && floor.Bit(0) == 1 {
		floor.Sub(floor, big.NewInt(1))
	}
	return floor.Int64()
}
