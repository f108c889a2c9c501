package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"bellwether/internal/pgtest"
	"bellwether/internal/record"
	"bellwether/internal/store"
)

func batchOf(orders ...record.Order) record.Batch { return record.Batch{Orders: orders} }

// randomOrder is a version of the order n. It always names its lines, which make its total.
func randomOrder(random *rand.Rand, n int) record.Order {
	o := record.Order{
		Key: key(fmt.Sprint(n)), Customer: key(fmt.Sprintf("c%d", random.IntN(9))), Currency: "EUR",
		PlacedAt: day.Add(time.Duration(n) * time.Hour), Lines: record.Set([]record.Line{}),
	}
	for range 1 + random.IntN(3) {
		o.Lines.Value = append(o.Lines.Value, record.Line{
			SKU: fmt.Sprintf("p%d", random.IntN(20)), Quantity: 1 + random.IntN(5), UnitPrice: int64(random.IntN(2000)) * 10_000,
		})
	}
	if random.IntN(3) == 0 {
		o.UpdatedAt = record.Set(day.Add(time.Duration(random.IntN(100)) * time.Minute))
	}
	switch random.IntN(4) {
	case 0:
		o.Channel = record.Set([]string{"web", "shop"}[random.IntN(2)])
	case 1:
		o.Channel = record.Clear[string]()
	}
	switch random.IntN(4) {
	case 0:
		o.Status = record.Set(record.Statuses()[random.IntN(6)])
	case 1:
		o.Refunds = record.Set([]record.Refund{{ExternalID: "r", At: o.PlacedAt.Add(time.Hour), Amount: int64(1 + random.IntN(500))}})
	case 2:
		o.Refunds = record.Clear[[]record.Refund]()
	}
	return o
}

// model is what should be stored, kept the simplest way: the whole order as last said.
type model map[string]record.Order

func (m model) write(o record.Order) record.Outcome {
	old, exists := m[o.ExternalID]
	if exists && o.UpdatedAt.State == record.Present && old.UpdatedAt.State == record.Present && o.UpdatedAt.Value.Before(old.UpdatedAt.Value) {
		return record.Stale
	}
	if o.UpdatedAt.State == record.Omitted {
		o.UpdatedAt = old.UpdatedAt
	}
	if o.Channel.State == record.Omitted {
		o.Channel = old.Channel
	}
	if o.Status.State == record.Omitted {
		o.Status = old.Status
	}
	if o.Refunds.State == record.Omitted {
		o.Refunds = old.Refunds
	}
	m[o.ExternalID] = o
	switch {
	case !exists:
		return record.Created
	case m.line(o) == m.line(old) && o.UpdatedAt == old.UpdatedAt:
		return record.Unchanged
	}
	return record.Updated
}

// line is an order as the test of the store writes it: customer, status, channel, total, refunds and lines.
func (m model) line(o record.Order) string {
	text := fmt.Sprintf("%s %s %s %s", o.ExternalID, o.Customer.ExternalID, o.PlacedAt.Format(time.RFC3339), "PAID")
	if o.Status.State == record.Present {
		text = fmt.Sprintf("%s %s %s %s", o.ExternalID, o.Customer.ExternalID, o.PlacedAt.Format(time.RFC3339), o.Status.Value)
	}
	text += " " + o.Channel.Value
	for _, r := range o.Refunds.Value {
		text += fmt.Sprintf(" %s:%d", r.ExternalID, r.Amount)
	}
	for i, l := range o.Lines.Value {
		text += fmt.Sprintf(" %d:%s:%d:%d", i, l.SKU, l.Quantity, l.UnitPrice)
	}
	return text
}

func (m model) lines() (all []string) {
	for _, o := range m {
		all = append(all, m.line(o))
	}
	slices.Sort(all)
	return all
}

func storedLines(t *testing.T, s *store.Store) (all []string) {
	t.Helper()
	rows, err := s.DB().Query(`SELECT concat_ws(' ', external_id, (SELECT external_id FROM customers c WHERE c.id = o.customer_id)), placed_at,
			concat_ws(' ', status, coalesce(channel, ''),
			(SELECT string_agg(r.external_id || ':' || r.amount, ' ' ORDER BY r.external_id) FROM refunds r WHERE r.order_id = o.id AND r.customer_id = o.customer_id),
			(SELECT string_agg(position || ':' || p.sku || ':' || quantity || ':' || unit_price, ' ' ORDER BY position)
				FROM order_lines l JOIN products p ON p.id = l.product_id WHERE l.order_id = o.id AND l.customer_id = o.customer_id))
		FROM orders o`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var key, rest string
		var placed time.Time
		if err := rows.Scan(&key, &placed, &rest); err != nil {
			t.Fatal(err)
		}
		all = append(all, key+" "+placed.UTC().Format(time.RFC3339)+" "+rest)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// TestModel writes random orders, with repeats and corrections, in batches of random sizes: every outcome and the
// final state are the model's, and do not depend on the batches.
func TestModel(t *testing.T) {
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 1))
		orders := make([]record.Order, 200)
		for i := range orders {
			orders[i] = randomOrder(random, random.IntN(40))
			if i > 0 && random.IntN(5) == 0 {
				orders[i] = orders[random.IntN(i)]
			}
		}
		want := model{}
		outcomes := make([]record.Outcome, len(orders))
		for i, o := range orders {
			outcomes[i] = want.write(o)
		}
		single, split := open(t), open(t)
		if got := write(t, single, orders...); !slices.Equal(got, outcomes) {
			t.Errorf("seed %d: outcomes of one batch\ngot  %v\nwant %v", seed, got, outcomes)
		}
		for at := 0; at < len(orders); {
			n := min(len(orders)-at, 1+random.IntN(40))
			if got := write(t, split, orders[at:at+n]...); !slices.Equal(got, outcomes[at:at+n]) {
				t.Errorf("seed %d: outcomes from %d\ngot  %v\nwant %v", seed, at, got, outcomes[at:at+n])
			}
			at += n
		}
		compare(t, storedLines(t, single), want.lines())
		compare(t, state(t, split), state(t, single))
		twice(t, split, want)
	}
}

// twice writes what is stored already: nothing at all changes, not even when it was written.
func twice(t *testing.T, s *store.Store, stored model) {
	t.Helper()
	before, err := s.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range stored {
		if got := write(t, s, o); got[0] != record.Unchanged {
			t.Errorf("order %s again: %v", o.ExternalID, got[0])
		}
	}
	after, err := s.Revision(t.Context())
	if err != nil || after != before {
		t.Errorf("revision %v after %v, %v", after, before, err)
	}
}

// TestStatements counts the statements of writing: as many for 500 orders of 5 lines as for 10, but for one where PostgreSQL
// writes few orders together with what follows.
func TestStatements(t *testing.T) {
	var queries []string
	s := openAt(t, pgtest.DSN(t), store.Options{Trace: func(query string) { queries = append(queries, query) }})
	count := func(n int, prefix string, channel string) int {
		orders := make([]record.Order, n)
		for i := range orders {
			orders[i] = sale(fmt.Sprint(prefix, i), fmt.Sprint("c", i), func(o *record.Order) {
				o.Channel = record.Set(channel)
				o.Lines.Value = slices.Repeat(o.Lines.Value, 5)
				o.Lines.Value[1].SKU = fmt.Sprint("p", i)
				o.Lines.Value[1].Quantity += len(channel)
				o.Refunds = record.Set([]record.Refund{{ExternalID: "r", At: day, Amount: int64(1 + len(channel))}})
			})
		}
		queries = nil
		write(t, s, orders...)
		return len(queries)
	}
	count(1, "first", "")  // records the base currency
	count(1, "second", "") // reads it
	for _, channel := range []string{"web", "web", "shop"} {
		few, many := count(10, "few", channel), count(500, "many", channel)
		if many < few || many > few+1 || many > 16 {
			t.Errorf("%d statements for 10 orders, %d for 500:\n%q", few, many, queries)
		}
	}
}
