package demo_test

import (
	"bytes"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"bellwether/internal/cli"
	"bellwether/internal/demo"
	"bellwether/internal/pgtest"
	"bellwether/internal/store"
	"bellwether/plugins"
)

// run runs a command line.
func run(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	code := cli.Run(t.Context(), args, cli.App{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Scorers: plugins.All(), Now: func() time.Time { return end().Add(9 * time.Hour) },
	})
	if code != 0 {
		t.Fatalf("bellwether %s: exit code %d\n%s%s", strings.Join(args, " "), code, out.String(), errs.String())
	}
	return out.String()
}

// TestImport: the files that the command writes are imported by the commands that their README names, and everybody's
// scores are those of the shop that is served.
func TestImport(t *testing.T) {
	folder := t.TempDir()
	dsn := pgtest.DSN(t)
	out := filepath.Join(folder, "shop")
	run(t, "demo", "--customers", "400", "--out", out)
	imports := 0
	for line := range strings.Lines(string(read(t, out, "README.md"))) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "bellwether ")
		if !ok || !strings.HasPrefix(command, "import ") {
			continue
		}
		imports++
		args := strings.Fields(command)
		args[len(args)-1] = filepath.Join(out, args[len(args)-1])
		t.Log(run(t, append(args, "--db", dsn, "-q")...))
	}
	if imports != 4 {
		t.Fatalf("the README names %d imports", imports)
	}
	imported := scoresOf(t, dsn)
	served, _ := scored(t, demo.Options{Customers: 400, Seed: demo.Seed, End: end()})
	if !reflect.DeepEqual(imported, served) {
		t.Error("the shop that was imported has other scores than the one that is served")
	}
}

func scoresOf(t *testing.T, dsn string) labels {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // a temporary database
	return answers(t.Context(), t, s)
}
