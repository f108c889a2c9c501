package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/plugin"
	"bellwether/internal/rule"
	"bellwether/internal/scaffold"
)

// pluginCommands are for those who write plugins.
type pluginCommands struct {
	Bench   pluginBenchCommand   `cmd:"" help:"Measure what scoring a customer costs, by the size of batches, beside rfm."`
	Build   pluginBuildCommand   `cmd:"" help:"Build a WebAssembly module of a folder in Go, C, AssemblyScript or Rust."`
	Check   pluginCheckCommand   `cmd:"" help:"Hold a plugin against the rules that all keep, each finding with its cure."`
	New     pluginNewCommand     `cmd:"" help:"Write a new plugin that compiles, passes its tests and answers at once."`
	Preview pluginPreviewCommand `cmd:"" help:"Show how a plugin's labels would spread over the customers, and who would move from which to which."`
	Run     pluginRunCommand     `cmd:"" help:"Score customers with a plugin's file."`
}

type pluginNewCommand struct {
	Name   string `arg:"" help:"Name of the scorer, such as value_tier."`
	Kind   string `required:"" enum:"${pluginKinds}" placeholder:"KIND" help:"What the plugin is made of: ${enum}."`
	Folder string `default:"." placeholder:"FOLDER" help:"Where the plugin's folder is to be. Of kind go, it is among the plugins of the clone that this is in."`
}

// Run writes a plugin, and says what comes next.
func (c *pluginNewCommand) Run(app App) error {
	o := scaffold.Options{Name: c.Name, Kind: c.Kind, Folder: c.Folder}
	switch c.Kind {
	case "rule":
		o.Shared = map[string][]byte{"rule.schema.json": rule.Schema()}
	default:
		o.SDK = app.SDK(c.Kind)
	}
	for _, s := range app.Scorers {
		o.Taken = append(o.Taken, s.Manifest().Name)
	}
	p, err := scaffold.New(o)
	if err != nil {
		return err
	}
	sdk := 0
	for _, file := range p.Files {
		if !strings.HasPrefix(file, filepath.Join(p.Folder, sdkFolder)+string(filepath.Separator)) {
			fmt.Fprintln(app.Stdout, "new     ", file)
			continue
		}
		sdk++
	}
	if sdk > 0 {
		fmt.Fprintf(app.Stdout, "new      %s (the SDK, %d files)\n", filepath.Join(p.Folder, sdkFolder), sdk)
	}
	for _, file := range p.Changed {
		fmt.Fprintln(app.Stdout, "changed ", file)
	}
	fmt.Fprintln(app.Stdout, "\nNext:")
	for _, command := range p.Next {
		fmt.Fprintln(app.Stdout, " ", command)
	}
	return nil
}

// sdkFolder is where in the folder of a plugin in Go the SDK is.
const sdkFolder = "bellwether"

type pluginCheckCommand struct {
	localized
	tabular
	Path     string        `arg:"" help:"A file like value_tier.rule.yaml or value_tier.wasm, a folder of such files, or of a plugin in Go, C, AssemblyScript or Rust."`
	Patience time.Duration `default:"1m" placeholder:"DURATION" help:"How long each plugin may take (default ${default})."`
}

// Run checks a plugin, or those in a folder. What was found is an error.
func (c *pluginCheckCommand) Run(ctx context.Context, app App) error {
	reports, err := plugin.CheckPath(ctx, c.Path, plugin.Options{Cache: moduleCache(), Locale: c.Locale, Patience: c.Patience, Scorers: app.Scorers})
	if err != nil {
		return err
	}
	t, found := c.rows(app), 0
	for _, r := range reports {
		found += len(r.Findings)
		if c.Output == "table" {
			c.show(app, r)
			continue
		}
		for _, f := range r.Findings {
			t.row(r.Path, r.Name, f.Rule, f.Doc.In(c.Locale), f.Problem, f.On, f.Cure.In(c.Locale))
		}
	}
	if c.Output != "table" {
		if err := t.close(); err != nil {
			return err
		}
	}
	if found > 0 {
		return fault.New(fault.Invalid, "found %d (each is shown with its cure)", found)
	}
	return nil
}

func (c *pluginCheckCommand) rows(app App) rows {
	return c.table(app.Stdout, "path", "plugin", "rule", "doc", "problem", "on", "cure")
}

// show prints a report for reading.
func (c *pluginCheckCommand) show(app App, r plugin.Report) {
	fmt.Fprintln(app.Stdout, c.outcome(r))
	for _, f := range r.Findings {
		fmt.Fprintf(app.Stdout, "\n%s: %s\n", f.Rule, f.Doc.In(c.Locale))
		c.line(app, c.say("seen", "发现"), f.Problem)
		c.line(app, c.say("on", "位置"), f.On)
		c.line(app, c.say("cure", "解决"), f.Cure.In(c.Locale))
	}
	fmt.Fprintln(app.Stdout)
}

func (c *pluginCheckCommand) outcome(r plugin.Report) string {
	switch {
	case len(r.Findings) > 0:
		return fmt.Sprintf(c.say("%s: found %d", "%s：发现 %d 个问题"), r.Path, len(r.Findings))
	case r.README != "":
		return fmt.Sprintf(c.say("%s: %s %s keeps all %d rules, and the examples of %s are right", "%s：%s %s 遵守全部 %d 条规则，%s 中的示例正确"), r.Path, r.Name, r.Version, r.Rules, r.README)
	}
	keeps := fmt.Sprintf(c.say("%s: %s %s keeps all %d rules", "%s：%s %s 遵守全部 %d 条规则"), r.Path, r.Name, r.Version, r.Rules)
	if r.Lacks == "" {
		return keeps
	}
	return keeps + fmt.Sprintf(c.say("; it has no worked example (write %s, which begins with # %s)", "；没有示例（请编写 %s，以 # %s 开头）"), r.Lacks, r.Name)
}

// line prints what there is, its further lines indented like the first; control characters are replaced.
func (c *pluginCheckCommand) line(app App, what, text string) {
	if text == "" {
		return
	}
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			what = ""
		}
		fmt.Fprintf(app.Stdout, "  %-6s%s\n", what, strings.Map(printable, line))
	}
}
