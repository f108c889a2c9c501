package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	_ "github.com/lib/pq" // the driver
)

// handlerVariable makes the program serve the plain tables instead: a process of its own, whose CPU time can be told from
// that of the benchmark.
const handlerVariable = "BELLWETHER_BENCH_HANDLER"

// handlerSQL is what a careful person writes for the six queries without GraphQL: a prepared statement each, whose answer
// PostgreSQL builds as JSON.
func handlerSQL() map[string]string {
	const page = `(SELECT * FROM customers WHERE id > $1 ORDER BY id LIMIT 50) AS c`
	orders := func(n int, more string) string {
		return fmt.Sprintf(`(SELECT coalesce(json_agg(x), '[]') FROM (
			SELECT id, placed_at, total_cents %s FROM orders AS o WHERE customer_id = c.id ORDER BY placed_at DESC, id DESC LIMIT %d) AS x)`, more, n)
	}
	touchpoints := func(n int) string {
		return fmt.Sprintf(`(SELECT coalesce(json_agg(x), '[]') FROM (
			SELECT id, at, kind, channel FROM touchpoints WHERE customer_id = c.id ORDER BY at DESC, id DESC LIMIT %d) AS x)`, n)
	}
	const lines = `, (SELECT json_agg(l) FROM (SELECT sku, category, quantity, unit_price_cents FROM order_lines WHERE order_id = o.id) AS l) AS lines`
	const rfm = `coalesce(r.frequency, 0) AS frequency, coalesce(r.monetary, 0) AS monetary, r.recency_days`
	return map[string]string{
		"Q1": `SELECT json_agg(x) FROM (SELECT external_id, name, email, country, city, registered_at FROM ` + page + `) AS x`,
		"Q2": `SELECT json_agg(json_build_object('external_id', c.external_id, 'name', c.name, 'orders', ` + orders(5, ", channel") + `, 'touchpoints', ` + touchpoints(5) + `)) FROM ` + page,
		"Q3": `SELECT json_build_object('external_id', c.external_id, 'name', c.name, 'email', c.email, 'orders', ` + orders(20, lines) + `, 'touchpoints', ` + touchpoints(20) + `)
			FROM customers AS c WHERE id = $1`,
		"Q4": `SELECT json_agg(x) FROM (SELECT c.external_id, c.name, ` + rfm + `, r.r, r.f, r.m, coalesce(r.segment, 'NONE') AS segment
			FROM ` + page + ` LEFT JOIN rfm AS r USING (id)) AS x`,
		"Q5": `SELECT json_agg(x) FROM (SELECT c.external_id, c.name, ` + rfm + `
			FROM (SELECT * FROM rfm WHERE segment = $1 ORDER BY monetary DESC LIMIT 50) AS r JOIN customers AS c USING (id)) AS x`,
		"Q6": `SELECT json_agg(x) FROM (SELECT r, fm, count(rfm.id) AS customers, coalesce(sum(monetary), 0) AS revenue
			FROM generate_series(1, 5) AS r CROSS JOIN generate_series(1, 5) AS fm LEFT JOIN rfm USING (r, fm) GROUP BY r, fm) AS x`,
	}
}

// serveHandler serves the plain tables of a database until the process is killed, and writes its address first.
func serveHandler(dsn string, out io.Writer) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(10)
	db.SetMaxIdleConns(10)
	prepared := map[string]*sql.Stmt{}
	for name, statement := range handlerSQL() {
		if prepared[name], err = db.Prepare(statement); err != nil { //nolint:noctx,sqlclosecheck // before anybody asks; closed with the process
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // before anybody asks
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "http://%s/\n", l.Addr())
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Query     string
			Variables struct{ V any }
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var args []any
		if asked.Variables.V != nil {
			args = append(args, asked.Variables.V)
		}
		var answer sql.RawBytes
		rows, err := prepared[asked.Query].QueryContext(r.Context(), args...)
		if err == nil {
			defer rows.Close()
			if rows.Next() {
				err = rows.Scan(&answer)
			}
			err = errors.Join(err, rows.Err())
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"data":`) //nolint:errcheck // the client is gone
		w.Write(answer)               //nolint:errcheck // the client is gone
		io.WriteString(w, `}`)        //nolint:errcheck // the client is gone
	})}
	return server.Serve(l)
}
