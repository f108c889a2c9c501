package scaffold_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwether/internal/scaffold"
)

// clone is a folder like a clone of the repository, as far as a scaffold looks.
func clone(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	list, err := os.ReadFile("../../plugins/plugins.go")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "go.mod"), "module bellwether\n\ngo 1.26\n")
	write(t, filepath.Join(root, "plugins", "plugins.go"), string(list))
	write(t, filepath.Join(root, "docs", "deep", "x.md"), "")
	return root
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestListing adds a plugin before, among and behind those that are listed; what was there stays, in its order.
func TestListing(t *testing.T) {
	root := clone(t)
	file := filepath.Join(root, "plugins", "plugins.go")
	before := read(t, file)
	names := []string{"aardvark", "parcel", "zebra", "value_tier"}
	for _, name := range names {
		p, err := scaffold.New(scaffold.Options{Name: name, Kind: "go", Folder: filepath.Join(root, "docs", "deep")})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Changed) != 1 || p.Folder != filepath.Join(root, "plugins", name) {
			t.Errorf("%s: changed %v, in %s", name, p.Changed, p.Folder)
		}
	}
	after := read(t, file)
	for _, ends := range [][2]string{{"bellwether/plugins/", "\"\n"}, {"\t\t", ".New(),\n"}} {
		at := 0
		for _, name := range []string{"aardvark", "benchmark", "orientation", "parcel", "pioneer", "rfm", "value_tier", "zebra"} {
			i := strings.Index(after[at:], ends[0]+name+ends[1])
			if i < 0 {
				t.Fatalf("%s%s is not in its place:\n%s", ends[0], name, after)
			}
			at += i
		}
	}
	for _, name := range names {
		after = strings.Replace(after, "\t\"bellwether/plugins/"+name+"\"\n", "", 1)
		after = strings.Replace(after, "\t\t"+name+".New(),\n", "", 1)
	}
	if after != before {
		t.Errorf("more than the lines of the new plugins changed:\n%s", after)
	}
}

// TestRefusals: each says what is wrong and how to cure it, and writes nothing.
func TestRefusals(t *testing.T) {
	root, elsewhere := clone(t), t.TempDir()
	write(t, filepath.Join(root, "plugins", "there", "README.md"), "mine")
	strange := clone(t)
	write(t, filepath.Join(strange, "plugins", "plugins.go"), "package plugins\n")
	tests := []struct {
		o    scaffold.Options
		want string
	}{
		{scaffold.Options{Name: "Parcel", Kind: "go", Folder: root}, "write it like value_tier"},
		{scaffold.Options{Name: "../parcel", Kind: "go", Folder: root}, "write it like value_tier"},
		{scaffold.Options{Name: "parcel", Kind: "cobol", Folder: root}, "give one of "},
		{scaffold.Options{Name: "rfm", Kind: "go", Folder: root, Taken: []string{"rfm"}}, "choose another name"},
		{scaffold.Options{Name: "range", Kind: "go", Folder: root}, "no name for a Go package"},
		{scaffold.Options{Name: "math", Kind: "go", Folder: root}, "no name for a Go package"},
		{scaffold.Options{Name: "parcel", Kind: "go", Folder: elsewhere}, "choose another --kind"},
		{scaffold.Options{Name: "there", Kind: "go", Folder: root}, "nothing is overwritten"},
		{scaffold.Options{Name: "parcel", Kind: "go", Folder: strange}, "by hand"},
	}
	for _, tt := range tests {
		if _, err := scaffold.New(tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: got %v, want something with %q", tt.o, err, tt.want)
		}
	}
	if text := read(t, filepath.Join(root, "plugins", "there", "README.md")); text != "mine" {
		t.Error("a file was overwritten")
	}
	for _, folder := range []string{elsewhere, filepath.Join(root, "plugins", "there")} {
		if entries, err := os.ReadDir(folder); err != nil || len(entries) > 1 {
			t.Errorf("%s: %v, %v", folder, entries, err)
		}
	}
}
