package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"bellwether/internal/record"
)

// DeleteOrders deletes orders with their lines and refunds, and returns the ids of those that were there, in the order
// of their keys. Their customers stay. An order that is sent again later is a new one.
func (s *Store) DeleteOrders(ctx context.Context, source string, externalIDs []string) ([]uuid.UUID, error) {
	return s.remove(ctx, "orders", OrderID, source, externalIDs)
}

// DeleteTouchpoints deletes touchpoints as [Store.DeleteOrders] does orders.
func (s *Store) DeleteTouchpoints(ctx context.Context, source string, externalIDs []string) ([]uuid.UUID, error) {
	return s.remove(ctx, "touchpoints", TouchpointID, source, externalIDs)
}

func (s *Store) remove(ctx context.Context, table string, id func(record.Key) uuid.UUID, source string, externalIDs []string) ([]uuid.UUID, error) {
	var found []uuid.UUID
	err := s.writeAlone(ctx, func(ctx context.Context, w *batch) error {
		asked := make([]string, len(externalIDs))
		for i, externalID := range externalIDs {
			asked[i] = id(record.Key{Source: source, ExternalID: externalID}).String()
		}
		ids, err := w.present(ctx, table, asked)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, text := range ids {
			found = append(found, parsed(text))
		}
		at, err := s.instant(ctx, w)
		if err != nil {
			return err
		}
		from := []string{table + " WHERE id"}
		if table == "orders" {
			from = []string{"order_lines WHERE order_id", "refunds WHERE order_id", "orders WHERE id"}
		}
		for _, rows := range from {
			if err := w.tx.exec(ctx, "DELETE FROM "+rows+" IN (SELECT value FROM "+w.tx.each("j", uuids)+")", w.tx.list(ids)); err != nil {
				return fmt.Errorf("delete %s: %w", table, err)
			}
		}
		return w.flushRollups(ctx, at)
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// present finds which rows are there, each once, and touches their customers.
func (w *batch) present(ctx context.Context, table string, asked []string) ([]string, error) {
	rows, err := w.tx.query(ctx, "SELECT t.id, t.customer_id FROM "+w.tx.each("j", uuids)+w.tx.then()+table+" t ON t.id = j.value ORDER BY j.key", w.tx.list(asked))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", table, err)
	}
	defer rows.Close()
	var ids []string
	seen := map[string]bool{}
	for rows.Next() {
		var id, customer string
		if err := rows.Scan(&id, &customer); err != nil {
			return nil, err
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
			w.touched[customer] = true
		}
	}
	return ids, rows.Err()
}
