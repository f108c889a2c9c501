package pgtest_test

import (
	"os"
	"testing"

	"bellwether/internal/pgtest"
)

// TestClose: a server that is closed leaves nothing behind.
func TestClose(t *testing.T) {
	t.Setenv(pgtest.Server, "")
	c, err := pgtest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Create(t.Context()); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(c.Folder); err == nil {
		t.Errorf("%s is still there", c.Folder)
	}
}
