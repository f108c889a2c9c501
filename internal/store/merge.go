package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"bellwether/internal/record"
)

// Merge makes two customers one: from becomes another key of into. Both may have been merged before; what is merged are
// the customers that they are now. The ids of the survivor and of the one that was merged into it are returned.
//
// The survivor keeps what it says of itself and takes what it lacks; what records said comes before what orders hinted.
// Tags are united. Orders, refunds and touchpoints become the survivor's, whoever was referred by the merged customer was
// referred by the survivor, and every key that meant it resolves to the survivor and accepts writes. Merging the same
// again changes nothing; merging a customer into itself, or into one that was merged into it, is a conflict. There is no
// way back: which children came from whom is not kept.
//
// All of it is one transaction, so that a crash leaves two customers or one.
//
// What cannot be merged is a [*record.RejectedError] of one item.
func (s *Store) Merge(ctx context.Context, from, into uuid.UUID) (survivor, merged uuid.UUID, err error) {
	var now, was uuid.UUID
	err = s.writeAlone(ctx, func(ctx context.Context, w *batch) (err error) {
		now, was, err = s.merge(ctx, w, from, into)
		return err
	})
	if err != nil { // the transaction may still run
		return uuid.UUID{}, uuid.UUID{}, err
	}
	return now, was, nil
}

func (s *Store) merge(ctx context.Context, w *batch, from, into uuid.UUID) (survivor, merged uuid.UUID, err error) {
	if err := w.loadRows(ctx, []string{from.String(), into.String()}, true); err != nil {
		return survivor, merged, fmt.Errorf("read customers: %w", err)
	}
	lost, kept, err := w.pair(from, into)
	if err != nil {
		return survivor, merged, err
	}
	if lost.id == kept.id { // done before
		return parsed(kept.id), from, nil
	}
	at, err := s.instant(ctx, w)
	if err != nil {
		return survivor, merged, err
	}
	kept.now.join(kept.id, &lost.now, lost.id)
	kept.joined = true
	if err := w.rekey(ctx, lost.id, kept.id, at); err != nil {
		return survivor, merged, fmt.Errorf("merge customer %s into %s: %w", lost.id, kept.id, err)
	}
	if err := w.flushCustomers(ctx, at); err != nil {
		return survivor, merged, err
	}
	w.touched[kept.id] = true
	return parsed(kept.id), parsed(lost.id), w.flushRollups(ctx, at)
}

// pair finds the customers that two ids mean. They are the same one where the first was merged into the second before.
func (w *batch) pair(from, into uuid.UUID) (lost, kept *customer, err error) {
	if lost, err = w.survivor(from.String()); err != nil {
		return nil, nil, err
	}
	if kept, err = w.survivor(into.String()); err != nil {
		return nil, nil, err
	}
	refused := func(p record.Problem) error {
		return &record.RejectedError{Items: []record.RejectedItem{{Problem: p}}}
	}
	switch {
	case lost == nil:
		return nil, nil, refused(record.NewProblem(record.CodeNotFound, "from", "there is no such customer (check its key)", "没有该客户（请检查键）"))
	case kept == nil:
		return nil, nil, refused(record.NewProblem(record.CodeNotFound, "into", "there is no such customer (check its key)", "没有该客户（请检查键）"))
	case from == into:
		return nil, nil, refused(record.NewProblem(record.CodeConflict, "into", "a customer cannot be merged into itself (name two customers)", "客户不能与自身合并（请指定两个客户）"))
	case lost == kept && from.String() == lost.id:
		return nil, nil, refused(record.NewProblem(record.CodeConflict, "into", "it was merged into the customer that is to be merged (they are one already; a merge cannot be undone)",
			"该客户已并入待合并的客户（两者已是同一客户，合并不可撤销）"))
	}
	return lost, kept, nil
}

// join takes in what a customer lacks from one that is merged into it.
func (p *profile) join(id string, other *profile, otherID string) {
	p.name = p.name.join(other.name)
	p.email = p.email.join(other.email)
	p.country = p.country.join(other.country)
	for to, from := range map[*nullText]nullText{
		&p.phone: other.phone, &p.birthDate: other.birthDate, &p.occupation: other.occupation, &p.industry: other.industry,
		&p.region: other.region, &p.city: other.city, &p.account: other.account, &p.consent: other.consent, &p.attributes: other.attributes,
	} {
		if !to.Valid {
			*to = from
		}
	}
	for to, from := range map[*nullInt]nullInt{
		&p.employees: other.employees, &p.annualTurnover: other.annualTurnover, &p.totalAssets: other.totalAssets,
	} {
		if !to.Valid {
			*to = from
		}
	}
	if !p.registeredAt.Valid {
		p.registeredAt = other.registeredAt
	}
	if p.referredBy.V == otherID {
		p.referredBy = nullText{}
	}
	if !p.referredBy.Valid && other.referredBy.V != id {
		p.referredBy = other.referredBy
	}
	p.tags = tagList(append(tagsOf(p.tags), tagsOf(other.tags)...))
}

func tagsOf(list nullText) (tags []string) {
	if list.Valid {
		_ = json.Unmarshal([]byte(list.V), &tags) // written by tagList
	}
	return tags
}

// rekey makes a customer's children, referrals and keys another's. A statement for each table: lines and refunds are
// found by their orders, so the orders come last.
func (w *batch) rekey(ctx context.Context, from, into string, at instant) error {
	for _, query := range []string{
		"UPDATE order_lines SET customer_id = ?2 WHERE customer_id = ?1 AND order_id IN (SELECT id FROM orders WHERE customer_id = ?1)",
		"UPDATE refunds SET customer_id = ?2 WHERE customer_id = ?1",
		"UPDATE orders SET customer_id = ?2 WHERE customer_id = ?1",
		"UPDATE touchpoints SET customer_id = ?2 WHERE customer_id = ?1",
	} {
		if err := w.tx.exec(ctx, query, from, into); err != nil {
			return err
		}
	}
	stamped := "UPDATE customer_rollups SET data_changed_at = ?2 WHERE customer_id IN (SELECT id FROM customers WHERE referred_by_id = ?1)"
	if err := w.tx.exec(ctx, stamped, from, at); err != nil {
		return err
	}
	if err := w.tx.exec(ctx, "UPDATE customers SET referred_by_id = ?2 WHERE referred_by_id = ?1", from, into); err != nil {
		return err
	}
	if err := w.tx.exec(ctx, "DELETE FROM customer_rollups WHERE customer_id = ?1", from); err != nil {
		return err
	}
	return w.tx.exec(ctx, "UPDATE customers SET merged_into = ?2, updated_at = ?3 WHERE merged_into = ?1 OR id = ?1", from, into, at)
}
