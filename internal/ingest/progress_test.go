package ingest_test

import (
	"strings"
	"testing"
	"time"

	"bellwether/internal/ingest"
)

// TestProgressLines: away from terminals, a line every few seconds with rate and time left.
func TestProgressLines(t *testing.T) {
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	var out strings.Builder
	p := ingest.NewProgress(&out, false, func() time.Time { return now })
	p.Stage("reading", "B", -1)
	for range 7 {
		now = now.Add(time.Second)
		p.Add(100)
	}
	p.Stage("writing", "rows", 1000)
	for range 11 {
		now = now.Add(time.Second)
		p.Add(50)
	}
	p.Done()
	want := "reading: 500 B, 100 B/s\n" +
		"writing: 250 rows of 1000 (25 %), 50 rows/s, 15s left\n" +
		"writing: 500 rows of 1000 (50 %), 50 rows/s, 10s left\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// TestProgress: what an import tells adds up, on a terminal too.
func TestProgress(t *testing.T) {
	file := write(t, "orders.csv", "customer_id,placed_at,total\n"+strings.Repeat("c,2024-01-01,1\n,2024-01-01,1\n", 5000))
	counts := &counting{}
	s := mustImport(t, &discard{}, ingest.Options{Files: []string{file}, Progress: counts})
	if got := strings.Join(counts.stages, " "); got != "reading writing" || !counts.ended {
		t.Errorf("stages %q, ended %v", got, counts.ended)
	}
	if counts.total[0] != s.Bytes || counts.done[0] != s.Bytes || counts.total[1] != s.Rows || counts.done[1] > s.Rows || counts.done[1] < s.Rows/2 {
		t.Errorf("told %v of %v; the summary has %d bytes and %d rows", counts.done, counts.total, s.Bytes, s.Rows)
	}
	var out strings.Builder
	mustImport(t, &discard{}, ingest.Options{Files: []string{file}, Progress: ingest.NewProgress(&out, true, time.Now)})
	for _, part := range []string{"writing", "rows/s"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("the bar does not show %q: %q", part, out.String())
		}
	}
}

// counting is progress that adds up.
type counting struct {
	stages      []string
	total, done []int64
	ended       bool
}

// Stage implements ingest.Progress.
func (c *counting) Stage(name, _ string, total int64) {
	c.stages, c.total, c.done = append(c.stages, name), append(c.total, total), append(c.done, 0)
}

// Add implements ingest.Progress.
func (c *counting) Add(n int64) { c.done[len(c.done)-1] += n }

// Done implements ingest.Progress.
func (c *counting) Done() { c.ended = true }
