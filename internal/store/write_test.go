package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"bellwether/internal/fault"
	"bellwether/internal/record"
	"bellwether/internal/store"
)

var day = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func key(id string) record.Key { return record.Key{Source: "shop", ExternalID: id} }

// sale is an order in euros with one line.
func sale(id, customer string, change ...func(*record.Order)) record.Order {
	o := record.Order{
		Key: key(id), Customer: key(customer), PlacedAt: day, Currency: "EUR",
		Lines: record.Set([]record.Line{{SKU: "tea", Quantity: 2, UnitPrice: 3_500_000}}),
	}
	for _, c := range change {
		c(&o)
	}
	return o
}

func write(t testing.TB, s *store.Store, orders ...record.Order) []record.Outcome {
	t.Helper()
	return writeBatch(t, s, record.Batch{Orders: orders})
}

func writeBatch(t testing.TB, s *store.Store, b record.Batch) []record.Outcome {
	t.Helper()
	outcomes, err := s.Write(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

// TestWriteOrder writes one order again and again, and looks at it after each step.
func TestWriteOrder(t *testing.T) {
	s := open(t)
	type change = func(*record.Order)
	bare := func(o *record.Order) { o.Lines = record.Field[[]record.Line]{}; o.Currency = "" }
	for i, step := range []struct {
		change  []change
		outcome record.Outcome
		want    string
	}{
		{nil, record.Created, "ann PAID EUR@1 total 700 discount 0 tax 0 shipping 0 net 700 from 01-01 until - channel -, 1 lines, 0 refunds of 0"},
		{nil, record.Unchanged, ""},
		{[]change{bare}, record.Unchanged, ""},
		{
			[]change{bare, func(o *record.Order) { o.Channel, o.Tax = record.Set("web"), record.Set[int64](100) }},
			record.Updated,
			"ann PAID EUR@1 total 700 discount 0 tax 100 shipping 0 net 600 from 01-01 until - channel web, 1 lines, 0 refunds of 0",
		},
		{[]change{bare}, record.Unchanged, ""},
		{
			[]change{bare, func(o *record.Order) { o.Channel, o.Tax = record.Clear[string](), record.Clear[int64]() }},
			record.Updated,
			"ann PAID EUR@1 total 700 discount 0 tax 0 shipping 0 net 700 from 01-01 until - channel -, 1 lines, 0 refunds of 0",
		},
		{
			[]change{bare, func(o *record.Order) { o.UpdatedAt, o.Status = record.Set(day.Add(time.Hour)), record.Set("PENDING") }},
			record.Updated,
			"ann PENDING EUR@1 total 700 discount 0 tax 0 shipping 0 net 700 from - until - channel -, 1 lines, 0 refunds of 0",
		},
		{
			[]change{func(o *record.Order) { o.UpdatedAt, o.Status = record.Set(day), record.Set("PAID") }},
			record.Stale,
			"ann PENDING EUR@1 total 700 discount 0 tax 0 shipping 0 net 700 from - until - channel -, 1 lines, 0 refunds of 0",
		},
		{[]change{bare, func(o *record.Order) {
			o.Status = record.Clear[string]()
			o.Refunds = record.Set([]record.Refund{{ExternalID: "b", At: day.AddDate(0, 0, 3), Amount: 100}, {ExternalID: "a", At: day.AddDate(0, 0, 2), Amount: 250}})
		}}, record.Updated, "ann PAID EUR@1 total 700 discount 0 tax 0 shipping 0 net 700 from 01-01 until - channel -, 1 lines, 2 refunds of 350"},
		{[]change{bare, func(o *record.Order) {
			o.Refunds = record.Set([]record.Refund{{ExternalID: "a", At: day.AddDate(0, 0, 2), Amount: 250}, {ExternalID: "b", At: day.AddDate(0, 0, 3), Amount: 100}})
		}}, record.Unchanged, ""},
		{
			[]change{bare, func(o *record.Order) { o.Customer = key("bob") }},
			record.Updated,
			"bob PAID EUR@1 total 700 discount 0 tax 0 shipping 0 net 700 from 01-01 until - channel -, 1 lines, 2 refunds of 350",
		},
		{[]change{bare, func(o *record.Order) {
			o.Customer, o.Refunds, o.Total = key("bob"), record.Clear[[]record.Refund](), record.Set[int64](900)
			o.Status, o.CancelledAt = record.Set("CANCELLED"), record.Set(day.AddDate(0, 0, 5))
		}}, record.Updated, "bob CANCELLED EUR@1 total 900 discount 0 tax 0 shipping 0 net 900 from 01-01 until 01-06 channel -, 1 lines, 0 refunds of 0"},
		{[]change{func(o *record.Order) {
			o.Customer, o.Currency, o.Rate = key("bob"), "JPY", decimal.RequireFromString("0.00610")
			o.Lines.Value = append(o.Lines.Value, record.Line{SKU: "cup", Quantity: 1, UnitPrice: 1_000_000_000})
		}}, record.Updated, "bob CANCELLED JPY@0.0061 total 1007 discount 0 tax 0 shipping 0 net 614 from 01-01 until 01-06 channel -, 2 lines, 0 refunds of 0"},
		{[]change{bare, func(o *record.Order) { o.Customer = key("bob") }}, record.Unchanged, ""},
		{
			[]change{bare, func(o *record.Order) { o.Customer, o.Lines = key("bob"), record.Clear[[]record.Line]() }},
			record.Updated,
			"bob CANCELLED JPY@0.0061 total 1007 discount 0 tax 0 shipping 0 net 614 from 01-01 until 01-06 channel -, 0 lines, 0 refunds of 0",
		},
	} {
		before := state(t, s)
		outcomes := write(t, s, sale("1", "ann", step.change...))
		if !slices.Equal(outcomes, []record.Outcome{step.outcome}) {
			t.Errorf("step %d: %v, want %v", i, outcomes, step.outcome)
		}
		if step.want == "" || step.outcome == record.Stale {
			compare(t, state(t, s), before)
		}
		if step.want != "" && orderLine(t, s, "1") != step.want {
			t.Errorf("step %d:\ngot  %s\nwant %s", i, orderLine(t, s, "1"), step.want)
		}
	}
}

// TestRejectedOrders names each order that cannot be written, and writes nothing.
func TestRejectedOrders(t *testing.T) {
	s := open(t)
	write(t, s, sale("0", "ann"))
	for _, c := range []struct {
		code, says string
		change     func(*record.Order)
	}{
		{record.CodeUnknownCurrency, `"x": currency: unknown currency "EURO"`, func(o *record.Order) { o.Currency = "EURO" }},
		{record.CodeUnknownCurrency, `"x": rate: the order is in USD and the base currency is EUR (give its rate: EUR for one USD)`, func(o *record.Order) { o.Currency = "USD" }},
		{fault.Invalid, "rate: the rate -1 is not above 0 (give EUR for one USD)", func(o *record.Order) { o.Currency, o.Rate = "USD", decimal.NewFromInt(-1) }},
		{fault.Invalid, "rate: the rate of the base currency EUR is 1, not 2", func(o *record.Order) { o.Rate = decimal.NewFromInt(2) }},
		{fault.OutOfRange, "rate: the order's amounts are too large", func(o *record.Order) {
			o.Currency, o.Rate, o.Total = "USD", decimal.New(1, 9), record.Set[int64](1<<40)
		}},
		{fault.Invalid, `status: "LOST" is unknown`, func(o *record.Order) { o.Status = record.Set("LOST") }},
		{fault.OutOfRange, "lines.0.quantity: it is 0", func(o *record.Order) { o.Lines.Value[0].Quantity = 0 }},
		{record.CodeRequired, "lines.0.sku: the line has no product", func(o *record.Order) { o.Lines.Value[0].SKU = "" }},
		{record.CodeRequired, "externalId: the order has no key", func(o *record.Order) { o.Source = "" }},
		{record.CodeRequired, "customer: it has no customer", func(o *record.Order) { o.Customer.ExternalID = "" }},
		{record.CodeRequired, "placedAt: it has no instant", func(o *record.Order) { o.PlacedAt = time.Time{} }},
		{fault.OutOfRange, "lines: quantity 2 times the unit price is too large", func(o *record.Order) { o.Lines.Value[0].UnitPrice = 1 << 61 }},
		{record.CodeDuplicate, `refunds.1.externalId: refund "r" is there twice`, func(o *record.Order) {
			o.Refunds = record.Set([]record.Refund{{ExternalID: "r", At: day, Amount: 1}, {ExternalID: "r", At: day, Amount: 2}})
		}},
		{fault.Invalid, `lines.0.condition: "OLD" is unknown`, func(o *record.Order) { c := "OLD"; o.Lines.Value[0].Condition = &c }},
	} {
		before := state(t, s)
		_, err := s.Write(t.Context(), record.Batch{Orders: []record.Order{sale("good", "zoe"), sale("x", "ann", c.change), sale("y", "ann", c.change)}})
		var rejected *record.RejectedError
		if !errors.As(err, &rejected) || len(rejected.Items) != 2 || rejected.Items[0].Position != 1 || rejected.Items[1].Position != 2 {
			t.Errorf("%s: got %v", c.says, err)
			continue
		}
		wantFault(t, err, c.code, c.says)
		wantChinese(t, err)
		compare(t, state(t, s), before)
	}
	empty := open(t)
	_, err := empty.Write(t.Context(), record.Batch{Orders: []record.Order{sale("1", "ann", func(o *record.Order) { o.Currency = "" })}})
	wantFault(t, err, record.CodeUnknownCurrency, "there is no base currency yet")
	_, err = s.Write(t.Context(), record.Batch{Orders: []record.Order{
		sale("usd", "ann", func(o *record.Order) { o.Currency, o.Rate = "USD", decimal.RequireFromString("0.9") }),
		sale("usd", "ann", func(o *record.Order) { o.Currency = "" }),
	}})
	wantFault(t, err, record.CodeUnknownCurrency, `the order is in USD (name the currency of its amounts)`)
}

// TestEnt reads what was written: the same instants, exact to the microsecond.
func TestEnt(t *testing.T) {
	s := open(t)
	at := time.Date(2026, 3, 1, 10, 0, 0, 123456789, time.FixedZone("", 3600))
	write(t, s, sale("1", "ann", func(o *record.Order) { o.PlacedAt = at }))
	o, err := s.Ent().Order.Get(t.Context(), store.OrderID(key("1")))
	if err != nil {
		t.Fatal(err)
	}
	if !o.PlacedAt.Equal(at.Truncate(time.Microsecond)) || o.PlacedAt.Location() != time.UTC || o.CustomerID != store.CustomerID(key("ann")) {
		t.Errorf("got %+v", o)
	}
	lines, err := o.QueryLines().All(t.Context())
	if err != nil || len(lines) != 1 || lines[0].ID != store.LineID(o.ID, 0) || lines[0].ProductID != store.ProductID("tea") {
		t.Errorf("lines %+v, %v", lines, err)
	}
}
