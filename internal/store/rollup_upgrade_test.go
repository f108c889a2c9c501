package store_test

import (
	"database/sql"
	"math/rand/v2"
	"os"
	"path/filepath"
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

// downgrade takes a database back to before a migration.
func downgrade(t *testing.T, path, migration string) {
	t.Helper()
	found, err := filepath.Glob("migrations/sqlite/*_" + migration + ".sql")
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	_, down, _ := strings.Cut(string(text), "-- +goose Down")
	version, _, _ := strings.Cut(filepath.Base(found[0]), "_")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range []string{down, "DELETE FROM goose_db_version WHERE version_id >= " + version} {
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
}
