package store_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"bellwether/internal/record"
	"bellwether/internal/store"
)

// visit is a touchpoint of a customer.
func visit(id, customer string) record.Touchpoint {
	return record.Touchpoint{Key: key(id), Customer: key(customer), At: day, Kind: "visit"}
}

func touchpointLine(t testing.TB, s *store.Store, id string) string {
	t.Helper()
	return one(t, s, `SELECT (SELECT external_id FROM customers c WHERE c.id = p.customer_id) AS customer, at, kind, channel, side, campaign, cost, currency,
			sku, rating, topic, sentiment, outcome, impact, initiated_by, attributes
		FROM touchpoints p WHERE id = ?`, store.TouchpointID(key(id)).String())
}

// changed are the customers whose data changed since an instant, sorted.
func changed(t testing.TB, s *store.Store, since store.Revision) (ids []string) {
	t.Helper()
	rows, err := s.DB().Query("SELECT c.external_id FROM customers c JOIN customer_rollups r ON r.customer_id = c.id WHERE r.data_changed_at > ? ORDER BY c.external_id",
		max(since.At, 0).Time())
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return succeeded(t, ids, rows.Err())
}

// TestWriteTouchpoint writes one touchpoint again and again, and looks at it and at whose data changed after each step.
func TestWriteTouchpoint(t *testing.T) {
	s := open(t)
	write(t, s, sale("1", "bob"))
	full := visit("1", "ann")
	full.Channel, full.Side, full.Campaign, full.Cost = record.Set("web"), record.Set("ONLINE"), record.Set("spring"), record.Set[int64](12)
	full.SKU, full.Rating, full.Topic, full.Sentiment = record.Set("tea"), record.Set(4), record.Set("price"), record.Set(-0.5)
	full.Outcome, full.Impact, full.InitiatedBy = record.Set("sold"), record.Set(2), record.Set("CUSTOMER")
	full.Attributes = record.Set(json.RawMessage(`{"a":1}`))
	all := `{"at":"2026-01-01T12:00:00Z","attributes":"{\"a\":1}","campaign":"spring","channel":"web","cost":12,"currency":"EUR","customer":"ann",` +
		`"impact":2,"initiated_by":"CUSTOMER","kind":"visit","outcome":"sold","rating":4,"sentiment":-0.5,"side":"ONLINE","sku":"tea","topic":"price"}`
	cleared := visit("1", "bob")
	cleared.At, cleared.Kind = day.Add(time.Hour), "demo"
	for _, f := range []*record.Field[string]{
		&cleared.Channel, &cleared.Side, &cleared.Campaign, &cleared.Currency, &cleared.SKU, &cleared.Topic, &cleared.Outcome, &cleared.InitiatedBy,
	} {
		f.State = record.Null
	}
	cleared.Cost, cleared.Rating, cleared.Impact = record.Clear[int64](), record.Clear[int](), record.Clear[int]()
	cleared.Sentiment, cleared.Attributes = record.Clear[float64](), record.Clear[json.RawMessage]()
	yuan := visit("1", "bob")
	yuan.Cost, yuan.Currency = record.Set[int64](3), record.Set("CNY")
	for i, step := range []struct {
		write   record.Touchpoint
		outcome record.Outcome
		changed []string
		want    string
	}{
		{visit("1", "ann"), record.Created, []string{"ann"}, `{"at":"2026-01-01T12:00:00Z","customer":"ann","kind":"visit"}`},
		{visit("1", "ann"), record.Unchanged, nil, ""},
		{full, record.Updated, []string{"ann"}, all},
		{full, record.Unchanged, nil, ""},
		{visit("1", "ann"), record.Unchanged, nil, all},
		{cleared, record.Updated, []string{"ann", "bob"}, `{"at":"2026-01-01T13:00:00Z","customer":"bob","kind":"demo"}`},
		{yuan, record.Updated, []string{"bob"}, `{"at":"2026-01-01T12:00:00Z","cost":3,"currency":"CNY","customer":"bob","kind":"visit"}`},
	} {
		was := must(s.Revision(t.Context()))
		written := writeTouchpoints(t, s, step.write)
		if want := []record.Written{{ID: store.TouchpointID(key("1")), Outcome: step.outcome}}; !slices.Equal(written, want) {
			t.Errorf("step %d: %v, want %v", i, written, want)
		}
		if got := changed(t, s, was); !slices.Equal(got, step.changed) {
			t.Errorf("step %d: changed %v, want %v", i, got, step.changed)
		}
		if got := touchpointLine(t, s, "1"); step.want != "" && got != step.want {
			t.Errorf("step %d:\ngot  %s\nwant %s", i, got, step.want)
		}
	}
}

// TestDelete deletes orders and touchpoints by key; their customers stay.
func TestDelete(t *testing.T) {
	s := open(t)
	refunded := func(o *record.Order) {
		o.Refunds = record.Set([]record.Refund{{ExternalID: "r", At: day, Amount: 1}})
	}
	write(t, s, sale("1", "ann"), sale("2", "bob", refunded), sale("3", "cat"))
	writeTouchpoints(t, s, visit("1", "ann"), visit("2", "dan"))
	for _, step := range []struct {
		remove  func() ([]uuid.UUID, error)
		want    []uuid.UUID
		changed []string
	}{
		{func() ([]uuid.UUID, error) { return s.DeleteOrders(t.Context(), "shop", []string{"no"}) }, nil, nil},
		{func() ([]uuid.UUID, error) { return s.DeleteOrders(t.Context(), "other", []string{"1"}) }, nil, nil},
		{func() ([]uuid.UUID, error) { return s.DeleteOrders(t.Context(), "shop", nil) }, nil, nil},
		{
			func() ([]uuid.UUID, error) { return s.DeleteOrders(t.Context(), "shop", []string{"3", "no", "2", "3"}) },
			[]uuid.UUID{store.OrderID(key("3")), store.OrderID(key("2"))},
			[]string{"bob", "cat"},
		},
		{func() ([]uuid.UUID, error) { return s.DeleteOrders(t.Context(), "shop", []string{"2", "3"}) }, nil, nil},
		{
			func() ([]uuid.UUID, error) { return s.DeleteTouchpoints(t.Context(), "shop", []string{"2", "2"}) },
			[]uuid.UUID{store.TouchpointID(key("2"))},
			[]string{"dan"},
		},
	} {
		was := must(s.Revision(t.Context()))
		if got, err := step.remove(); err != nil || !slices.Equal(got, step.want) {
			t.Errorf("deleted %v, %v; want %v", got, err, step.want)
		}
		if got := changed(t, s, was); !slices.Equal(got, step.changed) {
			t.Errorf("changed %v, want %v", got, step.changed)
		}
	}
	left := one(t, s, `SELECT (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM orders) AS orders,
		(SELECT count(*) FROM order_lines) AS lines, (SELECT count(*) FROM refunds) AS refunds, (SELECT count(*) FROM touchpoints) AS touchpoints`)
	if left != `{"customers":4,"lines":1,"orders":1,"refunds":0,"touchpoints":1}` {
		t.Errorf("left %s", left)
	}
	if got := write(t, s, sale("2", "bob", refunded)); got[0] != record.Created {
		t.Errorf("an order that was deleted and is sent again: %v", got)
	}
}

// TestWriteProduct writes one product again and again; whoever bought it has changed with what scorers read of it.
func TestWriteProduct(t *testing.T) {
	s := open(t)
	name, category := "Hinted", "Drinks"
	hint := record.Batch{Products: []record.ProductHint{{SKU: "tea", SeenAt: day, Name: &name, Category: &category}}}
	for i, step := range []struct {
		write   record.Product
		outcome record.Outcome
		changed []string
		want    string
	}{
		{record.Product{}, record.Created, nil, `{"kind":"GOODS","technology":0}`},
		{record.Product{Kind: record.Set("GOODS"), Technology: record.Set(false)}, record.Unchanged, nil, ""},
		{record.Product{Name: record.Set("Tea")}, record.Updated, nil, `{"category":"Drinks","kind":"GOODS","name":"Tea","technology":0}`},
		{record.Product{Technology: record.Set(true)}, record.Updated, []string{"ann"}, `{"category":"Drinks","kind":"GOODS","name":"Tea","technology":1}`},
		{record.Product{Category: record.Clear[string]()}, record.Updated, []string{"ann"}, `{"kind":"GOODS","name":"Tea","technology":1}`},
		{
			record.Product{Kind: record.Set("SERVICE"), LaunchedAt: record.Set(day)},
			record.Updated,
			[]string{"ann"},
			`{"kind":"SERVICE","launched_at":"2026-01-01T12:00:00Z","name":"Tea","technology":1}`,
		},
		{
			record.Product{
				Name: record.Clear[string](), Kind: record.Clear[string](), LaunchedAt: record.Clear[time.Time](), Technology: record.Clear[bool](),
			}, record.Updated, []string{"ann"}, `{"kind":"GOODS","technology":0}`,
		},
		{record.Product{}, record.Unchanged, nil, `{"kind":"GOODS","technology":0}`},
	} {
		was := must(s.Revision(t.Context()))
		step.write.SKU = "tea"
		written := writeProducts(t, s, step.write)
		if want := []record.Written{{ID: store.ProductID("tea"), Outcome: step.outcome}}; !slices.Equal(written, want) {
			t.Errorf("step %d: %v, want %v", i, written, want)
		}
		if got := changed(t, s, was); !slices.Equal(got, step.changed) {
			t.Errorf("step %d: changed %v, want %v", i, got, step.changed)
		}
		got := one(t, s, "SELECT name, category, kind, launched_at, CASE WHEN technology THEN 1 ELSE 0 END AS technology FROM products WHERE sku = 'tea'")
		if step.want != "" && got != step.want {
			t.Errorf("step %d:\ngot  %s\nwant %s", i, got, step.want)
		}
		if i == 1 {
			write(t, s, sale("1", "ann"), sale("2", "bob", func(o *record.Order) { o.Lines.Value[0].SKU = "cup" }))
		}
		writeBatch(t, s, hint)
	}
}
