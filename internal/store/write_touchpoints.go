package store

import (
	"context"
	"slices"

	"bellwether/internal/record"
)

// touchpoint is a row of touchpoints, as stored and as it shall be.
type touchpoint struct {
	id             string
	key            record.Key
	stored, exists bool
	before, now    touchpointRow
}

// touchpointRow is what can change of a row of touchpoints. It is comparable.
type touchpointRow struct {
	customerID              string
	at                      instant
	kind                    string
	channel, side, campaign nullText
	cost                    nullInt
	currency, sku           nullText
	rating                  nullInt
	topic                   nullText
	sentiment               nullFloat
	outcome                 nullText
	impact                  nullInt
	initiatedBy             nullText
	attributes              nullText // JSON
}

const touchpointColumns = "customer_id, at, kind, channel, side, campaign, cost, currency, sku, rating, topic, sentiment, outcome, impact, " +
	"initiated_by, attributes"

func (t *touchpointRow) fields() []any {
	return []any{
		&t.customerID, &t.at, &t.kind, &t.channel, &t.side, &t.campaign, &t.cost, &t.currency, &t.sku, &t.rating, &t.topic, &t.sentiment,
		&t.outcome, &t.impact, &t.initiatedBy, &t.attributes,
	}
}

// applyTouchpoint takes in a touchpoint. One that is sent again under another customer moves to that customer.
func (w *batch) applyTouchpoint(r *record.Touchpoint) (record.Written, error) {
	if err := checkTouchpoint(r); err != nil {
		return record.Written{}, err
	}
	t, c := w.touchpoints[r.Key], w.keys[r.Customer]
	next := t.now
	next.customerID, next.at, next.kind = c.id, at(r.At.UnixMicro()), r.Kind
	replaceText(&next.channel, r.Channel)
	replaceText(&next.side, r.Side)
	replaceText(&next.campaign, r.Campaign)
	replaceInteger(&next.cost, r.Cost)
	replaceText(&next.currency, r.Currency)
	if err := w.costIn(r, &next); err != nil {
		return record.Written{}, err
	}
	replaceText(&next.sku, r.SKU)
	replaceInteger(&next.rating, r.Rating)
	replaceText(&next.topic, r.Topic)
	replaceFloat(&next.sentiment, r.Sentiment)
	replaceText(&next.outcome, r.Outcome)
	replaceInteger(&next.impact, r.Impact)
	replaceText(&next.initiatedBy, r.InitiatedBy)
	replaceJSON(&next.attributes, r.Attributes)
	out := record.Written{ID: parsed(t.id), Outcome: record.Unchanged}
	switch {
	case !t.exists:
		out.Outcome = record.Created
	case next != t.now:
		out.Outcome = record.Updated
	}
	t.now, t.exists, c.named = next, true, true
	return out, nil
}

// costIn sees to it that a cost has a currency: the base currency, unless it names another.
func (w *batch) costIn(r *record.Touchpoint, next *touchpointRow) error {
	if r.Cost.State == record.Present && r.Currency.State != record.Present {
		next.currency = nullText{V: w.business.currency.String, Valid: w.business.currency.Valid}
	}
	switch {
	case !next.cost.Valid && !next.currency.Valid:
		return nil
	case !next.currency.Valid:
		return problem(record.CodeUnknownCurrency, "currency", "it has no currency, and there is no base currency yet (name one)",
			"未指明币种，且尚未确定本位币（请指明币种）")
	}
	return w.known(next.currency.V)
}

func checkTouchpoint(r *record.Touchpoint) error {
	switch {
	case r.ExternalID == "" || r.Source == "":
		return problem(record.CodeRequired, "externalId", "the touchpoint has no key (give its source and external id)", "触点缺少键（请提供来源和外部编号）")
	case r.Customer.ExternalID == "" || r.Customer.Source == "":
		return noCustomer()
	case r.At.IsZero():
		return problem(record.CodeRequired, "at", "it has no instant (say when it was)", "缺少时刻（请说明发生时间）")
	case r.Kind == "":
		return problem(record.CodeRequired, "kind", "it has no kind (give one, such as visit)", "缺少类型（请提供，例如 visit）")
	case r.Side.State == record.Present && !slices.Contains(record.Sides(), r.Side.Value):
		return unknownName("side", r.Side.Value, record.Sides())
	case r.InitiatedBy.State == record.Present && !slices.Contains(record.Initiators(), r.InitiatedBy.Value):
		return unknownName("initiatedBy", r.InitiatedBy.Value, record.Initiators())
	}
	return nil
}

func (w *batch) loadTouchpoints(ctx context.Context) error {
	ids := make([]string, 0, len(w.touchpoints))
	byID := make(map[string]*touchpoint, len(w.touchpoints))
	for key := range w.touchpoints {
		t := &touchpoint{id: TouchpointID(key).String(), key: key}
		w.touchpoints[key], byID[t.id] = t, t
		ids = append(ids, t.id)
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := w.tx.query(ctx, "SELECT t.id, "+selected("t", touchpointColumns)+
		" FROM "+w.tx.each("j", uuids)+w.tx.then()+"touchpoints t ON t.id = j.value", w.tx.list(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	var id string
	var r touchpointRow
	into := append([]any{&id}, r.fields()...)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		t := byID[id]
		t.before, t.now, t.stored, t.exists = r, r, true, true
	}
	return rows.Err()
}

var touchpointsTable = table{
	name:     "touchpoints",
	columns:  "id, source, external_id, created_at, " + touchpointColumns + ", updated_at",
	conflict: upsert(touchpointColumns + ", updated_at"),
}

func (t *touchpoint) differs() bool { return t.exists && (!t.stored || t.now != t.before) }

// flushTouchpoints writes the touchpoints that differ.
func (w *batch) flushTouchpoints(ctx context.Context, at instant) error {
	var rows []any
	for _, t := range sorted(w.touchpoints, func(t *touchpoint) string { return t.id }) {
		if t.differs() {
			rows = append(rows, t.id, t.key.Source, t.key.ExternalID, at)
			rows = append(rows, values(t.now.fields())...)
			rows = append(rows, at)
		}
	}
	return w.tx.insertSoon(ctx, touchpointsTable, rows)
}
