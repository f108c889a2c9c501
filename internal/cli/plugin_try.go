package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/plugin"
	"bellwether/internal/store"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// pluginFile is the argument of commands that run a plugin's file.
type pluginFile struct {
	Path string `arg:"" help:"File of a plugin, such as value_tier.rule.yaml or value_tier.wasm."`
}

// open opens the plugin and returns it with some scorers, among which it takes the place of one of its name, and with those
// of its folder that it requires.
func (p pluginFile) open(ctx context.Context, there []scoring.Scorer, locale string) (*plugin.Opened, []scoring.Scorer, error) {
	opened, found, err := plugin.Open(ctx, p.Path, plugin.Options{Cache: moduleCache(), Locale: locale, Scorers: there})
	if err != nil {
		return nil, nil, err
	}
	if len(found) > 0 {
		return nil, nil, fault.New(fault.Invalid, "%s cannot be compiled: %s: %s (all that is wrong, and its cures: bellwether plugin check %s)", p.Path, found[0].On, found[0].Problem, p.Path)
	}
	scorers := append([]scoring.Scorer{opened.Scorer}, opened.Beside...)
	for _, s := range there {
		if s.Manifest().Name != opened.Scorer.Manifest().Name {
			scorers = append(scorers, s)
		}
	}
	return opened, scorers, nil
}

// moduleCache is the user's folder of compiled modules, so that a command after the first begins at once; "" without one.
func moduleCache() string {
	folder, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(folder, "bellwether", "modules")
}

type pluginRunCommand struct {
	scored
	pluginFile
}

// Run scores everybody, or one customer, with the plugin. Nothing is stored.
func (c *pluginRunCommand) Run(ctx context.Context, app App) error {
	return c.beside(ctx, app, c.DB, engine.Params{}, func(s *store.Store, now *engine.Engine) error {
		p, scorers, err := c.open(ctx, answering(now), c.Locale)
		if err != nil {
			return err
		}
		name := p.Scorer.Manifest().Name
		params, err := c.params(name)
		if err != nil {
			return errors.Join(err, p.Close())
		}
		e, err := engine.New(engine.Config{Scorers: scorers, Source: s.Facts(), Params: params, Now: app.Now})
		if err == nil {
			err = c.score(ctx, app, s, e, name)
		}
		return errors.Join(err, p.Close())
	})
}

// beside works beside what answers in a database: what is compiled in, the rules saved there, and what is in a folder.
func (p pluginFlags) beside(ctx context.Context, app App, dsn string, params engine.Params, do func(*store.Store, *engine.Engine) error) error {
	return p.besideIn(ctx, app, dsn, store.Options{ReadOnly: true}, params, do)
}

func (p pluginFlags) besideIn(ctx context.Context, app App, dsn string, o store.Options, params engine.Params, do func(*store.Store, *engine.Engine) error) error {
	s, err := store.Open(ctx, dsn, o)
	if err != nil {
		return err
	}
	e, err := engine.New(engine.Config{Scorers: app.Scorers, Source: s.Facts(), Params: params, Open: true, Now: app.Now})
	if err == nil {
		err = p.atRunTime(ctx, app, engine.NewLive(e), s, func(now *engine.Engine) error { return do(s, now) })
	}
	return errors.Join(err, s.Close())
}

// answering are the scorers of an engine that are not off.
func answering(e *engine.Engine) (scorers []scoring.Scorer) {
	for _, entry := range e.Entries() {
		if entry.Off == "" {
			scorers = append(scorers, entry.Scorer)
		}
	}
	return scorers
}

type pluginBenchCommand struct {
	localized
	tabular
	pluginFile
	Time time.Duration `default:"1s" placeholder:"DURATION" help:"How long to measure batches of each size (default ${default})."`
}

// reference is the scorer that others are held against.
const reference = "rfm"

// Run measures the plugin beside rfm, compiled in.
func (c *pluginBenchCommand) Run(ctx context.Context, app App) error {
	p, _, err := c.open(ctx, app.Scorers, c.Locale)
	if err != nil {
		return err
	}
	defer p.Close() //nolint:errcheck // it was only measured
	var native scoring.Scorer
	for _, s := range app.Scorers {
		if s.Manifest().Name == reference {
			native = s
		}
	}
	measured, err := plugin.Bench(ctx, p.Scorer, native, app.Scorers, c.Time)
	if err != nil {
		return err
	}
	t := c.table(app.Stdout, c.say("batch", "批次"), c.say("ns a customer", "每客户纳秒"), c.say("native rfm", "原生 rfm"), c.say("ratio", "倍数"), c.say("bytes a customer", "每客户字节"))
	for _, b := range measured {
		t.row(b.Batch, int(math.Round(b.Plugin)), int(math.Round(b.Reference)), math.Round(b.Plugin/b.Reference*100)/100, int(math.Round(b.Bytes)))
	}
	if err := t.close(); err != nil {
		return err
	}
	if memory, own := p.Memory(); own && c.Output == "table" {
		fmt.Fprintf(app.Stdout, c.say("The sandbox's process had %d MiB of memory at most.\n", "沙箱进程的内存峰值为 %d MiB。\n"), memory>>20)
	}
	return nil
}
