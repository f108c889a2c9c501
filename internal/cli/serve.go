package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"

	"bellwether/internal/fault"
	"bellwether/internal/ingest"
	"bellwether/internal/registry"
	"bellwether/internal/store"
	"bellwether/scoring/engine"
)

type serveCommand struct {
	database
	business
	paramsFile
	pluginFlags
	Addr      string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on (default ${default}; port 0 takes any free one)."`
	Demo      bool   `help:"Serve a made-up shop from a temporary database: 2,000 synthetic customers, the two years up to today."`
	LogFormat string `enum:"text,json" default:"text" help:"Format of the log on standard error: text or json."`
	Now       string `placeholder:"INSTANT" help:"Answer as if it were this instant, for data that ends in the past."`
}

// Run serves until the process is told to stop.
func (c *serveCommand) Run(ctx context.Context, app App) error {
	params, err := c.read()
	if err != nil {
		return err
	}
	o := ServeOptions{
		DB: c.DB, Addr: c.Addr, Demo: c.Demo, BaseCurrency: c.BaseCurrency, BusinessZone: c.BusinessZone,
		Params: params, Now: app.Now, RefitEvery: 2 * time.Second, Patience: patience,
	}
	c.plug(&o)
	if c.Demo {
		if c.BaseCurrency != "" || c.DB != defaultDB {
			return fault.New(fault.Invalid, "--demo has a database and a base currency of its own (leave --db and --base-currency out)")
		}
		o.DB = "sqlite::memory:"
	}
	if c.Now != "" {
		at, err := ingest.ParseAsOf(c.Now, time.UTC)
		if err != nil {
			return err
		}
		o.Now = func() time.Time { return at }
	}
	o.Log = slog.New(slog.NewTextHandler(app.Stderr, nil))
	if c.LogFormat == "json" {
		o.Log = slog.New(slog.NewJSONHandler(app.Stderr, nil))
	}
	o.Started = func(a net.Addr) {
		fmt.Fprintf(app.Stdout, "Bellwether serves http://%s/ (GraphiQL) and http://%s/graphql; Ctrl-C ends it.\n", a, a)
	}
	return app.Serve(ctx, o)
}

// patience is how long a request to a server may take, so that it ends within ten seconds: what gives up then takes a
// moment, too.
const patience = 8 * time.Second

// pluginFlags are the flags of commands that run scorers out of a folder.
type pluginFlags struct {
	Plugins         string `placeholder:"DIR" help:"Folder with scorers: rules (*.rule.yaml) and WASM modules (*.wasm); files that change are taken in while serving."`
	PluginsAllowed  string `placeholder:"FILE" help:"File with the SHA-256 of the modules that may be loaded, as sha256sum writes it (default: allowed.sha256 in the folder)."`
	PluginsCache    string `placeholder:"DIR" help:"Folder for compiled modules, which nobody else may write (default: bellwether in the user's cache folder)."`
	PluginsUnsigned bool   `help:"Load modules whether they are listed or not."`
}

func (p pluginFlags) plug(o *ServeOptions) {
	o.Plugins, o.PluginsAllowed, o.PluginsUnsigned, o.PluginsCache = p.Plugins, p.PluginsAllowed, p.PluginsUnsigned, p.PluginsCache
	if o.PluginsCache == "" {
		o.PluginsCache = moduleCache()
	}
}

// atRunTime works with an engine that has the scorers made at run time, too: the rules of the database and what is in the folder.
// What is refused there is noted.
func (p pluginFlags) atRunTime(ctx context.Context, app App, live *engine.Live, s *store.Store, do func(*engine.Engine) error) error {
	var o ServeOptions
	p.plug(&o)
	r, err := registry.Open(ctx, live, registry.Options{
		BuiltIn: app.Scorers, Store: s, Dir: o.Plugins, Allowed: o.PluginsAllowed, Unsigned: o.PluginsUnsigned, Cache: o.PluginsCache,
	})
	if err != nil {
		return err
	}
	var refused []string
	for _, f := range r.RefusedScorers() {
		if f.File != "" {
			refused = append(refused, fmt.Sprintf("%s is refused: %s", filepath.Join(p.Plugins, f.File), f.Message))
		}
	}
	note(app, refused)
	return errors.Join(do(live.Engine()), r.Close())
}

// paramsFile is the flag of commands that run scorers.
type paramsFile struct {
	Params string `placeholder:"FILE" help:"YAML file with parameters of scorers, such as 'rfm: {binning: NTILE}'."`
}

func (p paramsFile) read() (engine.Params, error) {
	if p.Params == "" {
		return engine.Params{}, nil
	}
	text, err := os.ReadFile(p.Params)
	if err != nil {
		return nil, fault.New(fault.Invalid, "cannot read the parameters: %w (give a YAML file with --params)", err)
	}
	params := engine.Params{}
	if err := yaml.Unmarshal(text, &params); err != nil {
		return nil, fault.New(fault.Invalid, "%s is not a file of parameters: %s (write it like 'rfm: {binning: NTILE}')", p.Params, yaml.FormatError(err, false, false))
	}
	return params, nil
}
