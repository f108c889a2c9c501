package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Customer is one identity of a customer: the record of one external key. A merged customer keeps its row and key,
// points to the survivor with merged_into, and never shows.
type Customer struct{ ent.Schema }

// Annotations of Customer.
func (Customer) Annotations() []schema.Annotation { return table("customers") }

// Mixin of Customer.
func (Customer) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}, Stamped{}} }

// Fields of Customer.
func (Customer) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.Enum("kind").Values("PERSON", "BUSINESS", "CHANNEL", "INTERNAL").Default("PERSON"),
		field.String("name").Optional().Nillable(),
		field.String("email").Optional().Nillable(),
		field.String("phone").Optional().Nillable(),
		field.String("birth_date").Optional().Nillable().Comment("ISO 8601 calendar date"),
		field.String("occupation").Optional().Nillable(),
		field.String("industry").Optional().Nillable(),
		field.Int("employees").Optional().Nillable(),
		field.Int64("annual_turnover").Optional().Nillable().Comment("minor units of the base currency"),
		field.Int64("total_assets").Optional().Nillable().Comment("minor units of the base currency"),
		field.String("country").Optional().Nillable(),
		field.String("region").Optional().Nillable(),
		field.String("city").Optional().Nillable(),
		field.Bool("resells").Default(false),
		field.UUID("account_id", uuid.UUID{}).SchemaType(uuidType()).Optional().Nillable(),
		field.UUID("referred_by_id", uuid.UUID{}).SchemaType(uuidType()).Optional().Nillable().Comment("a customer, without a foreign key: customers are distributed"),
		field.Time("referred_at").Optional().Nillable().Comment("null: since registered"),
		field.Time("registered_at").Optional().Nillable(),
		field.JSON("consent", json.RawMessage{}).Optional(),
		field.JSON("tags", []string{}).Optional(),
		field.JSON("attributes", json.RawMessage{}).Optional(),
		field.UUID("merged_into", uuid.UUID{}).SchemaType(uuidType()).Optional().Nillable().Comment("the survivor, when this customer was merged"),
		field.String("search_text").Default("").Comment("name, e-mail, phone and external ids, folded for search"),
		field.Time("name_seen_at").Optional().Nillable().Comment(seenAt),
		field.Time("email_seen_at").Optional().Nillable().Comment(seenAt),
		field.Time("country_seen_at").Optional().Nillable().Comment(seenAt),
	}
}

// Edges of Customer.
func (Customer) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("account", Account.Type).Ref("customers").Field("account_id").Unique(),
		edge.To("orders", Order.Type),
		edge.To("touchpoints", Touchpoint.Type),
	}
}

// Indexes of Customer.
func (Customer) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("source", "external_id").Unique(),
		index.Fields("merged_into"),
		index.Fields("email"),
		index.Fields("phone"),
		index.Fields("name", "id"),
		index.Fields("registered_at", "id"),
		index.Fields("referred_by_id").Annotations(entsql.IndexWhere("referred_by_id IS NOT NULL")),
	}
}

// Account is a group of customers: a company with several buyers, a household.
type Account struct{ ent.Schema }

// Annotations of Account.
func (Account) Annotations() []schema.Annotation { return table("accounts") }

// Mixin of Account.
func (Account) Mixin() []ent.Mixin { return []ent.Mixin{Stamped{}} }

// Fields of Account.
func (Account) Fields() []ent.Field {
	return []ent.Field{id(), field.String("name").Immutable().Unique()}
}

// Edges of Account.
func (Account) Edges() []ent.Edge {
	return []ent.Edge{edge.To("customers", Customer.Type)}
}
