// Package demo has real orders to try Bellwether on: a quarter of UCI Online Retail, embedded in the binary. See
// README.md for its origin and licence.
package demo

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"time"

	"bellwether/internal/ingest"
)

//go:embed online_retail.csv.xz
var orders []byte

// Now is when the demo plays: the midnight after its last order, so that its scores are what they were then.
func Now() time.Time { return time.Date(2011, 12, 10, 0, 0, 0, 0, time.UTC) }

// Load imports the orders.
func Load(ctx context.Context, into ingest.Sink) error {
	_, err := ingest.Orders(ctx, into, ingest.Options{Files: []string{"-"}, Stdin: bytes.NewReader(orders), Preset: "online-retail"})
	if err != nil {
		return fmt.Errorf("load the demo: %w", err)
	}
	return nil
}
