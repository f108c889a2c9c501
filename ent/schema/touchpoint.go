package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Touchpoint is one contact between a customer and the business.
type Touchpoint struct{ ent.Schema }

// Annotations of Touchpoint.
func (Touchpoint) Annotations() []schema.Annotation { return table("touchpoints") }

// Mixin of Touchpoint.
func (Touchpoint) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}, Stamped{}} }

// Fields of Touchpoint.
func (Touchpoint) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("customer_id", uuid.UUID{}).SchemaType(uuidType()),
		field.Time("at"),
		field.String("kind").Comment("a documented open set: visit, product_view, demo, complaint, ..."),
		field.String("channel").Optional().Nillable(),
		field.Enum("side").Values("ONLINE", "OFFLINE").Optional().Nillable(),
		field.String("campaign").Optional().Nillable(),
		field.Int64("cost").Optional().Nillable().Comment("minor units of currency"),
		field.String("currency").Optional().Nillable(),
		field.String("sku").Optional().Nillable().Comment("product it was about"),
		field.Int("rating").Optional().Nillable(),
		field.String("topic").Optional().Nillable(),
		field.Float("sentiment").Optional().Nillable(),
		field.String("outcome").Optional().Nillable(),
		field.Int("impact").Optional().Nillable(),
		field.Enum("initiated_by").Values("CUSTOMER", "BUSINESS").Optional().Nillable(),
		field.JSON("attributes", json.RawMessage{}).Optional(),
	}
}

// Edges of Touchpoint.
func (Touchpoint) Edges() []ent.Edge {
	return []ent.Edge{edge.From("customer", Customer.Type).Ref("touchpoints").Field("customer_id").Unique().Required()}
}

// Indexes of Touchpoint.
func (Touchpoint) Indexes() []ent.Index {
	return []ent.Index{index.Fields("customer_id", "at", "id", "kind").StorageKey("touchpoints_facts")}
}
