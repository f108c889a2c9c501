package ingest

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Progress is told how far an import is. It has two stages: "reading", in bytes of the files, and "writing", in rows.
// Calls come one at a time.
type Progress interface {
	// Stage begins a stage of total units; total < 0: unknown.
	Stage(name, unit string, total int64)
	// Add tells that so many more units are done.
	Add(n int64)
	// Done ends the last stage.
	Done()
}

// NewProgress shows progress on w: a bar with rate and time left on a terminal, elsewhere a line every few seconds.
func NewProgress(w io.Writer, terminal bool, now func() time.Time) Progress {
	if terminal {
		return &bar{w: w}
	}
	return &plainLines{w: w, now: now}
}

// bar is a progress bar for each stage.
type bar struct {
	w   io.Writer
	bar *progressbar.ProgressBar
}

// Stage implements Progress.
func (b *bar) Stage(name, unit string, total int64) {
	b.Done()
	b.bar = progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(b.w),
		progressbar.OptionSetDescription(name),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetItsString(unit),
		progressbar.OptionShowBytes(unit == unitBytes),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
}

// Add implements Progress. What the terminal does not take is no reason to stop.
func (b *bar) Add(n int64) {
	if b.bar != nil {
		_ = b.bar.Add64(n)
	}
}

// Done implements Progress.
func (b *bar) Done() {
	if b.bar != nil {
		_ = b.bar.Finish()
		b.bar = nil
	}
}

const (
	unitBytes = "B"
	unitRows  = "rows"
	lineEvery = 5 * time.Second
)

// plainLines is progress for logs.
type plainLines struct {
	w           io.Writer
	now         func() time.Time
	name, unit  string
	total, done int64
	start, last time.Time
}

// Stage implements Progress.
func (p *plainLines) Stage(name, unit string, total int64) {
	*p = plainLines{w: p.w, now: p.now, name: name, unit: unit, total: total, start: p.now()}
	p.last = p.start
}

// Add implements Progress. Files are read in small pieces, so the clock is looked at and that is all.
func (p *plainLines) Add(n int64) {
	p.done += n
	now := p.now()
	if now.Sub(p.last) < lineEvery {
		return
	}
	p.last = now
	elapsed := now.Sub(p.start)
	rate := float64(p.done) / elapsed.Seconds()
	line := fmt.Sprintf("%s: %d %s", p.name, p.done, p.unit)
	if p.total > 0 {
		line += fmt.Sprintf(" of %d (%d %%)", p.total, 100*p.done/p.total)
	}
	line += fmt.Sprintf(", %.0f %s/s", rate, p.unit)
	if p.total > p.done {
		left := time.Duration(float64(p.total-p.done) / rate * float64(time.Second))
		line += fmt.Sprintf(", %s left", left.Round(time.Second))
	}
	_, _ = fmt.Fprintln(p.w, line) // a log that is gone is no reason to stop
}

// Done implements Progress.
func (p *plainLines) Done() {}

// silent is no progress.
type silent struct{}

func (silent) Stage(string, string, int64) {}
func (silent) Add(int64)                   {}
func (silent) Done()                       {}
