package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwether/ent"
)

// people serves customers with every kind of name and instant: ties, nulls, emoji, wildcards, a year far away.
func people(t testing.TB) *Server {
	s := shop(t, "order_id,customer_id,customer_name,placed_at,total\n1,imported,王小明,2024-06-01,1\n", "--currency", "CNY")
	day := func(n int) time.Time { return time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC) }
	far := time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	for i, p := range []struct {
		name, country string
		registered    time.Time
	}{
		{"Anna", "DE", day(1)},
		{"anna", "DE", day(1)},
		{"Anna", "FR", day(2)},
		{"Ann", "", time.Time{}},
		{"", "DE", day(2)},
		{"", "", time.Time{}},
		{"100% Ltd", "GB", day(3)},
		{"100 Ltd", "GB", day(3)},
		{"a_b", "GB", day(3).Add(time.Microsecond)},
		{"axb", "", day(4)},
		{"😀 Shop", "CN", far},
		{"😀", "CN", far.Add(-time.Microsecond)},
		{"李小明", "CN", far.Add(-2 * time.Microsecond)},
		{"Ｆｕｌｌ Ｗｉｄｔｈ", "", day(5)},
		{"Straße", "DE", time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC)},
	} {
		addCustomer(t, s, fmt.Sprintf("p%02d", i), func(c *ent.CustomerCreate) {
			if p.name != "" {
				c.SetName(p.name)
			}
			if p.country != "" {
				c.SetCountry(p.country)
			}
			if !p.registered.IsZero() {
				c.SetRegisteredAt(p.registered)
			}
			if i%3 == 0 {
				c.SetKind("BUSINESS")
			}
		})
	}
	return s
}

func TestFilters(t *testing.T) {
	s := people(t)
	const all = "p00 p01 p02 p03 p04 p05 p06 p07 p08 p09 p10 p11 p12 p13 p14"
	for _, test := range []struct {
		where any
		want  string
	}{
		{nil, "imported " + all},
		{vars{}, "imported " + all},
		{vars{"name": vars{"eq": "Anna"}}, "p00 p02"},
		{vars{"name": vars{}}, "imported " + all},
		{vars{"name": vars{"in": []string{"Anna", "anna", "nobody"}}}, "p00 p01 p02"},
		{vars{"name": vars{"in": []string{}}}, ""},
		{vars{"name": vars{"startsWith": "Ann"}}, "p00 p02 p03"},
		{vars{"name": vars{"startsWith": "100%"}}, "p06"},
		{vars{"name": vars{"startsWith": "a_"}}, "p08"},
		{vars{"name": vars{"startsWith": "😀"}}, "p10 p11"},
		{vars{"name": vars{"startsWith": ""}}, "imported p00 p01 p02 p03 p06 p07 p08 p09 p10 p11 p12 p13 p14"},
		{vars{"name": vars{"null": true}}, "p04 p05"},
		{vars{"name": vars{"null": false}, "country": vars{"null": true}}, "imported p03 p09 p13"},
		{vars{"not": vars{"country": vars{"eq": "DE"}}}, "imported p02 p03 p05 p06 p07 p08 p09 p10 p11 p12 p13"},
		{vars{"not": vars{"name": vars{"startsWith": "A"}, "country": vars{"in": []string{"DE", "FR"}}}}, "imported p01 p03 p04 p05 p06 p07 p08 p09 p10 p11 p12 p13 p14"},
		{vars{"not": vars{"not": vars{"name": vars{"eq": "Anna"}}}}, "p00 p02"},
		{vars{"not": vars{}}, ""},
		{vars{"and": []any{}}, "imported " + all},
		{vars{"or": []any{}}, ""},
		{vars{"and": []any{vars{"country": vars{"eq": "GB"}}, vars{"not": vars{"name": vars{"startsWith": "100"}}}}}, "p08"},
		{vars{"or": []any{vars{"name": vars{"eq": "anna"}}, vars{"and": []any{vars{"country": vars{"eq": "CN"}}, vars{"name": vars{"startsWith": "李"}}}}}}, "p01 p12"},
		{vars{"kind": vars{"eq": "BUSINESS"}}, "p00 p03 p06 p09 p12"},
		{vars{"kind": vars{"in": []string{"BUSINESS", "INTERNAL"}}, "country": vars{"eq": "DE"}}, "p00"},
		{vars{"kind": vars{"in": []string{}}}, ""},
		{vars{"registeredAt": vars{"gte": "2024-01-02T00:00:00Z", "lt": "2024-01-03T00:00:00.000001Z"}}, "p02 p04 p06 p07"},
		{vars{"registeredAt": vars{"lt": "1970-01-01T01:00:00+01:00"}}, "p14"},
		{vars{"registeredAt": vars{"null": true}}, "imported p03 p05"},
		{vars{"updatedAt": vars{"lt": "2024-07-01T00:00:00Z"}}, ""},
	} {
		data := ask(t, s, `query($where: CustomerWhere) { customers(first: 100, where: $where) { totalCount edges { node { externalId } } } }`, vars{"where": test.where})
		got := texts(data, "customers.edges.*.node.externalId")
		slices.Sort(got)
		if strings.Join(got, " ") != test.want {
			t.Errorf("%v: got %v, want %s", test.where, got, test.want)
		}
		expect(t, data, map[string]any{"customers.totalCount": len(got)})
	}
}

func TestSearch(t *testing.T) {
	s := people(t)
	for search, want := range map[string]string{
		"":                  "imported p00 p01 p02 p03 p04 p05 p06 p07 p08 p09 p10 p11 p12 p13 p14",
		" \t":               "imported p00 p01 p02 p03 p04 p05 p06 p07 p08 p09 p10 p11 p12 p13 p14",
		"ANNA":              "p00 p01 p02",
		"小明":                "imported p12",
		"王小明":               "imported",
		"明小":                "",
		"full width":        "p13",
		"ＷＩＤＴＨ　full":        "p13",
		"strasse":           "p14",
		"STRASSE":           "p14",
		"%":                 "p06",
		"a_b":               "p08",
		"ltd 100":           "p06 p07",
		"anna p02":          "p02",
		"😀":                 "p10 p11",
		`"; drop table x--`: "",
		`\`:                 "",
	} {
		data := ask(t, s, `query($search: String) { customers(first: 100, search: $search) { edges { node { externalId } } } }`, vars{"search": search})
		got := texts(data, "customers.edges.*.node.externalId")
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %v, want %s", search, got, want)
		}
	}
}

const pageQuery = `query($first: Int, $after: String, $last: Int, $before: String, $orderBy: CustomerSort) {
	customers(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
		pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id externalId name registeredAt } } } }`

// TestPages: every list, walked page by page in both directions, is the whole list, sorted as it says.
func TestPages(t *testing.T) {
	s := people(t)
	for _, orderBy := range []any{
		nil,
		vars{"direction": "DESC"},
		vars{"field": "NAME"},
		vars{"field": "NAME", "direction": "DESC"},
		vars{"field": "REGISTERED_AT", "direction": "ASC"},
		vars{"field": "REGISTERED_AT", "direction": "DESC"},
	} {
		whole := at(ask(t, s, pageQuery, vars{"first": 100, "orderBy": orderBy}), "customers.edges").([]any)
		if len(whole) != 16 {
			t.Fatalf("%v: %d customers", orderBy, len(whole))
		}
		checkSorted(t, orderBy, whole)
		want := texts(whole, "*.node.externalId")
		for _, size := range []int{1, 3, 16} {
			var forward, backward []string
			for v := (vars{"first": size, "orderBy": orderBy}); ; {
				data := ask(t, s, pageQuery, v)
				forward = append(forward, texts(data, "customers.edges.*.node.externalId")...)
				v["after"] = at(data, "customers.pageInfo.endCursor")
				if at(data, "customers.pageInfo.hasPreviousPage") != (len(forward) > size && size < 16) {
					t.Errorf("%v by %d: hasPreviousPage at %d", orderBy, size, len(forward))
				}
				if at(data, "customers.pageInfo.hasNextPage") != true {
					break
				}
			}
			for v := (vars{"last": size, "orderBy": orderBy}); ; {
				data := ask(t, s, pageQuery, v)
				backward = append(texts(data, "customers.edges.*.node.externalId"), backward...)
				v["before"] = at(data, "customers.pageInfo.startCursor")
				if at(data, "customers.pageInfo.hasPreviousPage") != true {
					break
				}
			}
			if !slices.Equal(forward, want) || !slices.Equal(backward, want) {
				t.Errorf("%v by %d:\nforward  %v\nbackward %v\nwant     %v", orderBy, size, forward, backward, want)
			}
		}
		// Between two cursors.
		data := ask(t, s, pageQuery, vars{"orderBy": orderBy, "first": 3, "after": at(whole[4], "cursor"), "before": at(whole[7], "cursor")})
		if got := texts(data, "customers.edges.*.node.externalId"); !slices.Equal(got, want[5:7]) {
			t.Errorf("%v: between 4 and 7: %v, want %v", orderBy, got, want[5:7])
		}
	}
}

// checkSorted compares each customer with the next: nulls last, else by value, else by id.
func checkSorted(t *testing.T, orderBy any, edges []any) {
	t.Helper()
	by, _ := orderBy.(vars)
	field := map[any]string{"NAME": "name", "REGISTERED_AT": "registeredAt"}[by["field"]]
	for i := 1; i < len(edges); i++ {
		a, b := at(edges[i-1], "node."+field), at(edges[i], "node."+field)
		if field == "" {
			a, b = nil, nil
		}
		var order int
		switch {
		case a == b:
			order = strings.Compare(text(at(edges[i-1], "node.id")), text(at(edges[i], "node.id")))
		case a == nil || b == nil:
			order = map[bool]int{true: 1, false: -1}[a == nil]
			if by["direction"] == "DESC" {
				order = -order // nulls are last either way
			}
		case field == "registeredAt":
			order = instant(t, a).Compare(instant(t, b))
		default:
			order = strings.Compare(text(a), text(b))
		}
		if order > 0 == (by["direction"] != "DESC") {
			t.Errorf("%v: %s before %s", orderBy, text(edges[i-1]), text(edges[i]))
		}
	}
}

func instant(t *testing.T, v any) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text(v))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestChildPages: pages of orders and touchpoints of several customers at once are those of each by itself.
func TestChildPages(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("order_id,customer_id,placed_at,total\n")
	for i := range 60 { // several orders at one instant
		fmt.Fprintf(&csv, "%d,c%d,2024-05-%02d,1\n", i, i%5%3, i/8+1)
	}
	s := shop(t, csv.String(), "--currency", "EUR")
	for i := range 25 {
		addTouchpoint(t, s, []string{"c0", "c1", "c2"}[i%3], fmt.Sprintf("2024-05-%02dT00:00:%02dZ", i/4+1, i))
	}
	for _, field := range []string{"orders", "touchpoints"} {
		query := strings.ReplaceAll(`query($first: Int, $after: String, $last: Int, $before: String, $by: CustomerBy!, $other: CustomerWhere) {
			one: customer(by: $by) { ...page } customers(first: 100) { edges { node { ...page } } } none: customers(where: $other) { totalCount edges { node { ...page } } } }
			fragment page on Customer { externalId FIELD(first: $first, after: $after, last: $last, before: $before) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { node { externalId } } } }`, "FIELD", field)
		for key := range 3 {
			v := vars{"first": 100, "by": vars{"external": vars{"source": "import", "externalId": fmt.Sprintf("c%d", key)}}, "other": vars{"name": vars{"eq": "nobody"}}}
			whole := texts(ask(t, s, query, v), "one."+field+".edges.*.node.externalId")
			for _, names := range [][3]string{{"first", "after", "endCursor"}, {"last", "before", "startCursor"}} {
				var walked []string
				v := vars{names[0]: 4, "by": v["by"], "other": v["other"]}
				for more := true; more; {
					data := ask(t, s, query, v)
					page := texts(data, "one."+field+".edges.*.node.externalId")
					if names[0] == "first" {
						walked = append(walked, page...)
					} else {
						walked = append(page, walked...)
					}
					for _, node := range at(data, "customers.edges.*.node").([]any) {
						if at(node, "externalId") == at(data, "one.externalId") && text(at(node, field)) != text(at(data, "one."+field)) {
							t.Errorf("alone %s, with others %s", text(at(data, "one."+field)), text(at(node, field)))
						}
					}
					v[names[1]] = at(data, "one."+field+".pageInfo."+names[2])
					more = at(data, "one."+field+".pageInfo."+map[string]string{"first": "hasNextPage", "last": "hasPreviousPage"}[names[0]]) == true
				}
				if !slices.Equal(walked, whole) || len(whole) == 0 {
					t.Errorf("%s of c%d by %s: %v, want %v", field, key, names[0], walked, whole)
				}
			}
		}
	}
}
