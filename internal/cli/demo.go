package cli

import (
	"context"
	"fmt"
	"time"

	"bellwether/internal/demo"
	"bellwether/internal/ingest"
)

type demoCommand struct {
	Customers int    `default:"2000" placeholder:"N" help:"How many customers (default ${default})."`
	Out       string `required:"" placeholder:"DIR" help:"Folder for the files."`
	Seed      uint64 `default:"34" placeholder:"S" help:"The same seed, size and end make the same files (default ${default})."`
	End       string `placeholder:"DATE" help:"When the two years of the shop end: a date, or an instant. Default: today, 00:00 UTC."`
	Force     bool   `help:"Replace the files of a demo that is in the folder."`
}

// Run writes a made-up shop.
func (c *demoCommand) Run(ctx context.Context, app App) error {
	end, err := c.end(app.Now())
	if err != nil {
		return err
	}
	shop, err := demo.New(demo.Options{Customers: c.Customers, Seed: c.Seed, End: end})
	if err != nil {
		return err
	}
	done, err := shop.WriteFiles(ctx, c.Out, c.Force)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(app.Stdout, "Wrote a synthetic shop to %s: %d customers, %d products, %d orders, %d touchpoints.\n",
		c.Out, done.Customers, done.Products, done.Orders, done.Touchpoints)
	return err
}

// end is the beginning of a day, or an instant.
func (c *demoCommand) end(now time.Time) (time.Time, error) {
	if c.End == "" {
		return now.UTC().Truncate(24 * time.Hour), nil
	}
	if day, err := time.Parse(time.DateOnly, c.End); err == nil {
		return day, nil
	}
	return ingest.ParseAsOf(c.End, time.UTC)
}
