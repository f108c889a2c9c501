package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"bellwether/internal/fault"
	"bellwether/internal/plugin"
	"bellwether/internal/wasmbuild"
)

type pluginBuildCommand struct {
	Folder string `arg:"" help:"Folder with a Go package, C, AssemblyScript or Rust."`
	To     string `placeholder:"FILE" help:"The module. Default: in the folder, named like it."`
}

// Run builds a module, begins it in the sandbox, and prints its sum for the allow-list.
func (c *pluginBuildCommand) Run(ctx context.Context, app App) error {
	module, err := wasmbuild.Build(ctx, c.Folder)
	if err != nil {
		return fault.New(fault.Invalid, "%s cannot be built: %w", c.Folder, err)
	}
	to := c.To
	if to == "" {
		folder, err := filepath.Abs(c.Folder)
		if err != nil {
			return err
		}
		to = filepath.Join(c.Folder, filepath.Base(folder)+plugin.ModuleSuffix)
	}
	opened, err := plugin.OpenModule(ctx, to, module, plugin.Options{Cache: moduleCache()})
	if err != nil {
		return fault.New(fault.Invalid, "%s is built, but does not begin: %w", c.Folder, err)
	}
	m := opened.Scorer.Manifest()
	if err := opened.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(to, module, 0o644); err != nil {
		return fault.New(fault.Invalid, "cannot write the module: %w (give a file that may be written with --to)", err)
	}
	fmt.Fprintf(app.Stdout, "%s: %s %s, %d bytes\n\nFor the allow-list:\n%x  %s\n", to, m.Name, m.Version, len(module), sha256.Sum256(module), filepath.Base(to))
	return nil
}
