package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// tracedConn is what a connection of a driver does.
type tracedConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// tracedStmt is what a statement of a driver does.
type tracedStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// prepare prepares a statement with all of its methods.
func prepare(ctx context.Context, conn driver.ConnPrepareContext, query string) (tracedStmt, error) {
	prepared, err := conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	stmt, ok := prepared.(tracedStmt)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's statement %T lacks a method", prepared), prepared.Close())
	}
	return stmt, nil
}

// sqliteConn is what a connection of the SQLite driver does.
type sqliteConn interface {
	tracedConn
	IsReadOnly(schema string) (bool, error)
}

// connect opens a connection with all of its methods.
func connect(ctx context.Context, c driver.Connector) (sqliteConn, error) {
	opened, err := c.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the SQLite driver's connection %T lacks a method", opened), opened.Close())
	}
	return conn, nil
}

// tracing makes connections that report each statement before they run it.
type tracing struct {
	driver.Connector
	trace func(query string)
}

// Connect opens a connection.
func (t tracing) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := connect(ctx, t.Connector)
	if err != nil {
		return nil, err
	}
	return tracingConn{conn, t.trace}, nil
}

type tracingConn struct {
	sqliteConn
	trace func(query string)
}

// ExecContext runs a statement without rows.
func (c tracingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.trace(query)
	return c.sqliteConn.ExecContext(ctx, query, args)
}

// QueryContext runs a statement with rows.
func (c tracingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.trace(query)
	return c.sqliteConn.QueryContext(ctx, query, args)
}

// PrepareContext prepares a statement that reports when it is run.
func (c tracingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := prepare(ctx, c.sqliteConn, query)
	if err != nil {
		return nil, err
	}
	return tracingStmt{stmt, func() { c.trace(query) }}, nil
}

type tracingStmt struct {
	tracedStmt
	trace func()
}

// ExecContext runs the statement without rows.
func (s tracingStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.trace()
	return s.tracedStmt.ExecContext(ctx, args)
}

// QueryContext runs the statement with rows.
func (s tracingStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.trace()
	return s.tracedStmt.QueryContext(ctx, args)
}
