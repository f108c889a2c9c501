package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// Product is what an order line sells: a small reference table.
type Product struct{ ent.Schema }

// Annotations of Product.
func (Product) Annotations() []schema.Annotation { return table("products") }

// Mixin of Product.
func (Product) Mixin() []ent.Mixin { return []ent.Mixin{Stamped{}} }

// Fields of Product.
func (Product) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("sku").Immutable().Unique(),
		field.String("name").Optional().Nillable(),
		field.String("category").Optional().Nillable(),
		field.Enum("kind").Values("GOODS", "SERVICE", "WARRANTY").Default("GOODS"),
		field.Time("launched_at").Optional().Nillable(),
		field.Bool("technology").Default(false),
		field.Time("name_seen_at").Optional().Nillable().Comment(seenAt),
		field.Time("category_seen_at").Optional().Nillable().Comment(seenAt),
	}
}

// Edges of Product.
func (Product) Edges() []ent.Edge {
	return []ent.Edge{edge.To("lines", OrderLine.Type)}
}
