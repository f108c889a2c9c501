// Package schema is the data model by hand: every entity, field, edge and index. The rest of ent/ is generated from it.
//
// Conventions (DESIGN §4): ids are UUIDs made by internal/store; every child of a customer carries customer_id, so that
// the tables can be distributed by it; instants are UTC with microseconds; amounts are int64 minor units of their
// currency, unit prices int64 micro-units; nothing refers across customers with a foreign key.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
	"github.com/google/uuid"
)

// table names an entity's table: plural and snake case, as SQL users expect.
func table(name string) []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: name}}
}

// id is the primary key of every entity; internal/store makes its value.
func id() ent.Field {
	return field.UUID("id", uuid.UUID{}).SchemaType(uuidType()).Immutable()
}

// uuidType is the column type of ids. SQLite takes the type uuid for a number and tries to make one of every id.
func uuidType() map[string]string {
	return map[string]string{dialect.SQLite: "text"}
}

// seenAt is what is kept of a field that orders hint at: the newest hint counts, and a record's own word for ever.
const seenAt = "instant of the order that said so; the year 9999 once a record of its own did; null: nobody yet"

// Keyed is the key a record has in the system it came from, and when that system changed it.
type Keyed struct{ mixin.Schema }

// Fields of a record with an external key.
func (Keyed) Fields() []ent.Field {
	return []ent.Field{
		field.String("source").Immutable().Comment("system the record came from"),
		field.String("external_id").Immutable().Comment("key of the record in that system"),
		field.Time("source_updated_at").Optional().Nillable().Comment("when the source changed it last; older writes are stale"),
	}
}

// Stamped is when Bellwether wrote a record.
type Stamped struct{ mixin.Schema }

// Fields of a stamped record.
func (Stamped) Fields() []ent.Field {
	return []ent.Field{
		field.Time("created_at").Immutable(),
		field.Time("updated_at"),
	}
}
