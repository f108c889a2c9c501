package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"bellwether/internal/store"
)

// migrateCommands are about the schema of a database. Every command that opens one for writing brings it up to date; these
// are for those who do that apart from the start of a server.
type migrateCommands struct {
	Status migrateStatus `cmd:"" help:"List the migrations, and when each was applied to the database."`
	Up     migrateUp     `cmd:"" help:"Apply the migrations that are pending. Servers do that when they start."`
}

type migrateStatus struct{ database }

// Run lists the migrations.
func (c *migrateStatus) Run(ctx context.Context, app App) error {
	all, err := store.Migrations(ctx, c.DB)
	if err != nil {
		return err
	}
	return printMigrations(app.Stdout, all)
}

type migrateUp struct{ database }

// Run applies what is pending.
func (c *migrateUp) Run(ctx context.Context, app App) error {
	applied, err := store.Migrate(ctx, c.DB)
	if err != nil {
		return err
	}
	if len(applied) == 0 {
		fmt.Fprintln(app.Stdout, "nothing is pending")
		return nil
	}
	return printMigrations(app.Stdout, applied)
}

func printMigrations(w io.Writer, all []store.Migration) error {
	for _, m := range all {
		state := "pending"
		if !m.AppliedAt.IsZero() {
			state = "applied at " + m.AppliedAt.Format(time.RFC3339)
		}
		if _, err := fmt.Fprintf(w, "%d  %s  %s\n", m.Version, m.Name, state); err != nil {
			return err
		}
	}
	return nil
}
