package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"bellwether/graph"
	"bellwether/internal/pgtest"
	"bellwether/internal/record"
	"bellwether/internal/store"
	"bellwether/plugins"
	"bellwether/scoring/engine"
)

// pages are the documents that ../docs/performance.md compares with other backends.
var pages = []struct{ name, query string }{
	{"Q1", `query($at: String) { customers(first: 50, after: $at) { edges { node { id externalId name email country registeredAt } } } }`},
	{"Q2", `query($at: String) { customers(first: 50, after: $at) { edges { node { id name
		orders(first: 5) { edges { node { id placedAt total { amount } channel } } }
		touchpoints(first: 5) { edges { node { id at kind channel } } } } } } }`},
	{"Q3", `query($key: String!) { customer(by: {external: {externalId: $key}}) { id name email
		orders(first: 20) { edges { node { id placedAt total { amount } lines { sku category quantity unitPrice { amount } } } } }
		touchpoints(first: 20) { edges { node { id at kind channel } } } } }`},
}

// BenchmarkPage answers pages without a network: documents, database and JSON.
func BenchmarkPage(b *testing.B) {
	const customers = 2000
	handler := shop(b, pgtest.DSN(b), customers)
	for _, page := range pages {
		b.Run(page.name, func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				post(b, handler, page.query, map[string]any{"key": fmt.Sprint("c", n%customers)})
			}
		})
	}
}

func post(tb testing.TB, handler http.Handler, query string, variables map[string]any) []byte {
	tb.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		tb.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK || bytes.Contains(w.Body.Bytes(), []byte(`"errors":`)) || !bytes.Contains(w.Body.Bytes(), []byte(`"cus_`)) {
		tb.Fatalf("%s: %d %.500s", query, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// shop is the handler of a database with customers of ten orders of three lines, and as many touchpoints, each.
func shop(tb testing.TB, dsn string, customers int) http.Handler {
	tb.Helper()
	s, err := store.Open(tb.Context(), dsn, store.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() }) //nolint:errcheck // a temporary database
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for from := 0; from < customers; from += 100 {
		if err := fill(tb, s, from, min(from+100, customers), day); err != nil {
			tb.Fatal(err)
		}
	}
	if _, err := s.DB().ExecContext(tb.Context(), "ANALYZE"); err != nil {
		tb.Fatal(err)
	}
	e, err := engine.New(engine.Config{Scorers: plugins.All(), Source: s.Facts(), Now: time.Now})
	if err != nil {
		tb.Fatal(err)
	}
	return graph.NewHandler(&graph.Resolver{Ent: s.Ent(), Live: engine.NewLive(e), Store: s, Writer: s}, slog.New(slog.DiscardHandler), graph.Streams{})
}

func fill(tb testing.TB, s *store.Store, from, to int, day time.Time) error {
	tb.Helper()
	var people []record.Customer
	var orders record.Batch
	var touchpoints []record.Touchpoint
	key := func(of string, n ...any) record.Key {
		return record.Key{Source: "api", ExternalID: of + fmt.Sprint(n...)}
	}
	for c := from; c < to; c++ {
		people = append(people, record.Customer{
			Key: key("c", c), Name: record.Set(fmt.Sprintf("Customer No. %d", c)), Email: record.Set(fmt.Sprintf("c%d@example.com", c)),
			Country: record.Set("FR"), RegisteredAt: record.Set(day.AddDate(0, 0, c%500)),
			Tags: record.Set([]string{"vip"}), Attributes: record.Set(json.RawMessage(`{"plan":"gold","seats":12}`)),
		})
		for n := range 10 {
			at := day.AddDate(0, 0, n*17+c%17)
			order := record.Order{
				Key: key("o", c, "-", n), Customer: key("c", c), PlacedAt: at, Currency: "EUR",
				Channel: record.Set("web"), Lines: record.Set[[]record.Line](nil),
			}
			for l := range 3 {
				order.Lines.Value = append(order.Lines.Value, record.Line{SKU: fmt.Sprint("sku", (c+n+l)%200), Quantity: 1 + l, UnitPrice: 12_500_000})
			}
			orders.Orders = append(orders.Orders, order)
			touchpoints = append(touchpoints, record.Touchpoint{Key: key("t", c, "-", n), Customer: key("c", c), At: at, Kind: "visit", Channel: record.Set("web")})
		}
	}
	if _, err := s.WriteCustomers(tb.Context(), people); err != nil {
		return err
	}
	if _, err := s.WriteOrders(tb.Context(), orders); err != nil {
		return err
	}
	_, err := s.WriteTouchpoints(tb.Context(), touchpoints)
	return err
}
