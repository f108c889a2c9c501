package scaffold

import (
	"os"
	"regexp"
	"strings"

	"bellwether/internal/fault"
)

// list adds a plugin's two lines to the list of those that are compiled in.
func (p *Plugin) list(file, name string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fault.New(fault.Invalid, "cannot list the plugin: %w (add %s.New() to plugins.All by hand)", err, name)
	}
	changed := string(text)
	for _, line := range []struct{ pattern, text string }{
		{`(?m)^\t"bellwether/plugins/(\w+)"\n`, "\t\"bellwether/plugins/" + name + "\"\n"},
		{`(?m)^\t\t(\w+)\.New\(\),\n`, "\t\t" + name + ".New(),\n"},
	} {
		var ok bool
		if changed, ok = inserted(changed, line.pattern, name, line.text); !ok {
			return fault.New(fault.Invalid, "cannot list the plugin: %s is not as expected (add %s.New() to plugins.All by hand)", file, name)
		}
	}
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		return fault.New(fault.Invalid, "cannot list the plugin: %w (add %s.New() to plugins.All by hand)", err, name)
	}
	p.Changed = append(p.Changed, file)
	return nil
}

// inserted puts a line among those that match a pattern, in the order of the names that it catches.
func inserted(text, pattern, name, line string) (string, bool) {
	all := regexp.MustCompile(pattern).FindAllStringSubmatchIndex(text, -1)
	if len(all) == 0 {
		return text, false
	}
	at := all[len(all)-1][1]
	for _, m := range all {
		if strings.Compare(text[m[2]:m[3]], name) > 0 {
			at = m[0]
			break
		}
	}
	return text[:at] + line + text[at:], true
}
