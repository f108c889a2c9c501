package ingest

import (
	"context"
	"slices"
	"strings"

	"bellwether/internal/record"
)

// The kinds of records that files have.
const (
	KindCustomers   = "customers"
	KindOrders      = "orders"
	KindProducts    = "products"
	KindTouchpoints = "touchpoints"
)

// Kinds are the kinds of records, alphabetical.
func Kinds() []string { return []string{KindCustomers, KindOrders, KindProducts, KindTouchpoints} }

// Fields are the fields that columns of files of a kind can be mapped to, alphabetical.
func Fields(kind string) []string { return slices.Clone(tableOf(kind).names) }

func tableOf(kind string) *table {
	if kind == KindOrders {
		return orderTable()
	}
	columns := columnsOf(kind)
	if columns == nil {
		return nil
	}
	t := &table{names: make([]string, len(columns)), missing: func(m *mapping) []string { return lacking(columns, m) }, limit: func(field) int { return maxRow }}
	for i, c := range columns {
		t.names[i] = c.name
		if c.name == "attributes" {
			t.open = "attributes."
		}
	}
	return t
}

// column is a field of a file whose rows are records by themselves: the input's field that it makes, and how its cells
// are read. What is wrong with a value, the decoder of inputs says.
type column struct {
	name     string
	path     []string // in the input
	read     cell
	required bool
}

// columnsOf are the columns of customers, products and touchpoints; nil: of no other kind.
func columnsOf(kind string) []column {
	at := func(name string, read cell, path ...string) column {
		if path == nil {
			path = []string{camel(name)}
		}
		return column{name: name, path: path, read: read}
	}
	must := func(c column) column {
		c.required = true
		return c
	}
	switch kind {
	case KindCustomers:
		return []column{
			at("account", plain), at("annual_turnover", plain), at("attributes", object), at("birth_date", day), at("city", plain), at("consent", object),
			at("country", plain), at("email", plain), at("employees", number), must(at("external_id", plain)), at("industry", plain), at("kind", name),
			at("name", plain), at("occupation", plain), at("phone", plain), at("referred_by", plain, "referredBy", "externalId"),
			at("referred_by_source", plain, "referredBy", "source"), at("region", plain), at("registered_at", moment), at("resells", truth), at("tags", list),
			at("total_assets", plain), at("updated_at", moment),
		}
	case KindProducts:
		return []column{
			at("category", plain), at("kind", name), at("launched_at", moment), at("name", plain), must(at("sku", plain)), at("technology", truth),
		}
	case KindTouchpoints:
		return []column{
			must(at("at", moment)), at("attributes", object), at("campaign", plain), at("channel", plain), at("cost", plain), at("currency", code),
			must(at("customer_id", plain, "customer", "externalId")), at("customer_source", plain, "customer", "source"), at("external_id", plain),
			at("impact", number), at("initiated_by", name), must(at("kind", plain)), at("outcome", plain), at("rating", number), at("sentiment", number),
			at("side", name), at("sku", plain), at("topic", plain),
		}
	}
	return nil
}

func lacking(columns []column, m *mapping) []string {
	var missing []string
	for i, c := range columns {
		if c.required && !m.has(field(i)) {
			missing = append(missing, c.name)
		}
	}
	return missing
}

// camel is a field's name in the API: birth_date is birthDate.
func camel(snake string) string {
	head, rest, more := strings.Cut(snake, "_")
	for more {
		var part string
		part, rest, more = strings.Cut(rest, "_")
		head += strings.ToUpper(part[:1]) + part[1:]
	}
	return head
}

// CustomerSink takes customers. The error of records that cannot be written is [*record.RejectedError].
type CustomerSink interface {
	WriteCustomers(ctx context.Context, customers []record.Customer) ([]record.Written, error)
}

// ProductSink takes products, like [CustomerSink].
type ProductSink interface {
	WriteProducts(ctx context.Context, products []record.Product) ([]record.Written, error)
}

// TouchpointSink takes touchpoints, like [CustomerSink].
type TouchpointSink interface {
	WriteTouchpoints(ctx context.Context, touchpoints []record.Touchpoint) ([]record.Written, error)
}

// Customers imports files of customers into a sink, as [Orders] does orders; a row or line is a customer.
func Customers(ctx context.Context, sink CustomerSink, options Options) (Summary, error) {
	return importItems(ctx, KindCustomers, options, record.Decoding.Customer, func(ctx context.Context, customers []record.Customer) ([]record.Outcome, error) {
		return outcomes(sink.WriteCustomers(ctx, customers))
	})
}

// Products imports files of products into a sink, as [Orders] does orders; a row or line is a product.
func Products(ctx context.Context, sink ProductSink, options Options) (Summary, error) {
	return importItems(ctx, KindProducts, options, record.Decoding.Product, func(ctx context.Context, products []record.Product) ([]record.Outcome, error) {
		return outcomes(sink.WriteProducts(ctx, products))
	})
}

// Touchpoints imports files of touchpoints into a sink, as [Orders] does orders; a row or line is a touchpoint.
func Touchpoints(ctx context.Context, sink TouchpointSink, options Options) (Summary, error) {
	return importItems(ctx, KindTouchpoints, options, record.Decoding.Touchpoint, func(ctx context.Context, touchpoints []record.Touchpoint) ([]record.Outcome, error) {
		return outcomes(sink.WriteTouchpoints(ctx, touchpoints))
	})
}

func outcomes(written []record.Written, err error) ([]record.Outcome, error) {
	out := make([]record.Outcome, len(written))
	for i, w := range written {
		out[i] = w.Outcome
	}
	return out, err
}
