package store_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwether/internal/record"
	"bellwether/internal/store"
)

// wantChinese checks that the problems of a rejected write are said in Chinese, too, with what is wrong filled in.
func wantChinese(t testing.TB, err error) {
	t.Helper()
	var rejected *record.RejectedError
	if !errors.As(err, &rejected) {
		t.Fatalf("got %v", err)
	}
	for _, item := range rejected.Items {
		said := item.Problem.In("zh-CN")
		if !strings.ContainsFunc(said, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }) || strings.Contains(said+item.Problem.En, "%!") {
			t.Errorf("in Chinese: %q; in English: %q", said, item.Problem.En)
		}
	}
}

// wantRejected checks that a write was refused for the item at a position.
func wantRejected(t testing.TB, err error, position int, code, says string) {
	t.Helper()
	wantFault(t, err, code, says)
	wantChinese(t, err)
	var rejected *record.RejectedError
	if !errors.As(err, &rejected) || len(rejected.Items) != 1 || rejected.Items[0].Position != position {
		t.Errorf("got %#v, want one item at %d", rejected, position)
	}
}

func writeCustomers(t testing.TB, s *store.Store, customers ...record.Customer) []record.Written {
	t.Helper()
	written, err := s.WriteCustomers(t.Context(), customers)
	return succeeded(t, written, err)
}

func writeProducts(t testing.TB, s *store.Store, products ...record.Product) []record.Written {
	t.Helper()
	written, err := s.WriteProducts(t.Context(), products)
	return succeeded(t, written, err)
}

func writeTouchpoints(t testing.TB, s *store.Store, touchpoints ...record.Touchpoint) []record.Written {
	t.Helper()
	written, err := s.WriteTouchpoints(t.Context(), touchpoints)
	return succeeded(t, written, err)
}

func succeeded[T any](t testing.TB, out T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// merge merges the customers of two keys.
func merge(t testing.TB, s *store.Store, from, into string) {
	t.Helper()
	if _, _, err := s.Merge(t.Context(), store.CustomerID(key(from)), store.CustomerID(key(into))); err != nil {
		t.Fatal(err)
	}
}

// one is a row as JSON, without what is null.
func one(t testing.TB, s *store.Store, query string, args ...any) string {
	t.Helper()
	rows, err := s.DB().Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil || !rows.Next() {
		t.Fatalf("no row of %s, %v", query, err)
	}
	row, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		into[i] = &row[i]
	}
	if err := rows.Scan(into...); err != nil {
		t.Fatal(err)
	}
	named := map[string]any{}
	for i, c := range columns {
		if row[i] != nil {
			named[c] = said(row[i])
		}
	}
	out, err := json.Marshal(named)
	if err != nil || rows.Err() != nil {
		t.Fatal(err, rows.Err())
	}
	return string(out)
}

func customerLine(t testing.TB, s *store.Store, id string) string {
	t.Helper()
	return one(t, s, `SELECT kind, name, email, phone, birth_date, occupation, industry, employees, annual_turnover, total_assets, country, region,
			city, CASE WHEN resells THEN 1 END AS resells, (SELECT name FROM accounts a WHERE a.id = c.account_id) AS account,
			(SELECT external_id FROM customers r WHERE r.id = c.referred_by_id) AS referrer, registered_at, consent, tags, attributes, source_updated_at,
			replace(search_text, '
', '|') AS search
		FROM customers c WHERE id = ?`, store.CustomerID(key(id)).String())
}

// TestWriteCustomer writes one customer again and again, and looks at it after each step.
func TestWriteCustomer(t *testing.T) {
	s := open(t)
	raw := func(text string) record.Field[json.RawMessage] { return record.Set(json.RawMessage(text)) }
	full := record.Customer{
		UpdatedAt: record.Set(day), Kind: record.Set("BUSINESS"), Name: record.Set("Ann Li"), Email: record.Set("ann@example.com"), Phone: record.Set("123"),
		BirthDate: record.Set("1990-01-31"), Occupation: record.Set("cook"), Industry: record.Set("food"), Employees: record.Set(3),
		AnnualTurnover: record.Set[int64](5), TotalAssets: record.Set[int64](-7), Country: record.Set("FR"), Region: record.Set("Alsace"),
		City: record.Set("Colmar"), Resells: record.Set(true), Account: record.Set("Li & Co"), ReferredBy: record.Set(key("bob")),
		RegisteredAt: record.Set(day), Consent: raw(`{"mail":true}`), Tags: record.Set([]string{"b", "a", "b"}), Attributes: raw(`{"x":[1]}`),
	}
	all := `{"account":"Li \u0026 Co","annual_turnover":5,"attributes":"{\"x\":[1]}","birth_date":"1990-01-31","city":"Colmar",` +
		`"consent":"{\"mail\":true}","country":"FR","email":"ann@example.com","employees":3,"industry":"food","kind":"BUSINESS","name":"Ann Li",` +
		`"occupation":"cook","phone":"123","referrer":"bob","region":"Alsace","registered_at":"2026-01-01T12:00:00Z","resells":1,` +
		`"search":"ann li|ann@example.com|123|ann","source_updated_at":"2026-01-01T12:00:00Z","tags":"[\"b\",\"a\"]","total_assets":-7}`
	for i, step := range []struct {
		write   record.Customer
		outcome record.Outcome
		want    string
	}{
		{record.Customer{}, record.Created, `{"kind":"PERSON","search":"ann"}`},
		{record.Customer{}, record.Unchanged, ""},
		{record.Customer{Tags: record.Set([]string{}), Kind: record.Set("PERSON"), Resells: record.Set(false)}, record.Unchanged, ""},
		{full, record.Updated, all},
		{full, record.Unchanged, ""},
		{record.Customer{}, record.Unchanged, ""},
		{record.Customer{UpdatedAt: record.Set(day)}, record.Unchanged, ""},
		{record.Customer{UpdatedAt: record.Set(day.Add(-time.Microsecond)), Name: record.Set("Old"), ReferredBy: record.Set(key("unknown"))}, record.Stale, all},
		{record.Customer{ReferredBy: record.Set(key("ann"))}, record.Unchanged, all},
		{
			record.Customer{UpdatedAt: record.Set(day.Add(time.Hour)), Tags: record.Set([]string{"c"})},
			record.Updated,
			strings.NewReplacer(`[\"b\",\"a\"]`, `[\"c\"]`, `"source_updated_at":"2026-01-01T12`, `"source_updated_at":"2026-01-01T13`).Replace(all),
		},
		{
			record.Customer{
				Kind: record.Clear[string](), Name: record.Clear[string](), Email: record.Clear[string](), Phone: record.Clear[string](),
				BirthDate: record.Clear[string](), Occupation: record.Clear[string](), Industry: record.Clear[string](), Employees: record.Clear[int](),
				AnnualTurnover: record.Clear[int64](), TotalAssets: record.Clear[int64](), Country: record.Clear[string](), Region: record.Clear[string](),
				City: record.Clear[string](), Resells: record.Clear[bool](), Account: record.Clear[string](), ReferredBy: record.Clear[record.Key](),
				RegisteredAt: record.Clear[time.Time](), Consent: record.Clear[json.RawMessage](), Tags: record.Clear[[]string](),
				Attributes: record.Clear[json.RawMessage](), UpdatedAt: record.Clear[time.Time](),
			}, record.Updated, `{"kind":"PERSON","search":"ann"}`,
		},
		{record.Customer{UpdatedAt: record.Set(day.Add(-time.Hour)), Name: record.Set("Ann")}, record.Updated, `{"kind":"PERSON","name":"Ann","search":"ann|ann","source_updated_at":"2026-01-01T11:00:00Z"}`},
	} {
		before, was := state(t, s), succeeded(t, must(s.Revision(t.Context())), nil)
		step.write.Key = key("ann")
		written := writeCustomers(t, s, step.write)
		if want := []record.Written{{ID: store.CustomerID(key("ann")), Outcome: step.outcome}}; !slices.Equal(written, want) {
			t.Errorf("step %d: %v, want %v", i, written, want)
		}
		if step.outcome == record.Unchanged || step.outcome == record.Stale {
			compare(t, state(t, s), before)
		} else if now := must(s.Revision(t.Context())); now.At <= was.At {
			t.Errorf("step %d: revision %v after %v", i, now, was)
		}
		if step.want != "" && customerLine(t, s, "ann") != step.want {
			t.Errorf("step %d:\ngot  %s\nwant %s", i, customerLine(t, s, "ann"), step.want)
		}
	}
	if got := customerLine(t, s, "bob"); got != `{"kind":"PERSON","search":"bob"}` {
		t.Errorf("the referrer is %s", got)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestCustomerHints lets hints of orders and records of a customer's own meet in any order: of each field the record counts.
func TestCustomerHints(t *testing.T) {
	name, email, country, other := "Hinted", "hint@example.com", "DE", "Older"
	steps := []func(*store.Store){
		func(s *store.Store) {
			writeBatch(t, s, record.Batch{Customers: []record.CustomerHint{{Key: key("ann"), SeenAt: day, Name: &name, Email: &email, Country: &country}}})
		},
		func(s *store.Store) {
			writeBatch(t, s, record.Batch{Customers: []record.CustomerHint{{Key: key("ann"), SeenAt: day.Add(-time.Hour), Name: &other, Country: &other}}})
		},
		func(s *store.Store) {
			writeCustomers(t, s, record.Customer{Key: key("ann"), Name: record.Set("Ann"), Email: record.Clear[string](), Phone: record.Set("1")})
		},
		func(s *store.Store) { writeCustomers(t, s, record.Customer{Key: key("ann"), City: record.Set("Ulm")}) },
	}
	var want []string
	for n := range 24 * 2 {
		s := open(t)
		for _, i := range permutation(len(steps), n%24) {
			steps[i](s)
			if n >= 24 {
				steps[i](s)
			}
		}
		got := tableState(t, s, "customers")
		if want == nil {
			want = got
			if line := customerLine(t, s, "ann"); line != `{"city":"Ulm","country":"DE","kind":"PERSON","name":"Ann","phone":"1","search":"ann|1|ann"}` {
				t.Errorf("got %s", line)
			}
		}
		compare(t, got, want)
	}
}

// permutation is the n-th order of k things.
func permutation(k, n int) []int {
	left, out := make([]int, k), make([]int, 0, k)
	for i := range left {
		left[i] = i
	}
	for ; k > 0; k-- {
		i := n % k
		n /= k
		out, left = append(out, left[i]), append(left[:i:i], left[i+1:]...)
	}
	return out
}

// TestRejectedPartners names each record that cannot be written, and writes nothing.
func TestRejectedPartners(t *testing.T) {
	s := open(t)
	customer := func(c record.Customer) error {
		_, err := s.WriteCustomers(t.Context(), []record.Customer{{Key: key("good")}, c})
		return err
	}
	touch := func(change func(*record.Touchpoint)) error {
		p := visit("x", "ann")
		change(&p)
		_, err := s.WriteTouchpoints(t.Context(), []record.Touchpoint{visit("good", "ann"), p})
		return err
	}
	for _, c := range []struct {
		err        error
		code, says string
	}{
		{customer(record.Customer{}), record.CodeRequired, "externalId: the customer has no key"},
		{customer(record.Customer{Key: key("x"), Kind: record.Set("DOG")}), record.CodeInvalid, `"x": kind: "DOG" is unknown (give one of PERSON, BUSINESS`},
		{customer(record.Customer{Key: key("x"), ReferredBy: record.Set(record.Key{Source: "shop"})}), record.CodeRequired, `"x": referredBy: the referrer has no key`},
		{customer(record.Customer{Key: key("x"), Account: record.Set("")}), record.CodeRequired, `"x": account: the account has no name`},
		{second(s.WriteProducts(t.Context(), []record.Product{{SKU: "tea"}, {}})), record.CodeRequired, "sku: the product has no key"},
		{second(s.WriteProducts(t.Context(), []record.Product{{SKU: "tea"}, {SKU: "cup", Kind: record.Set("X")}})), record.CodeInvalid, `"cup": kind: "X" is unknown`},
		{touch(func(p *record.Touchpoint) { p.Source = "" }), record.CodeRequired, `"x": externalId: the touchpoint has no key`},
		{touch(func(p *record.Touchpoint) { p.Customer = record.Key{} }), record.CodeRequired, `"x": customer: it has no customer`},
		{touch(func(p *record.Touchpoint) { p.At = time.Time{} }), record.CodeRequired, `"x": at: it has no instant`},
		{touch(func(p *record.Touchpoint) { p.Kind = "" }), record.CodeRequired, `"x": kind: it has no kind`},
		{touch(func(p *record.Touchpoint) { p.Side = record.Set("LEFT") }), record.CodeInvalid, `"x": side: "LEFT" is unknown`},
		{touch(func(p *record.Touchpoint) { p.InitiatedBy = record.Set("CAT") }), record.CodeInvalid, `"x": initiatedBy: "CAT" is unknown`},
		{touch(func(p *record.Touchpoint) { p.Cost = record.Set[int64](5) }), record.CodeUnknownCurrency, `"x": currency: it has no currency`},
		{touch(func(p *record.Touchpoint) { p.Currency = record.Set("EURO") }), record.CodeUnknownCurrency, `"x": currency: unknown currency "EURO"`},
	} {
		wantRejected(t, c.err, 1, c.code, c.says)
	}
	if left := state(t, s); len(left) > 0 {
		t.Errorf("written: %v", left)
	}
	_, err := s.WriteOrders(t.Context(), record.Batch{Orders: []record.Order{
		sale("bad", "ann", func(o *record.Order) { o.Currency, o.Lines.Value[0].UnitPrice = "USD", 1<<61 }), sale("good", "ann"),
	}})
	wantRejected(t, err, 0, record.CodeOutOfRange, "too large") // and the base currency is not that of the bad one
}

func second[T any](_ T, err error) error { return err }

// TestLongestTexts writes the longest texts that records may have into every index.
func TestLongestTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 9))
	long := func(letters int) string {
		text := make([]rune, letters)
		for i := range text {
			text[i] = rune(0x20000 + random.IntN(0xa000)) // four bytes each, and nothing to compress
		}
		return string(text)
	}
	s := open(t)
	c := record.Customer{
		Key: record.Key{Source: long(255), ExternalID: long(255)}, Name: record.Set(long(500)), Email: record.Set(long(500)),
		Phone: record.Set(long(500)), Account: record.Set(long(255)),
	}
	writeCustomers(t, s, c)
	writeProducts(t, s, record.Product{SKU: long(255), Name: record.Set(long(10000))})
	o := sale(long(255), "ann", func(o *record.Order) {
		o.Source = c.Source
		o.Refunds = record.Set([]record.Refund{{ExternalID: long(255), At: day, Amount: 1}})
	})
	write(t, s, o)
	if found := must(s.Lookup(t.Context(), []record.Key{c.Key})); found[0] != store.CustomerID(c.Key) {
		t.Errorf("%v", found)
	}
}
