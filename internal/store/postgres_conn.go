package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
)

// postgresConnector makes connections that number placeholders, keep statements prepared, report what they run, and
// fail when the server has gone silent.
type postgresConnector struct {
	config   pq.Config
	patience patience
	trace    func(query string)
	locks    bool // transactions begin with the write lock
	silences atomic.Int64
}

// Driver implements [driver.Connector].
func (c *postgresConnector) Driver() driver.Driver { return pq.Driver{} }

// Connect implements [driver.Connector].
func (c *postgresConnector) Connect(ctx context.Context) (driver.Conn, error) {
	connector, err := pq.NewConnectorConfig(c.config)
	if err != nil {
		return nil, err
	}
	out := &postgresConn{from: c, silences: c.silences.Load(), prepared: map[string]driver.Stmt{}}
	connector.Dialer(&wire{conn: out})
	opened, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(tracedConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the PostgreSQL driver's connection %T lacks a method", opened), opened.Close())
	}
	out.tracedConn = conn
	return out, nil
}

// postgresConn is a connection. The driver asks the server twice for a statement with parameters, to prepare and to run
// it, and the server plans it each time; kept prepared, it is asked once. (binary_parameters would do that, too, but
// breaks JSON columns.)
type postgresConn struct {
	tracedConn
	from     *postgresConnector
	silences int64 // of the connector, when it was made
	wire     net.Conn
	limit    atomic.Int64
	last     context.Context //nolint:containedctx // of the last statement: see IsValid
	prepared map[string]driver.Stmt
}

// maxPrepared bounds the statements that a connection keeps; there are about a hundred, unless lists of ids vary.
const maxPrepared = 256

// begin notes whose statement is next. The driver does not look at a context's deadline while it waits for the server.
func (c *postgresConn) begin(ctx context.Context, query string) {
	if c.from.trace != nil && query != "" {
		c.from.trace(query)
	}
	c.last = ctx
	c.limit.Store(0)
	if deadline, ok := ctx.Deadline(); ok {
		c.limit.Store(deadline.Add(time.Second / 2).UnixNano())
	}
}

// IsValid tells whether the connection can be used again: not after a statement that was given up, since the server may
// be told so when it already runs the next one; nor when another connection has found the server silent since.
func (c *postgresConn) IsValid() bool {
	return (c.last == nil || c.last.Err() == nil) && c.silences == c.from.silences.Load() && c.tracedConn.IsValid()
}

// ResetSession refuses a connection that was made before the server went silent, or that the server has ended.
func (c *postgresConn) ResetSession(ctx context.Context) error {
	if c.silences != c.from.silences.Load() || !alive(c.wire) {
		return driver.ErrBadConn
	}
	return c.tracedConn.ResetSession(ctx)
}

// Close ends the connection, whatever its last statement's deadline was.
func (c *postgresConn) Close() error {
	c.limit.Store(0)
	return c.tracedConn.Close()
}

// BeginTx begins a transaction; the writer's takes the write lock, which all processes share, and gives it back with the
// transaction. Both are one way to the server.
func (c *postgresConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	c.begin(ctx, "")
	if !c.from.locks {
		return c.tracedConn.BeginTx(ctx, opts)
	}
	tx, ok := c.tracedConn.(driver.Tx) // what the driver's own BeginTx returns
	if !ok {
		return nil, fmt.Errorf("the PostgreSQL driver's connection %T cannot commit", c.tracedConn)
	}
	if _, err := c.tracedConn.ExecContext(ctx, "BEGIN READ WRITE; SELECT pg_advisory_xact_lock("+writeLock+")", nil); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

// Advisory locks, by database and schema.
const (
	writeLock   = "1650814060, hashtext(current_schema())"
	migrateLock = "1650814061, hashtext(current_schema())"
)

// ExecContext runs a statement without rows.
func (c *postgresConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.begin(ctx, query)
	if len(args) == 0 {
		return c.tracedConn.ExecContext(ctx, query, nil)
	}
	stmt, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args)
}

// QueryContext runs a statement with rows.
func (c *postgresConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.begin(ctx, query)
	if len(args) == 0 {
		return c.tracedConn.QueryContext(ctx, query, nil)
	}
	stmt, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args)
}

// statement is a statement's prepared form.
func (c *postgresConn) statement(ctx context.Context, query string) (tracedStmt, error) {
	if kept, ok := c.prepared[query].(tracedStmt); ok {
		return kept, nil
	}
	if len(c.prepared) >= maxPrepared {
		for text, stmt := range c.prepared {
			if err := stmt.Close(); err != nil {
				return nil, err
			}
			delete(c.prepared, text)
		}
	}
	stmt, err := prepare(ctx, c.tracedConn, rebind(query))
	if err != nil {
		return nil, err
	}
	c.prepared[query] = stmt
	return stmt, nil
}

// PrepareContext prepares a statement for a caller that keeps it. COPY is not one that can be kept.
func (c *postgresConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.begin(ctx, "")
	if strings.HasPrefix(strings.ToUpper(query), "COPY ") {
		c.begin(ctx, query)
		return c.tracedConn.PrepareContext(ctx, query)
	}
	stmt, err := prepare(ctx, c.tracedConn, rebind(query))
	if err != nil {
		return nil, err
	}
	return postgresStmt{stmt, c, query}, nil
}

type postgresStmt struct {
	tracedStmt
	conn  *postgresConn
	query string
}

// ExecContext runs the statement without rows.
func (s postgresStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.conn.begin(ctx, s.query)
	return s.tracedStmt.ExecContext(ctx, args)
}

// QueryContext runs the statement with rows.
func (s postgresStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.conn.begin(ctx, s.query)
	return s.tracedStmt.QueryContext(ctx, args)
}

// Close gives the statement up, whatever its last deadline was.
func (s postgresStmt) Close() error {
	s.conn.limit.Store(0)
	return s.tracedStmt.Close()
}

// wire dials for one connection: its own, and those that ask the server to give up a statement of it.
type wire struct{ conn *postgresConn }

// Dial implements [pq.Dialer].
func (w *wire) Dial(network, address string) (net.Conn, error) {
	return w.DialContext(context.Background(), network, address)
}

// DialTimeout implements [pq.Dialer].
func (w *wire) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return w.DialContext(ctx, network, address)
}

// DialContext implements [pq.DialerContext].
func (w *wire) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if w.conn.tracedConn == nil { // else it is one that gives up a statement
		w.conn.wire = conn
	}
	return &timedConn{Conn: conn, owner: w.conn}, nil
}

// timedConn gives every read and write a deadline: the server's silence, the end of the statement's context, or that of
// the start of a connection, whichever is first.
type timedConn struct {
	net.Conn
	owner *postgresConn
	start atomic.Int64 // deadline of the start; 0: it is over
}

// SetDeadline is called by the driver around the start of a connection.
func (t *timedConn) SetDeadline(at time.Time) error {
	t.start.Store(0)
	if !at.IsZero() {
		t.start.Store(at.UnixNano())
	}
	return t.Conn.SetDeadline(at)
}

func (t *timedConn) deadline(begin time.Time) time.Time {
	at := begin.Add(t.owner.from.patience.silence)
	for _, limit := range []int64{t.start.Load(), t.owner.limit.Load()} {
		if limit != 0 {
			if earlier := time.Unix(0, limit); earlier.Before(at) {
				at = earlier
			}
		}
	}
	return at
}

// Read reads within the deadline.
func (t *timedConn) Read(b []byte) (int, error) {
	begin := time.Now()
	if err := t.SetReadDeadline(t.deadline(begin)); err != nil {
		return 0, err
	}
	n, err := t.Conn.Read(b)
	return n, t.heard(begin, err)
}

// Write writes within the deadline.
func (t *timedConn) Write(b []byte) (int, error) {
	begin := time.Now()
	if err := t.SetWriteDeadline(t.deadline(begin)); err != nil {
		return 0, err
	}
	n, err := t.Conn.Write(b)
	return n, t.heard(begin, err)
}

// heard notes a silence: the other connections are likely to be as dead, and a pool of them would let many requests
// wait before it is empty. A caller that waited for less says nothing about the server.
func (t *timedConn) heard(begin time.Time, err error) error {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() && time.Since(begin) >= t.owner.from.patience.silence {
		t.owner.from.silences.Add(1)
	}
	return err
}
