package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAddingAPlugin does what an author does, in a copy of this repository: add a folder and a line, generate, and ask
// the API for the new field; then take both away and generate again, which leaves nothing behind.
func TestAddingAPlugin(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the server")
	}
	root := copyRepository(t)
	before := sums(t, root)
	list := filepath.Join(root, "plugins", "plugins.go")
	original, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}

	folder := filepath.Join(root, "plugins", "tally")
	if err := os.CopyFS(folder, os.DirFS("testdata/tally")); err != nil {
		t.Fatal(err)
	}
	added := strings.NewReplacer("\"bellwether/scoring\"", "\"bellwether/plugins/tally\"\n\t\"bellwether/scoring\"", "[]scoring.Scorer{\n", "[]scoring.Scorer{\n\t\ttally.New(),\n").Replace(string(original))
	write(t, list, added)
	runGo(t, root, "generate", "./graph")
	test, err := os.ReadFile("testdata/tally_test.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "tally_test.go"), string(test))
	removeTests(t, root)
	answer := runGo(t, root, "test", "-vet=off", "-run", "^TestTally$", "-v", ".")
	const want = `{"data":{"customer":{"orderTally":{"scorer":"order_tally","label":"MANY","size":"MANY","orderCount":`
	if !strings.Contains(answer, want) || !strings.Contains(answer, `"any":true,"key":"c-0001","modelAsOf":null}`) || strings.Contains(answer, "errors") {
		t.Errorf("the answer is\n%s\nwant %s...", answer, want)
	}

	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	write(t, list, string(original))
	if err := os.Remove(filepath.Join(root, "tally_test.go")); err != nil {
		t.Fatal(err)
	}
	runGo(t, root, "generate", "./graph")
	after := sums(t, root)
	for name, sum := range before {
		if after[name] != sum && !strings.HasSuffix(name, "_test.go") {
			t.Errorf("%s is not as it was", name)
		}
	}
	for name := range after {
		if _, was := before[name]; !was {
			t.Errorf("%s is left behind", name)
		}
	}
}

// removeTests takes the tests of package main away from a copy: only the one that was added is to be built.
func removeTests(t *testing.T, root string) {
	t.Helper()
	tests, err := filepath.Glob(filepath.Join(root, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		if filepath.Base(test) != "tally_test.go" {
			if err := os.Remove(test); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// copyRepository copies what git would commit.
func copyRepository(t *testing.T) string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-co", "--exclude-standard", "-z")
	list.Dir = "../.."
	names, err := list.Output()
	if err != nil {
		t.Skipf("not a git repository: %v", err)
	}
	root := t.TempDir()
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			continue // deleted, and not yet committed
		}
		to := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, to, string(text))
	}
	return root
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// runGo runs the go command in a folder, without a network.
func runGo(t *testing.T, folder string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// sums are the digests of all files, by name.
func sums(t *testing.T, root string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		found[strings.TrimPrefix(path, root)] = fmt.Sprintf("%x", sha256.Sum256(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
