package store_test

import (
	"database/sql"
	"encoding/csv"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ulikunitz/xz"

	"bellwether/internal/pgtest"
	"bellwether/internal/record"
	"bellwether/internal/store"
)

// retail reads Online Retail as batches of at most n orders, in the file's order.
func retail(tb testing.TB, n int) []record.Batch {
	tb.Helper()
	file, err := os.Open("../../testdata/online_retail.csv.xz")
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	plain, err := xz.NewReader(file)
	if err != nil {
		tb.Fatal(err)
	}
	rows := csv.NewReader(plain)
	if _, err := rows.Read(); err != nil {
		tb.Fatal(err)
	}
	var batches []record.Batch
	place := map[string][2]int{} // of an order: its batch and position
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return batches
		}
		if err != nil {
			tb.Fatal(err)
		}
		if row[6] == "" || row[3] == "0" {
			continue
		}
		at, ok := place[row[0]]
		if !ok {
			if len(batches) == 0 || len(batches[len(batches)-1].Orders) == n {
				batches = append(batches, record.Batch{})
			}
			at = [2]int{len(batches) - 1, len(batches[len(batches)-1].Orders)}
			place[row[0]] = at
		}
		addRow(tb, &batches[at[0]], at[1], row)
	}
}

func addRow(tb testing.TB, b *record.Batch, position int, row []string) {
	tb.Helper()
	placed, err := time.Parse(time.DateTime, row[4])
	if err != nil {
		tb.Fatal(err)
	}
	customer := record.Key{Source: "retail", ExternalID: strings.TrimSuffix(row[6], ".0")}
	if position == len(b.Orders) {
		b.Orders = append(b.Orders, record.Order{
			Key: record.Key{Source: "retail", ExternalID: row[0]}, Customer: customer, PlacedAt: placed, Currency: "GBP",
			Lines: record.Set[[]record.Line](nil),
		})
		b.Customers = append(b.Customers, record.CustomerHint{Key: customer, SeenAt: placed, Country: &row[7]})
	}
	price, err := record.Scaled(row[5], record.MicroDigits)
	if err != nil {
		tb.Fatal(err)
	}
	quantity, err := record.Scaled(row[3], 0)
	if err != nil {
		tb.Fatal(err)
	}
	lines := &b.Orders[position].Lines.Value
	*lines = append(*lines, record.Line{SKU: row[1], Quantity: int(quantity), UnitPrice: price})
	b.Products = append(b.Products, record.ProductHint{SKU: row[1], SeenAt: placed, Name: &row[2]})
}

func countRows(tb testing.TB, s *store.Store) (n int) {
	tb.Helper()
	err := s.DB().QueryRow(`SELECT (SELECT count(*) FROM customers) + (SELECT count(*) FROM products) + (SELECT count(*) FROM orders) +
		(SELECT count(*) FROM order_lines)`).Scan(&n)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// BenchmarkWrite writes Online Retail into an empty database; compare with BenchmarkBareInsert.
func BenchmarkWrite(b *testing.B) {
	batches := retail(b, 500)
	rows := 0
	for b.Loop() {
		b.StopTimer()
		s := open(b)
		b.StartTimer()
		for _, batch := range batches {
			if _, err := s.Write(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
		}
		b.StopTimer()
		rows = countRows(b, s)
		b.StartTimer()
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkWriteAgain writes Online Retail into a database that has it.
func BenchmarkWriteAgain(b *testing.B) {
	batches := retail(b, 500)
	s := open(b)
	write := func() {
		for _, batch := range batches {
			if _, err := s.Write(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
		}
	}
	write()
	rows := countRows(b, s)
	for b.Loop() {
		write()
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkBareInsert is the yardstick of BenchmarkWrite: the same rows into the same schema, with a prepared INSERT
// for each row, in transactions of 10,000 rows.
func BenchmarkBareInsert(b *testing.B) {
	full := open(b)
	for _, batch := range retail(b, 500) {
		if _, err := full.Write(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	tables := []string{"customers", "products", "orders", "order_lines"}
	rows, inserts := map[string][][]any{}, map[string]string{}
	n := 0
	for _, table := range tables {
		rows[table], inserts[table] = dump(b, full.DB(), table)
		n += len(rows[table])
	}
	for b.Loop() {
		b.StopTimer()
		s := openAt(b, pgtest.DSN(b), store.Options{})
		b.StartTimer()
		for _, table := range tables {
			for at := 0; at < len(rows[table]); at += 10_000 {
				insertAll(b, s.DB(), inserts[table], rows[table][at:min(at+10_000, len(rows[table]))])
			}
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
}

func insertAll(b *testing.B, db *sql.DB, query string, rows [][]any) {
	b.Helper()
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	stmt, err := tx.Prepare(query)
	if err != nil {
		b.Fatal(err)
	}
	defer stmt.Close() //nolint:errcheck // the transaction's end would close it, too
	for _, row := range rows {
		if _, err := stmt.Exec(row...); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// dump reads a table in the order it was written, and makes the INSERT of a row of it.
func dump(tb testing.TB, db *sql.DB, table string) (all [][]any, insert string) {
	tb.Helper()
	rows, err := db.Query("SELECT * FROM " + table + " ORDER BY rowid")
	if err != nil {
		tb.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		tb.Fatal(err)
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			tb.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	return all, "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ")"
}
