package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Rollup is what a customer's orders and touchpoints come to, written with them; customers that are merged into another
// have none. The facts of a customer change only at the instants of its orders, refunds and touchpoints, so that a row
// answers for every moment between two of them.
type Rollup struct{ ent.Schema }

// Annotations of Rollup.
func (Rollup) Annotations() []schema.Annotation { return table("customer_rollups") }

// Fields of Rollup. The stamp is here and not in customers, because every write of an order moves it: a row of customers
// has many indexes, all of which would be written.
func (Rollup) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).SchemaType(uuidType()).StorageKey("customer_id").Immutable(),
		field.Time("data_changed_at").Comment("when anything that a scorer reads of this customer was written last"),
		field.Time("holds_from").Comment("first moment that the row answers for; the year 1 where nothing happened before"),
		field.Time("holds_until").Comment("first moment after those; the year 9999 where nothing is dated later"),
		field.Int64("orders").Comment("valid orders with a total above 0"),
		field.Int64("net").Comment("of valid orders and credit notes, before refunds"),
		field.Int64("refunded").Comment("of valid orders and credit notes, by refunds"),
		field.Time("first_order_at").Optional().Nillable(),
		field.Time("last_order_at").Optional().Nillable(),
		field.Int64("touchpoints"),
		field.Int64("technology_touchpoints"),
		field.Time("last_touchpoint_at").Optional().Nillable(),
	}
}

// Indexes of Rollup.
func (Rollup) Indexes() []ent.Index {
	return []ent.Index{index.Fields("data_changed_at", "id")}
}
