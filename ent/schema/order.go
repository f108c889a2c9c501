package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Order is a purchase, or a credit note where its total is negative.
type Order struct{ ent.Schema }

// Annotations of Order.
func (Order) Annotations() []schema.Annotation { return table("orders") }

// Mixin of Order.
func (Order) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}, Stamped{}} }

// Fields of Order. net, valid_from and valid_until follow from the others and are written with them, so that no
// query has to know when an order counts.
func (Order) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("customer_id", uuid.UUID{}).SchemaType(uuidType()),
		field.Time("placed_at"),
		field.Time("paid_at").Optional().Nillable(),
		field.Time("due_at").Optional().Nillable(),
		field.Time("delivered_at").Optional().Nillable(),
		field.Time("cancelled_at").Optional().Nillable(),
		field.Enum("status").Values("PENDING", "PAID", "FULFILLED", "PARTIALLY_REFUNDED", "REFUNDED", "CANCELLED").Default("PAID"),
		field.String("channel").Optional().Nillable().Comment("sales channel"),
		field.String("coupon").Optional().Nillable(),
		field.String("currency").Comment("ISO 4217"),
		field.String("rate").Default("1").Comment("base units for one unit of currency, a decimal"),
		field.Int64("total").Comment("minor units of currency"),
		field.Int64("discount").Default(0),
		field.Int64("tax").Default(0),
		field.Int64("shipping").Default(0),
		field.Int64("net").Comment("total without tax in minor units of the base currency, before refunds"),
		field.Time("valid_from").Optional().Nillable().Comment("from when on it counts: paid or fulfilled; null: never"),
		field.Time("valid_until").Optional().Nillable().Comment("when it was cancelled or wholly refunded"),
	}
}

// Edges of Order.
func (Order) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("customer", Customer.Type).Ref("orders").Field("customer_id").Unique().Required(),
		edge.To("lines", OrderLine.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("refunds", Refund.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Indexes of Order: the first covers what the facts read, in the order of the page "orders, latest first".
func (Order) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("customer_id", "placed_at", "id", "valid_from", "valid_until", "total", "net").StorageKey("orders_facts"),
	}
}

// Refund is money given back for an order, from its own instant on.
type Refund struct{ ent.Schema }

// Annotations of Refund.
func (Refund) Annotations() []schema.Annotation { return table("refunds") }

// Fields of Refund.
func (Refund) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("order_id", uuid.UUID{}).SchemaType(uuidType()),
		field.UUID("customer_id", uuid.UUID{}).SchemaType(uuidType()),
		field.String("external_id").Comment("key of the refund within its order"),
		field.Time("at"),
		field.Int64("amount").Comment("minor units of the order's currency"),
		field.Int64("net").Comment("by how much it lowers the order's net, minor units of the base currency"),
	}
}

// Edges of Refund.
func (Refund) Edges() []ent.Edge {
	return []ent.Edge{edge.From("order", Order.Type).Ref("refunds").Field("order_id").Unique().Required()}
}

// Indexes of Refund.
func (Refund) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("order_id", "external_id").Unique(),
		index.Fields("customer_id", "order_id", "at", "net").StorageKey("refunds_facts"),
	}
}

// OrderLine is one item of an order; a negative quantity is a return.
type OrderLine struct{ ent.Schema }

// Annotations of OrderLine.
func (OrderLine) Annotations() []schema.Annotation { return table("order_lines") }

// Fields of OrderLine.
func (OrderLine) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("order_id", uuid.UUID{}).SchemaType(uuidType()),
		field.UUID("customer_id", uuid.UUID{}).SchemaType(uuidType()),
		field.Int("position").Comment("place within the order, from 0"),
		field.UUID("product_id", uuid.UUID{}).SchemaType(uuidType()),
		field.Int("quantity"),
		field.Int64("unit_price").Comment("micro-units of the order's currency"),
		field.Int64("list_price").Optional().Nillable().Comment("micro-units a unit"),
		field.Int64("discount").Optional().Nillable().Comment("micro-units off the whole line"),
		field.Int64("cost").Optional().Nillable().Comment("micro-units a unit"),
		field.Enum("condition").Values("NEW", "USED", "REFURBISHED").Optional().Nillable(),
		field.String("beneficiary").Optional().Nillable().Comment("who consumes it, when not the buyer"),
		field.String("operator").Optional().Nillable().Comment("who uses it, when not the buyer"),
	}
}

// Edges of OrderLine.
func (OrderLine) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("order", Order.Type).Ref("lines").Field("order_id").Unique().Required(),
		edge.From("product", Product.Type).Ref("lines").Field("product_id").Unique().Required(),
	}
}

// Indexes of OrderLine.
func (OrderLine) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("order_id", "position").Unique(),
	}
}
