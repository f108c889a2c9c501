package ingest

import (
	"embed"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"bellwether/internal/fault"

	"github.com/goccy/go-yaml"
)

//go:embed presets/*.yaml
var presetFiles embed.FS

// Preset is a known layout of files: data, in a file of presets/ or of one's own. Options override it.
type Preset struct {
	Name        string `yaml:"name"`
	Kind        string `yaml:"kind"` // of the records; default orders
	Title       string `yaml:"title"`
	Description string `yaml:"description"` // what the files are, and where they come from
	Source      string `yaml:"source"`
	Currency    string `yaml:"currency"`
	TimeZone    string `yaml:"time_zone"`
	// TimeLayouts are tried in turn. None: the default.
	TimeLayouts []string `yaml:"time_layouts"`
	// Delimiters: the first that cuts the first line into more than one cell. None: comma.
	Delimiters []string `yaml:"delimiters"`
	// Columns of files without a header, one list for each number of columns. A file whose first line names the mapped
	// columns has a header.
	Columns [][]string `yaml:"columns"`
	// Map is of the shape of Options.Map; columns that a file lacks are left out.
	Map map[string]string `yaml:"map"`
	// TrimSuffix drops an ending from the values of a field: ids that went through a float column end in ".0".
	TrimSuffix map[string]string `yaml:"trim_suffix"`
	// Values are what values of a field mean, whatever their case: a status that other systems have is one of ours.
	Values map[string]map[string]string `yaml:"values"`
}

// Presets are the presets that come with the program, by name.
func Presets() []Preset {
	entries, err := fs.ReadDir(presetFiles, "presets")
	if err != nil {
		panic(err) // cannot be: embedded
	}
	presets := make([]Preset, len(entries))
	for i, entry := range entries {
		data, err := presetFiles.ReadFile(path.Join("presets", entry.Name()))
		if err == nil {
			presets[i], err = parsePreset(data)
		}
		if err != nil {
			panic(err) // cannot be: a test reads them all
		}
	}
	return presets
}

// presetNamed is a preset by its name or its file; "" is one without content.
func presetNamed(name string) (Preset, error) {
	if name == "" {
		return Preset{}, nil
	}
	if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		return presetFile(name)
	}
	var names []string
	for _, p := range Presets() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Preset{}, fault.New(fault.NotFound, "no preset %q (there are %s; or name a .yaml file)", name, strings.Join(names, ", "))
}

func presetFile(name string) (Preset, error) {
	data, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Preset{}, fault.New(fault.NotFound, "no preset file %q (check the path)", name)
	case err != nil:
		return Preset{}, fault.New(fault.Unavailable, "preset file %q cannot be read (check its permissions): %w", name, err)
	}
	preset, err := parsePreset(data)
	if err != nil {
		return Preset{}, fault.New(fault.Invalid, "preset file %q is not one (compare it with the shape in the documentation): %w", name, err)
	}
	return preset, nil
}

// parsePreset reads a preset and refuses keys and fields that do not exist.
func parsePreset(data []byte) (Preset, error) {
	var p Preset
	if err := yaml.UnmarshalWithOptions(data, &p, yaml.Strict()); err != nil {
		return Preset{}, err
	}
	t := tableOf(firstOf(p.Kind, KindOrders))
	if t == nil {
		return Preset{}, fault.New(fault.Invalid, "no kind %q (there are %s)", p.Kind, strings.Join(Kinds(), ", "))
	}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(p.TrimSuffix)), slices.Collect(maps.Keys(p.Map)), slices.Collect(maps.Keys(p.Values))) {
		if _, err := t.parse(name); err != nil {
			return Preset{}, err
		}
	}
	return p, nil
}
