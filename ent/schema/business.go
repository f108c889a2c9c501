package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// Business is the one row about the business this database serves, recorded at first use.
type Business struct{ ent.Schema }

// Annotations of Business.
func (Business) Annotations() []schema.Annotation { return table("business") }

// Mixin of Business.
func (Business) Mixin() []ent.Mixin { return []ent.Mixin{Stamped{}} }

// Fields of Business.
func (Business) Fields() []ent.Field {
	return []ent.Field{
		field.Int("id").Comment("always 1"),
		field.String("base_currency").Optional().Nillable().Comment("ISO 4217; set by a flag or the first order"),
		field.String("time_zone").Optional().Nillable().Comment("IANA name; set by a flag, UTC until then"),
	}
}
