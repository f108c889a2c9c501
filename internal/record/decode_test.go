package record_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"bellwether/internal/record"
)

var decoding = record.Decoding{Source: "crm", KeySource: "shop", Base: "EUR"}

// parse reads a JSON object as files and GraphQL give it.
func parse(t testing.TB, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var in map[string]any
	if err := d.Decode(&in); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return in
}

func ptr[T any](v T) *T { return &v }

var moment = time.Date(2026, 1, 31, 8, 30, 0, 0, time.UTC)

// TestDecodeCustomer decodes every field: set, null, and left out.
func TestDecodeCustomer(t *testing.T) {
	key := record.Key{Source: "crm", ExternalID: "1"}
	for text, want := range map[string]record.Customer{
		`{"externalId":"1"}`: {Key: key},
		`{"externalId":"1","updatedAt":"2026-01-31T09:30:00+01:00","name":"李","kind":"BUSINESS","email":"a@b.c","phone":"","birthDate":"1990-01-31",
			"occupation":"o","industry":"i","employees":5,"annualTurnover":"1234.5","totalAssets":-7,"country":"FR","region":"r","city":"c","resells":true,
			"account":"A","referredBy":{"source":"other","externalId":"2"},"registeredAt":"2026-01-31T08:30:00.0000009Z","consent":{"b":1,"a":null},
			"tags":["x","y"],"attributes":[1.50,"z"]}`: {
			Key: key, UpdatedAt: record.Set(moment), Name: record.Set("李"), Kind: record.Set("BUSINESS"), Email: record.Set("a@b.c"), Phone: record.Set(""),
			BirthDate: record.Set("1990-01-31"), Occupation: record.Set("o"), Industry: record.Set("i"), Employees: record.Set(5),
			AnnualTurnover: record.Set[int64](123450), TotalAssets: record.Set[int64](-700), Country: record.Set("FR"), Region: record.Set("r"),
			City: record.Set("c"), Resells: record.Set(true), Account: record.Set("A"), ReferredBy: record.Set(record.Key{Source: "other", ExternalID: "2"}),
			RegisteredAt: record.Set(moment), Consent: record.Set(json.RawMessage(`{"a":null,"b":1}`)), Tags: record.Set([]string{"x", "y"}),
			Attributes: record.Set(json.RawMessage(`[1.50,"z"]`)),
		},
		`{"externalId":"1","updatedAt":null,"name":null,"kind":null,"email":null,"phone":null,"birthDate":null,"occupation":null,"industry":null,
			"employees":null,"annualTurnover":null,"totalAssets":null,"country":null,"region":null,"city":null,"resells":null,"account":null,
			"referredBy":null,"registeredAt":null,"consent":null,"tags":null,"attributes":null}`: {
			Key: key, UpdatedAt: record.Clear[time.Time](), Name: record.Clear[string](), Kind: record.Clear[string](), Email: record.Clear[string](),
			Phone: record.Clear[string](), BirthDate: record.Clear[string](), Occupation: record.Clear[string](), Industry: record.Clear[string](),
			Employees: record.Clear[int](), AnnualTurnover: record.Clear[int64](), TotalAssets: record.Clear[int64](), Country: record.Clear[string](),
			Region: record.Clear[string](), City: record.Clear[string](), Resells: record.Clear[bool](), Account: record.Clear[string](),
			ReferredBy: record.Clear[record.Key](), RegisteredAt: record.Clear[time.Time](), Consent: record.Clear[json.RawMessage](),
			Tags: record.Clear[[]string](), Attributes: record.Clear[json.RawMessage](),
		},
		`{"externalId":"1","tags":"single","referredBy":{"externalId":"1"}}`: {
			Key: key, Tags: record.Set([]string{"single"}), ReferredBy: record.Set(record.Key{Source: "shop", ExternalID: "1"}),
		},
	} {
		got, problems := decoding.Customer(parse(t, text))
		if len(problems) > 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\ngot  %+v, %v\nwant %+v", text, got, problems, want)
		}
	}
}

// TestDecodeOrder decodes an order with everything, and what its lines say of products.
func TestDecodeOrder(t *testing.T) {
	got, hints, problems := decoding.Order(parse(t, `{"externalId":"1","customer":{"externalId":"c"},"placedAt":"2026-01-31T08:30:00Z","updatedAt":null,
		"status":"PENDING","paidAt":"2026-01-31T08:30:00Z","dueAt":null,"channel":"web","currency":"JPY","rate":"0.0061","total":"100","discount":"1",
		"tax":null,"shipping":2,"refunds":[{"externalId":"r","at":"2026-01-31T08:30:00Z","amount":"5"}],
		"lines":[{"sku":"s","name":"Tea","category":"Drinks","quantity":-2,"unitPrice":"0.001","listPrice":1,"discount":"-0.5","cost":null,"condition":"USED",
			"beneficiary":"b","operator":"o"},{"sku":"t","quantity":1,"unitPrice":0}]}`))
	want := record.Order{
		Key: record.Key{Source: "crm", ExternalID: "1"}, Customer: record.Key{Source: "shop", ExternalID: "c"}, PlacedAt: moment,
		UpdatedAt: record.Clear[time.Time](), Status: record.Set("PENDING"), PaidAt: record.Set(moment), DueAt: record.Clear[time.Time](),
		Channel: record.Set("web"), Currency: "JPY", Rate: decimal.RequireFromString("0.0061"), Total: record.Set[int64](100), Discount: record.Set[int64](1),
		Tax: record.Clear[int64](), Shipping: record.Set[int64](2), Refunds: record.Set([]record.Refund{{ExternalID: "r", At: moment, Amount: 5}}),
		Lines: record.Set([]record.Line{
			{
				SKU: "s", Quantity: -2, UnitPrice: 1000, ListPrice: ptr[int64](1_000_000), Discount: ptr[int64](-500_000), Condition: ptr("USED"),
				Beneficiary: ptr("b"), Operator: ptr("o"),
			},
			{SKU: "t", Quantity: 1},
		}),
	}
	wantHints := []record.ProductHint{{SKU: "s", SeenAt: moment, Name: ptr("Tea"), Category: ptr("Drinks")}, {SKU: "t", SeenAt: moment}}
	if len(problems) > 0 || !reflect.DeepEqual(got, want) || !reflect.DeepEqual(hints, wantHints) {
		t.Errorf("got  %+v, %+v, %v\nwant %+v, %+v", got, hints, problems, want, wantHints)
	}
	bare, hints, problems := decoding.Order(parse(t, `{"externalId":"1","customer":{"externalId":"c"},"placedAt":"2026-01-31T08:30:00Z","lines":null,"total":"1.5"}`))
	if len(problems) > 0 || len(hints) > 0 || bare.Lines.State != record.Null || bare.Refunds.State != record.Omitted || bare.Total.Value != 150 {
		t.Errorf("got %+v, %v, %v", bare, hints, problems)
	}
}

// TestDecodeOthers decodes products and touchpoints.
func TestDecodeOthers(t *testing.T) {
	product, problems := decoding.Product(parse(t, `{"sku":"s","name":"n","category":null,"kind":"SERVICE","launchedAt":"2026-01-31T08:30:00Z","technology":false}`))
	if want := (record.Product{
		SKU: "s", Name: record.Set("n"), Category: record.Clear[string](), Kind: record.Set("SERVICE"), LaunchedAt: record.Set(moment), Technology: record.Set(false),
	}); len(problems) > 0 || product != want {
		t.Errorf("got %+v, %v; want %+v", product, problems, want)
	}
	touchpoint, problems := decoding.Touchpoint(parse(t, `{"externalId":"1","customer":{"externalId":"c"},"at":"2026-01-31T08:30:00Z","kind":"demo",
		"channel":"web","side":"ONLINE","campaign":"x","cost":"1.25","sku":"s","rating":5,"topic":null,"sentiment":-1,"outcome":"o","impact":3,
		"initiatedBy":"BUSINESS","attributes":{"a":[]}}`))
	if want := (record.Touchpoint{
		Key: record.Key{Source: "crm", ExternalID: "1"}, Customer: record.Key{Source: "shop", ExternalID: "c"}, At: moment, Kind: "demo",
		Channel: record.Set("web"), Side: record.Set("ONLINE"), Campaign: record.Set("x"), Cost: record.Set[int64](125), Currency: record.Set("EUR"),
		SKU: record.Set("s"), Rating: record.Set(5), Topic: record.Clear[string](), Sentiment: record.Set(-1.0), Outcome: record.Set("o"), Impact: record.Set(3),
		InitiatedBy: record.Set("BUSINESS"), Attributes: record.Set(json.RawMessage(`{"a":[]}`)),
	}); len(problems) > 0 || !reflect.DeepEqual(touchpoint, want) {
		t.Errorf("got %+v, %v; want %+v", touchpoint, problems, want)
	}
}

const (
	anOrder      = `"externalId":"1","customer":{"externalId":"c"},"placedAt":"2026-01-31T08:30:00Z"`
	aTouchpoint  = `"externalId":"1","customer":{"externalId":"c"},"at":"2026-01-31T08:30:00Z","kind":"visit"`
	withLine     = anOrder + `,"lines":[{"sku":"s","quantity":1,"unitPrice":"1"%s}]`
	withRefund   = anOrder + `,"refunds":[{"externalId":"r","at":"2026-01-31T08:30:00Z","amount":%s}]`
	ofACustomer  = `"externalId":"1",`
	longestNames = 10000
)

// TestDecodeBad refuses what is not a record, with a code and the path of the field, in both languages.
func TestDecodeBad(t *testing.T) {
	long := strings.Repeat("长", longestNames+1)
	for what, cases := range map[string][][2]string{
		"customer": {
			{`{}`, "REQUIRED externalId"},
			{`{"externalId":null}`, "REQUIRED externalId"},
			{`{"externalId":""}`, "REQUIRED externalId"},
			{`{"externalId":7}`, "INVALID externalId"},
			{`{"externalId":"` + long[:3*256] + `"}`, "OUT_OF_RANGE externalId"},
			{`{"externalId":"a\u0000"}`, "INVALID externalId"},
			{`{` + ofACustomer + `"nick":"x"}`, "INVALID nick"},
			{`{` + ofACustomer + `"name":"` + long + `"}`, "OUT_OF_RANGE name"},
			{`{` + ofACustomer + `"name":["x"]}`, "INVALID name"},
			{`{` + ofACustomer + `"updatedAt":"yesterday"}`, "INVALID updatedAt"},
			{`{` + ofACustomer + `"updatedAt":"2026-01-31"}`, "INVALID updatedAt"},
			{`{` + ofACustomer + `"registeredAt":"1066-10-14T00:00:00Z"}`, "INVALID registeredAt"},
			{`{` + ofACustomer + `"registeredAt":5}`, "INVALID registeredAt"},
			{`{` + ofACustomer + `"kind":"person"}`, "INVALID kind"},
			{`{` + ofACustomer + `"email":"ann"}`, "INVALID email"},
			{`{` + ofACustomer + `"birthDate":"1990-02-30"}`, "INVALID birthDate"},
			{`{` + ofACustomer + `"birthDate":"1066-10-14"}`, "INVALID birthDate"},
			{`{` + ofACustomer + `"employees":1.5}`, "INVALID employees"},
			{`{` + ofACustomer + `"employees":"3"}`, "INVALID employees"},
			{`{` + ofACustomer + `"employees":-1}`, "OUT_OF_RANGE employees"},
			{`{` + ofACustomer + `"employees":1e99}`, "OUT_OF_RANGE employees"},
			{`{` + ofACustomer + `"annualTurnover":"1.234"}`, "INVALID annualTurnover"},
			{`{` + ofACustomer + `"annualTurnover":"-1"}`, "OUT_OF_RANGE annualTurnover"},
			{`{` + ofACustomer + `"totalAssets":"much"}`, "INVALID totalAssets"},
			{`{` + ofACustomer + `"totalAssets":"1e400000"}`, "INVALID totalAssets"},
			{`{` + ofACustomer + `"totalAssets":"1e-400000"}`, "INVALID totalAssets"},
			{`{` + ofACustomer + `"resells":"yes"}`, "INVALID resells"},
			{`{` + ofACustomer + `"account":""}`, "REQUIRED account"},
			{`{` + ofACustomer + `"referredBy":"bob"}`, "INVALID referredBy"},
			{`{` + ofACustomer + `"referredBy":{}}`, "REQUIRED referredBy.externalId"},
			{`{` + ofACustomer + `"referredBy":{"externalId":"2","source":""}}`, "REQUIRED referredBy.source"},
			{`{` + ofACustomer + `"referredBy":{"externalId":"2","id":3}}`, "INVALID referredBy.id"},
			{`{` + ofACustomer + `"referredBy":{"externalId":"1","source":"crm"}}`, "INVALID referredBy"},
			{`{` + ofACustomer + `"tags":["a",3]}`, "INVALID tags.1"},
			{`{` + ofACustomer + `"tags":["a",null]}`, "INVALID tags.1"},
			{`{` + ofACustomer + `"attributes":{"a":"\u0000"}}`, "INVALID attributes"},
			{`{` + ofACustomer + `"kind":"x","city":1}`, "INVALID kind, INVALID city"},
		},
		"product": {
			{`{}`, "REQUIRED sku"},
			{`{"sku":"s","kind":"FOOD"}`, "INVALID kind"},
			{`{"sku":"s","technology":1}`, "INVALID technology"},
			{`{"sku":"s","launchedAt":"soon"}`, "INVALID launchedAt"},
		},
		"order": {
			{`{"externalId":"1"}`, "REQUIRED customer, REQUIRED placedAt"},
			{`{` + anOrder + `,"status":"LOST"}`, "INVALID status"},
			{`{` + anOrder + `,"rate":"0"}`, "INVALID rate"},
			{`{` + anOrder + `,"rate":"1e400000"}`, "INVALID rate"},
			{`{` + anOrder + `,"rate":"1e9999"}`, "OUT_OF_RANGE rate"},
			{`{` + anOrder + `,"rate":"0.0000000000001"}`, "INVALID rate"},
			{`{` + anOrder + `,"total":"1.001"}`, "INVALID total"},
			{`{` + anOrder + `,"total":"99999999999999999999"}`, "INVALID total"},
			{`{` + anOrder + `,"total":"1","currency":"EURO"}`, "UNKNOWN_CURRENCY currency"},
			{`{` + fmt.Sprintf(withRefund, `0`) + `}`, "OUT_OF_RANGE refunds.0.amount"},
			{`{` + fmt.Sprintf(withRefund, `null`) + `}`, "REQUIRED refunds.0.amount"},
			{`{` + anOrder + `,"refunds":[5]}`, "INVALID refunds"},
			{`{` + anOrder + `,"lines":[{"sku":"s","quantity":0,"unitPrice":"1"}]}`, "OUT_OF_RANGE lines.0.quantity"},
			{`{` + anOrder + `,"lines":{"sku":"s","quantity":1}}`, "REQUIRED lines.0.unitPrice"},
			{`{` + fmt.Sprintf(withLine, `,"colour":"red"`) + `}`, "INVALID lines.0.colour"},
			{`{` + fmt.Sprintf(withLine, `,"condition":"OLD"`) + `}`, "INVALID lines.0.condition"},
			{`{` + fmt.Sprintf(withLine, `,"cost":"-1"`) + `}`, "OUT_OF_RANGE lines.0.cost"},
			{`{` + fmt.Sprintf(withLine, `,"listPrice":"0.0000001"`) + `}`, "INVALID lines.0.listPrice"},
		},
		"touchpoint": {
			{`{"externalId":"1","customer":{"externalId":"c"}}`, "REQUIRED at, REQUIRED kind"},
			{`{` + aTouchpoint + `,"side":"LEFT"}`, "INVALID side"},
			{`{` + aTouchpoint + `,"sentiment":1.01}`, "OUT_OF_RANGE sentiment"},
			{`{` + aTouchpoint + `,"sentiment":"good"}`, "INVALID sentiment"},
			{`{` + aTouchpoint + `,"impact":4}`, "OUT_OF_RANGE impact"},
			{`{` + aTouchpoint + `,"initiatedBy":"CAT"}`, "INVALID initiatedBy"},
			{`{` + aTouchpoint + `,"cost":"-1"}`, "OUT_OF_RANGE cost"},
			{`{` + aTouchpoint + `,"cost":"1","currency":"XX"}`, "UNKNOWN_CURRENCY currency"},
		},
	} {
		for _, c := range cases {
			wantProblems(t, decode(what, decoding, parse(t, c[0])), c[0], c[1])
		}
	}
	none := record.Decoding{Source: "crm", KeySource: "crm"}
	wantProblems(t, decode("customer", none, parse(t, `{"externalId":"1","totalAssets":"1"}`)), "no base currency", "UNKNOWN_CURRENCY totalAssets")
	wantProblems(t, decode("order", none, parse(t, `{`+anOrder+`,"tax":"1"}`)), "no base currency", "UNKNOWN_CURRENCY currency")
	wantProblems(t, decode("customer", decoding, map[string]any{"externalId": "1", "name": "\xff"}), "bytes", "INVALID name")
	wantProblems(t, decode("touchpoint", decoding, map[string]any{
		"externalId": "1", "customer": map[string]any{"externalId": "c"}, "at": moment, "kind": "visit", "sentiment": math.NaN(),
	}), "NaN", "OUT_OF_RANGE sentiment")
}

// decode decodes what an input holds, and gives its problems.
func decode(what string, d record.Decoding, in map[string]any) (problems []record.Problem) {
	switch what {
	case "customer":
		_, problems = d.Customer(in)
	case "order":
		_, _, problems = d.Order(in)
	case "product":
		_, problems = d.Product(in)
	case "touchpoint":
		_, problems = d.Touchpoint(in)
	}
	return problems
}

func wantProblems(t *testing.T, problems []record.Problem, what, want string) {
	t.Helper()
	var got []string
	for _, p := range problems {
		got = append(got, p.Code+" "+strings.Join(p.Path, "."))
		checkProblem(t, p)
	}
	expected := strings.Split(want, ", ")
	slices.Sort(got)
	slices.Sort(expected)
	if !slices.Equal(got, expected) {
		t.Errorf("%.200s: %v, want %v", what, got, expected)
	}
}

// checkProblem checks that a problem speaks both languages, and has no holes.
func checkProblem(t testing.TB, p record.Problem) {
	t.Helper()
	if p.In("en") == "" || strings.Contains(p.En+p.Zh, "%!") || !strings.ContainsFunc(p.In("zh-Hans"), func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }) {
		t.Errorf("%s %v: %q, %q", p.Code, p.Path, p.En, p.Zh)
	}
}

// FuzzDecode gives the decoders any JSON: they never fail, and a record without a problem can be written.
func FuzzDecode(f *testing.F) {
	f.Add(`{` + fmt.Sprintf(withLine, `,"condition":"OLD"`) + `}`)
	f.Add(`{` + fmt.Sprintf(withRefund, `"1e400000"`) + `}`)
	f.Add(`{` + aTouchpoint + `,"cost":1e-400000,"sentiment":1e309}`)
	f.Add(`{"externalId":"1","sku":"s","tags":[[]],"referredBy":{"externalId":[]},"attributes":{"a":[1,{}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var in map[string]any
		if d.Decode(&in) != nil {
			t.Skip()
		}
		for _, what := range []string{"customer", "order", "product", "touchpoint"} {
			for _, p := range decode(what, decoding, in) {
				checkProblem(t, p)
			}
		}
		if o, _, problems := decoding.Order(in); len(problems) == 0 && (o.ExternalID == "" || o.Customer.ExternalID == "" || o.PlacedAt.IsZero()) {
			t.Errorf("no problem with %+v", o)
		}
		if c, problems := decoding.Customer(in); len(problems) == 0 && c.Attributes.State == record.Present && !json.Valid(c.Attributes.Value) {
			t.Errorf("attributes %s", c.Attributes.Value)
		}
	})
}
