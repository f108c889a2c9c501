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
	for _, d := range dialects() {
		dir := filepath.Join(t.TempDir(), d.folder)
		if err := os.CopyFS(dir, os.DirFS("../migrations/"+d.folder)); err != nil {
			t.Fatal(err)
		}
		err := d.diff(t.Context(), dir, "missing")
		if errors.Is(err, migrate.ErrNoPlan) {
			continue
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
		t.Errorf("ent/schema and the migrations of %s differ (run go run ./internal/store/migrate NAME); missing:\n%s", d.folder, text)
	}
}

// TestName refuses what would not make a file name.
func TestName(t *testing.T) {
	for _, args := range [][]string{nil, {"Add Wishlists"}, {"a", "b"}, {"../x"}} {
		if err := run(t.Context(), t.TempDir(), args); err == nil {
			t.Errorf("run(%q) accepted", args)
		}
	}
}
