package ingest

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Summary is what an import did.
type Summary struct {
	Bytes    int64 // read from the files as they are, compressed or not
	Rows     int64 // read, without headers and empty lines
	Kind     string
	Records  int64 // that the rows make, where the kind is not orders
	Orders   int64 // that the rows make
	Lines    int64 // of these
	Rejected int64 // rows
	Reasons  map[Reason]int64

	// What became of the records. All zero in a dry run.
	Created, Updated, Unchanged, Stale int64

	DryRun   bool
	Source   string   // of customers and orders
	Base     string   // the base currency; "" if no order needed it
	Notes    []string // what the user may want to know
	Duration time.Duration
}

// Print writes the summary for people.
func (s Summary) Print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "read      %d rows (%d bytes) in %s", s.Rows, s.Bytes, s.Duration.Round(time.Millisecond))
	if seconds := s.Duration.Seconds(); seconds > 0 {
		fmt.Fprintf(&b, ", %.0f rows/s", float64(s.Rows)/seconds)
	}
	switch s.Kind {
	case KindProducts:
		fmt.Fprintf(&b, "\nproducts  %d\n", s.Records)
	case KindCustomers, KindTouchpoints:
		fmt.Fprintf(&b, "\n%-9s %d, source %s\n", s.Kind, s.Records, s.Source)
	default:
		fmt.Fprintf(&b, "\norders    %d with %d lines, source %s\n", s.Orders, s.Lines, s.Source)
	}
	if s.DryRun {
		b.WriteString("          nothing written (dry run)\n")
	} else {
		fmt.Fprintf(&b, "created   %d\nupdated   %d\nunchanged %d\n", s.Created, s.Updated, s.Unchanged)
		if s.Stale > 0 {
			fmt.Fprintf(&b, "stale     %d (the stored ones are newer)\n", s.Stale)
		}
	}
	fmt.Fprintf(&b, "rejected  %d rows\n", s.Rejected)
	docs := map[Reason]string{}
	for _, r := range append(Reasons(), ItemReasons()...) {
		docs[r.Reason] = r.Doc
	}
	for _, reason := range s.byCount() {
		fmt.Fprintf(&b, "  %-18s %d: %s\n", reason, s.Reasons[reason], docs[reason])
	}
	for _, note := range s.Notes {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// byCount are the reasons, most frequent first.
func (s Summary) byCount() []Reason {
	return slices.SortedFunc(maps.Keys(s.Reasons), func(a, b Reason) int {
		return cmp.Or(cmp.Compare(s.Reasons[b], s.Reasons[a]), cmp.Compare(a, b))
	})
}
