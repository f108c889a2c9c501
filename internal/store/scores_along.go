package store

import (
	"strings"

	entsql "entgo.io/ent/dialect/sql"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// ScoresOf is a query of what is stored of the customer of a row around it, whose id is given as an expression: by some
// scorers, of each so many outputs. There is a row at least, unless the customer is not known any more. [Store.UnpackScores]
// reads it, packed.
func (s *Store) ScoresOf(d *entsql.DialectBuilder, customer string, scorers []string, outputs int) *entsql.Selector {
	names := make([]string, len(scorers))
	for i, name := range scorers {
		names[i] = scorerName(name)
	}
	rollups, scores := d.Table("customer_rollups").As("c"), d.Table("scores").As("s")
	q := d.Select().From(rollups)
	q.LeftJoin(scores).OnP(entsql.ExprP("s.customer_id = c.customer_id AND s.scorer IN (" + strings.Join(names, ", ") + ")"))
	q.SelectExpr(entsql.Raw("c.data_changed_at, s.scorer, s.version, s.label, s.as_of, s.model_as_of, s.data_seen_at, s.until, s.texts, " + slots("s.", outputs)))
	return q.Where(entsql.ExprP("c.customer_id = " + customer))
}

// UnpackScores adds what [Store.ScoresOf] found of a customer, packed.
func (s *Store) UnpackScores(packed []byte, customer scoring.ID, outputs int, into *engine.StoredRows) error {
	var r engine.StoredRow
	var changed, asOf, modelAsOf, seen, until instant
	places := []any{&changed, &r.Scorer, &r.Version, &r.Label, &asOf, &modelAsOf, &seen, &until, &r.Texts}
	for i := range outputs {
		places = append(places, &r.Slots[i])
	}
	at := len(into.IDs)
	return s.Unpack(packed, func(scan func([]any) error) error {
		r, changed, asOf, modelAsOf, seen, until = engine.StoredRow{Customer: at}, instant{}, instant{}, instant{}, instant{}, instant{}
		for i := range r.Slots {
			r.Slots[i] = engine.Null
		}
		if err := scan(places); err != nil {
			return err
		}
		if len(into.IDs) == at {
			into.IDs, into.Changed = append(into.IDs, customer), append(into.Changed, changed.scored())
		}
		if r.Scorer != "" {
			r.AsOf, r.ModelAsOf, r.Seen, r.Until = asOf.scored(), modelAsOf.scored(), seen.scored(), until.scored()
			into.Rows = append(into.Rows, r)
		}
		return nil
	})
}
