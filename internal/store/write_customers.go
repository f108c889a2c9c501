package store

import (
	"context"
	"fmt"

	"bellwether/internal/record"
)

// customer is a row of customers. Its texts are name, e-mail and country.
type customer struct {
	id          string
	key         record.Key
	phone       nullText
	mergedInto  nullText
	stored      bool
	before, now described
}

func (c *customer) differs() bool { return !c.stored || c.now != c.before }

// says tells whether the description itself changes, and not only when it was seen last.
func (c *customer) says() bool { return !c.stored || c.now.texts != c.before.texts }

// loadCustomers finds for every key the customer that it means: the survivor, where customers were merged.
func (w *batch) loadCustomers(ctx context.Context) error {
	if len(w.keys) == 0 {
		return nil
	}
	ids := make([]string, 0, len(w.keys))
	named := make(map[record.Key]string, len(w.keys))
	for key := range w.keys {
		id := CustomerID(key).String()
		ids = append(ids, id)
		named[key] = id
	}
	rows, err := w.tx.query(ctx, `
		WITH RECURSIVE wanted(id) AS (
			SELECT value FROM json_each(?)
			UNION
			SELECT c.merged_into FROM wanted w CROSS JOIN customers c ON c.id = w.id WHERE c.merged_into IS NOT NULL
		)
		SELECT c.id, c.source, c.external_id, c.name, c.email, c.country, c.phone, c.merged_into,
			+c.name_seen_at, +c.email_seen_at, +c.country_seen_at
		FROM wanted w CROSS JOIN customers c ON c.id = w.id`, jsonList(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		c := &customer{stored: true}
		t, seen := &c.before.texts, &c.before.seen
		err := rows.Scan(&c.id, &c.key.Source, &c.key.ExternalID, &t[0], &t[1], &t[2], &c.phone, &c.mergedInto, &seen[0], &seen[1], &seen[2])
		if err != nil {
			return err
		}
		c.now = c.before
		w.customers[c.id] = c
	}
	for key, id := range named {
		c, err := w.survivor(id)
		if err != nil {
			return err
		}
		if c == nil {
			c = &customer{id: id, key: key}
			w.customers[id] = c
		}
		w.keys[key] = c
	}
	return rows.Err()
}

// survivor follows merges.
func (w *batch) survivor(id string) (*customer, error) {
	c := w.customers[id]
	for range len(w.customers) {
		if c == nil || !c.mergedInto.Valid {
			return c, nil
		}
		c = w.customers[c.mergedInto.V]
	}
	if c != nil && c.mergedInto.Valid {
		return nil, fmt.Errorf("customer %s is merged into itself", id)
	}
	return c, nil
}

var customersTable = table{
	name:     "customers",
	columns:  "id, source, external_id, name, email, country, search_text, name_seen_at, email_seen_at, country_seen_at, data_changed_at, created_at, updated_at",
	conflict: upsert("name, email, country, search_text, name_seen_at, email_seen_at, country_seen_at, data_changed_at, updated_at"),
}

// flushCustomers writes the customers that are new or described otherwise, and stamps those whose data changes.
func (w *batch) flushCustomers(ctx context.Context, at int64) error {
	var rows []any
	stamps := map[string]described{}
	for id := range w.touched {
		stamps[id] = described{}
	}
	for _, c := range sorted(w.customers, func(c *customer) string { return c.id }) {
		switch t := c.now.texts; {
		case c.says():
			delete(stamps, c.id)
			search := searchText(t[0], t[1], c.phone, text(&c.key.ExternalID))
			rows = append(rows, c.id, c.key.Source, c.key.ExternalID, orNil(t[0]), orNil(t[1]), orNil(t[2]), search,
				orNil(c.now.seen[0]), orNil(c.now.seen[1]), orNil(c.now.seen[2]), at, at, at)
		case c.differs():
			stamps[c.id] = c.now
		}
	}
	if err := w.tx.insert(ctx, customersTable, rows); err != nil || len(stamps) == 0 {
		return err
	}
	err := w.tx.exec(ctx, `UPDATE customers SET name_seen_at = coalesce(j.value ->> 0, name_seen_at),
			email_seen_at = coalesce(j.value ->> 1, email_seen_at), country_seen_at = coalesce(j.value ->> 2, country_seen_at), data_changed_at = ?2
		FROM json_each(?1) AS j WHERE customers.id = j.key`, seenByID(stamps, 3), at)
	if err != nil {
		return fmt.Errorf("write customers: %w", err)
	}
	return nil
}
