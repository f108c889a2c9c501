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
	"bellwether/scoring"
)

// pluginFile is the argument of commands that run a plugin's file.
type pluginFile struct {
	Path string `arg:"" help:"File of a plugin, such as value_tier.rule.yaml or value_tier.wasm."`
}

// open opens the plugin and returns it with the scorers that there are, among which it takes the place of one of its name.
func (p pluginFile) open(ctx context.Context, app App, locale string) (*plugin.Opened, []scoring.Scorer, error) {
	opened, found, err := plugin.Open(ctx, p.Path, plugin.Options{Cache: moduleCache(), Locale: locale, Scorers: app.Scorers})
	if err != nil {
		return nil, nil, err
	}
	if len(found) > 0 {
		return nil, nil, fault.New(fault.Invalid, "%s has %d problems, the first at %s: %s (see all with bellwether plugin check %s)", p.Path, len(found), found[0].On, found[0].Problem, p.Path)
	}
	scorers := []scoring.Scorer{opened.Scorer}
	for _, s := range app.Scorers {
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
	p, scorers, err := c.open(ctx, app, c.Locale)
	if err != nil {
		return err
	}
	return errors.Join(c.run(ctx, app, scorers, p.Scorer.Manifest().Name), p.Close())
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
	p, _, err := c.open(ctx, app, c.Locale)
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
