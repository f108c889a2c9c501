package store_test

import (
	"database/sql"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwether/internal/store"
)

// TestRollupsOfOldDatabase opens a database from before there were rollups: they are filled.
func TestRollupsOfOldDatabase(t *testing.T) {
	path, now := t.TempDir()+"/shop.db", day
	clock := store.Options{Now: func() time.Time { return now }}
	s, err := store.Open(t.Context(), "sqlite:"+path, clock)
	if err != nil {
		t.Fatal(err)
	}
	random, shop := rand.New(rand.NewPCG(1, 31)), newShop()
	for range 150 {
		call(t, random, s, shop)
		now = now.Add(20 * time.Minute)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	downgrade(t, path, "customer_rollups")
	s = openAt(t, "sqlite:"+path, clock)
	rolledUp(t, s)
	sameFacts(t, random, s, now)
}

// downgrade takes a database back to before a migration, and before those after it.
func downgrade(t *testing.T, path, migration string) {
	t.Helper()
	found, err := filepath.Glob("migrations/sqlite/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	first := slices.IndexFunc(found, func(file string) bool { return strings.HasSuffix(file, "_"+migration+".sql") })
	if first < 0 {
		t.Fatalf("no migration %s in %v", migration, found)
	}
	version, _, _ := strings.Cut(filepath.Base(found[first]), "_")
	queries := []string{"DELETE FROM goose_db_version WHERE version_id >= " + version}
	for _, file := range found[first:] {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, down, _ := strings.Cut(string(text), "-- +goose Down")
		queries = slices.Insert(queries, 0, down)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range queries {
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
}
