package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"bellwether/internal/pgtest"
)

// cluster is a PostgreSQL of the benchmark's own. Durability is as shipped, for both sides.
type cluster struct {
	*pgtest.Cluster
	pid int
}

func startCluster(ctx context.Context, memory string) (*cluster, error) {
	c, err := pgtest.Private(ctx, "fsync=on", "full_page_writes=on", "synchronous_commit=on", "shared_buffers="+memory, "work_mem=64MB", "max_wal_size=4GB", "timezone=UTC")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(c.Folder, "data", "postmaster.pid"))
	if err != nil {
		return nil, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	return &cluster{c, pid}, err
}

// create makes a database and opens it.
func (c *cluster) create(ctx context.Context) (dsn string, db *sql.DB, err error) {
	if dsn, err = c.Create(ctx); err != nil {
		return "", nil, err
	}
	db, err = sql.Open("postgres", dsn)
	return dsn, db, err
}

// copyInto lets PostgreSQL read a file of the shop into a table.
func (b *bench) copyInto(ctx context.Context, db *sql.DB, table, name string) error {
	_, err := db.ExecContext(ctx, fmt.Sprintf("COPY %s FROM '%s' CSV HEADER", table, filepath.Join(b.folder, name+".csv")))
	return err
}
