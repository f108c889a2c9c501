package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ariga.io/atlas/sql/migrate"
)

// TestMigrationsMatchSchema fails when ent/schema was changed without a migration.
func TestMigrationsMatchSchema(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sqlite")
	if err := os.CopyFS(dir, os.DirFS("../migrations/sqlite")); err != nil {
		t.Fatal(err)
	}
	err := diff(t.Context(), dir, "missing")
	if errors.Is(err, migrate.ErrNoPlan) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	written, err := filepath.Glob(filepath.Join(dir, "*_missing.sql"))
	if err != nil || len(written) != 1 {
		t.Fatalf("one new migration expected, got %v, %v", written, err)
	}
	text, err := os.ReadFile(written[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Errorf("ent/schema and the migrations differ (run go run ./internal/store/migrate NAME); missing:\n%s", text)
}

// TestName refuses what would not make a file name.
func TestName(t *testing.T) {
	for _, args := range [][]string{nil, {"Add Wishlists"}, {"a", "b"}, {"../x"}} {
		if err := run(t.Context(), t.TempDir(), args); err == nil {
			t.Errorf("run(%q) accepted", args)
		}
	}
}
