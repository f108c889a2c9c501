// Command bench measures Bellwether end to end, on shops of growing size in a PostgreSQL of its own, and prints what it takes
// as ratios to what the same machine takes in the same minutes without Bellwether: a hand-written handler over plain tables,
// COPY into them, and a materialised view. Start it with make bench-e2e SIZE=S; it needs Linux and PostgreSQL 15.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"bellwether/internal/fault"
)

func main() {
	if dsn := os.Getenv(handlerVariable); dsn != "" {
		fmt.Fprintln(os.Stderr, serveHandler(dsn, os.Stdout))
		os.Exit(1)
	}
	o := options{}
	flag.StringVar(&o.sizes, "size", "S", "sizes, separated by commas: XS (300 customers), S (10,000), M (100,000), L (1,000,000; no lines and touchpoints)")
	flag.StringVar(&o.binary, "bellwether", "", "the program to measure; by default it is built")
	flag.StringVar(&o.folder, "in", "", "folder for the data, of which a part is removed at the end; by default the system's")
	flag.StringVar(&o.memory, "shared-buffers", "2GB", "PostgreSQL's setting")
	flag.DurationVar(&o.each, "for", 3*time.Second, "time of each measurement of a query")
	flag.DurationVar(&o.calm, "calm", time.Minute, "how long a server is left alone before its memory counts as idle")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	sizes, binary, folder, memory string
	each, calm                    time.Duration
}

// bench is a run over one size.
type bench struct {
	options options
	cluster *cluster
	folder  string
	shop    shop
}

func run(ctx context.Context, o options, out io.Writer) (err error) {
	var shops []shop
	for name := range strings.SplitSeq(o.sizes, ",") {
		i := slices.IndexFunc(sizes(), func(s shop) bool { return s.name == name })
		if i < 0 {
			return fault.New(fault.Invalid, "there is no size %q (give XS, S, M or L)", name)
		}
		shops = append(shops, sizes()[i])
	}
	folder, err := os.MkdirTemp(o.folder, "bellwether-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)                      //nolint:errcheck // what remains is the system's to remove
	if err := os.Chmod(folder, 0o755); err != nil { // PostgreSQL reads files of it, as another user
		return err
	}
	if o.binary == "" {
		o.binary = filepath.Join(folder, "bellwether")
		if built, err := exec.CommandContext(ctx, "go", "build", "-o", o.binary, "bellwether").CombinedOutput(); err != nil {
			return fmt.Errorf("go build: %w\n%s", err, built)
		}
	}
	cluster, err := startCluster(ctx, o.memory)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	var all []*figures
	for _, s := range shops {
		b := &bench{options: o, cluster: cluster, folder: filepath.Join(folder, s.name), shop: s}
		f, err := b.measure(ctx)
		if err != nil {
			return fmt.Errorf("size %s: %w", s.name, err)
		}
		f.print(out)
		all = append(all, f)
	}
	compare(out, all)
	return nil
}

// measure makes a shop, loads it twice, and measures everything.
func (b *bench) measure(ctx context.Context) (*figures, error) {
	f := &figures{shop: b.shop, imported: map[string]cost{}, refresh: map[int]refreshed{}}
	if err := os.Mkdir(b.folder, 0o755); err != nil {
		return nil, err
	}
	defer os.RemoveAll(b.folder) //nolint:errcheck // goes with the whole folder at last
	if err := b.shop.write(b.folder); err != nil {
		return nil, err
	}
	plain, db, err := b.cluster.create(ctx)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := b.loadPlain(ctx, db); err != nil {
		return nil, err
	}
	ours, err := b.loadOurs(ctx, f)
	if err != nil {
		return nil, err
	}
	if f.computed, err = b.computeOurs(ctx, db); err != nil {
		return nil, err
	}
	if f.queried, err = b.computePlain(ctx, db); err != nil {
		return nil, err
	}
	if f.viewed, err = b.refreshPlain(ctx, db); err != nil {
		return nil, err
	}
	if err := b.measureServer(ctx, f, plain, ours); err != nil {
		return nil, err
	}
	return f, b.measureIngest(ctx, f, db, ours)
}

// loadOurs imports the shop into Bellwether's database.
func (b *bench) loadOurs(ctx context.Context, f *figures) (dsn string, err error) {
	dsn, db, err := b.cluster.create(ctx)
	if err != nil {
		return "", err
	}
	defer db.Close()
	for _, kind := range []string{"customers", "orders", "touchpoints"} {
		if f.imported[kind], err = b.load(ctx, kind, kind, dsn); err != nil {
			return "", err
		}
	}
	_, err = db.ExecContext(ctx, "VACUUM ANALYZE")
	return dsn, err
}

// measureServer measures what a server does: pages, and refreshes after writes.
func (b *bench) measureServer(ctx context.Context, f *figures, plain, ours string) error {
	p, err := b.serve(ctx, ours)
	if err != nil {
		return err
	}
	defer endOf(p.cmd)                           //nolint:errcheck // it was measured
	if err := p.onlyRFM(ctx, true); err != nil { // as the view has RFM alone
		return err
	}
	if _, err := p.everybody(ctx, "rfm"); err != nil { // so that pages find scores
		return err
	}
	if err := p.draw(ctx); err != nil {
		return err
	}
	if err := b.measurePages(ctx, f, p, plain); err != nil {
		return err
	}
	if err := forgetPeak(p.pid); err != nil {
		return err
	}
	for _, percent := range shares() {
		since := time.Now()
		if _, err := b.load(ctx, "orders", fmt.Sprintf("orders_%d", percent), ours); err != nil {
			return err
		}
		if f.refresh[percent], err = p.incremental(ctx, b.shop.customers*percent/100, since); err != nil {
			return err
		}
	}
	if f.everybody, err = p.everybody(ctx, "rfm"); err != nil {
		return err
	}
	if err := p.onlyRFM(ctx, false); err != nil {
		return err
	}
	if f.all, err = p.everybody(ctx, "benchmark", "orientation", "pioneer", "rfm"); err != nil {
		return err
	}
	_, f.refreshing = resident(p.pid)
	f.idle, err = b.calm(ctx, p.pid)
	return err
}

// calm is the memory that a server has when nobody has asked anything for a while.
func (b *bench) calm(ctx context.Context, pid int) (int64, error) {
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(b.options.calm):
	}
	now, _ := resident(pid)
	return now, nil
}

// measurePages asks both servers the queries, taking turns.
func (b *bench) measurePages(ctx context.Context, f *figures, p *product, plain string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), handlerVariable+"="+plain)
	address, err := started(cmd)
	if err != nil {
		return err
	}
	defer endOf(cmd) //nolint:errcheck // it was measured
	hand := &server{url: address, pid: cmd.Process.Pid, request: plainRequest}
	for _, q := range queries() {
		if err := b.measurePage(ctx, f, q.name, &p.server, hand); err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
	}
	return nil
}

// plainRequest is the request of a query for the hand-written handler.
func plainRequest(query string, customer int, segment string) (string, map[string]any) {
	switch query {
	case "Q1", "Q2", "Q4": // the page after the customer before
		return query, map[string]any{"v": customer - 1}
	case "Q3":
		return query, map[string]any{"v": customer}
	case "Q5":
		return query, map[string]any{"v": segment}
	}
	return query, nil
}
