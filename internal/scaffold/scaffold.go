// Package scaffold writes new plugins: folders that compile, pass their tests and answer at once, for an author to change.
// Start with [New].
package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"bellwether/internal/fault"
)

//go:embed templates
var templates embed.FS

// Kinds are what a plugin may be made of, in alphabetical order.
func Kinds() []string { return []string{"go", "rule", "wasm-as", "wasm-c", "wasm-go", "wasm-rust"} }

// sources are the templates of a kind: folders, and files of the folders of other kinds.
func sources(kind string) []string {
	switch kind {
	case "wasm-as", "wasm-rust":
		return []string{"wasm-c/README.md.tmpl", kind}
	case "wasm-go":
		return []string{"go/README.md.tmpl", "go/name.go.tmpl", kind}
	}
	return []string{kind}
}

// Options say what to write.
type Options struct {
	Name   string            // of the scorer, snake_case
	Kind   string            // one of Kinds
	Folder string            // where the plugin's folder is to be; of kind go, anywhere in a clone of the repository
	Taken  []string          // names of scorers that there are
	SDK    map[string][]byte // files that a module is built with, by their paths in the plugin's folder
	Shared map[string][]byte // further files, by name; one that is there already is left alone
}

// Plugin is what was written.
type Plugin struct {
	Folder  string
	Files   []string // that are new, as paths from the working directory
	Changed []string // that were there, and have a line more
	Next    []string // commands that try it out, typed where New was called
}

// words are what a template may use.
type words struct {
	Name    string // value_tier
	Package string // the Go package
	Camel   string // valueTier
	Pascal  string // ValueTier
	Title   string // Value tier
	TitleZh string
}

var (
	module = regexp.MustCompile(`(?m)^module bellwether$`)
	snake  = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

// New writes a plugin. It overwrites nothing: where a file is there already, nothing is written.
func New(o Options) (*Plugin, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	p := &Plugin{Folder: filepath.Join(o.Folder, o.Name)}
	switch o.Kind {
	case "go":
		root, err := Root(o.Folder)
		if err != nil {
			return nil, err
		}
		p.Folder = filepath.Join(root, "plugins", o.Name)
		if err := p.write(o); err != nil {
			return nil, err
		}
		from := ""
		if root != "." {
			from = "cd " + root + " && "
		}
		p.Next = []string{from + "go test ./plugins/" + o.Name, from + "go generate ./graph", from + "go run . score " + o.Name + " --db DSN"}
		return p, p.list(filepath.Join(root, "plugins", "plugins.go"), o.Name)
	case "rule": // files of several rules are in one folder
		p.Folder = o.Folder
		file := filepath.Join(o.Folder, o.Name+".rule.yaml")
		p.Next = []string{"bellwether plugin check " + file, "bellwether plugin preview " + file + " --db DSN", "bellwether serve --plugins " + o.Folder + " --db DSN"}
	case "wasm-as":
		p.Next = []string{"(cd " + p.Folder + " && npm ci)", "bellwether plugin check " + p.Folder, "bellwether plugin build " + p.Folder}
	default:
		p.Next = []string{"bellwether plugin check " + p.Folder, "bellwether plugin build " + p.Folder}
	}
	return p, p.write(o)
}

func (o Options) check() error {
	switch {
	case !slices.Contains(Kinds(), o.Kind):
		return fault.New(fault.Invalid, "kind %q of a plugin is not known (give one of %s)", o.Kind, strings.Join(Kinds(), ", "))
	case !snake.MatchString(o.Name) || len(o.Name) > 50:
		return fault.New(fault.Invalid, "name %q is not snake_case of up to 50 letters (write it like value_tier)", o.Name)
	case slices.Contains(o.Taken, o.Name):
		return fault.New(fault.Invalid, "there is a scorer %s already (choose another name)", o.Name)
	case o.Kind == "go" && (token.IsKeyword(o.Name) || slices.Contains([]string{"fmt", "main", "math", "plugins", "scoring", "scoretest", "testing", "time"}, o.Name)):
		return fault.New(fault.Invalid, "%s is no name for a Go package that others import (choose another name)", o.Name)
	}
	return nil
}

// Root is the root of the clone of this repository that a folder is in.
func Root(folder string) (string, error) {
	from, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	for at := from; ; at = filepath.Dir(at) {
		text, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil && module.Match(text) && exists(filepath.Join(at, "plugins", "plugins.go")) {
			if inside, err := filepath.Rel(from, at); err == nil {
				return filepath.Join(folder, inside), nil
			}
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fault.New(fault.Invalid, "%s is in no clone of Bellwether's repository, where plugins in Go are compiled in (go there; or choose another --kind, which needs none)", folder)
		}
	}
}

// render makes the files of a kind, by their names in the plugin's folder.
func render(o Options) (map[string][]byte, error) {
	w := words{Name: o.Name, Package: o.Name, TitleZh: o.Name + " 评分"}
	files := map[string][]byte{}
	if o.Kind == "wasm-go" {
		w.Package = "main"
	}
	maps.Copy(files, o.SDK)
	for i, word := range strings.Split(o.Name, "_") {
		upper := strings.ToUpper(word[:1]) + word[1:]
		w.Pascal += upper
		if i == 0 {
			w.Camel, w.Title = word, upper
			continue
		}
		w.Camel, w.Title = w.Camel+upper, w.Title+" "+word
	}
	for _, source := range sources(o.Kind) {
		folder := path.Join("templates", source)
		if path.Ext(folder) == ".tmpl" {
			folder = path.Dir(folder)
		}
		err := fs.WalkDir(templates, path.Join("templates", source), func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			t, err := template.New(path.Base(file)).Delims("[[", "]]").ParseFS(templates, file)
			if err != nil {
				return err
			}
			var text bytes.Buffer
			err = t.Execute(&text, w)
			files[target(strings.TrimPrefix(file, folder+"/"), o.Name)] = text.Bytes()
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// target is the file that a template makes: name.go.tmpl makes value_tier.go.
func target(file, name string) string {
	file = strings.TrimSuffix(file, ".tmpl")
	if rest, ok := strings.CutPrefix(path.Base(file), "name"); ok {
		return path.Join(path.Dir(file), name+rest)
	}
	return file
}

func (p *Plugin) write(o Options) error {
	files, err := render(o)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if file := filepath.Join(p.Folder, name); exists(file) {
			return fault.New(fault.Invalid, "%s is there already, and nothing is overwritten (choose another name or folder)", file)
		}
	}
	for name, text := range o.Shared {
		if !exists(filepath.Join(p.Folder, name)) {
			files[name] = text
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file := filepath.Join(p.Folder, filepath.FromSlash(name))
		if err := create(file, files[name]); err != nil {
			return fault.New(fault.Invalid, "cannot write the plugin: %w (give a folder that may be written with --folder)", err)
		}
		p.Files = append(p.Files, file)
	}
	return nil
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// create makes a file that is not there, and its folders.
func create(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return errors.Join(err, out.Close())
}
