package store

import (
	"database/sql"
	"strconv"
	"strings"

	entdialect "entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	tables "bellwether/ent/migrate"
)

// postgresDialect is PostgreSQL's. Lists are arrays.
type postgresDialect struct {
	types map[string]string // of columns, by "table.column"
}

func newPostgresDialect() postgresDialect {
	d := postgresDialect{map[string]string{}}
	for _, t := range tables.Tables {
		for _, c := range t.Columns {
			d.types[t.Name+"."+c.Name] = postgresType(c)
		}
	}
	for column, of := range scoreColumns() {
		d.types[column] = of
	}
	return d
}

// postgresType is the type of a column as the command in ./migrate makes it.
func postgresType(c *schema.Column) string {
	switch c.Type { //nolint:exhaustive // every other type is a text
	case field.TypeBool:
		return "boolean"
	case field.TypeFloat64:
		return "double precision"
	case field.TypeInt, field.TypeInt64:
		return "bigint"
	case field.TypeBytes:
		return "bytea"
	case field.TypeJSON:
		return "json"
	case field.TypeTime:
		return "timestamptz"
	case field.TypeUUID:
		return "uuid"
	}
	return "text"
}

func (postgresDialect) name() string { return entdialect.Postgres }

func (postgresDialect) each(alias string, of elements) string {
	return "unnest(?::" + string(of) + "[]) WITH ORDINALITY AS " + alias + "(value, key)"
}

// few hides the length from the planner, which for one or two elements would always plan anew. That takes longer than
// to look their rows up.
func (postgresDialect) few(alias string, of elements) string {
	return "unnest((SELECT ?::" + string(of) + "[])) WITH ORDINALITY AS " + alias + "(value, key)"
}

func (postgresDialect) list(values []string) any {
	b := []byte{'{'}
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuoted(b, v)
	}
	return string(append(b, '}'))
}

func (postgresDialect) then() string { return " JOIN " }

func (postgresDialect) clock(later string) string {
	return "(clock_timestamp() + (" + later + ")::bigint * interval '1 microsecond')"
}

func (postgresDialect) exclusive(table string) string {
	return "LOCK TABLE " + table + " IN SHARE ROW EXCLUSIVE MODE"
}

func (postgresDialect) firstRows(alias, table, _, condition string) string {
	return " CROSS JOIN LATERAL (SELECT " + alias + ".* FROM " + table + " " + alias + " WHERE " + condition + ") " + alias
}

// batch is large: of a customer with several orders in it, the rollup is written once.
func (postgresDialect) batch() int { return 20_000 }

// snapshot reads one state: by itself every statement sees the newest.
func (postgresDialect) snapshot() *sql.TxOptions {
	return &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
}

// sum is a numeric until it is within bounds.
func (postgresDialect) sum(amount string) string {
	sum := "SUM(" + amount + ")" // aggregated once, and null where there is nothing, which GREATEST would not be
	return "(CASE WHEN " + sum + " > 4000000000000000000 THEN 4000000000000000000 WHEN " + sum + " < -4000000000000000000 THEN -4000000000000000000 ELSE " +
		sum + " END)::bigint"
}

func (postgresDialect) greatest(a, b string) string { return "GREATEST(" + a + ", " + b + ")" }

func (postgresDialect) least(a, b string) string { return "LEAST(" + a + ", " + b + ")" }

// sent takes ids and instants as bytes, which the driver hands over as they are. It reads instants as text otherwise,
// which costs both sides more than to find them.
func (d postgresDialect) sent(column, alias string) string {
	c := aliased(column, alias)
	if of := d.types[column]; of == "uuid" || of == "timestamptz" {
		_, name, _ := strings.Cut(column, ".")
		return of + "_send(" + c + ") AS " + name
	}
	return c
}

func (postgresDialect) moment(parameter string) string { return parameter + "::timestamptz" }

// perCustomer looks the rows of each customer up by their index, whatever the planner thinks of their number. Whether the
// customer is one of the table is known before, so that nothing is looked up for the others.
func (postgresDialect) perCustomer(alias, columns, rows, customer, condition, of string) string {
	if of != "chosen" {
		condition += " AND c.id IN (SELECT id FROM " + of + ")"
	}
	return " CROSS JOIN LATERAL (SELECT " + columns + " FROM " + rows + " WHERE " + customer + " = c.id AND " + condition + ") " + alias
}

func (d postgresDialect) firstOfEach(b *entsql.DialectBuilder, table string, columns []string, customers []uuid.UUID, restrict func(*entsql.Selector)) entsql.Querier {
	first := firstOf(b, "each.value", table, columns, restrict)
	return entsql.ExprFunc(func(b *entsql.Builder) {
		b.Join(entsql.Expr(d.few("each", uuids), d.list(idTexts(customers)))).WriteString(" CROSS JOIN LATERAL (").Join(first).WriteString(") AS found")
	})
}

// packed sends rows as records: less than half of the bytes of a text, and neither side has the work of rows of their own.
func (postgresDialect) packed(rows *entsql.Selector) (entsql.Querier, bool) {
	return entsql.ExprFunc(func(b *entsql.Builder) {
		b.WriteString("(SELECT string_agg(record_send(packed), '') FROM (").Join(rows).WriteString(") AS packed)")
	}), true
}

// rebind numbers the placeholders of a statement: ? counts on from the last one, ?1 and $1 are the first. Texts in
// quotes stay as they are. A statement may have both kinds, as one that ent wrote around a fragment does.
func rebind(query string) string {
	if strings.IndexByte(query, '?') < 0 {
		return query
	}
	out, last, quote := make([]byte, 0, len(query)+16), 0, byte(0)
	for i := 0; i < len(query); i++ {
		c := query[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '?' || c == '$':
			end := i + 1
			for end < len(query) && query[end] >= '0' && query[end] <= '9' {
				end++
			}
			number, err := strconv.Atoi(query[i+1 : end])
			if err != nil {
				if c == '$' {
					break
				}
				number = last + 1
			}
			last = max(last, number)
			out = strconv.AppendInt(append(out, '$'), int64(number), 10)
			i = end - 1
			continue
		}
		out = append(out, c)
	}
	return string(out)
}
