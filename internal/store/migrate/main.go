// Command migrate writes the next migration: the SQL that takes a database from what the migrations of a folder make
// to what ent/schema says. It writes nothing when they agree.
//
//	go run ./internal/store/migrate add_wishlists
//
// The files are in goose's format and the folder carries Atlas's checksums (atlas.sum), so that a migration that was
// edited after the fact is noticed here.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	"modernc.org/sqlite"

	tables "bellwether/ent/migrate"
)

func main() {
	dir := flag.String("dir", "internal/store/migrations", "folder with one folder of migrations for each dialect")
	flag.Parse()
	if err := run(context.Background(), *dir, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "migrate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, args []string) error {
	if len(args) != 1 || !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(args[0]) {
		return errors.New("one argument is needed: what the migration does, in snake case (such as add_wishlists)")
	}
	err := diff(ctx, filepath.Join(dir, "sqlite"), args[0])
	if errors.Is(err, migrate.ErrNoPlan) {
		fmt.Fprintln(os.Stdout, "ent/schema and the migrations agree; nothing written")
		return nil
	}
	return err
}

// diff replays the migrations of a folder on an empty database and writes what is missing to a new file, or answers
// migrate.ErrNoPlan.
func diff(ctx context.Context, dir, name string) error {
	files, err := sqltool.NewGooseDir(dir)
	if err != nil {
		return fmt.Errorf("open %s: %w", dir, err)
	}
	connector, err := sqlite.NewConnector("file::memory:?_pragma=foreign_keys(1)")
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection to :memory: is a database of its own
	plan, err := schema.NewMigrate(entsql.OpenDB(dialect.SQLite, db),
		schema.WithDir(files),
		schema.WithDropColumn(true),
		schema.WithDropIndex(true),
		schema.WithErrNoPlan(true),
		schema.WithFormatter(sqltool.GooseFormatter),
		schema.WithMigrationMode(schema.ModeReplay),
	)
	if err != nil {
		return err
	}
	return plan.NamedDiff(ctx, name, tables.Tables...)
}
