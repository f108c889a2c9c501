package store

import (
	"context"
	"fmt"
	"slices"

	"bellwether/internal/record"
)

// product is a row of products, as stored and as it shall be.
type product struct {
	id          string
	sku         string
	stored      bool
	named       bool // by something that is written: it is created
	before, now productRow
}

// productRow is what can change of a row of products. It is comparable.
type productRow struct {
	name, category heard
	kind           string
	launchedAt     instant
	technology     bool
}

const productColumns = "name, name_seen_at, category, category_seen_at, kind, launched_at, technology"

func (p *productRow) fields() []any {
	return []any{&p.name.text, &p.name.at, &p.category.text, &p.category.at, &p.kind, &p.launchedAt, &p.technology}
}

// visible is a row without the instants that only decide which of two records counts.
func (p productRow) visible() productRow {
	p.name.at, p.category.at = instant{}, instant{}
	return p
}

// scored is what scorers read of a product.
func (p productRow) scored() productRow {
	p = p.visible()
	p.name = heard{}
	return p
}

// defaultProductKind is that of products of which nobody said another.
const defaultProductKind = "GOODS"

// newProductRow is that of a product of which nobody said anything.
func newProductRow() productRow { return productRow{kind: defaultProductKind} }

func (p *product) differs() bool { return p.stored && p.now != p.before || !p.stored && p.named }

// applyProduct takes in a record of a product.
func (w *batch) applyProduct(r *record.Product) (record.Written, error) {
	switch {
	case r.SKU == "":
		return record.Written{}, problem(record.CodeRequired, "sku", "the product has no key (give its sku)", "商品缺少编号（请提供 sku）")
	case r.Kind.State == record.Present && !slices.Contains(record.ProductKinds(), r.Kind.Value):
		return record.Written{}, unknownName("kind", r.Kind.Value, record.ProductKinds())
	}
	p := w.products[r.SKU]
	exists, before := p.stored || p.named, p.now
	p.now.name.tell(r.Name)
	p.now.category.tell(r.Category)
	switch r.Kind.State {
	case record.Present:
		p.now.kind = r.Kind.Value
	case record.Null:
		p.now.kind = defaultProductKind
	case record.Omitted:
	}
	replaceInstant(&p.now.launchedAt, r.LaunchedAt)
	if r.Technology.State != record.Omitted {
		p.now.technology = r.Technology.Value
	}
	out := record.Written{ID: parsed(p.id), Outcome: record.Unchanged}
	switch {
	case !exists:
		p.named, out.Outcome = true, record.Created
	case p.now != before:
		out.Outcome = record.Updated
	}
	return out, nil
}

func (w *batch) loadProducts(ctx context.Context) error {
	if len(w.products) == 0 {
		return nil
	}
	ids := make([]string, 0, len(w.products))
	for sku := range w.products {
		p := &product{id: ProductID(sku).String(), sku: sku, now: newProductRow()}
		w.products[sku] = p
		ids = append(ids, p.id)
	}
	rows, err := w.tx.query(ctx, "SELECT p.sku, "+selected("p", productColumns)+
		" FROM "+w.tx.each("j", uuids)+w.tx.then()+"products p ON p.id = j.value", w.tx.list(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	var sku string
	var r productRow
	into := append([]any{&sku}, r.fields()...)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		p := w.products[sku]
		p.before, p.now, p.stored = r, r, true
	}
	return rows.Err()
}

var productsTable = table{
	name:     "products",
	columns:  "id, sku, created_at, " + productColumns + ", updated_at",
	conflict: upsert(productColumns + ", updated_at"),
}

// productInstants are the columns that change alone where a record says what is known.
var productInstants = table{name: "products", columns: "id, name_seen_at, category_seen_at"}

// flushProducts writes the products that are new or described otherwise, and stamps who bought those that scorers read
// otherwise.
func (w *batch) flushProducts(ctx context.Context, at instant) error {
	var rows, quiet []any
	var moved []string
	for _, p := range sorted(w.products, func(p *product) string { return p.id }) {
		switch {
		case !p.differs():
		case !p.stored || p.now.visible() != p.before.visible():
			rows = append(rows, p.id, p.sku, at)
			rows = append(rows, values(p.now.fields())...)
			rows = append(rows, at)
			if p.stored && p.now.scored() != p.before.scored() {
				moved = append(moved, p.id)
			}
		default:
			quiet = append(quiet, p.id, p.now.name.at, p.now.category.at)
		}
	}
	if err := w.tx.insert(ctx, productsTable, rows); err != nil {
		return err
	}
	if err := w.tx.update(ctx, productInstants, quiet); err != nil {
		return err
	}
	if len(moved) == 0 {
		return nil
	}
	// Without an index of lines by product, which every import would pay for: products change rarely.
	err := w.tx.exec(ctx, `UPDATE customer_rollups SET data_changed_at = ? WHERE customer_id IN (
		SELECT customer_id FROM order_lines WHERE product_id IN (SELECT value FROM `+w.tx.each("j", uuids)+`))`, at, w.tx.list(moved))
	if err != nil {
		return fmt.Errorf("stamp the buyers of products: %w", err)
	}
	return nil
}
