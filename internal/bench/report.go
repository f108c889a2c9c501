package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math"
	"time"
)

// figures are what was measured of one size.
type figures struct {
	shop              shop
	imported          map[string]cost // by kind of record
	computed, queried cost            // RFM of everybody: ours, and PostgreSQL's
	viewed            cost            // the refresh of the materialised view
	pages             []page
	refresh           map[int]refreshed // by percent of the customers that were written before
	everybody, all    refreshed         // by rfm, by all scorers
	refreshing, idle  int64             // bytes
	copied, ingested  cost
}

// measureIngest writes more orders in bulk into the full tables of both databases, which nothing else uses then.
func (b *bench) measureIngest(ctx context.Context, f *figures, plain *sql.DB, ours string) (err error) {
	f.copied, err = timed(func() error { return b.copyInto(ctx, plain, "orders", "plain_orders_more") }, b.cluster.pid)
	if err != nil {
		return err
	}
	f.ingested, err = b.load(ctx, "orders", "orders_more", ours)
	return err
}

func ratio(a, b time.Duration) string { return figure("%.2f", a.Seconds()/b.Seconds()) }

// figure is a number, or a stroke where something took too little time to be seen.
func figure(format string, x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "-"
	}
	return fmt.Sprintf(format, x)
}

// print prints the figures; ratios above 1 are in Bellwether's favour.
func (f *figures) print(out io.Writer) {
	s := f.shop
	fmt.Fprintf(out, "\nsize %s: %d customers, %d orders\n\n", s.name, s.customers, s.orders())
	fmt.Fprintf(out, "%-54s %5s %10s %10s %9s %9s\n", "pages, against the hand-written SQL handler", "conns", "req/s", "req/CPU-s", "rate", "CPU")
	for i, p := range f.pages {
		for _, n := range connections() {
			ours, plain := p.ours[n], p.plain[n]
			fmt.Fprintf(out, "%-54s %5d %10.0f %10s %9.2f %9s\n", p.name+" "+queries()[i].what, n,
				ours.perSecond, figure("%.0f", ours.perCPU()), ours.perSecond/plain.perSecond, ratio(plain.each.cpu, ours.each.cpu))
		}
	}
	line := func(what string, ours, plain cost) {
		fmt.Fprintf(out, "%-54s %9.3fs %9.3fs %9s %9s\n", what, ours.wall.Seconds(), plain.wall.Seconds(), ratio(plain.wall, ours.wall), ratio(plain.cpu, ours.cpu))
	}
	fmt.Fprintf(out, "\n%-54s %10s %10s %9s %9s\n", "against PostgreSQL", "ours", "PostgreSQL", "time", "CPU")
	line("RFM of everybody, computing alone / NTILE query", f.computed, f.queried)
	scores := func(what string, r refreshed) {
		fmt.Fprintf(out, "%-54s %9.3fs %9.3fs %9s\n", fmt.Sprintf("%s: %d scored, %d changed", what, r.customers, r.changed), r.took.Seconds(), f.viewed.wall.Seconds(), ratio(f.viewed.wall, r.took))
	}
	for _, percent := range shares() {
		scores(fmt.Sprintf("refresh, %d %% written, rfm", percent), f.refresh[percent])
	}
	scores("refresh, rfm of everybody, fitted anew", f.everybody)
	scores("refresh, all scorers of everybody, fitted anew", f.all)
	line(fmt.Sprintf("bulk ingest of %d orders / COPY", s.more()), f.ingested, f.copied)
	fmt.Fprintf(out, "\nmemory of the server: %d MiB at most while refreshing, %d MiB idle\n", f.refreshing>>20, f.idle>>20)
	fmt.Fprintf(out, "imported: customers %.1fs, orders %.1fs, touchpoints %.1fs\n", f.imported["customers"].wall.Seconds(), f.imported["orders"].wall.Seconds(), f.imported["touchpoints"].wall.Seconds())
}

// compare prints what a row costs at each size, and what a page costs against the smallest size.
func compare(out io.Writer, all []*figures) {
	fmt.Fprintf(out, "\n%-48s", "against size, CPU unless it says otherwise")
	for _, f := range all {
		fmt.Fprintf(out, "%12s", f.shop.name)
	}
	row := func(what, format string, value func(f *figures) float64) {
		fmt.Fprintf(out, "\n%-48s", what)
		for _, f := range all {
			fmt.Fprintf(out, "%12s", figure(format, value(f)))
		}
	}
	each := func(d time.Duration, n int) float64 { return float64(d.Nanoseconds()) / 1000 / float64(n) }
	row("import, µs an order", "%.1f", func(f *figures) float64 { return each(f.imported["orders"].cpu, f.shop.orders()) })
	row("bulk ingest, µs an order", "%.1f", func(f *figures) float64 { return each(f.ingested.cpu, f.shop.more()) })
	row("computing, µs a customer", "%.2f", func(f *figures) float64 { return each(f.computed.cpu, f.shop.customers) })
	for _, percent := range shares() {
		row(fmt.Sprintf("refresh after %d %%, µs of the clock a customer", percent), "%.1f", func(f *figures) float64 { return each(f.refresh[percent].took, f.refresh[percent].customers) })
	}
	for i, q := range queries() {
		row(q.name+", CPU of a request against "+all[0].shop.name, "%.2f", func(f *figures) float64 {
			return all[0].pages[i].ours[1].perCPU() / f.pages[i].ours[1].perCPU()
		})
	}
	fmt.Fprintln(out)
}
