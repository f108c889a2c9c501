package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"bellwether/internal/fault"
	"bellwether/internal/scaffold"
)

// program checks the scorer of a package. It never is in the repository: go build is told that it is (-overlay).
const program = `package main

import (
	"fmt"
	"os"
	"time"

	"bellwether/internal/plugin"
	"bellwether/plugins"
	subject %q
)

func main() {
	if err := plugin.Reporting(os.Stdout, %q, time.Duration(%d), subject.New(), plugins.All()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
`

// checkGo checks the scorer that the function New of a package in a clone makes, by a program that is made for it.
func checkGo(ctx context.Context, folder string, o Options) (Report, error) {
	root, err := scaffold.Root(folder)
	if err != nil {
		return Report{}, err
	}
	if root, err = filepath.Abs(root); err != nil {
		return Report{}, err
	}
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return Report{}, err
	}
	inside, err := filepath.Rel(root, absolute)
	if err != nil {
		return Report{}, err
	}
	temp, err := os.MkdirTemp("", "bellwether-check-")
	if err != nil {
		return Report{}, err
	}
	defer os.RemoveAll(temp) //nolint:errcheck // a file in the system's folder for such
	source := fmt.Sprintf(program, "bellwether/"+filepath.ToSlash(inside), absolute, o.Patience)
	place := filepath.Join(root, "internal", "plugin", "checking", "main.go")
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {place: filepath.Join(temp, "main.go")}})
	if err != nil {
		return Report{}, err
	}
	if err := errors.Join(os.WriteFile(filepath.Join(temp, "main.go"), []byte(source), 0o600), os.WriteFile(filepath.Join(temp, "overlay.json"), overlay, 0o600)); err != nil {
		return Report{}, err
	}
	run := exec.CommandContext(ctx, "go", "run", "-overlay", filepath.Join(temp, "overlay.json"), "./internal/plugin/checking")
	run.Dir = root
	var errs bytes.Buffer
	run.Stderr = &errs
	out, err := run.Output()
	switch {
	case ctx.Err() != nil:
		return Report{}, ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return Report{}, fault.New(fault.Invalid, "a plugin in Go is checked by the Go toolchain: %w (install Go)", err)
	case err != nil:
		return Report{}, fault.New(fault.Invalid, "%s is not checked: %s (a plugin in Go compiles, and has func New() scoring.Scorer)", folder, said(errs.String(), temp))
	}
	var r Report
	if err := json.Unmarshal(out, &r); err != nil {
		return Report{}, fmt.Errorf("read the report: %w", err)
	}
	r.Path = folder
	if r.README != "" {
		r.README = filepath.Join(folder, filepath.Base(r.README))
	}
	if r.Lacks != "" {
		r.Lacks = filepath.Join(folder, filepath.Base(r.Lacks))
	}
	return r, nil
}

// said is what the Go command wrote, without the headings of packages and the places in the program that it was not to know of: its
// columns depend on the name of the folder.
func said(text, temp string) string {
	// The Go command writes the folder relative to where it runs, when that is shorter.
	made := regexp.MustCompile(`^\S*` + regexp.QuoteMeta(filepath.Base(temp)+string(filepath.Separator)) + `main\.go:\d+:\d+: `)
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "# ") {
			lines = append(lines, made.ReplaceAllString(line, ""))
		}
	}
	return strings.Join(lines, "\n")
}
