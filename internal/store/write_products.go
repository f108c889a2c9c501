package store

import (
	"context"
	"fmt"
)

// product is a row of products. Its texts are name and category.
type product struct {
	id          string
	sku         string
	stored      bool
	before, now described
}

func (p *product) differs() bool { return !p.stored || p.now != p.before }

func (w *batch) loadProducts(ctx context.Context) error {
	if len(w.products) == 0 {
		return nil
	}
	ids := make([]string, 0, len(w.products))
	for sku := range w.products {
		p := &product{id: ProductID(sku).String(), sku: sku}
		w.products[sku] = p
		ids = append(ids, p.id)
	}
	rows, err := w.tx.query(ctx, `SELECT p.sku, p.name, p.category, +p.name_seen_at, +p.category_seen_at
		FROM json_each(?) j CROSS JOIN products p ON p.id = j.value`, jsonList(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var sku string
		var d described
		if err := rows.Scan(&sku, &d.texts[0], &d.texts[1], &d.seen[0], &d.seen[1]); err != nil {
			return err
		}
		p := w.products[sku]
		p.before, p.now, p.stored = d, d, true
	}
	return rows.Err()
}

var productsTable = table{
	name:     "products",
	columns:  "id, sku, name, category, name_seen_at, category_seen_at, created_at, updated_at",
	conflict: upsert("name, category, name_seen_at, category_seen_at, updated_at"),
}

// flushProducts writes the products that are new or described otherwise. Scorers read the category, so that whoever
// bought a product has changed with it.
func (w *batch) flushProducts(ctx context.Context, at int64) error {
	var rows []any
	var moved []string
	seen := map[string]described{}
	for _, p := range sorted(w.products, func(p *product) string { return p.id }) {
		switch {
		case !p.stored || p.now.texts != p.before.texts:
			rows = append(rows, p.id, p.sku, orNil(p.now.texts[0]), orNil(p.now.texts[1]), orNil(p.now.seen[0]), orNil(p.now.seen[1]), at, at)
			if p.stored && p.now.texts[1] != p.before.texts[1] {
				moved = append(moved, p.id)
			}
		case p.differs():
			seen[p.id] = p.now
		}
	}
	if err := w.tx.insert(ctx, productsTable, rows); err != nil {
		return err
	}
	if len(seen) > 0 {
		err := w.tx.exec(ctx, `UPDATE products SET name_seen_at = j.value ->> 0, category_seen_at = j.value ->> 1
			FROM json_each(?) AS j WHERE products.id = j.key`, seenByID(seen, 2))
		if err != nil {
			return fmt.Errorf("write products: %w", err)
		}
	}
	if len(moved) == 0 {
		return nil
	}
	// Without an index of lines by product, which every import would pay for: categories change rarely.
	err := w.tx.exec(ctx, `UPDATE customers SET data_changed_at = ?2 WHERE id IN (
		SELECT customer_id FROM order_lines WHERE product_id IN (SELECT value FROM json_each(?1)))`, jsonList(moved), at)
	if err != nil {
		return fmt.Errorf("stamp the buyers of products: %w", err)
	}
	return nil
}
