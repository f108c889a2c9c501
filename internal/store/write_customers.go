package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"bellwether/internal/record"
)

// customer is a row of customers, as stored and as it shall be. Of a row that is merged into another only the instant
// of its source changes.
type customer struct {
	id          string
	key         record.Key
	mergedInto  nullText
	stored      bool
	named       bool // by something that is written: it is created
	joined      bool // another was merged into it
	before, now profile
}

func (c *customer) differs() bool {
	return c.joined || c.stored && c.now != c.before || !c.stored && c.named
}

// says tells whether more changes than the instants that decide which of two records counts.
func (c *customer) says() bool {
	return c.joined || !c.stored || c.now.visible() != c.before.visible()
}

// soughtOtherwise tells whether what the customer is found by changes.
func (c *customer) soughtOtherwise() bool {
	return !c.stored || c.joined || c.now.name.text != c.before.name.text || c.now.email.text != c.before.email.text || c.now.phone != c.before.phone
}

// loadCustomers finds for every key the customer that it means: the survivor, where customers were merged.
func (w *batch) loadCustomers(ctx context.Context) error {
	ids := make([]string, 0, len(w.keys))
	named := make(map[record.Key]string, len(w.keys))
	for key := range w.keys {
		id := CustomerID(key).String()
		ids, named[key] = append(ids, id), id
	}
	if err := w.loadRows(ctx, ids, w.described); err != nil {
		return err
	}
	for key, id := range named {
		c, err := w.survivor(id)
		if err != nil {
			return err
		}
		if c == nil {
			c = &customer{id: id, key: key, now: newProfile()}
			w.customers[id] = c
		}
		w.keys[key] = c
	}
	return nil
}

// loadRows reads rows of customers, and those they are merged into: without any merge, by one statement. (A recursive one
// took PostgreSQL half of the time of an import.) Profiles are read where something is said of a customer.
func (w *batch) loadRows(ctx context.Context, ids []string, profiles bool) error {
	for len(ids) > 0 {
		found, err := w.loadExactly(ctx, ids, profiles)
		if err != nil {
			return err
		}
		ids = nil
		for _, c := range found {
			if c.mergedInto.Valid && w.customers[c.mergedInto.V] == nil {
				ids = append(ids, c.mergedInto.V)
			}
		}
	}
	return nil
}

func (w *batch) loadExactly(ctx context.Context, ids []string, profiles bool) (found []*customer, err error) {
	row := customer{stored: true}
	columns, into := "c.id, c.source, c.external_id, c.merged_into", []any{&row.id, &row.key.Source, &row.key.ExternalID, &row.mergedInto}
	if profiles {
		columns, into = columns+", "+selected("c", profileColumns), append(into, row.before.fields()...)
	}
	rows, err := w.tx.query(ctx, "SELECT "+columns+
		" FROM "+w.tx.each("j", uuids)+w.tx.then()+"customers c ON c.id = j.value", w.tx.list(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		c := row
		c.now = c.before
		w.customers[c.id] = &c
		found = append(found, &c)
	}
	return found, rows.Err()
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

// Most customers come from orders and have no more than hints: they are written without the other columns.
var (
	hintsTable = table{
		name: "customers",
		columns: "id, source, external_id, created_at, name, name_seen_at, email, email_seen_at, country, country_seen_at, " +
			"search_text, updated_at",
		conflict: upsert("name, name_seen_at, email, email_seen_at, country, country_seen_at, search_text, updated_at"),
	}
	customersTable = table{
		name:     "customers",
		columns:  "id, source, external_id, created_at, " + profileColumns + ", search_text, updated_at",
		conflict: upsert(profileColumns + ", search_text, updated_at"),
	}
	// customerInstants are the columns that change alone where a record says what is known.
	customerInstants = table{name: "customers", columns: "id, name_seen_at, email_seen_at, country_seen_at, source_updated_at"}

	accountsTable = table{name: "accounts", columns: "id, name, created_at, updated_at", conflict: "ON CONFLICT (id) DO NOTHING"}
)

// flushCustomers writes the customers that are new or described otherwise.
func (w *batch) flushCustomers(ctx context.Context, at instant) error {
	var written []*customer
	var quiet []any
	for _, c := range sorted(w.customers, func(c *customer) string { return c.id }) {
		switch {
		case !c.differs():
		case c.says() && !c.mergedInto.Valid:
			written = append(written, c)
		default:
			quiet = append(quiet, c.id, c.now.name.at, c.now.email.at, c.now.country.at, c.now.updatedAt)
		}
	}
	if err := w.flushAccounts(ctx, written, at); err != nil {
		return err
	}
	if err := w.flushRows(ctx, written, at); err != nil {
		return err
	}
	return w.tx.update(ctx, customerInstants, quiet)
}

func (w *batch) flushAccounts(ctx context.Context, customers []*customer, at instant) error {
	var rows []any
	accounts := map[string]bool{}
	for _, c := range customers {
		id := c.now.account.V
		if name, ok := w.accounts[id]; ok && c.now.account != c.before.account && !accounts[id] {
			accounts[id] = true
			rows = append(rows, id, name, at, at)
		}
	}
	return w.tx.insert(ctx, accountsTable, rows)
}

func (w *batch) flushRows(ctx context.Context, customers []*customer, at instant) error {
	merged, err := w.mergedTexts(ctx, customers)
	if err != nil {
		return err
	}
	var hints, rows []any
	var found []searchable
	for _, c := range customers {
		p := &c.now
		search := searchText(append([]nullText{p.name.text, p.email.text, p.phone, text(&c.key.ExternalID)}, merged[c.id]...)...)
		before := c.before
		if !c.stored {
			before = newProfile()
		}
		if c.soughtOtherwise() {
			found = append(found, searchable{c.id, search})
		}
		if p.withoutHints() == before.withoutHints() {
			hints = append(hints, c.id, c.key.Source, c.key.ExternalID, at)
			hints = append(hints, values(p.fields()[:6])...)
			hints = append(hints, search, at)
			continue
		}
		rows = append(rows, c.id, c.key.Source, c.key.ExternalID, at)
		rows = append(rows, values(p.fields())...)
		rows = append(rows, search, at)
	}
	if err := w.tx.insert(ctx, hintsTable, hints); err != nil {
		return err
	}
	if err := w.tx.insert(ctx, customersTable, rows); err != nil {
		return err
	}
	return w.flushSearch(ctx, found)
}

// mergedTexts are what a search for a customer finds of those that are merged into it.
func (w *batch) mergedTexts(ctx context.Context, customers []*customer) (map[string][]nullText, error) {
	var ids []string
	for _, c := range customers {
		if c.stored {
			ids = append(ids, c.id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := w.tx.query(ctx, `SELECT c.merged_into, c.name, c.email, c.phone, c.external_id
		FROM `+w.tx.each("j", uuids)+w.tx.then()+`customers c ON c.merged_into = j.value ORDER BY c.merged_into, c.id`, w.tx.list(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string][]nullText{}
	for rows.Next() {
		var id string
		var texts [4]nullText
		if err := rows.Scan(&id, &texts[0], &texts[1], &texts[2], &texts[3]); err != nil {
			return nil, err
		}
		for _, t := range texts {
			if !slices.Contains(found[id], t) {
				found[id] = append(found[id], t)
			}
		}
	}
	return found, rows.Err()
}

// parsed is the id of a row.
func parsed(id string) uuid.UUID { return uuid.MustParse(id) }
