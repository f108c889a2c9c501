// Package cli has the commands of bellwether. Start with [Run].
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"bellwether/internal/ingest"
	"bellwether/internal/scaffold"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// Exit codes.
const (
	exitOK       = 0
	exitFailed   = 1
	exitUsage    = 2
	exitRejected = 3 // an import rejected rows
)

// App is what the commands work with.
type App struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Scorers        []scoring.Scorer
	SDK            func(kind string) map[string][]byte                                  // what a plugin of a kind is built with, by paths in its folder
	Schema         func() string                                                        // of the API, as SDL
	Open           func(context.Context, ServeOptions) (http.Handler, io.Closer, error) // the API of a database
	Serve          func(context.Context, ServeOptions) error
	Now            func() time.Time
}

// ServeOptions are the settings of a server.
type ServeOptions struct {
	DB              string
	Existing        bool // the database must be there
	ReadOnly        bool
	Addr            string
	Demo            bool
	BaseCurrency    string
	BusinessZone    string
	Params          engine.Params
	Plugins         string           // folder of rules and modules; "": none
	PluginsAllowed  string           // file with the SHA-256 of modules that may be loaded; "": allowed.sha256 in Plugins
	PluginsUnsigned bool             // any module may be loaded
	PluginsCache    string           // folder of compiled modules; "": a temporary one
	Now             func() time.Time // nil: the wall clock
	RefitEvery      time.Duration    // how often to look whether models are out of date
	Patience        time.Duration    // how long a request may take; 0: as long as it does
	Log             *slog.Logger
	Started         func(net.Addr)
}

// commands is the command line.
type commands struct {
	Serve    serveCommand    `cmd:"" help:"Serve the GraphQL API, with GraphiQL at /."`
	Import   importCommands  `cmd:"" help:"Import records from files."`
	Score    scoreCommand    `cmd:"" help:"Score customers with one scorer."`
	Scorers  scorersCommand  `cmd:"" help:"List the scorers, or show one with its labels, parameters and outputs."`
	Customer customerCommand `cmd:"" help:"Show a customer at a glance: profile, last orders and touchpoints, every score with its reasons."`
	List     listCommand     `cmd:"" help:"List customers: search, filter, sort, by their scores too."`
	History  historyCommand  `cmd:"" help:"Show how a customer moved from label to label, latest first."`
	Changes  changesCommand  `cmd:"" help:"List who moved from which label to which, oldest first, and follow what happens."`
	Refresh  refreshCommand  `cmd:"" help:"Bring the stored scores up to date at once."`
	Demo     demoCommand     `cmd:"" help:"Write a made-up shop of any size as files that the import reads."`
	Facts    factsCommand    `cmd:"" help:"List the facts that scorers can read."`
	Plugin   pluginCommands  `cmd:"" help:"Write, check and try out plugins."`
	Migrate  migrateCommands `cmd:"" help:"Show or bring up to date the schema of a database."`
	Schema   schemaCommand   `cmd:"" help:"Print the GraphQL schema, for clients that generate code from it."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// defaultDB is the database of commands that name none.
const defaultDB = "sqlite:bellwether.db"

// database is the flag of commands that work on a database.
type database struct {
	DB string `name:"db" default:"${defaultDB}" placeholder:"DSN" help:"Database, such as sqlite:shop.db or postgres://user@host/shop (default ${default})."`
}

// business are the flags that are recorded in a database at first use.
type business struct {
	BaseCurrency string `placeholder:"CODE" help:"ISO 4217 code of the currency in which the business counts. Recorded at first use; by default the first order's."`
	BusinessZone string `placeholder:"ZONE" help:"IANA time zone in which the business's days begin. Recorded at first use; by default UTC."`
}

// Run runs a command line and returns its exit code.
func Run(ctx context.Context, args []string, app App) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("bellwether"),
		kong.Description("Who is this customer, why do we think so, and what should we do next?\n\nEvery flag can also be set by a variable: --db by BELLWETHER_DB, --base-currency by BELLWETHER_BASE_CURRENCY."),
		kong.DefaultEnvars("BELLWETHER"),
		kong.Vars{
			"defaultDB":      defaultDB,
			"pluginKinds":    strings.Join(scaffold.Kinds(), ","),
			"customerFields": fieldsOf(ingest.KindCustomers), "orderFields": fieldsOf(ingest.KindOrders),
			"productFields": fieldsOf(ingest.KindProducts), "touchpointFields": fieldsOf(ingest.KindTouchpoints),
		},
		kong.Writers(app.Stdout, app.Stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(app),
	)
	if err != nil {
		fmt.Fprintln(app.Stderr, "bellwether:", err)
		return exitFailed
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		fmt.Fprintf(app.Stderr, "bellwether: %v (see bellwether --help)\n", err)
		return exitUsage
	}
	err = parsed.Run()
	var rejected rejectedError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &rejected):
		return exitRejected
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(app.Stderr, "bellwether: stopped")
		return exitFailed
	}
	fmt.Fprintln(app.Stderr, "bellwether:", err)
	return exitFailed
}

// rejectedError says that the command did its work, but not for every row.
type rejectedError int

func (e rejectedError) Error() string { return fmt.Sprintf("%d rows were rejected", int(e)) }

type versionCommand struct{}

func (versionCommand) Run(app App) error {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	_, err := fmt.Fprintln(app.Stdout, "bellwether", version)
	return err
}
