package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"

	"bellwether/internal/record"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// Facts is the store as the engine's source.
func (s *Store) Facts() engine.Source { return &facts{Store: s} }

type facts struct {
	*Store
	business atomic.Pointer[engine.Business] // once the currency is recorded, nothing of it changes
}

// Business implements [engine.Source].
func (f *facts) Business(ctx context.Context) (engine.Business, error) {
	if known := f.business.Load(); known != nil {
		return *known, nil
	}
	b, err := f.Store.Business(ctx)
	if err != nil {
		return engine.Business{}, err
	}
	out := engine.Business{Currency: noCurrency, Location: b.TimeZone}
	if b.BaseCurrency == "" {
		return out, nil
	}
	out.Currency = b.BaseCurrency
	if out.Exponent, err = record.Exponent(b.BaseCurrency); err == nil {
		f.business.Store(&out)
	}
	return out, err
}

// Revision implements [engine.Source].
func (f *facts) Revision(ctx context.Context) (engine.Revision, error) {
	r, err := f.Store.Revision(ctx)
	return engine.Revision(r), err
}

// noCurrency is the ISO 4217 code for "no currency", as long as no order has brought one.
const noCurrency = "XXX"

// chunk is how many customers a scan reads at a time: enough that the statements' cost is spread, few enough that
// their order lines fit in memory.
const chunk = 2000

// choice begins a statement with the customers of a query, as the table chosen: ids, and the columns that are asked for.
// Every other part of the statement only knows that table. (Were customers joined to it, PostgreSQL would read all of
// them for each chunk of a scan.)
type choice func(columns []string) string

// some and next are choices. Without the index of merged_into, under which SQLite would read every customer that is not
// merged. The limit is not a parameter, so that PostgreSQL's plan for all limits knows it, too.
func some(d dialect) choice {
	return func(columns []string) string {
		return "WITH chosen AS MATERIALIZED (SELECT c.id" + also("c.", columns) + " FROM " + d.each("j", uuids) + d.then() +
			"customers c ON c.id = j.value WHERE NOT (c.merged_into IS NOT NULL))"
	}
}

func next(columns []string) string {
	return fmt.Sprintf("WITH chosen AS MATERIALIZED (SELECT id%s FROM customers WHERE NOT (merged_into IS NOT NULL) AND id > ? ORDER BY id LIMIT %d)",
		also("", columns), chunk)
}

// also lists columns after another one.
func also(prefix string, columns []string) (list string) {
	for _, c := range columns {
		list += ", " + prefix + c
	}
	return list
}

// Frame implements [engine.Source].
func (f *facts) Frame(ctx context.Context, q engine.Query) (*engine.Frame, error) {
	texts := make([]string, len(q.IDs))
	for i, id := range q.IDs {
		texts[i] = idText(id)
	}
	db := f.DB()
	if len(q.IDs) > chunk/2 { // of a refresh: requests do not wait for it
		db = f.scans
	}
	r := reader{db, f.dialect, products{}}
	frame, err := r.read(ctx, q, some(f.dialect), []any{f.dialect.list(texts)})
	return frame, explain(f.path, err)
}

// Scan implements [engine.Source]. All chunks are read in one transaction, so that they show one state.
func (f *facts) Scan(ctx context.Context, q engine.Query, yield func(*engine.Frame) error) error {
	tx, err := f.scans.BeginTx(ctx, f.dialect.snapshot())
	if err != nil {
		return explain(f.path, fmt.Errorf("begin to read the population: %w", err))
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	r, last := reader{tx, f.dialect, products{}}, idText(scoring.ID{})
	for {
		frame, err := r.read(ctx, q, next, []any{last})
		if err != nil {
			return explain(f.path, err)
		}
		if len(frame.IDs) == 0 {
			return nil
		}
		if err := yield(frame); err != nil {
			return err
		}
		last = idText(frame.IDs[len(frame.IDs)-1])
	}
}

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// reader answers queries for customers that are chosen.
type reader struct {
	queryer
	dialect
	known products // of all lines read so far
}

// read answers a query with one statement for the facts, one for the orders, and one for the products of their lines
// that are not known yet.
func (r reader) read(ctx context.Context, q engine.Query, chosen choice, args []any) (*engine.Frame, error) {
	frame, err := r.facts(ctx, q, chosen, args)
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	if q.Orders != nil && len(frame.IDs) > 0 {
		if err := r.orders(ctx, q, chosen, args, frame); err != nil {
			return nil, fmt.Errorf("read orders: %w", err)
		}
	}
	return frame, nil
}

func (r reader) facts(ctx context.Context, q engine.Query, chosen choice, args []any) (*engine.Frame, error) {
	b := &factsSQL{dialect: r.dialect, asOf: at(int64(q.AsOf))}
	frame := &engine.Frame{Facts: make([]scoring.Column, len(q.Facts))}
	for i, fq := range q.Facts {
		fact, ok := scoring.FactNamed(fq.Name)
		if !ok {
			return nil, fmt.Errorf("unknown fact %s", fq.Name)
		}
		frame.Facts[i] = scoring.MakeColumn(fact.Kind, 0)
		frame.Facts[i].Null = []bool{}
		if err := b.add(fq); err != nil {
			return nil, err
		}
	}
	rows, err := r.QueryContext(ctx, chosen(b.known)+b.text(), append(args[:len(args):len(args)], b.arguments()...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	into := make([]any, 1+len(q.Facts))
	var id string
	into[0] = &id
	numbers, texts := make([]instant, len(q.Facts)), make([]sql.NullString, len(q.Facts)) // an instant takes any integer
	shares := make([]sql.NullFloat64, len(q.Facts))
	for i := range q.Facts {
		switch frame.Facts[i].Kind {
		case scoring.Number:
			into[1+i] = &shares[i]
		case scoring.Text:
			into[1+i] = &texts[i]
		default:
			into[1+i] = &numbers[i]
		}
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		customer, err := parseID(id)
		if err != nil {
			return nil, err
		}
		frame.IDs = append(frame.IDs, customer)
		for i := range frame.Facts {
			switch c := &frame.Facts[i]; c.Kind {
			case scoring.Number:
				c.Floats, c.Null = append(c.Floats, shares[i].Float64), append(c.Null, !shares[i].Valid)
			case scoring.Text:
				c.Texts, c.Null = append(c.Texts, texts[i].String), append(c.Null, !texts[i].Valid)
			default:
				c.Ints, c.Null = append(c.Ints, numbers[i].V), append(c.Null, !numbers[i].Valid)
			}
		}
	}
	return frame, rows.Err()
}
