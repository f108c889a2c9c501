package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(handlerVariable); dsn != "" { // run starts the program that it is in
		fmt.Fprintln(os.Stderr, serveHandler(dsn, os.Stdout))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestRun measures the smallest shop, so that neither queries nor figures rot: it fails where an answer differs from that of
// the hand-written handler.
func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and starts the program, which the race detector does not see")
	}
	var out bytes.Buffer
	if err := run(t.Context(), options{sizes: "XS", memory: "64MB", each: 40 * time.Millisecond}, &out); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, q := range queries() {
		if n := strings.Count(text, "\n"+q.name+" "+q.what); n != len(connections()) {
			t.Errorf("%d lines of %s, want %d", n, q.name, len(connections()))
		}
	}
	for _, percent := range shares() {
		want := fmt.Sprintf(`refresh, %d %% written, rfm: [1-9][0-9]* scored`, percent)
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("nothing was scored after %d %% of the customers were written", percent)
		}
	}
	if strings.Contains(text, "NaN") {
		t.Error("a figure is missing")
	}
	t.Log(text)
}

// TestShop: the same size makes the same files, and the plain ones have the same orders.
func TestShop(t *testing.T) {
	s := shop{"tiny", 50, true}
	a, b := t.TempDir(), t.TempDir()
	for _, folder := range []string{a, b} {
		if err := s.write(folder); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		first, err := os.ReadFile(a + "/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		second, err := os.ReadFile(b + "/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) {
			t.Errorf("%s differs from one run to the next", f.Name())
		}
	}
	orders, err := os.ReadFile(a + "/plain_orders.csv")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(orders, []byte("\n")) - 1; n != s.orders() {
		t.Errorf("%d orders, want %d", n, s.orders())
	}
}

func TestValues(t *testing.T) {
	ours := `{"data":{"a":[{"externalId":"000000007","at":"2026-01-01T00:00:00Z","total":{"amount":"12.30"},"name":"Bo","none":null}]}}`
	plain := `{"data":[{"external_id":7,"at":"2026-01-01T00:00:00+00:00","total_cents":1230,"name":"Bo"}]}`
	a, err := values([]byte(ours))
	if err != nil {
		t.Fatal(err)
	}
	b, err := values([]byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(a, " ") != strings.Join(b, " ") {
		t.Errorf("%q and %q", a, b)
	}
}
